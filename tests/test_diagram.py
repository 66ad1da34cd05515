"""Pictures of sequences: the tree as it was written, the leads at each step, and three ways to draw it."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from models.database import Database
from models.statement import write
from nurture.content import Project, parse_sequence
from nurture.core import steps
from nurture.core.entries import KINDS
from nurture.diagram import Arm, Counts, Node, Tree, count, drawing, mermaid, page, tree
from tests.support import START, add_leads, sample_project

SOURCE = """
sequence: all-kinds
title: "All kinds <of> steps & ways"
owner: marketing
stage: tofu
enter:
  trigger: form_submitted
  when: lead.source in ['ebook', 'webinar']
goal:
  when: lead.stage == 'mql'
  within: 45 days
exit:
  - when: lead.is_customer
    because: already a customer
steps:
  - email: tofu/one
    subject: [First, 'Second "quoted"']
    transactional: true
    stale_after: 3 hours
  - wait: 3 days
  - split:
      - share: 70%
        steps:
          - email: check-in
      - share: 30%
        steps: []
  - branch:
      - when: clicked('tofu/one', link='pricing')
        steps:
          - alert: marketing
            note: Clicked the prices
          - branch:
              - when: lead.score > 10
                steps:
                  - tag: [hot, food]
                  - exit: hot
          - set: {industry: food}
      - otherwise:
          - webhook: crm
          - tag: hot
            remove: true
            when: tagged('hot')
  - wait_for: submitted('webinar')
    at_most: 7 days
    if_not:
      - wait: until tuesday 10:00
  - wait_for: submitted('pricing')
    at_most: 2 days
  - promote: mql
    when: lead.score >= 40
