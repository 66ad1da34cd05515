"""`nurture init`: a project that works, from a checkout and from an installed wheel, and never over another one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nurture.content import load_project
from nurture.preset import BASE, PRESETS, contents, rules_of
from tests.cli.conftest import Nurture
from tests.support import REPOSITORY


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a wheel unpacks to, built from a copy of the checkout."""
    source = tmp_path_factory.mktemp("source")
    for name in ("nurture", "models", "flows", "sequences", "templates", "schemas", "samples", "presets"):
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    words = (REPOSITORY / "MANIFEST.in").read_text().split()
    told = [name for name in words if (REPOSITORY / name).is_file()]
    for name in {"setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", *told}:
        (source / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(REPOSITORY / name, source / name)
    unpacked = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-W", "ignore", "setup.py", "-q", "build_py", "--build-lib", str(unpacked)]
    subprocess.run(words, cwd=source, check=True, capture_output=True, timeout=60)
    return unpacked


def test_a_new_project_is_valid_and_has_what_ours_has(nurture: Nurture, tmp_path: Path) -> None:
    answer = nurture("init", tmp_path / "shop")
    assert answer.code == 0
    made = load_project(tmp_path / "shop")
    assert [problem for problem in made.problems if problem.severity == "error"] == []
    assert made.sequences.keys() == load_project(REPOSITORY).sequences.keys()
    assert (tmp_path / "shop/samples/leads.csv").exists()
    assert f"{len(made.sequences)} sequences and {len(made.templates.names())} mails" in answer.out
    assert all(f"nurture {command} " in answer.out for command in ("validate", "preview", "test", "simulate"))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_new_agreement_is_signed_by_nobody_until_somebody_does(
    nurture: Nurture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preset: str
) -> None:
    nurture("init", tmp_path / "shop", "--preset", preset)
    monkeypatch.chdir(tmp_path / "shop")
    assert "signed by nobody yet, for marketing; nobody yet, for sales" in nurture("agreement", "show").out
    nurture("db", "upgrade")
    assert nurture("run").code == 0
    assert "nobody has signed the agreement for marketing and sales" in nurture("status").out
    assert "nobody has signed it for marketing and sales" in nurture("doctor").out
    settings = tmp_path / "shop/nurture.yaml"
    settings.write_text(settings.read_text().replace("name: nobody yet", "name: Ada Falk"))
    assert nurture("apply", "--yes").code == 0
    assert "nobody has signed" not in nurture("status").out


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_tells_its_rules_in_words(preset: str) -> None:
    settings = load_project(REPOSITORY) if preset == BASE else None
    found = [rules_of(preset, gate) for gate in ("mql", "sql")]
    assert all(found)
    if settings:
        terms = settings.config.agreement
        assert found == [[rule.text for rule in terms.mql], [rule.text for rule in terms.sql]]


def test_git_is_told_what_a_running_project_writes(nurture: Nurture, tmp_path: Path) -> None:
    nurture("init", tmp_path / "shop")
    ignored = (tmp_path / "shop/.gitignore").read_text().splitlines()
    assert {".env", ".nurture/", "nurture.db*", "outbox/"} <= set(ignored)
    assert ".venv/" not in ignored


def test_the_files_can_be_listed_by_a_program(nurture: Nurture, tmp_path: Path) -> None:
    found = nurture("init", tmp_path / "shop", "--json").json
    assert found["preset"] == "saas"
    assert {"nurture.yaml", "templates/_layouts/mail.mjml", "schemas/sequence.schema.json"} <= set(found["files"])
    assert all((tmp_path / "shop" / file).is_file() for file in found["files"])


@pytest.mark.parametrize("there", ["nurture.yaml", "templates/mine.txt"])
def test_nothing_is_overwritten(nurture: Nurture, tmp_path: Path, there: str) -> None:
    mine = tmp_path / there
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")
    answer = nurture("init", tmp_path)
    assert answer.code == 2
    assert f"there is already: {there.partition('/')[0]}." in answer.err
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]


def test_a_folder_with_other_things_in_it_will_do(nurture: Nurture, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert nurture("init", tmp_path).code == 0


def test_a_file_is_no_folder(nurture: Nurture, tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("")
    answer = nurture("init", tmp_path / "shop")
    assert (answer.code, "is a file: name a folder" in answer.err) == (2, True)


@pytest.mark.parametrize(("wrong", "said"), [("sass", "did you mean 'saas'?"), ("xyz", "'xyz'. There are: saas, ")])
def test_a_wrong_preset_is_told_which_there_are(nurture: Nurture, tmp_path: Path, wrong: str, said: str) -> None:
    answer = nurture("init", tmp_path / "shop", "--preset", wrong)
    assert answer.code == 2
    assert said in answer.err
    assert all(preset in answer.err for preset in PRESETS)
    assert not (tmp_path / "shop").exists()


def test_a_wheel_carries_the_same_files(wheel: Path) -> None:
    packed = wheel / "nurture" / "presets" / "saas"
    assert list(contents(packed)) == list(contents(REPOSITORY))
    assert all((packed / file).read_bytes() == (REPOSITORY / file).read_bytes() for file in contents(packed))


def test_an_installed_nurture_starts_a_project_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    found = "import nurture; print(nurture.__file__)"
    init = ["-m", "nurture", "init", "shop", "--preset", "founder", "--handoff", "asks"]
    for words in (["-c", found], init, ["-m", "nurture", "--project", "shop", "validate"]):
        done = subprocess.run(
            [sys.executable, "-P", *words], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(wheel)},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert words[0] == "-m" or str(wheel) in done.stdout
    assert " 0 errors" in done.stdout
    agreed = (tmp_path / "shop" / "nurture.yaml").read_text()
    assert "name: Interested" in agreed
    assert "of: [hand-raise]" in agreed


def test_a_gitignore_that_is_there_is_added_to(nurture: Nurture, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.swp\n")
    assert nurture("init", str(tmp_path)).code == 0
    lines = (tmp_path / ".gitignore").read_text().splitlines()
    assert lines[0] == "*.swp"
    assert "outbox/" in lines
