"""`nurture validate` is run on every save: it loads what it needs, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.content.projects import write_project

#: what `nurture validate` has loaded by the time it looks at the first file
START = "import nurture.cli, nurture.cli.content, nurture.content"
#: of that, what others wrote: the libraries, each module by its name
LISTED = (
    f"import sys\n{START}\n"
    "mine = ('nurture', '__')\n"
    "print(*(name for name in sys.modules if not name.startswith(mine) and 'site-packages' in"
    " (getattr(sys.modules[name], '__file__', None) or '')))"
)
VALIDATE = "import sys\nfrom nurture.cli import main\nassert main(['validate']) == 0"
TRIES = 3


def _run(code: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout.splitlines()[-1]


def _seconds(code: str, folder: Path) -> float:
    """The CPU time that a fresh Python takes for this, beyond its own start."""
    return float(_run(f"import time\nbegun = time.process_time()\n{code}\nprint(time.process_time() - begun)", folder))


def test_validate_starts_at_most_twice_as_slowly_as_its_libraries_are_imported(tmp_path: Path) -> None:
    modules = _run(LISTED, tmp_path).split()
    assert {"typer", "pydantic", "ruamel.yaml", "jinja2"} <= set(modules)
    imports = "    with suppress(ImportError):\n        __import__(name)"
    libraries = f"from contextlib import suppress\nfor name in {modules}:\n{imports}"
    pairs = [(_seconds(libraries, tmp_path), _seconds(START, tmp_path)) for _ in range(TRIES)]
    known, ours = (min(times) for times in zip(*pairs, strict=True))
    assert ours <= 2 * known, f"{ours:.3f} s against {known:.3f} s"


@pytest.mark.parametrize("code", [START, VALIDATE])
def test_validate_loads_neither_prefect_nor_a_database(tmp_path: Path, code: str) -> None:
    heavy = ("prefect", "sqlmodel", "sqlalchemy", "sendgrid", "aiohttp", "fastapi", "alembic", "mrml")
    listed = f"{code}\nimport sys\nprint([name for name in {heavy} if name in sys.modules])"
    assert _run(listed, write_project(tmp_path)) == "[]"