"""


@functools.cache
def ours() -> Project:
    return sample_project()


def parsed(source: str = SOURCE) -> steps.Sequence:
    sequence, problems = parse_sequence(source, "all-kinds.yaml", ours().config)
    assert problems == [] and sequence
    return sequence


def subjects(step: steps.EmailStep) -> Sequence[str]:
    return step.subjects or ("Its own subject",)


@pytest.fixture(scope="module")
def whole() -> Tree:
    return tree(parsed(), subjects)


def outline(nodes: Sequence[Node]) -> list[object]:
    """Kinds, with the arms of each."""
    return [(node.kind, {arm.label: outline(arm.steps) for arm in node.arms}) if node.arms else node.kind
            for node in nodes]  # fmt: skip


def test_the_tree_is_the_one_that_was_written(whole: Tree) -> None:
    assert outline(whole.steps) == [
        "email",
        "wait",
        ("split", {"70%": ["email"], "30%": []}),
        ("branch", {
            "clicked('tofu/one', link='pricing')": [
                "alert", ("branch", {"lead.score > 10": ["tag", "exit"], "all others": []}), "set",
            ],
            "otherwise": ["webhook", "tag"],
        }),
        ("wait_for", {"yes": [], "not in 7 days": ["wait"]}),
        "wait_for",
        "promote",
    ]  # fmt: skip


def test_every_step_of_every_shipped_sequence_is_in_its_picture_once() -> None:
    for sequence in [*ours().sequences.values(), parsed()]:
        assert [node.id for node in tree(sequence, subjects).nodes()] == list(sequence.steps)


def test_each_step_says_in_words_what_it_does(whole: Tree) -> None:
    words = [(node.name, node.title, *node.lines, node.when) for node in whole.nodes()]
    assert words == [
        ("Mail", "tofu/one", "First", 'Second "quoted"', "asked for: passes caps and hours",
         "skipped after 3 hours", None),
        ("Wait", "3 days", None),
        ("Split", "by lot, for good", None),
        ("Mail", "check-in (by funnel stage)", "Its own subject", None),
        ("Branch", "who goes where", None),
        ("Alert", "to marketing", "Clicked the prices", None),
        ("Branch", "who goes where", None),
        ("Tag", "hot, food", None),
        ("Leave", "hot", None),
        ("Write down", "industry: food", None),
        ("Webhook", "crm", None),
        ("Tag", "take off hot", "tagged('hot')"),
        ("Wait for", "submitted('webinar')", "at most 7 days", None),
        ("Wait", "until tuesday 10:00", None),
        ("Wait for", "submitted('pricing')", "at most 2 days", None),
        ("Ask the agreement", "is it MQL?", "lead.score >= 40"),
    ]  # fmt: skip
    assert {node.kind for node in whole.nodes()} == set(KINDS)
    assert (whole.enters, whole.goal, whole.exits) == (
        ("form submitted", "lead.source in ['ebook', 'webinar']"),
        "lead.stage == 'mql', within 45 days",
        ("already a customer: lead.is_customer",),
    )


def test_a_step_with_arms_that_is_not_for_everybody_has_a_way_around_it() -> None:
    source = SOURCE.replace("  - split:\n", "  - when: lead.fit > 5\n    split:\n")
    assert Arm("not asked", ()) in tree(parsed(source), subjects).steps[2].arms


# --- the leads at each step

_ENROLL = write(
    """
    INSERT INTO enrollment (id, lead_id, sequence, version, state, step, since, due_at, why, entered_at, ended_at,
        reason, fence, pinned)
    VALUES (:id, :id, :sequence, 'v', :state, :step, :now, :due_at, '', :now, :ended_at, :reason, 0, FALSE)
    """
)
_MAIL = write(
    """
    INSERT INTO message (id, enrollment_id, lead_id, step, template, state, planned_at)
    VALUES (:id, :enrollment_id, :enrollment_id, 'tofu/one', 'tofu/one', :state, :now)
    """
)
_CLICK = write(
    """
    INSERT INTO event (key, lead_id, message_id, kind, occurred_at, received_at, machine, verdict)
    VALUES (:key, :id, :id, 'clicked', :now, :now, FALSE, :verdict)
    """
)
STANDS: Sequence[tuple[str, str, str | None, str | None]] = (
    ("all-kinds", "active", "tofu/one/wait-1", None),
    ("all-kinds", "active", "tofu/one/wait-1", None),
    ("all-kinds", "active", "tofu/gone/wait-1", None),
    ("all-kinds", "done", None, "finished"),
    ("all-kinds", "done", "tofu/one/wait-1", "goal reached"),
    ("all-kinds", "stopped", "tofu/one/wait-1", "opted out"),
    ("all-kinds", "stopped", "tofu/one/wait-1", "opted out"),
    ("all-kinds", "dead", "tofu/one", None),
    ("another", "active", "tofu/one/wait-1", None),
)


@pytest.fixture
def counts(database: Database) -> Mapping[str | None, Counts]:
    with database.transaction("test") as connection:
        add_leads(connection, range(1, len(STANDS) + 1), START)
        for number, (sequence, state, step, reason) in enumerate(STANDS, 1):
            active = state == "active"
            connection.execute(_ENROLL, {
                "id": number, "sequence": sequence, "state": state, "step": step, "now": START, "reason": reason,
                "due_at": START if active else None, "ended_at": None if active else START,
            })  # fmt: skip
            mailed = "planned" if number == 1 else "accepted"
            connection.execute(_MAIL, {"id": number, "enrollment_id": number, "state": mailed, "now": START})
        clicks = ((2, "human"), (2, "human"), (3, "machine"), (9, "human"))
        for key, (number, verdict) in enumerate(clicks):
            connection.execute(_CLICK, {"id": number, "key": bytes([key]), "now": START, "verdict": verdict})
    return count(database, "all-kinds")


def test_leads_are_counted_where_they_stand_where_they_were_mailed_and_where_they_left(
    counts: Mapping[str | None, Counts],
) -> None:
    assert counts == {
        "tofu/one/wait-1": Counts(standing=2, goal=1, left={"opted out": 2}),
        "tofu/gone/wait-1": Counts(standing=1),
        "tofu/one": Counts(mailed=7, clicked=1, left={"dead": 1}),
        None: Counts(finished=1),
    }


def test_counts_stand_at_their_steps_and_those_of_earlier_texts_apart(counts: Mapping[str | None, Counts]) -> None:
    counted = tree(parsed(), subjects, counts)
    first, wait, *rest = counted.nodes()
    assert first.counts and wait.counts and counted.end
    assert first.counts.in_words == ("7 mailed, 14% clicked", "1 left: dead")
    assert wait.counts.in_words == ("2 here now", "1 reached the goal", "2 left: opted out")
    assert counted.end.in_words == ("1 finished",)
    assert [node.counts for node in rest] == [Counts()] * len(rest)
    assert counted.elsewhere.keys() == {"tofu/gone/wait-1"}
    for drawn in (mermaid(counted), page(ours().config.brand, [counted]), drawing(counted)):
        assert "7 mailed, 14% clicked" in drawn and "2 here now" in drawn and "1 finished" in drawn
    assert "tofu/gone/wait-1: 1 here now" in page(ours().config.brand, [counted])


def test_many_leads_are_read_easily_and_few_clicks_are_not_none() -> None:
    assert Counts(standing=12345, mailed=9000, clicked=3).in_words == ("12,345 here now", "9,000 mailed, <1% clicked")
    assert Counts(mailed=3).in_words == ("3 mailed, 0% clicked",)


# --- drawn


_NODE = re.compile(r'^ +(\w+)[\[({/]+"(.*?)"[\])}/]+:::\w+$', re.MULTILINE)


def ways(chart: str) -> dict[tuple[str, str], str]:
    """(from, to) -> label of every way in a flowchart, by the first words of its steps."""
    names = {name: words.partition("<br>")[0] for name, words in _NODE.findall(chart)}
    found = re.findall(r'^ +(\w+) -->(?:\|"(.*?)"\|)? (\w+)$', chart, re.MULTILINE)
    return {(names[a], names[b]): label for a, label, b in found}


def test_mermaid_has_every_way_with_its_label(whole: Tree) -> None:
    chart = mermaid(whole)
    assert chart.startswith("flowchart TD\n")
    assert ways(chart) == {
        ("enters by form submitted", "Mail: tofu/one"): "",
        ("Mail: tofu/one", "Wait: 3 days"): "",
        ("Wait: 3 days", "Split: by lot, for good"): "",
        ("Split: by lot, for good", "Mail: check-in (by funnel stage)"): "70%",
        ("Split: by lot, for good", "Branch: who goes where"): "30%",
        ("Mail: check-in (by funnel stage)", "Branch: who goes where"): "",
        ("Branch: who goes where", "Alert: to marketing"): "clicked('tofu/one', link='pricing')",
        ("Branch: who goes where", "Webhook: crm"): "otherwise",
        ("Alert: to marketing", "Branch: who goes where"): "",
        ("Branch: who goes where", "Tag: hot, food"): "lead.score > 10",
        ("Branch: who goes where", "Write down: industry: food"): "all others",
        ("Tag: hot, food", "Leave: hot"): "",
        ("Webhook: crm", "Tag: take off hot"): "",
        ("Tag: take off hot", "Wait for: submitted('webinar')"): "",
        ("Write down: industry: food", "Wait for: submitted('webinar')"): "",
        ("Wait for: submitted('webinar')", "Wait: until tuesday 10:00"): "not in 7 days",
        ("Wait for: submitted('webinar')", "Wait for: submitted('pricing')"): "yes",
        ("Wait: until tuesday 10:00", "Wait for: submitted('pricing')"): "",
        ("Wait for: submitted('pricing')", "Ask the agreement: is it MQL?"): "",
        ("Ask the agreement: is it MQL?", "finished"): "",
    }


def test_what_people_write_cannot_break_out_of_mermaid(whole: Tree) -> None:
    assert "Second 'quoted'" in mermaid(whole)
    [node] = tree(parsed(), lambda _: ['#35; & &lt;b> "x" <i> `y` #1']).steps[:1]
    chart = mermaid(replace(whole, steps=(node,)))
    assert "＃35; & ＆lt;b> 'x' ＜i> 'y' #1" in chart


def test_the_drawing_is_sound_svg_with_all_words_inside_of_its_frame(whole: Tree) -> None:
    root = ElementTree.fromstring(drawing(whole))
    wide, tall = float(root.get("width", 0)), float(root.get("height", 0))
    texts = [each for each in root.iter() if each.tag.endswith("text")]
    said = " ".join(each.text or "" for each in texts)
    for node in whole.nodes():
        assert node.title.split()[0] in said
    assert "All kinds <of> steps & ways" in said
    assert all(0 < float(each.get("x", 0)) < wide and 0 < float(each.get("y", 0)) < tall for each in texts)
    assert root.get("aria-label") == "All kinds <of> steps & ways"


def cards(svg: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of every card."""
    found = re.findall(r'<rect class="box" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg)
    return [(float(x), float(y), float(x) + float(w), float(y) + float(h)) for x, y, w, h in found]


@pytest.mark.parametrize("name", ["all-kinds", "compare-options", "still-useful"])
def test_no_card_of_a_drawing_covers_another(name: str) -> None:
    sequence = ours().sequences.get(name) or parsed()
    places = cards(drawing(tree(sequence, subjects)))
    assert len(places) >= len(sequence.steps) + 1
    for number, (left, top, right, bottom) in enumerate(places):
        for other in places[number + 1 :]:
            assert other[0] >= right or other[2] <= left or other[1] >= bottom or other[3] <= top


def test_a_drawing_has_both_lights_and_the_color_of_the_brand(whole: Tree) -> None:
    svg = drawing(whole, "#aa0011")
    assert "#aa0011" in svg.partition("@media screen and (prefers-color-scheme: dark)")[0]
    assert "var(" not in svg


def test_the_page_needs_nothing_else_and_shows_what_people_wrote_as_text(whole: Tree) -> None:
    html = page(ours().config.brand, [whole, whole])
    assert (
        "<script" not in html and "http://" not in html.replace("http://www.w3.org/2000/svg", "") and "src=" not in html
    )
    assert html.count("<h1>All kinds &lt;of&gt; steps &amp; ways</h1>") == 2
    assert "<of>" not in html
    assert html.count('class="picture"') == html.count('class="list"') == 2
