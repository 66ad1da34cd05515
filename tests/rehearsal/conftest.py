"""A small project with sequences of every kind, and tests of them that are played."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nurture.content import Project, load_project
from nurture.content.rehearsals import FOLDER, read_rehearsals
from nurture.rehearsal import Outcome, rehearse_all
from tests.support import write_project

WELCOME = """
sequence: welcome
title: Welcome
owner: marketing
stage: tofu
enter:
  trigger: [lead_created, manual, form_submitted]
  when: lead.stage == 'iql'
goal:
  when: lead.stage in ['mql', 'customer']
exit:
  - when: lead.industry == 'hemp'
    because: not our trade
send:
  between: 09:00-16:30
  timezone: lead or Europe/Oslo
steps:
  - email: tofu/one
  - wait: 3 days
  - split:
      - share: 90%
        steps:
          - email: tofu/two
      - share: 10%
        steps:
          - tag: lucky
  - wait_for: clicked('tofu/one', link='pricing')
    at_most: 5 days
    if_not:
      - alert: marketing
        note: Clicks nothing
  - promote: sql
"""
BACK = """
sequence: back
title: Back again
owner: marketing
stage: mofu
enter:
  trigger: [handoff_rejected, stage_changed]
send:
  days: every day
  between: 10:00-12:00
  timezone: Europe/Oslo
  spread: 30 minutes
steps:
  - tag: said-goodbye
    remove: true
  - email: tofu/three
"""
LISTENS = """
sequence: listens
title: Listens
owner: marketing
stage: tofu
enter:
  trigger: lead_created
steps:
  - email: tofu/one
  - wait_for: visited('/pricing') or did('trial_started') or replied('question')
    at_most: 5 days
  - branch:
      - when: visited('/pricing')
        steps: [{tag: prices}]
      - when: did('trial_started')
        steps: [{tag: trial}]
      - when: replied('question')
        steps: [{tag: asks}]
"""
TRIAL = """
sequence: trial
title: Trial
owner: marketing
stage: tofu
enter:
  trigger: trial_started
steps:
  - email: tofu/three
"""
ASKS = """
sequence: asks
title: Asks
owner: marketing
stage: tofu
enter:
  trigger: lead_created
steps:
  - email: tofu/asks
  - wait_for: lead.timing or lead.need
    at_most: 5 days
  - branch:
      - when: lead.timing == 'soon'
        steps: [{tag: soon}]
      - when: lead.need == 'less noise'
        steps: [{tag: noise}]
"""
TEMPLATES = ("tofu/one", "tofu/two", "tofu/three")
POLLS = "".join(
    f'<a href="{{{{ links.poll }}}}/{asked}">-</a>' for asked in ("timing/soon", "authority", "need", "pay/yes")
)
LINKS = '<p><a href="https://acme.example/guide">Guide</a> <a href="https://acme.example/pricing">Prices</a></p>\n'
REASONS = {"not_ready": {"label": "Not ready yet", "track": "recycle", "after_days": 30}}
HEAD = "sequence: {}\ntests:\n"

Play = Callable[..., list[Outcome]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("project")
    sequences = {"welcome": WELCOME, "back": BACK, "listens": LISTENS, "trial": TRIAL, "asks": ASKS}
    write_project(root, sequences=sequences, templates=(*TEMPLATES, "tofu/asks"), reject_reasons=REASONS)
    with (root / "templates/tofu/asks.html").open("a") as html:
        html.write(POLLS)
    for name in TEMPLATES:
        with (root / "templates" / f"{name}.html").open("a") as html:
            html.write(LINKS)
    config = (root / "nurture.yaml").read_text().rstrip().removesuffix("}")
    events = '"events": {"trial_started": "started a trial", "signed_in": "signed in"}'
    (root / "nurture.yaml").write_text(f'{config}, {events}, "alert_to": "marketing@acme.example"}}\n')
    loaded = load_project(root)
    assert set(loaded.sequences) == set(sequences)
    return loaded


@pytest.fixture
def play(project: Project) -> Play:
    def _play(tests: str, sequence: str = "welcome") -> list[Outcome]:
        path = project.root / FOLDER / "t.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(HEAD.format(sequence) + tests)
        files, problems = read_rehearsals(project)
        assert problems == []
        return list(rehearse_all(project, files))

    return _play


def shown(outcome: Outcome) -> list[str]:
    """What differs, in lines."""
    mails = [f"{line.mark} {line.mail} {line.when}" for line in outcome.mails]
    return [*mails, *map(str, outcome.differences)]
