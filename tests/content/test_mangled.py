"""Whatever stands in a file, reading it ends soon, in a value or in faults that can be shown: never in a traceback."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.content import parse_sequence
from nurture.content.faults import check
from nurture.content.lint import lint_sequence
from nurture.content.load import load_project
from nurture.content.source import read_file, read_yaml
from nurture.core.project import ProjectConfig
from nurture.errors import ContentError, Problem
from tests.content.projects import ROOT, shipped, write_project

SEQUENCES = [path.read_bytes() for path in sorted((ROOT / "sequences").glob("*.yaml"))]
CONFIG = (ROOT / "nurture.yaml").read_bytes()
#: of CPU time; what is meant to fail takes minutes, or has no end
MOST_SECONDS = 8

#: what YAML, Jinja and conditions stumble over
STONES = [
    b"&a ", b"*a", b"!!python/object:os.system ", b"!!binary ", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\t", b"---\n",
    b"...\n", b"%YAML 1.1\n", b"<<: ", b"? ", b"|\n", b">-\n", b"{{ ", b"{% for x in y %}", b"'", b'"', b"[", b"{",
    b"}", b": ", b"- ", b"#", b" #", b"\r", b"\xe2\x80\xa8", b"0x_1", b"1e999", b".inf", b"2026-02-30", b"12:30:00",
    b"NaN", b"9" * 400, b"when: " + b"(" * 300 + b"\n", b"not " * 200, b"clicked()" * 60, b"\xf0\x9f\x92\xa9",
]  # fmt: skip
BRICKS = [b"[", b"{a: ", b"- ", b"a: ", b"\n  ", b"x", b"*a, "]
#: what is put into a file
SHARDS = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(STONES),
    st.builds(lambda brick, times: brick * times, st.sampled_from(BRICKS), st.sampled_from([30, 2_000, 30_000])),
)


@st.composite
def mangled(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """A real file with pieces taken out, doubled, or put in."""
    text = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(start + draw(st.sampled_from([0, 1, 2, 40])), len(text))
        shard = draw(st.one_of(SHARDS, st.just(text[start : start + 200])))
        text = text[:start] + shard + text[end:]
    return text


def _shown(problems: list[Problem]) -> str:
    return "\n".join(map(str, problems))


quick = settings(max_examples=40)


@quick
@given(text=mangled(SEQUENCES))
def test_a_mangled_sequence_is_read_or_its_faults_are_told(
    tmp_path_factory: pytest.TempPathFactory, text: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "mangled.yaml"
    path.write_bytes(text)
    project = shipped()
    begun = time.process_time()
    document = read_file(path, "sequences/mangled.yaml")
    if document.data is not None:
        sequence, problems = parse_sequence(document.text, document.file, project.config)
        if sequence:
            problems += lint_sequence(document, project.config, project.templates, set())
        assert sequence or problems
        _shown(problems)
    else:
        assert document.problems
        _shown(list(document.problems))
    assert time.process_time() - begun < MOST_SECONDS


@quick
@given(text=mangled([CONFIG]))
def test_a_mangled_nurture_yaml_is_read_or_its_faults_are_told(
    tmp_path_factory: pytest.TempPathFactory, text: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "mangled.yaml"
    path.write_bytes(text)
    begun = time.process_time()
    document = read_file(path, "nurture.yaml")
    config, problems = check(ProjectConfig, document)
    assert config or problems or document.problems
    _shown([*document.problems, *problems])
    assert time.process_time() - begun < MOST_SECONDS


def _many(line: str, times: int) -> str:
    return "".join(line.format(n=n) for n in range(times))


HEAD = "sequence: mangled\ntitle: x\nowner: x\nstage: tofu\nenter:\n  trigger: lead_created\n"
MAILS = "  - email: tofu/night-load\n    id: m{n}\n    subject: 'Number {n} {{{{ lead.company or 1 }}}}'\n"
CLICKS = " and ".join(f"clicked('x{n}')" for n in range(20))
WAITS = f"  - wait: 1 day\n    id: w{{n}}\n    when: {CLICKS}\n"
ARMS = "      - when: lead.score >= {n}\n        steps: []\n"
EXITS = "  - when: lead.score > {n}\n    because: x\n"
KEYS = "key{n}: 1\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}steps:\n{_many(MAILS, 149)}",
        f"{HEAD}steps:\n{_many(MAILS, 700)}",
        f"{HEAD}steps:\n  - branch:\n{_many(ARMS, 101)}",
        f"{HEAD}steps:\n{_many(WAITS, 140)}",
        f"{HEAD}exit:\n{_many(EXITS, 980)}steps:\n  - exit: x\n",
        f"{HEAD}steps: [{'{exit: x}, ' * 1_600}]\n",
        f"{HEAD}{'steps: ' + '[' * 20_000}",
        f"{HEAD}title: {'x' * 190_000}\nsteps:\n  - exit: x\n",
        f"{HEAD}steps:\n  - tag: [{'a, ' * 2_900}]\n",
        f"{HEAD}{_many(KEYS, 2_400)}steps:\n  - exit: x\n",
        f"{HEAD}steps:\n  - set: {{{_many('f{n}: x, ', 2_400)}}}\n",
    ],
)  # fmt: skip
def test_a_file_as_large_as_can_be_is_judged_in_time(text: str) -> None:
    project = shipped()
    begun = time.process_time()
    sequence, problems = parse_sequence(text, "sequences/mangled.yaml", project.config)
    if sequence:
        problems += lint_sequence(read_yaml(text, "sequences/mangled.yaml"), project.config, project.templates, set())
    _shown(problems)
    assert time.process_time() - begun < MOST_SECONDS


@pytest.mark.parametrize("bomb", ["a: &a [x, x]\nb: *a\n", "a: &a {<<: *a}\n", "&a [*a, *a]\n", "x: [*a]\n"])
def test_aliases_are_refused_at_once(bomb: str) -> None:
    begun = time.process_time()
    document = read_yaml(bomb * 8_000, "bomb.yaml")
    assert time.process_time() - begun < 0.5  # read to its end, it would be 2
    assert document.data is None
    assert {problem.rule for problem in document.problems} == {"alias"}


@pytest.mark.parametrize("path", ["nurture.yaml", "sequences/try-out.yaml", "templates/tofu/welcome.txt",
                                  "templates/tofu/welcome.html", "templates/pages/message.html"])  # fmt: skip
@pytest.mark.parametrize("text", [b"", b"\x00\xff" * 100, b"{{" * 3_000, b"{% if a %}" * 900])
def test_no_file_of_a_project_can_take_the_others_down(tmp_path: Path, path: str, text: bytes) -> None:
    root = write_project(tmp_path)
    (root / path).write_bytes(text)
    begun = time.process_time()
    try:
        problems = list(load_project(root).problems)
    except ContentError as error:
        problems = list(error.problems)
    assert time.process_time() - begun < MOST_SECONDS
    assert path in {problem.file for problem in problems}
