"""Setting the stage: a database of the demo's own, and leads that came in during the weeks before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

from sqlalchemy.engine import make_url

from models import migrate
from models.database import Database
from models.queries import demo, ledger
from models.statement import write
from nurture.clock import Clock
from nurture.errors import UsageError
from nurture.leads import ImportReport, import_leads
from nurture.ports import Ports
from nurture.runtime import close_ports, new_id, open_database, open_ports, use
from nurture.settings import Settings, load_settings

#: mornings in London have not begun yet at this time, those in Oslo have
CURTAIN = time(8, 5, tzinfo=UTC)
#: the demo plays Tuesday to Friday, and nothing of it may lie in the future
LENGTH = timedelta(days=5)
TUESDAY = 1
SAMPLES = Path("samples/leads.csv")
#: the day after the last lead of the samples came in
SAMPLES_END = date(2026, 11, 14)

_DATE = re.compile(rb"\d{4}-\d\d-\d\d(?=T\d\d:\d\dZ)")
_MARK = write("UPDATE installation SET demo = TRUE WHERE id = 1")


def opening_night(now: datetime) -> datetime:
    """When the demo begins: the last Tuesday morning that lies far enough back to be over by `now`."""
    latest = now - LENGTH
    day = latest.date() - timedelta(days=(latest.weekday() - TUESDAY) % 7)
    start = datetime.combine(day, CURTAIN)
    return start if start <= latest else start - timedelta(weeks=1)


@contextmanager
def set_up(root: Path, clock: Clock) -> Iterator[Ports]:
    """Ports over a new database, marked as the demo's; they are the process's own until the end of the `with`.

    Raises UsageError rather than touch anything that an earlier demo did not make.
    """
    # without secrets no webhook is posted to
    settings = load_settings(root).model_copy(update={"webhook_secrets": {}})
    _clear(settings)
    database = open_database(settings)
    with database.transaction("mark as demo") as connection:
        connection.execute(_MARK, {})
    database.close()
    ports = open_ports(root, settings=settings, clock=clock)
    use(ports)
    try:
        yield ports
    finally:
        use(None)
        close_ports(ports)


def bring_in(ports: Ports, start: datetime) -> ImportReport:
    """Import the sample leads, as if their last one had come in a few days before `start`."""
    path = ports.project.root / SAMPLES
    if not path.exists():
        raise UsageError(f"The demo needs the leads of {SAMPLES}, which are not here.")
    stream = BytesIO(as_of(path.read_bytes(), start.date()))
    return import_leads(ports.database, ports.clock, stream, file=str(SAMPLES), new_token=new_id)


def as_of(samples: bytes, day: date) -> bytes:
    """The samples with every date moved by whole weeks, so that they end in the week before `day`."""
    shift = (day - SAMPLES_END) // timedelta(weeks=1) * timedelta(weeks=1)
    return _DATE.sub(lambda found: (date.fromisoformat(found[0].decode()) + shift).isoformat().encode(), samples)


def _clear(settings: Settings) -> None:
    """Make room, but only where a demo was before."""
    path = _database_file(settings)
    if path.exists() and not _may_go(settings):
        raise UsageError(
            f"{path.name} holds leads that are not a demo's, and the demo begins with none. Move it away, or run "
            "the demo in a copy of this project."
        )
    mails = sorted(settings.mail.outbox.glob("*.eml"))
    if mails and not path.exists():
        raise UsageError(f"{settings.mail.outbox.name}/ holds mails that are not a demo's. Move them away first.")
    files = [path.with_name(path.name + ending) for ending in ("", "-wal", "-shm")]
    for stale in [*mails, *files]:
        stale.unlink(missing_ok=True)


def _database_file(settings: Settings) -> Path:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise UsageError("The demo plays on a SQLite file. Unset NURTURE_DATABASE_URL for it.")
    if settings.mail.provider != "outbox":
        raise UsageError("The demo sends nothing to anyone. Unset NURTURE_MAIL__PROVIDER for it.")
    return Path(url.database)


def _may_go(settings: Settings) -> bool:
    """Whether the database is an earlier demo's, or holds nobody yet."""
    database = Database(settings.database_url)
    try:
        if migrate.current(database) is None:
            return False
        with database.reading() as connection:
            is_demo = bool(connection.execute(ledger.INSTALLATION).one().demo)
            return is_demo or connection.execute(demo.SOMEBODY).first() is None
    finally:
        database.close()
