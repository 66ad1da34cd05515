"""The wheel carries what `nurture init` starts from: this repository's own sequences, mails and settings."""

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))  # builders do not put the project on the path themselves

from nurture.preset import BASE, FOLDER, contents  # noqa: E402 - found only now


class WithPreset(build_py):
    """Python packages, and the preset inside them."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        presets = Path(self.build_lib) / "nurture" / FOLDER
        shutil.rmtree(presets, ignore_errors=True)
        shutil.copytree(ROOT / FOLDER, presets)
        target = presets / BASE
        for file in contents(ROOT):
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, target / file)


setup(cmdclass={"build_py": WithPreset})
