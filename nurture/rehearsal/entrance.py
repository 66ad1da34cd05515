"""The lead of a test, and how it comes into the sequence."""

from __future__ import annotations

from sqlalchemy import Connection

from models.statement import write
from models.words import LegalGround
from nurture.content.rehearsal import Person, Rehearsal
from nurture.content.rehearsals import trigger_of
from nurture.core.decide import arm_for
from nurture.core.steps import KEEP_WARM, Sequence, SplitStep
from nurture.enroll import MANUAL, enroll_by_hand, trigger
from nurture.errors import UserError
from nurture.leads import Draft, Intake, save
from nurture.simulate import World

#: leads that are looked at for one that draws the lots a test asks for
MOST_LEADS = 100_000

_PLACEHOLDER = write(
    "INSERT INTO address (id, email, token, version, suppressed_by) VALUES (:id, '-', '-', 0, '')",
)
_PLACEHOLDER_LEAD = write(
    """
    INSERT INTO lead (id, address_id, no_sales_contact, stage, stage_since, cycle, rejected_times, created_at)
    VALUES (:id, :id, FALSE, 'iql', :now, 1, 0, :now)
    """
)
_NO_PLACEHOLDER = write("DELETE FROM address WHERE id = :id AND email = '-'")
_NO_PLACEHOLDER_LEAD = write("DELETE FROM lead WHERE id = :id AND address_id = :id")
_FURTHER = write(
    """
    UPDATE lead SET stage = :stage, owner = :owner, recycled_at = :recycled_at, rejected_times = :rejected_times,
        kept_warm = :kept_warm
    WHERE id = :id
    """
)
#: where a lead stands that comes in by this, unless the test says otherwise
_STAGES = {"handoff_rejected": "recycled", "handoff_won": "customer", "lead_stalled": "mql", KEEP_WARM: "opportunity"}

_TAG = write("INSERT INTO lead_tag (lead_id, tag, since) VALUES (:lead_id, :tag, :since)")
_FORGET = write("UPDATE lead_trigger SET done_at = :now WHERE lead_id = :lead_id")


def bring_in(world: World, test: Rehearsal, sequence: Sequence) -> tuple[int, str | None]:
    """Make the lead and let it in by the sequence's own trigger. Its number, and why it was turned away by hand.

    A lead that comes in by a form does so when the form is sent.
    """
    name = trigger_of(test, sequence)
    with world.ports.database.transaction("rehearse") as connection:
        lead_id = _make(connection, world, test.lead, _number(sequence, test.lots), name)
        if name not in (MANUAL, None) and not test.form:
            trigger(connection, [lead_id], name, world.start)
    if name != MANUAL:
        return lead_id, None
    try:
        enroll_by_hand(world.ports, lead_id, sequence.name)
    except UserError as error:
        return lead_id, str(error)
    return lead_id, None


def _number(sequence: Sequence, lots: dict[str, int]) -> int:
    """The first number of a lead that draws these arms (from 1). Lots hang on the number, so it is chosen by them."""
    splits = {name: step for name, step in sequence.steps.items() if isinstance(step, SplitStep)}
    for number in range(1, MOST_LEADS):
        if all(arm_for(sequence, splits[step], number) == arm - 1 for step, arm in lots.items()):
            return number
    raise UserError(f"no lead draws all of these: {', '.join(f'{step}: {arm}' for step, arm in lots.items())}")


def _make(connection: Connection, world: World, person: Person, number: int, name: str | None) -> int:
    """Store the lead under this number, with what only happens to a lead in the course of time."""
    now, before = world.start, number - 1
    if before:  # the database gives the next number after the greatest
        connection.execute(_PLACEHOLDER, {"id": before})
        connection.execute(_PLACEHOLDER_LEAD, {"id": before, "now": now})
    [lead_id] = save(connection, [_draft(person)], Intake("a test", now, world.ports.new_id)).created
    connection.execute(_NO_PLACEHOLDER_LEAD, {"id": before})
    connection.execute(_NO_PLACEHOLDER, {"id": before})
    connection.execute(_FORGET, {"lead_id": lead_id, "now": now})
    stage = person.stage or _STAGES.get(name or "", "iql")
    given_back = stage == "recycled"
    further = {
        "id": lead_id,
        "stage": stage,
        "owner": person.owner or None,
        "recycled_at": now if given_back else None,
        "rejected_times": int(given_back),
        "kept_warm": name == KEEP_WARM,
    }
    connection.execute(_FURTHER, further)
    if person.tags:
        connection.execute(_TAG, [{"lead_id": lead_id, "tag": tag, "since": now} for tag in person.tags])
    return lead_id


def _draft(person: Person) -> Draft:
    return Draft(
        email=person.email.lower(),
        first_name=person.first_name or None,
        last_name=person.last_name or None,
        company=person.company or None,
        title=person.title or None,
        industry=person.industry or None,
        employees=person.employees or None,
        country=person.country or None,
        language=person.language or None,
        timezone=person.zone,
        phone=person.phone or None,
        source=person.source or None,
        asset=person.asset or None,
        legal_ground=LegalGround.CONSENT if person.may_be_mailed else None,
    )
