"""What editors and readers are told of the files: schemas and pages that follow the models, and say the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from nurture.content import parse_sequence
from nurture.content.pages import filled, generated, language
from nurture.content.schema import schema_files
from nurture.core.entries import KINDS
from tests.content.examples import merged, yaml_examples
from tests.content.projects import ROOT, SEQUENCE, shipped

SEQUENCES = sorted((ROOT / "sequences").glob("*.yaml"))
FILES = [*SEQUENCES, *sorted((ROOT / "sequences" / "tests").glob("*.yaml")), ROOT / "nurture.yaml"]
PAGE = ROOT / "docs" / "sequences.md"
EXAMPLES = yaml_examples(PAGE)
SCHEMAS = {Path(path).name: json.loads(text) for path, text in schema_files().items()}


@pytest.mark.parametrize("path", generated(ROOT))
def test_what_is_generated_is_up_to_date(path: str) -> None:
    written = (ROOT / path).read_text(encoding="utf-8")
    assert written == generated(ROOT)[path], "run `nurture schema --write`"


def test_only_the_marked_parts_of_a_page_are_written() -> None:
    page = "before\n<!-- generated: triggers -->\nold\n<!-- end -->\nafter <!-- generated: nothing -->\n<!-- end -->\n"
    written = filled(page)
    assert written.startswith("before\n<!-- generated: triggers -->\n")
    assert written.endswith("<!-- end -->\nafter <!-- generated: nothing -->\n<!-- end -->\n")
    assert "`lead_created`" in written and "old" not in written
    assert filled(written) == written


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_a_shipped_file_fits_the_schema_that_it_names(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named
    schema = json.loads((file.parent / named[1]).read_text(encoding="utf-8"))
    assert _red(text, schema) == []


def _red(text: str, schema: Any) -> list[str]:
    """What an editor would mark, as path and keyword."""
    value = json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))
    errors = jsonschema.Draft7Validator(schema).iter_errors(value)
    return [f"{error.json_path} {error.validator}" for error in errors]


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMAS[name])


def _keys(schema: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        for name, value in schema.get("properties", {}).items():
            yield f"{at}.{name}", value
        for name, value in schema.items():
            yield from _keys(value, name if at.endswith("$defs") else f"{at}.{name}")
    if isinstance(schema, list):
        for value in schema:
            yield from _keys(value, at)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_is_explained(name: str) -> None:
    schema = SCHEMAS[name]
    assert [key for key, value in _keys(schema) if not _explained(schema, value)] == []


def _explained(schema: dict[str, Any], value: dict[str, Any]) -> bool:
    """By its own words, or by those of the part of a file that stands there."""
    part = schema["$defs"].get(value.get("$ref", "").rpartition("/")[2], {})
    return bool(value.get("description") or part.get("description"))


def test_every_text_in_a_sequence_has_an_example_or_is_a_choice() -> None:
    texts = [(key, schema) for key, schema in _keys(SCHEMAS["sequence.schema.json"]) if schema.get("type") == "string"]
    assert len(texts) > 10
    assert [key for key, schema in texts if not (schema.get("examples") or schema.get("enum"))] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_example_may_be_written_so(name: str) -> None:
    examples = [(key, schema, one) for key, schema in _keys(SCHEMAS[name]) for one in schema.get("examples", ())]
    assert len(examples) > 10
    parts = {"$defs": SCHEMAS[name].get("$defs", {})}
    assert [key for key, schema, one in examples if not jsonschema.Draft7Validator(schema | parts).is_valid(one)] == []


#: a part of a sequence -> what an editor marks
RED = [
    ("steps:\n  - email: tofu/welcome\n    subjct: Hi\n", "$.steps[0] anyOf"),
    ("steps:\n  - promot: mql\n", "$.steps[0] anyOf"),
    ("steps:\n  - email: tofu/welcome\n    wait: 3 days\n", "$.steps[0] anyOf"),
    ("steps:\n  - wait_for: clicked()\n", "$.steps[0] anyOf"),
    ("steps:\n  - wait: 3 dasy\n", "$.steps[0] anyOf"),
    ("steps:\n  - wait: 3\n", "$.steps[0] anyOf"),
    ("steps:\n  - wait: 1 day\n    when: '{{ lead.score }}'\n", "$.steps[0] anyOf"),
    ("steps:\n  - wait: 1 day\n    when:\n", "$.steps[0] anyOf"),
    ("steps:\n  - promote: customer\n", "$.steps[0] anyOf"),
    ("steps:\n  - branch:\n      - when: clicked()\n        stpes: []\n", "$.steps[0] anyOf"),
    ("steps: []\n", "$.steps minItems"),
    ("stage: toefu\n", "$.stage enum"),
    ("priorty: 3\n", "$ additionalProperties"),
    ("enter: {trigger: form sent}\n", "$.enter.trigger anyOf"),
    ("enter: {trigger: lead_created, again: sometimes}\n", "$.enter.again pattern"),
    ("send: {between: 9 to 5}\n", "$.send.between pattern"),
    ("goal: {when: clicked(), within: until 10:00}\n", "$.goal.within pattern"),
]


@pytest.mark.parametrize(("keys", "marked"), RED)
def test_an_editor_marks_what_is_wrong(keys: str, marked: str) -> None:
    assert _red(merged(SEQUENCE, keys), SCHEMAS["sequence.schema.json"]) == [marked]


#: ways to write a thing that are fine, however odd they look
FINE = [
    "steps: [{wait: 3  Days}, {wait: 1 business day}, {wait: until 9:00}, {wait: UNTIL Tue 10:00}]\n",
    "steps: [{wait_for: clicked(), at_most: 90 minutes}]\n",
    "send: {between: 22:00-24:00}\n",
    "send: {between: 9:00-16:30, days: Mon-Thu, timezone: Europe/Oslo}\n",
    "send: {between: 09:00 - 16:30, days: [mon, tue]}\n",
    "enter: {trigger: [lead_created, manual], again: After 2 Weeks}\n",
    "goal: {when: lead.stage == 'sql', within: 45 days, then: continue}\n",
]


@pytest.mark.parametrize("keys", FINE)
def test_an_editor_marks_nothing_that_is_fine(keys: str) -> None:
    text = merged(SEQUENCE, keys)
    assert parse_sequence(text, "sequences/try-out.yaml", shipped().config)[1] == []
    assert _red(text, SCHEMAS["sequence.schema.json"]) == []


def test_a_list_of_steps_offers_every_kind() -> None:
    """Each kind is a model of its own, so that an editor offers only the keys that go with it."""
    schema = SCHEMAS["sequence.schema.json"]
    steps = [schema["$defs"][one["$ref"].rpartition("/")[2]] for one in schema["properties"]["steps"]["items"]["anyOf"]]
    assert {next(key for key in step["required"] if key in KINDS) for step in steps} == set(KINDS)
    assert all(step["additionalProperties"] is False for step in steps)


def test_the_table_of_the_language_lists_every_key_of_the_schema() -> None:
    listed = {field.alias or key for _where, key, field in language()}
    keys = [key for key, _schema in _keys(SCHEMAS["sequence.schema.json"]) if ".set." not in key]
    assert listed == {key.rpartition(".")[2] for key in keys}
    assert set(KINDS) < listed


def test_every_row_of_the_table_says_what_to_write() -> None:
    rows = re.findall(r"^\| .* \|$", PAGE.read_text(encoding="utf-8").partition("## Every key")[2], re.MULTILINE)
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]
    assert len(cells) > 30
    assert [row for row in cells if len(row) != 5 or not all(row[:4])] == []
    written = {(where, key): values for where, key, _means, values, _left_out in cells}
    assert written["in `send`", "`timezone`"] == "`lead or Europe/Oslo` or `Europe/Oslo`"
    assert written["`promote` step", "`promote`"] == "`mql` or `sql`"
    assert written["in `branch`", "`otherwise`"] == "a list of steps"


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_in_the_page_can_be_used(example: str) -> None:
    keys = f"steps:\n{example}" if example.startswith("- ") else example
    text = keys if "sequence:" in keys.partition("steps:")[0] else merged(SEQUENCE, keys)
    assert parse_sequence(text, "docs/sequences.md", shipped().config)[1] == []
    assert _red(text, SCHEMAS["sequence.schema.json"]) == []


def test_the_page_shows_every_kind_of_step() -> None:
    assert {kind for kind in KINDS for example in EXAMPLES if f"- {kind}:" in example} == set(KINDS)
