"""Which text leads go by: the one that is live, whoever has which files, and at once when another goes live."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nurture.advance import advance, due, tick
from nurture.content import load_project
from nurture.enroll import enroll, enroll_by_hand
from nurture.errors import ContentError, UsageError, UserError
from nurture.library import Library, edits_in_words
from nurture.mail import Outcome
from nurture.plan import Applied, apply, look
from nurture.ports import Ports
from nurture.runtime import reread
from tests.engine.conftest import TWO_MAILS, Company
from tests.engine.interleave import Worker, after, at
from tests.engine.test_races import seed

WALK = TWO_MAILS.format(name="walk")
#: whoever stands at the first mail goes on to the second
NO_FIRST = WALK.replace("  - email: tofu/one\n", "")


def edit(company: Company, source: str | None) -> Ports:
    """Change the file, and look at it as a person would who has not applied yet."""
    path = company.root / "sequences" / "walk.yaml"
    path.unlink(missing_ok=True)
    if source:
        path.write_text(source)
    company.ports = with_files(company.ports)
    return company.ports


def with_files(ports: Ports) -> Ports:
    project = load_project(ports.project.root)
    library = Library(ports.database, project)
    library.follow(project, ports.clock.now())
    return replace(ports, project=project, library=library)


def apply_all(ports: Ports, *, pin: bool = False) -> Applied:
    seen = look(ports, pin=pin)
    return apply(ports, [one.sequence for one in seen.sequences], seen.live, pin=pin)


def subjects(company: Company) -> list[str]:
    return [email.subject.removeprefix("About tofu/") for email in company.mailer.sent]


def test_an_edited_file_changes_nothing_before_it_is_applied(company: Company) -> None:
    company.add_leads()
    company.tick()
    edit(company, WALK.replace("3 days", "1 days"))
    assert edits_in_words(company.ports.library.edits) == "walk was edited"
    assert company.tick(days=2).counts == {}
    assert apply_all(company.ports) == Applied(("walk",), decided=1)
    assert company.tick().counts["sent"] == 1
    assert company.ports.library.edits == {}


def test_two_workers_with_other_files_go_by_the_same_text(company: Company) -> None:
    company.add_leads()
    old = with_files(company.ports)
    edit(company, WALK.replace("tofu/two", "tofu/three"))
    apply_all(company.ports)
    tick(old)
    old.library.follow(old.project, old.clock.now())
    assert old.library.edits == {"walk": "edited"}
    company.clock.advance(timedelta(days=3))
    tick(old)
    assert subjects(company) == ["one", "three"]


def test_a_sequence_nobody_has_seen_goes_live_by_itself(company: Company) -> None:
    (company.root / "sequences" / "other.yaml").write_text(TWO_MAILS.format(name="other"))
    company.ports = reread(company.ports)
    company.add_leads()
    assert company.tick().sent == {("walk", "tofu/one"): 1, ("other", "tofu/one"): 1}


def test_a_sequence_that_was_taken_out_does_not_come_back_by_itself(company: Company) -> None:
    edit(company, None)
    apply_all(company.ports)
    edit(company, WALK)
    assert edits_in_words(company.ports.library.edits) == "walk has a file again"
    company.add_leads()
    assert company.tick().counts == {}
    apply_all(company.ports)
    company.add_leads()
    assert company.tick().counts == {"sent": 1}


def test_a_shorter_wait_is_over_at_once_and_a_longer_one_goes_on(company: Company) -> None:
    company.add_leads()
    company.tick()
    company.clock.advance(timedelta(days=2))
    edit(company, WALK.replace("3 days", "5 days"))
    apply_all(company.ports)
    assert company.tick(days=1).counts == {}
    edit(company, WALK.replace("3 days", "2 days"))
    apply_all(company.ports)
    assert company.tick().counts["sent"] == 1


def test_a_removed_sequence_lets_its_leads_go(company: Company) -> None:
    company.add_leads(2)
    company.tick()
    edit(company, None)
    assert company.tick(hours=1).counts == {}
    assert apply_all(company.ports) == Applied(("walk",), decided=2, left=2)
    assert company.rows("SELECT state, reason FROM enrollment") == [("stopped", "the sequence was taken out")] * 2


def test_who_was_in_flight_when_its_sequence_was_taken_out_leaves_afterwards(company: Company) -> None:
    company.add_leads()
    company.mailer.before_send = lambda: (edit(company, None), apply_all(company.ports))
    company.tick()
    company.mailer.before_send = None
    company.tick()
    assert company.rows("SELECT state, reason FROM enrollment") == [("stopped", "the sequence was taken out")]
    assert company.one("SELECT state FROM message") == "accepted"


@pytest.mark.parametrize("source", [WALK.replace("tofu/two", "tofu/three"), None])
def test_pinned_leads_finish_the_text_they_have(company: Company, source: str | None) -> None:
    company.add_leads()
    company.tick()
    edit(company, source)
    assert apply_all(company.ports, pin=True) == Applied(("walk",), pinned=1)
    company.add_leads()
    company.tick()
    company.tick(days=3)
    assert subjects(company) == (["one", "one", "two", "three"] if source else ["one", "two"])


def test_a_paused_sequence_keeps_everybody_where_they_are(company: Company) -> None:
    company.add_leads(2)
    company.tick()
    edit(company, f"paused: true\n{WALK}")
    apply_all(company.ports)
    company.add_leads()
    assert company.tick(days=10).counts == {}
    assert company.one("SELECT COUNT(*) FROM enrollment") == 2
    edit(company, WALK)
    [plan] = look(company.ports).sequences
    assert plan.at_once == 2
    apply_all(company.ports)
    assert company.tick().counts["sent"] == 2


def test_nobody_is_put_into_a_paused_sequence_by_hand(company: Company) -> None:
    company.write("walk", "paused: true\n" + WALK.replace("lead_created", "manual"))
    company.add_leads()
    with pytest.raises(UserError, match="the sequence is paused"):
        enroll_by_hand(company.ports, 1, "walk")


def test_nobody_can_be_pinned_to_a_pause(company: Company) -> None:
    company.write("walk", f"paused: true\n{WALK}")
    edit(company, WALK)
    with pytest.raises(UsageError, match="leave out --pin"):
        look(company.ports, pin=True)


def test_the_old_file_applied_again_is_the_way_back(company: Company) -> None:
    company.add_leads()
    company.tick()
    before = company.rows("SELECT version, step, since, until, due_at FROM enrollment")
    edit(company, WALK.replace("3 days", "9 days"))
    apply_all(company.ports)
    assert company.rows("SELECT version, step, since, until, due_at FROM enrollment") != before
    edit(company, WALK)
    apply_all(company.ports)
    assert company.rows("SELECT version, step, since, until, due_at FROM enrollment") == before
    company.tick(days=3)
    assert subjects(company) == ["one", "two"]


def test_an_apply_that_dies_half_way_is_finished_by_the_next_one(company: Company) -> None:
    company.add_leads(3)
    company.tick()
    edit(company, WALK.replace("3 days", "5 days"))

    def die() -> None:
        raise KeyboardInterrupt

    at(company.database, "take along: inside", die)
    with pytest.raises(KeyboardInterrupt):
        apply_all(company.ports)
    [plan] = look(company.ports).sequences
    assert (plan.edit, plan.waiting, plan.retimed.later) == (None, 3, 3)
    assert apply_all(company.ports) == Applied((), decided=3)
    assert look(company.ports).is_idle


def test_a_removal_that_dies_half_way_is_finished_by_the_next_apply(company: Company) -> None:
    company.add_leads(3)
    company.tick()
    edit(company, None)

    def die() -> None:
        raise KeyboardInterrupt

    at(company.database, "take along: inside", die)
    with pytest.raises(KeyboardInterrupt):
        apply_all(company.ports)
    [plan] = look(company.ports).sequences
    assert (plan.sequence, plan.edit, plan.waiting) == ("walk", None, 3)
    assert apply_all(company.ports) == Applied((), decided=3, left=3)
    assert look(company.ports).is_idle


def test_a_mail_that_was_refused_for_now_is_not_tried_sooner_by_an_edit(company: Company) -> None:
    company.add_leads()
    company.mailer.answers = [Outcome.NOT_ACCEPTED]
    company.tick()
    edit(company, WALK.replace("3 days", "5 days"))
    apply_all(company.ports)
    assert company.tick(seconds=50).counts == {}
    assert company.tick(seconds=11).counts == {"sent": 1}


def test_nothing_goes_live_while_a_file_has_faults(company: Company) -> None:
    ports = edit(company, WALK.replace("wait:", "wiat:"))
    with pytest.raises(ContentError):
        apply_all(ports)
    assert company.ports.library.edits == {"walk": "faulty"}


def test_what_was_shown_is_what_is_applied(company: Company) -> None:
    seen = look(edit(company, WALK.replace("3 days", "5 days")))
    apply_all(company.ports)
    ports = edit(company, WALK.replace("3 days", "7 days"))
    with pytest.raises(UsageError, match="somebody else has applied meanwhile"):
        apply(ports, ["walk"], seen.live)


def test_nobody_is_pinned_where_nothing_is_applied(company: Company) -> None:
    company.add_leads()
    company.tick()
    seen = look(edit(company, WALK.replace("3 days", "5 days")), pin=True)
    apply_all(company.ports)
    ports = edit(company, WALK.replace("3 days", "7 days"))
    with pytest.raises(UsageError, match="somebody else has applied meanwhile"):
        apply(ports, ["walk"], seen.live, pin=True)
    assert company.one("SELECT COUNT(*) FROM enrollment WHERE pinned") == 0


def test_no_mail_of_the_old_text_leaves_once_an_apply_is_through(company: Company) -> None:
    """The mail is claimed and rendered by the old text, and not yet handed over."""
    company.add_leads()
    worker = with_files(company.ports)

    def go_live() -> None:
        edit(company, NO_FIRST)
        apply_all(company.ports)

    at(company.database, "hand over: before", go_live)
    report = advance(worker, [one.id for one in due(worker)])
    assert report.counts == {"skipped": 1}
    company.tick(days=3)
    assert subjects(company) == ["two"]


def test_a_claim_beside_an_apply_never_decides_by_the_old_text(postgres_company: Company, other: Worker) -> None:
    """The new text goes live when the claim has its rows, and has not yet asked what is live."""
    company = postgres_company
    company.add_leads()
    edit(company, NO_FIRST)
    theirs = other.ports(with_files(company.ports))
    after(company.database, "FOR NO KEY UPDATE SKIP LOCKED", lambda: other.begin(lambda: apply_all(theirs)))
    company.tick()
    other.end()
    assert subjects(company) == ["two"]


def test_an_apply_waits_for_whoever_decides_by_the_old_text_and_takes_its_lead_along(
    postgres_company: Company, other: Worker
) -> None:
    """The claim has asked what is live and has planned a mail: the apply takes its lease away afterwards."""
    company = postgres_company
    company.add_leads()
    edit(company, NO_FIRST)
    theirs = other.ports(with_files(company.ports))

    def begin() -> None:
        other.begin(lambda: apply_all(theirs))
        at(company.database, "hand over: before", other.end)

    at(company.database, "claim: inside", begin)
    company.tick()
    assert subjects(company) == ["two"]


def test_an_enrollment_beside_an_apply_begins_by_the_new_text(postgres_company: Company, other: Worker) -> None:
    company = postgres_company
    seed(company, 1)
    (company.root / "sequences" / "walk.yaml").write_text(NO_FIRST)
    theirs = other.ports(with_files(company.ports))
    after(company.database, "FROM lead_trigger", lambda: other.begin(lambda: apply_all(theirs)))
    enroll(company.ports)
    other.end()
    live = company.one("SELECT version FROM live_sequence")
    assert company.one("SELECT version FROM enrollment") == live


def test_no_deed_of_the_old_text_is_done_once_an_apply_is_through(company: Company) -> None:
    company.write("walk", WALK.replace("steps:", "steps:\n  - {id: mark, tag: warm}"))
    company.add_leads()
    worker = with_files(company.ports)

    def go_live() -> None:
        edit(company, WALK.replace("steps:", "steps:\n  - {id: mark, tag: cold}"))
        apply_all(company.ports)

    at(company.database, "act: before", go_live)
    advance(worker, [one.id for one in due(worker)])
    company.tick()
    assert company.rows("SELECT tag FROM lead_tag") == [("cold",)]


def test_a_mail_that_is_settled_beside_an_apply_is_followed_by_the_new_wait(
    postgres_company: Company, other: Worker
) -> None:
    """The lead is in flight when the new text goes live, and has its wait by the old one before anybody looks."""
    company = postgres_company
    company.add_leads()
    edit(company, WALK.replace("3 days", "1 days"))
    theirs = other.ports(with_files(company.ports))
    at(company.database, "settle: inside", lambda: other.begin(lambda: apply_all(theirs)))
    company.tick()
    other.end()
    assert company.tick(days=1).counts["sent"] == 1


def test_what_is_claimed_when_its_sequence_is_taken_out_is_not_mailed(company: Company) -> None:
    company.add_leads()
    worker = with_files(company.ports)
    at(company.database, "hand over: before", lambda: (edit(company, None), apply_all(company.ports)))
    assert advance(worker, [one.id for one in due(worker)]).counts == {"skipped": 1}
    assert company.mailer.sent == []
    assert company.one("SELECT state FROM message") == "suppressed"
