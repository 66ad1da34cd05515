"""Is everything set up? One finding after the other, each with what to do about it. Changes nothing."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from models import migrate
from models.database import Database
from models.queries import health, ledger, rights
from models.queries import status as queries
from nurture import signed
from nurture.clock import SystemClock
from nurture.content import Project, load_project
from nurture.core.signing import signed_by, without_hand
from nurture.erasure import KEY_FILE, Erasures
from nurture.errors import ContentError, ErasureKeyLost, NurtureError, StaleDatabase
from nurture.library import Library, edits_in_words
from nurture.mail.sendgrid.account import check_account, require_host, require_key
from nurture.mail.sendgrid.knock import knock, knock_replies
from nurture.mail.sendgrid.signature import is_key
from nurture.render import unsubscribe_header_fits
from nurture.settings import Settings, load_settings, source_of, variable
from nurture.watermark import Watermark
from nurture.webhooks.setup import Missing, endpoint, unused_secrets

#: from here on Python's own email package refuses header lines that a lead slipped into a name
SAFE_PYTHON = (3, 11, 10)
#: seconds this machine's clock may be away from the database's
MOST_SKEW = 5
#: after a mail, its first events come within a minute; so long is trouble
LONGEST_SILENCE = timedelta(hours=2)

#: RFC 2606
_EXAMPLES = (".example", ".example.com", ".example.net", ".example.org", ".invalid", ".test", ".localhost")

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination. `do` says how to mend what is not ok."""

    level: Level
    about: str
    says: str
    do: str = ""


def examine(root: Path, *, online: bool = False) -> Iterator[Finding]:
    """Everything there is to check about the project in `root`; the mail provider is only asked when `online`."""
    yield _python()
    yield from _project(root)
    try:
        settings = load_settings(root)
    except NurtureError as error:
        yield Finding("fail", "settings", str(error), "mend it in the environment or in .env")
        return
    yield from _settings(settings, root)
    yield from _database(settings, root)
    yield from _mailer(settings, online=online)
    yield from _sender(settings, root)
    yield from _webhook(settings)
    if online:
        yield from _from_outside(settings)
        yield from _replies_from_outside(settings)
    yield from _receivers(settings, root)
    yield from _channels(settings, root)
    yield from _public_url(settings)
    yield _prefect()


def _python() -> Finding:
    if sys.version_info < SAFE_PYTHON:
        do = "3.11.10 or newer is safer: its email package refuses more malformed headers (we screen them, too)"
        return Finding("warn", "Python", platform.python_version(), do)
    return Finding("ok", "Python", platform.python_version())


def _project(root: Path) -> Iterator[Finding]:
    try:
        project = load_project(root)
    except ContentError as error:
        yield Finding("fail", "nurture.yaml", f"{len(error.problems)} faults", "nurture validate")
        return
    errors = [problem for problem in project.problems if problem.severity == "error"]
    told = f"{root}: {len(project.sequences)} sequences, agreement {project.agreement_version}"
    if errors:
        yield Finding("fail", "project", f"{told}; {len(errors)} errors", "nurture validate")
    else:
        yield Finding("ok", "project", told)


def _settings(settings: Settings, root: Path) -> Iterator[Finding]:
    for path, value in _leaves(settings):
        yield Finding("ok", variable(path), f"{_shown(path, value)} ({source_of(path, root)})")


def _leaves(settings: BaseModel, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, (*path, name))
        elif isinstance(value, dict):
            yield from (((*path, name, part), one) for part, one in value.items())
        else:
            yield (*path, name), value


def _shown(path: tuple[str, ...], value: object) -> str:
    """A value without the secrets in it."""
    if isinstance(value, SecretStr) or value is None or path[-1].endswith("key"):
        return "set" if value else "not set"
    return make_url(str(value)).render_as_string() if path == ("database_url",) else str(value)


