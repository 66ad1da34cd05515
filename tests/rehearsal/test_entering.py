"""How the lead of a sequence test comes in, who it is, and what else may enroll it."""

from __future__ import annotations

from tests.rehearsal.conftest import Play, shown


def test_a_lead_comes_in_by_hand_or_by_a_form_where_the_test_says_so(play: Play) -> None:
    outcomes = play(
        """
  - name: by hand
    enter: manual
    for: 1 day
    expect: {mails: [tofu/one at mon 09:00]}
  - name: by a form
    form: ebook
    for: 1 day
    expect: {mails: [tofu/one at mon 09:00]}
  - name: by hand, against the rules
    enter: manual
    lead: {stage: customer}
    expect: {enters: false, mails: []}
"""
    )
    assert [(one.name, shown(one)) for one in outcomes if not one.ok] == []
    causes = [one.timeline.entries for one in outcomes[1:2] if one.timeline]
    assert "sends the form ebook" in [entry.what for entry in causes[0]]


def test_why_a_lead_does_not_come_in_is_said(play: Play) -> None:
    stage, ground = play(
        """
  - name: another stage
    lead: {stage: mql}
    expect: {mails: []}
  - name: no ground
    lead: {may_be_mailed: false}
    expect: {ended: finished}
"""
    )
    assert shown(stage) == ["enters: it did not come in: not lead.stage == 'iql'"]
    assert shown(ground)[0] == "enters: it did not come in: no legal ground to mail"


def test_what_sales_gave_back_comes_in_as_recycled_and_spread_mails_may_be_as_much_later(play: Play) -> None:
    outcomes = play(
        """
  - name: given back
    enter: handoff_rejected
    lead: {tags: [said-goodbye, other]}
    starts: 2026-03-02 07:00
    expect: {mails: [tofu/three at mon 10:00], stage: recycled, tags: other, ended: finished}
""",
        "back",
    )
    assert [shown(one) for one in outcomes if not one.ok] == []


def test_other_sequences_enroll_only_where_the_test_lets_them(play: Play) -> None:
    alone, together = play(
        """
  - name: alone
    events:
      - {form: demo, after: 1 day}
      - {sales: reject, reason: not_ready, after: 1 hour}
    expect: {mails: [one], stage: recycled, ended: handed to sales}
  - name: together
    with: back
    events:
      - {form: demo, after: 1 day}
      - {sales: reject, reason: not_ready, after: 1 hour}
    expect: {mails: [one, three at thu 2 apr]}
"""
    )
    assert shown(alone)[1:] == []
    assert shown(together)[2:] == [], shown(together)


def test_the_lead_is_who_the_test_says_and_its_wall_clock_counts(play: Play) -> None:
    chicago, unknown, hemp = play(
        """
  - name: in Chicago
    lead: {timezone: America/Chicago}
    starts: 2026-03-02 06:30
    for: 1 day
    expect: {mails: [one at mon 09:00]}
  - name: nothing is known of it
    lead: {first_name: '', last_name: '', company: '', title: '', industry: '', employees: 0, country: '',
      language: '', phone: ''}
    for: 1 day
    expect: {mails: [one]}
  - name: not our trade
    lead: {industry: hemp}
    expect: {mails: [], ended: not our trade}
"""
    )
    assert (chicago.ok, unknown.ok, hemp.ok) == (True, True, True)
    assert chicago.mails[0].when == "Mon 2 Mar 09:00 Chicago"
