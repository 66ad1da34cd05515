"""docs/coverage.md: every test that it names is one, and what must be covered by one is."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "coverage.md"
#: what each release must show a test for
REQUIRED = frozenset(
    {
        *range(1, 5), 6, *range(14, 17), *range(20, 23), *range(25, 28), *range(29, 42), 43, *range(46, 51),
        *range(52, 55), 57, 67, 68, *range(71, 79), *range(83, 88), 89, *range(91, 94),
    }
)  # fmt: skip
_ROW = re.compile(r"\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> dict[int, tuple[str, str, str]]:
    """Number -> statement, place, tests."""
    found = (_ROW.fullmatch(line) for line in PAGE.read_text(encoding="utf-8").splitlines())
    return {int(one[1]): (one[2], one[3], one[4]) for one in found if one}


@cache
def functions_of(file: str) -> frozenset[str]:
    """The test functions of a file, without running it."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_each_statement_is_listed_once_in_order() -> None:
    listed = [line.split("|")[1].strip() for line in PAGE.read_text(encoding="utf-8").splitlines() if _ROW.match(line)]
    assert listed == [str(number) for number in range(1, 97)]


def test_every_test_that_is_named_exists() -> None:
    named = _TEST.findall(PAGE.read_text(encoding="utf-8"))
    assert len(named) > 100
    missing = [
        f"{file}::{name}" for file, name in named if not (ROOT / file).exists() or name not in functions_of(file)
    ]
    assert missing == []


@pytest.mark.parametrize("number", sorted(REQUIRED))
def test_what_must_be_shown_names_a_test(number: int) -> None:
    assert _TEST.search(rows()[number][2])


def test_what_names_no_test_says_what_is_open() -> None:
    for number, (_, place, tests) in rows().items():
        assert _TEST.search(tests) or (tests == "open" and "pen" in place), number


def test_pages_that_are_linked_are_there() -> None:
    links = re.findall(r"\]\((\w[\w-]*\.md)\)", PAGE.read_text(encoding="utf-8"))
    assert links and all((PAGE.parent / link).exists() for link in links)