def _database(settings: Settings, root: Path) -> Iterator[Finding]:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        # to open it would make it
        yield Finding("ok", "database", f"{url.database} does not exist yet; the first command makes it")
        return
    try:
        with closing(Database(settings.database_url)) as database:
            yield from _reached(database, settings, root)
    except (SQLAlchemyError, OSError) as error:
        # only the type: what a driver says may hold the password
        says = f"cannot be reached ({type(error).__name__})"
        yield Finding("fail", "database", says, "check NURTURE_DATABASE_URL, and that the server runs")


def _reached(database: Database, settings: Settings, root: Path) -> Iterator[Finding]:
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    revision = migrate.current(database)
    if not migrate.is_current(database):
        yield Finding("fail", "database", f"{kind}, at revision {revision or 'nothing yet'}", "nurture db upgrade")
        return
    yield Finding("ok", "database", f"{kind}, at revision {revision}")
    yield _durability(database) if database.is_sqlite else _skew(database)
    yield _watermark(database, settings)
    yield from _erased(database, settings)
    yield _heard(database)
    yield from _stopped(database)
    yield from _edits(database, root)


def _stopped(database: Database) -> Iterator[Finding]:
    """What a person has to let go again."""
    with database.reading() as connection:
        rows = connection.execute(queries.CLOSED, {"now": SystemClock().now()}).all()
    for row in rows:
        if row.until is None:
            says = f"{row.name} is stopped by {row.closed_by} since {row.closed_at:%Y-%m-%d %H:%M} (UTC): {row.reason}"
            yield Finding("warn", "gate", says, f"settle that, then: nurture gate open {row.name}")


def _edits(database: Database, root: Path) -> Iterator[Finding]:
    """Whether what is live is what the files say."""
    with suppress(ContentError):  # told already
        project = signed.look(database, load_project(root))
        yield _agreed(project)
        library = Library(database, project)
        library.look(library.project)
        if waiting := edits_in_words(library.edits):
            yield Finding("warn", "sequences", waiting, "`nurture plan` shows what that does, `nurture apply` does it")
        else:
            yield Finding("ok", "sequences", "what is live is what the files say")


def _agreed(project: Project) -> Finding:
    if waiting := signed.pending(project, SystemClock().now()):
        return Finding("warn", "agreement", str(waiting), waiting.do)
    if missing := without_hand(project.config.agreement):
        return Finding("warn", "agreement", f"nobody has signed it for {' and '.join(missing)}", signed.SIGN)
    by = project.config.agreement.agreed_by
    names = f"{signed_by(by.marketing)} for marketing; {signed_by(by.sales)} for sales"
    return Finding("ok", "agreement", f"{project.agreement_version}, signed by {names}")


def _durability(database: Database) -> Finding:
    """SQLite must keep what it has committed through a power cut, or a mail could go out twice."""
    with database.reading() as connection:
        journal = connection.execute(text("PRAGMA journal_mode")).scalar_one()
        synchronous = connection.execute(text("PRAGMA synchronous")).scalar_one()
    if (journal, synchronous) == ("wal", 2):
        return Finding("ok", "durability", "WAL, synchronous=FULL")
    do = "put the file on a local disk: WAL does not work on network drives"
    return Finding("fail", "durability", f"journal_mode={journal}, synchronous={synchronous}", do)


def _skew(database: Database) -> Finding:
    away = abs((database.now() - SystemClock().now()).total_seconds())
    if away <= MOST_SKEW:
        return Finding("ok", "clock", "agrees with the database's")
    do = "set the clocks by NTP; the database's is the one that counts"
    return Finding("warn", "clock", f"{away:.0f} s away from the database's", do)


def _watermark(database: Database, settings: Settings) -> Finding:
    path = settings.state_dir / "attempts.json"
    try:
        Watermark(path).check(database)
    except StaleDatabase as error:
        return Finding("fail", "high-water mark", str(error))
    with database.reading() as connection:
        reserved = connection.execute(ledger.RESERVED).scalar_one()
        environment = connection.execute(ledger.INSTALLATION).one().environment
    marks = json.loads(path.read_text()) if path.exists() else {}
    if reserved and environment not in marks:
        do = "bring the file back if you can: without it, an old backup could send yesterday's mail again"
        return Finding("warn", "high-water mark", f"mail was sent, but {path} does not know of it", do)
    return Finding("ok", "high-water mark", f"{marks.get(environment, 0)} in {path}")


