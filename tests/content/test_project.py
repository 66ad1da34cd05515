"""A project as a whole: what is read, what is left out, and what validate says about it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nurture.content import find_root, load_project, parse_sequence, validate
from nurture.errors import ContentError, SetupError
from tests.content.projects import HTML, MAIL_HTML, ROOT, SEQUENCE, TEXT, shipped, write_project


def _rules(root: Path) -> list[tuple[str, int, str]]:
    return [(problem.file, problem.line, problem.rule) for problem in validate(root)]


def test_a_sound_project_has_no_problems(tmp_path: Path) -> None:
    project = load_project(write_project(tmp_path))
    assert project.problems == ()
    assert list(project.sequences) == ["try-out"]
    assert project.templates.names() == ("tofu/welcome",)


def test_a_project_is_found_from_any_folder_in_it(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    assert find_root(root / "templates" / "tofu") == root


def test_without_a_project_it_is_said_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"nurture\.yaml"):
        find_root(tmp_path)


def test_one_faulty_sequence_leaves_the_others_alone(tmp_path: Path) -> None:
    faulty = SEQUENCE.replace("try-out", "broken").replace("tofu\n", "toefu\n", 1)
    project = load_project(write_project(tmp_path, {"sequences/broken.yaml": faulty}))
    assert list(project.sequences) == ["try-out"]
    assert [problem.file for problem in project.problems] == ["sequences/broken.yaml"]


def test_a_faulty_nurture_yaml_stops_everything_and_all_faults_are_named(tmp_path: Path) -> None:
    config = (ROOT / "nurture.yaml").read_text(encoding="utf-8")
    config = config.replace("name: Fjordlight\n", "nmae: Fjordlight\n").replace("1 per 48 hours", "often")
    root = write_project(tmp_path, {"nurture.yaml": config, "sequences/broken.yaml": "steps:"})
    with pytest.raises(ContentError) as refused:
        load_project(root)
    assert {problem.rule for problem in refused.value.problems} == {"unknown_key", "missing_key", "cap"}
    assert {problem.file for problem in validate(root)} == {"nurture.yaml", "sequences/broken.yaml"}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("https://fjordlight.example.com", "fjordlight.example.com", "url"),
        ("nora@fjordlight.example.com", "nora", "address"),
        ('"#0B5D6B"', "teal", "color"),
        ("lead or Europe/Oslo", "lead", "timezone"),
        ("per_day: 20000", "per_day: 0", "limits"),
        ("quota:", "scanners: {networks: [192.0.2.0/24, 192.0.2.1/24]}\nquota:", "network"),
        ("quota:", "scanners: {networks: [10.0.0.0/7]}\nquota:", "network"),
        ("quota:", "scanners: {networks: ['2001::/16']}\nquota:", "network"),
        ("quota:", "scanners: {networks: [acme]}\nquota:", "network"),
        ("quota:", "scanners: {agents: [Chrome]}\nquota:", "program"),
        ("quota:", "scanners: {agents: [ab]}\nquota:", "program"),
        ("points: 20", "points: 2.5", "type"),
        ("intent: true", "intent: perhaps", "type"),
        ("date: 2026-11-22", "date: soon", "date"),
        ("about: asked for prices", "about: " + "asked " * 30, "limits"),
        ('marketing: {name: Ida Solberg, date: 2026-11-22, time: "13:00"}', "marketting: {}", "unknown_key"),
    ],
)
def test_a_wrong_setting_is_shown_with_its_line(tmp_path: Path, old: str, new: str, rule: str) -> None:
    config = (ROOT / "nurture.yaml").read_text(encoding="utf-8")
    assert old in config
    line = config[: config.index(old)].count("\n") + 1
    root = write_project(tmp_path, {"nurture.yaml": config.replace(old, new, 1)})
    assert ("nurture.yaml", line, rule) in _rules(root)


@pytest.mark.parametrize(
    ("steps", "line", "message"),
    [
        ("  - email: tofu/welcom\n", 8, "there is no template 'tofu/welcom', did you mean 'tofu/welcome'?"),
        ("  - email: mofu/welcome\n", 8, "did you mean 'tofu/welcome'?"),
        ("  - email: welcom\n", 8, "did you mean 'welcome'?"),
        ("  - wait: 1 day\n    when: clicked('tofu/welcom')\n", 9, "did you mean 'tofu/welcome'?"),
        ("  - wait_for: clicked('wellcome')\n    at_most: 1 day\n", 8, "did you mean 'welcome'?"),
        ("  - email: tofu/welcome\n    subject: Hi {{ lead.frist_name }}\n", 9, "did you mean 'lead.first_name'?"),
        ("  - email: tofu/welcome\n    subject: Hi {{ lead.first_name }}\n", 9, "give a fallback"),
        ("  - email: tofu/welcome\n    subject: Hi {{ lead.first_name\n", 9, "cannot be read"),
        ("  - email: tofu/welcome\n    subject: '{{ lead.company or \"\" }}'\n", 9, "the subject is empty"),
        ("  - email: tofu/welcome\n    subject: " + "long " * 20 + "\n", 9, "more than 60"),
    ],
)
def test_what_a_sequence_says_of_templates_is_checked(tmp_path: Path, steps: str, line: int, message: str) -> None:
    text = SEQUENCE.replace("  - email: tofu/welcome\n", steps)
    (problem,) = validate(write_project(tmp_path, {"sequences/try-out.yaml": text}))
    assert (problem.file, problem.line) == ("sequences/try-out.yaml", line)
    assert message in problem.message


def test_a_template_without_a_slash_needs_one_for_each_stage_or_for_its_own(tmp_path: Path) -> None:
    text = SEQUENCE.replace("tofu/welcome", "hello")
    mails = {
        f"templates/{stage}/hello.{kind}": body
        for stage in ("mofu", "bofu")
        for kind, body in (("txt", TEXT), ("html", HTML))
    }
    root = write_project(tmp_path, {"sequences/try-out.yaml": text, **mails})
    (problem,) = validate(root)
    assert problem.message == "there is no template 'tofu/hello', or one for each of: tofu, loyalty"
    write_project(
        root, {"sequences/try-out.yaml": text, "templates/tofu/hello.txt": TEXT, "templates/tofu/hello.html": HTML}
    )
    assert validate(root) == []


def test_a_sequence_whose_mail_has_faults_is_left_out_and_says_so(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"templates/tofu/welcome.html": HTML.replace("first_name", "frist_name")})
    project = load_project(root)
    assert not project.sequences
    assert [(problem.file, problem.rule) for problem in project.problems] == [
        ("sequences/try-out.yaml", "template"),
        ("templates/tofu/welcome.html", "unknown_name"),
    ]


def test_a_fault_in_a_layout_leaves_out_every_sequence(tmp_path: Path) -> None:
    project = load_project(write_project(tmp_path, {"templates/_layouts/mail.html": MAIL_HTML + "{% if %}"}))
    assert not project.sequences
    assert ("templates/_layouts/mail.html", 5) in [(problem.file, problem.line) for problem in project.problems]


def test_two_sequences_of_one_name_are_an_error_and_a_name_beside_its_file_a_warning(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"sequences/other.yaml": SEQUENCE, "sequences/third.yaml": SEQUENCE})
    problems = validate(root)
    assert [(problem.file, problem.severity) for problem in problems] == [
        ("sequences/other.yaml", "warning"),
        ("sequences/third.yaml", "error"),
        ("sequences/try-out.yaml", "error"),
    ]
    assert "sequences/other.yaml" in problems[1].message


def test_a_file_that_is_not_utf_8_is_shown_with_its_line(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    (root / "sequences" / "try-out.yaml").write_bytes(SEQUENCE.replace("Try-out", "Forsøk").encode("cp1252"))
    assert ("sequences/try-out.yaml", 2, "encoding") in _rules(root)


def test_the_agreement_version_follows_the_terms_and_not_the_writing(tmp_path: Path) -> None:
    config = (ROOT / "nurture.yaml").read_text(encoding="utf-8")
    same = config.replace("agreement:\n", "agreement:\n  # a remark\n").replace("per_day: 20000", "per_day: 10")
    other = config.replace("settle_minutes: 10", "settle_minutes: 15")
    assert config != same != other
    version = shipped().agreement_version
    assert load_project(write_project(tmp_path, {"nurture.yaml": same})).agreement_version == version
    assert load_project(write_project(tmp_path, {"nurture.yaml": other})).agreement_version != version


def test_an_old_text_of_a_sequence_can_still_be_read() -> None:
    sequence = shipped().sequences["first-interest"]
    again, problems = parse_sequence(sequence.source, f"version {sequence.version}", shipped().config)
    assert not problems
    assert again is not None
    assert (again.version, list(again.steps)) == (sequence.version, list(sequence.steps))


def test_looking_at_content_needs_neither_prefect_nor_a_database() -> None:
    code = (
        "import sys; from pathlib import Path; from nurture.content import validate;"
        "assert validate(Path('.')) == [];"
        "print([name for name in ('prefect', 'sqlmodel', 'sqlalchemy', 'sendgrid') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
