"""Putting it together: from settings and a project to the ports every use case is given."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock

from models import migrate
from models.database import Database
from models.queries import ledger
from nurture import redaction, signed
from nurture.clock import Clock, SystemClock
from nurture.content import Project, find_root, load_project
from nurture.erasure import KEY_FILE, Erasures
from nurture.errors import SetupError
from nurture.library import Library
from nurture.mail import Mailer
from nurture.ports import Ports
from nurture.settings import Settings, load_settings
from nurture.watermark import Watermark


def new_id() -> str:
    """A random opaque name of 16 bytes, url-safe, 22 characters."""
    return secrets.token_urlsafe(16)


def open_database(settings: Settings) -> Database:
    """The database, with tables of this version. A new SQLite file is set up at once; the rest is `db upgrade`'s."""
    database = Database(settings.database_url)
    if database.is_sqlite and migrate.current(database) is None:
        migrate.upgrade(database)
    if not migrate.is_current(database):
        database.close()
        raise SetupError("The database has other tables than this version needs. Run `nurture db upgrade`.")
    return database


def clock_of(database: Database) -> Clock:
    """The clock of the business: the database's own on PostgreSQL, so that many machines agree."""
    return SystemClock(None if database.is_sqlite else database.now)


def erasures_of(settings: Settings) -> Erasures:
    """Who was erased, by the key of this installation."""
    return Erasures(settings.state_dir / KEY_FILE, settings.erasure_key)


def open_mailer(settings: Settings, environment: str, clock: Clock) -> Mailer:
    """The mailer that NURTURE_MAIL__PROVIDER names. Raises SetupError when its key is missing."""
    match settings.mail.provider:
        case "outbox":
            from nurture.mail.outbox import OutboxMailer

            return OutboxMailer(settings.mail.outbox, clock)
        case "null":
            from nurture.mail.null import NullMailer

            return NullMailer()
        case "sendgrid":
            from nurture.mail.sendgrid import SendGridMailer

            key = settings.sendgrid.api_key
            return SendGridMailer(
                key.get_secret_value() if key else "",
                host=settings.sendgrid.host,
                environment=environment,
                clock=clock,
                connections=settings.sendgrid.connections,
            )


def open_ports(
    root: Path | None = None,
    *,
    settings: Settings | None = None,
    clock: Clock | None = None,
    only_look: bool = False,
) -> Ports:
    """Everything the engine needs, for the project at `root` (found from the current folder when left out).

    A sequence that the database has never seen goes live by this, and the first agreement comes into force, unless one
    is here `only_look`ing.
    """
    redaction.install()
    root = root or find_root(Path.cwd())
    settings = settings or load_settings(root)
    project = load_project(root)
    database = open_database(settings)
    clock = clock or clock_of(database)
    with database.reading() as connection:
        environment = connection.execute(ledger.INSTALLATION).one().environment
    watermark = Watermark(settings.state_dir / "attempts.json")
    project = signed.look(database, project) if only_look else signed.follow(database, project, clock.now())
    library = Library(database, project)
    if only_look:
        library.look(project)
    else:
        library.follow(project, clock.now())
    return Ports(
        database=database,
        clock=clock,
        project=project,
        library=library,
        mailer=open_mailer(settings, environment, clock),
        watermark=watermark,
        new_id=new_id,
        public_url=settings.public_url,
        reply_domain=settings.inbound.domain,
        webhook_secrets=settings.webhook_secrets,
        alert_channels=settings.alert_channels,
        prefect_events=settings.prefect_events,
        erasures=erasures_of(settings),
        reach=settings.reach,
    )


def close_ports(ports: Ports) -> None:
    """Let go of connections and files."""
    ports.mailer.close()
    ports.database.close()


@contextmanager
def opened(root: Path | None = None, *, only_look: bool = False) -> Iterator[Ports]:
    """Ports for the length of a `with`."""
    ports = open_ports(root, only_look=only_look)
    try:
        yield ports
    finally:
        close_ports(ports)


def reread(ports: Ports) -> Ports:
    """The same ports with the project as its files are now. What is live stays live until somebody applies."""
    project: Project = signed.follow(ports.database, load_project(ports.project.root), ports.clock.now())
    ports.library.follow(project, ports.clock.now())
    return replace(ports, project=project)


_of_this_process: dict[str, Ports] = {}
_opening = Lock()


def current() -> Ports:
    """The ports of this process, opened when somebody first asks: Prefect hands a flow ids, not connections."""
    with _opening:
        if "ports" not in _of_this_process:
            use(open_ports())
        return _of_this_process["ports"]


def use(ports: Ports | None) -> None:
    """From now on, work with these ports in this process; None forgets them without closing them."""
    _of_this_process.clear()
    if ports is not None:
        _of_this_process["ports"] = ports