def _erased(database: Database, settings: Settings) -> Iterator[Finding]:
    """Whether those who were erased are still recognized, and whether somebody waits to be."""
    erasures = Erasures(settings.state_dir / KEY_FILE, settings.erasure_key)
    with database.reading() as connection:
        number = sum(row.number for row in connection.execute(rights.ERASURE_KEYS))
        waiting = len(connection.execute(rights.REQUESTS).all())
        try:
            erasures.check(connection)
        except ErasureKeyLost as error:
            yield Finding("fail", "erased addresses", str(error))
        else:
            yield Finding("ok", "erased addresses", f"{number}, kept as keyed hashes")
    if waiting:
        do = "nurture leads forget --requested; the law gives a month"
        yield Finding("warn", "wishes to be erased", f"{waiting} waiting", do)


def _mailer(settings: Settings, *, online: bool) -> Iterator[Finding]:
    match settings.mail.provider:
        case "outbox":
            yield _outbox(settings.mail.outbox)
        case "null":
            do = "set NURTURE_MAIL__PROVIDER to outbox or sendgrid"
            yield Finding("warn", "mailer", "null: every mail is thrown away", do)
        case "sendgrid":
            yield _sendgrid(settings, online=online)


def _sender(settings: Settings, root: Path) -> Iterator[Finding]:
    """Nobody can own an address of the names that are kept for examples (RFC 2606), so no provider sends from it."""
    with suppress(ContentError):
        address = load_project(root).config.sender.address
        domain = f".{address.rpartition('@')[2]}".lower()
        if settings.mail.provider == "sendgrid" and domain.endswith(_EXAMPLES):
            do = "put your own sender and brand into nurture.yaml"
            yield Finding("fail", "sender", f"{address} is an example: no provider sends from it", do)


def _outbox(folder: Path) -> Finding:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if existing.is_dir() and os.access(existing, os.W_OK):
        return Finding("ok", "mailer", f"outbox: mails become files in {folder}, none is sent")
    return Finding("fail", "mailer", f"outbox: nothing can be written in {existing}", "set NURTURE_MAIL__OUTBOX")


def _sendgrid(settings: Settings, *, online: bool) -> Finding:
    secret = settings.sendgrid.api_key
    key, host = secret.get_secret_value() if secret else "", settings.sendgrid.host
    if online:
        return _tried("mailer", lambda: check_account(key, host))
    return _tried("mailer", lambda: _looks_right(key, host))


def _looks_right(key: str, host: str) -> str:
    require_key(key)
    return f"sendgrid at {require_host(host)}; the key is set, whether it works `--online` tells"


def _tried(about: str, ask: Callable[[], str]) -> Finding:
    try:
        return Finding("ok", about, ask())
    except NurtureError as error:
        return Finding("fail", about, str(error))


def _webhook(settings: Settings) -> Iterator[Finding]:
    keys = settings.sendgrid.webhook_keys
    for number, key in enumerate(keys, start=1):
        if is_key(key):
            yield Finding("ok", "webhook key", f"key {number} is a P-256 public key")
        else:
            do = "copy it anew: SendGrid, Settings, Mail Settings, Event Webhook, signature verification"
            yield Finding("fail", "webhook key", f"key {number} is not a P-256 public key", do)
    if settings.sendgrid.webhook_insecure:
        do = "unset NURTURE_SENDGRID__WEBHOOK_INSECURE where the web app can be reached from outside"
        yield Finding("warn", "webhook key", "unsigned events are taken", do)
    elif not keys:
        needed = settings.mail.provider == "sendgrid"
        do = "set NURTURE_SENDGRID__WEBHOOK_KEY: without events nobody learns of bounces, opt-outs and clicks"
        yield Finding("fail" if needed else "ok", "webhook key", "not set", do if needed else "")


