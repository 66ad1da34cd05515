"""What must hold for the repository as a whole."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
LONGEST_FILE = 400

# put together here, so that this file does not hold them itself
REGISTRIES = ["pypi" + ".org", "python" + "hosted", "npm" + "js", "extra-" + "index", "/opt/" + "pypi"]
MACHINE_PATHS = [r"(?<![\w.-])/" + "work/", r"(?<![\w.-])/" + "root/", r"\.\./" + "shared"]


def files_of_the_repository() -> list[Path]:
    """What git has or is about to get."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=True).stdout.splitlines()
    return [path for name in listed if (path := HOUSE / name).is_file()]


@pytest.mark.parametrize("pattern", [*map(re.escape, REGISTRIES), *MACHINE_PATHS])
def test_no_file_names_a_package_registry_or_a_place_on_one_machine(pattern: str) -> None:
    forbidden = re.compile(pattern.encode())
    assert [str(path) for path in files_of_the_repository() if forbidden.search(path.read_bytes())] == []


def test_no_source_file_is_long() -> None:
    sources = [path for folder in ("nurture", "models", "flows") for path in (HOUSE / folder).rglob("*.py")]
    written_by_people = [path for path in sources if path.parent.name != "versions"]
    lines = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in written_by_people}
    assert lines
    assert {path: count for path, count in lines.items() if count > LONGEST_FILE} == {}


@pytest.mark.parametrize("module", ["nurture.content", "nurture.render", "nurture.cli"])
def test_looking_at_content_needs_neither_prefect_nor_a_database(module: str) -> None:
    loaded = f"import sys, {module}; print(*sorted(name.partition('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=HOUSE, capture_output=True, text=True, check=True)
    assert not {"prefect", "sqlmodel", "sqlalchemy", "sendgrid", "aiohttp"} & set(done.stdout.split())
