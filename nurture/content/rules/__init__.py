"""Every rule that `nurture validate` checks, in one table: what it asks for, why, a breach of it, and the remedy.

A `Problem` carries one of these ids. docs/rules.md is written from this table (`nurture schema --write`), and the
tests try out each example: the first one breaks its rule, the second breaks none.
"""

from __future__ import annotations

from collections.abc import Sequence

from nurture.content.rules.agreement import AGREEMENT
from nurture.content.rules.files import FILES
from nurture.content.rules.mails import MAILS
from nurture.content.rules.project import PROJECT
from nurture.content.rules.rule import Rule
from nurture.content.rules.sequences import SEQUENCES
from nurture.content.rules.tests import TESTS

PAGE = "docs/rules.md"

__all__ = ["GROUPS", "RULES", "Rule", "page_of"]

#: where a rule is broken -> id -> the rule; in the order of docs/rules.md
GROUPS: dict[str, dict[str, Rule]] = {
    "Any file": FILES,
    "Sequences": SEQUENCES,
    "Tests of sequences": TESTS,
    "Mails": MAILS,
    "nurture.yaml": PROJECT,
    "The agreement": AGREEMENT,
}
#: id -> the rule
RULES: dict[str, Rule] = {rule_id: rule for group in GROUPS.values() for rule_id, rule in group.items()}


def page_of(rules: Sequence[str]) -> str:
    """Where these rules are explained: "docs/rules.md#time, #template"."""
    return PAGE + ", ".join(f"#{rule}" for rule in rules)
