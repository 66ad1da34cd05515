"""How a written sequence becomes linked steps that people can stand on while it is edited."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from pydantic import ValidationError

from nurture.core.build import DuplicateSteps, build
from nurture.core.sequence import SequenceFile
from nurture.core.steps import (
    After,
    Again,
    BranchStep,
    EmailStep,
    ExitStep,
    PromoteStep,
    SendWindow,
    Sequence,
    WaitForStep,
)

WINDOW = SendWindow(zone="Europe/Oslo")


def _read(steps: list[dict[str, Any]], **header: Any) -> Sequence:
    written: dict[str, Any] = {
        "sequence": "try-out",
        "title": "Try-out",
        "owner": "marketing",
        "stage": "tofu",
        "enter": {"trigger": "lead_created"},
        "steps": steps,
    }
    return build(SequenceFile.model_validate(written | header), "source", WINDOW)


BRANCHED = [
    {"wait": "1 day"},
    {"email": "tofu/welcome"},
    {
        "branch": [
            {"when": "clicked('tofu/welcome')", "steps": [{"wait": "1 day"}, {"promote": "sql"}]},
            {"when": "submitted()", "steps": []},
            {
                "otherwise": [
                    {"wait": "2 days"},
                    {"email": "tofu/again"},
                    {"exit": "no answer", "when": "lead.score < 5"},
                ]
            },
        ]
    },
    {"wait_for": "clicked()", "at_most": "7 days", "if_not": [{"email": "check-in", "subject": "Still there?"}]},
    {"promote": "mql"},
]


def test_steps_are_named_after_the_mail_before_them_and_linked_in_one_direction() -> None:
    sequence = _read(BRANCHED)
    assert {step.id: step.next for step in sequence.steps.values()} == {
        "start/wait-1": "tofu/welcome",
        "tofu/welcome": "tofu/welcome/branch-1",
        "tofu/welcome/branch-1": "tofu/again/wait-for-1",
        "tofu/welcome/wait-1": "tofu/welcome/promote-1",
        "tofu/welcome/promote-1": "tofu/again/wait-for-1",  # out of the arm, past the others
        "tofu/welcome/wait-2": "tofu/again",
        "tofu/again": "tofu/again/exit-1",
        "tofu/again/exit-1": "tofu/again/wait-for-1",
        "tofu/again/wait-for-1": "check-in/promote-1",
        "check-in": "check-in/promote-1",
        "check-in/promote-1": None,
    }
    assert list(sequence.steps) == [step.id for step in sequence.steps.values()]
    assert sequence.first == "start/wait-1"


def test_arms_lead_to_their_first_step_and_an_empty_arm_goes_straight_on() -> None:
    branch = _read(BRANCHED).steps["tofu/welcome/branch-1"]
    assert isinstance(branch, BranchStep)
    assert [(arm.when.text if arm.when else None, arm.first) for arm in branch.arms] == [
        ("clicked('tofu/welcome')", "tofu/welcome/wait-1"),
        ("submitted()", None),
        (None, "tofu/welcome/wait-2"),
    ]


def test_each_kind_keeps_what_was_written() -> None:
    steps = _read(BRANCHED).steps
    wait_for = steps["tofu/again/wait-for-1"]
    assert isinstance(wait_for, WaitForStep)
    assert (wait_for.until.text, wait_for.at_most, wait_for.if_not) == (
        "clicked()",
        After(7, "days", "7 days"),
        "check-in",
    )
    assert steps["check-in"] == EmailStep(
        id="check-in", next="check-in/promote-1", template="check-in", subjects=("Still there?",)
    )
    leave = steps["tofu/again/exit-1"]
    assert isinstance(leave, ExitStep)
    assert leave.because == "no answer"
    assert leave.when is not None
    assert steps["check-in/promote-1"] == PromoteStep(id="check-in/promote-1", to="mql")


def test_a_given_id_stays_whatever_is_put_before_it() -> None:
    short = _read([{"email": "tofu/a"}, {"wait": "1 day", "id": "pause"}, {"email": "tofu/a", "id": "second-try"}])
    longer = _read([{"wait": "2 days"}, *[{"email": "tofu/b"}], {"email": "tofu/a"}, {"wait": "1 day", "id": "pause"}])
    assert set(short.steps) == {"tofu/a", "pause", "second-try"}
    assert "pause" in longer.steps


def test_the_next_names_follow_a_given_id() -> None:
    sequence = _read([{"email": "tofu/a", "id": "hello"}, {"wait": "1 day"}])
    assert list(sequence.steps) == ["hello", "hello/wait-1"]


def test_two_steps_of_one_name_are_refused_with_both_places() -> None:
    with pytest.raises(DuplicateSteps) as refused:
        _read(
            [
                {"email": "tofu/a"},
                {"branch": [{"when": "clicked()", "steps": [{"email": "tofu/a"}]}]},
                {"wait": "1 day", "id": "pause"},
                {"wait_for": "clicked()", "at_most": "1 day", "if_not": [{"wait": "1 day", "id": "pause"}]},
            ]
        )
    assert [(each.id, each.first, each.second) for each in refused.value.duplicates] == [
        ("tofu/a", ("steps", 0), ("steps", 1, "branch", 0, "steps", 0)),
        ("pause", ("steps", 2), ("steps", 3, "if_not", 0)),
    ]


def test_what_a_sequence_asks_of_leads_is_known_beforehand() -> None:
    sequence = _read(
        [
            {"wait_for": "submitted()", "at_most": "1 day", "when": "lead.score > 3"},
            {"promote": "mql", "when": "lead.fit > 3"},
        ],
        enter={"trigger": "lead_created", "when": "trigger == 'x'"},
        goal={"when": "lead.stage == 'mql'", "within": "3 days"},
        exit=[{"when": "lead.is_customer", "because": "bought"}],
    )
    assert sequence.names == {
        "submitted", "lead.score", "lead.fit", "trigger", "lead.stage", "lead.is_customer"
    }  # fmt: skip


def test_the_header_says_who_comes_in_and_what_for() -> None:
    sequence = _read(
        [{"wait": "1 day"}],
        enter={"trigger": ["stage_changed", "handoff_rejected"], "again": "after 30 days"},
        goal={"when": "lead.stage == 'sql'", "within": "45 days", "then": "continue"},
        exit=[{"when": "lead.is_customer", "because": "already a customer"}],
    )
    assert sequence.enter.triggers == {"stage_changed", "handoff_rejected"}
    assert sequence.enter.again == Again("after", After(30, "days", "30 days"))
    assert sequence.goal is not None
    assert (sequence.goal.within, sequence.goal.then) == (After(45, "days", "45 days"), "continue")
    assert [rule.because for rule in sequence.exits] == ["already a customer"]


@pytest.mark.parametrize(
    ("send", "window"),
    [
        ({}, WINDOW),
        ({"days": "tue-thu"}, SendWindow(frozenset({1, 2, 3}), time(9), time(17), "Europe/Oslo")),
        ({"between": "08:00-12:00"}, SendWindow(start=time(8), end=time(12), zone="Europe/Oslo")),
        ({"timezone": "UTC"}, SendWindow(zone="UTC", lead_zone=False)),
    ],
)
def test_a_sequence_takes_from_the_project_what_it_does_not_say_about_sending(
    send: dict[str, str], window: SendWindow
) -> None:
    assert _read([{"wait": "1 day"}], send=send).send == window


def test_the_version_follows_the_text() -> None:
    file = SequenceFile.model_validate(
        {"sequence": "a", "title": "A", "owner": "marketing", "stage": "tofu",
         "enter": {"trigger": "manual"}, "steps": [{"wait": "1 day"}]}
    )  # fmt: skip
    assert build(file, "one", WINDOW).version == build(file, "one", WINDOW).version
    assert build(file, "one", WINDOW).version != build(file, "two", WINDOW).version
    assert len(build(file, "one", WINDOW).version) == 16


@pytest.mark.parametrize("kind", ["goto", "loop", "sms"])
def test_kinds_that_do_not_exist_are_refused(kind: str) -> None:
    with pytest.raises(ValidationError, match=f"unknown step '{kind}'"):
        _read([{kind: "x"}])


def test_every_field_explains_itself_to_an_editor() -> None:
    schema = SequenceFile.model_json_schema()
    parts = [schema, *schema["$defs"].values()]
    fields = [field for part in parts for field in part.get("properties", {}).values()]
    assert len(fields) > 25
    assert all("description" in field or "$ref" in field for field in fields)