def _from_outside(settings: Settings) -> Iterator[Finding]:
    """Whether the address that the provider posts to is ours, by posting to it."""
    if settings.sendgrid.webhook_insecure:
        return  # told already; a batch would be taken in
    if settings.sendgrid.webhook_keys:
        yield _tried("webhook from outside", lambda: knock(settings.public_url, SystemClock().now()))


def _replies_from_outside(settings: Settings) -> Iterator[Finding]:
    """Whether the address that answers are posted to is ours, by posting one to it that is thrown away."""
    told = settings.inbound
    secret = told.secret_path.get_secret_value() if told.secret_path else ""
    if secret or told.keys:
        yield _tried(
            "replies from outside",
            lambda: knock_replies(settings.public_url, secret, bool(told.keys), SystemClock().now()),
        )


def _heard(database: Database) -> Finding:
    """Whether events have come since mail last went out."""
    with database.reading() as connection:
        mailed = connection.execute(health.LAST_MAILED).scalar()
        heard = connection.execute(health.LAST_HEARD).scalar()
    if mailed is None:
        return Finding("ok", "events", "none yet: nothing has been mailed by SendGrid")
    told = f"last mail {mailed:%Y-%m-%d %H:%M}, last events {f'{heard:%Y-%m-%d %H:%M}' if heard else 'never'} (UTC)"
    if (heard is None or heard < mailed) and SystemClock().now() - mailed > LONGEST_SILENCE:
        do = "look at the Event Webhook's page in SendGrid; `nurture doctor --online` tries the address"
        return Finding("warn", "events", told, do)
    return Finding("ok", "events", told)


def _receivers(settings: Settings, root: Path) -> Iterator[Finding]:
    """Whether the systems that webhooks tell can be told, and whether a secret has no system."""
    with suppress(ContentError):  # told already
        config = load_project(root).config
        for name, webhook in config.webhooks.items():
            about, to = f"webhook {name}", endpoint(config, settings.webhook_secrets, name)
            if isinstance(to, Missing):
                yield Finding("fail", about, f"{to.what}, so its events wait", to.do)
            else:
                # only the host: what follows it may hold a key
                yield Finding("ok", about, f"signed, to {urlsplit(webhook.url).hostname}")
        for unused in sorted(unused_secrets(config, settings.webhook_secrets)):
            yield Finding("warn", "webhooks", f"{unused} is the secret of none", "look for a typing error in the name")


def _channels(settings: Settings, root: Path) -> Iterator[Finding]:
    """Whether the chat channels that alerts go to can be posted to, and whether an address has no channel."""
    from nurture.alerts import chat

    with suppress(ContentError):  # told already
        names = [channel.name for channel in load_project(root).config.alerts]
        for name in names:
            found = chat.examine(settings.alert_channels, name, settings.reach)
            if isinstance(found, chat.Missing):
                yield Finding("fail", f"channel {name}", f"{found.what}, so its alerts wait", found.do)
            else:
                # only the service: the rest of its address is a secret
                yield Finding("ok", f"channel {name}", f"{found}; `nurture alerts test {name}` tries it")
        for unused in sorted(chat.unused(settings.alert_channels, names)):
            yield Finding("warn", "channels", f"{unused} is the address of none", "look for a typing error in the name")


def _public_url(settings: Settings) -> Iterator[Finding]:
    url = settings.public_url
    live = settings.mail.provider == "sendgrid"
    if not unsubscribe_header_fits(url):
        do = "use a shorter host: SendGrid rewrites longer List-Unsubscribe headers, and one click no longer works"
        yield Finding("fail" if live else "warn", "public URL", f"{url} is too long", do)
    elif urlsplit(url).scheme != "https" and live:
        do = "set NURTURE_PUBLIC_URL to an https address: one-click unsubscribing needs it (RFC 8058)"
        yield Finding("fail", "public URL", f"{url} is not https", do)
    else:
        yield Finding("ok", "public URL", url)


def _prefect() -> Finding:
    url = os.environ.get("PREFECT_API_URL")
    if url:
        return Finding("ok", "Prefect", f"flows report to {url}")
    says = "PREFECT_API_URL is not set: a flow starts a server of its own; `nurture run` needs none"
    return Finding("ok", "Prefect", says)
