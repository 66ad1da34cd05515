"""No secrets and no personal data in logs and tracebacks, whoever writes them: our code, a library, a driver.

The rule is to log ids only; this is the net below it. It knows what personal data and secrets look like, and the
secrets of this installation by heart. Names of people look like any other word: only the rule keeps those out.
"""

from __future__ import annotations

import functools
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine, Iterable
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

GONE = "[redacted]"

#: what is shorter is no secret, and would be found in ordinary words
_SHORTEST_SECRET = 8
#: of one text; what is longer is cut, because patterns take their time
_LONGEST = 50_000

_SECRETS = (
    re.compile(r"\bwhsec_[\w+/=-]+"),
    re.compile(r"\bSG\.[\w-]{8,}(?:\.[\w-]{8,})?"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]{6,}|(?<=basic )[\w+/=-]{6,}"),
    re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL),
    # the password of an address: postgresql://nurture:PASSWORD@host
    re.compile(r"(?<=://)[^/\s@:]*:[^/\s@]+(?=@)"),
    # tokens in addresses of our pages
    re.compile(r"(?<=/[uhcaw]/)[\w-]{16,}|(?<=/webhooks/inbound/)[\w-]+|(?<=/report/)[^\s/?\"']+"),
    # "api_key": "...", token=..., Authorization: ...; the name stays
    re.compile(
        r"""(?i)(?<![\w.-])([\w.-]*(?:password|passwd|secret|token|api[_-]?key|write[_-]?key|authorization|cookie|signature)"""
        r"""["']?\s*[:=]\s*(?:bearer |basic )?)(?!\[redacted)(?:"[^"]*"|'[^']*'|[^\s,;&)}\]]+)"""
    ),
)
_PERSONAL = (
    re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}(?:@|%40)[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"\+\d[\d ()./-]{6,}\d"),
)

_by_heart: frozenset[str] = frozenset()


def remember(secrets: Iterable[str]) -> None:
    """From now on these are taken out wherever they occur in this process."""
    global _by_heart  # noqa: PLW0603 - the secrets of one process, told once at its start
    _by_heart |= {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}


def redact(text: str) -> str:
    """The text without mail addresses, phone numbers, keys and tokens."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]} ... [cut]"
    for secret in _by_heart:
        text = text.replace(secret, GONE)
    for pattern in _SECRETS:
        text = pattern.sub(rf"\g<1>{GONE}" if pattern.groups else GONE, text)
    for pattern in _PERSONAL:
        text = pattern.sub(GONE, text)
    return text


def install() -> None:
    """Every record of every logger goes through `redact` from now on, and so does what ends a program or a thread."""
    make = logging.getLogRecordFactory()
    if getattr(make, "redacts", False):
        return

    def discreetly(*args: Any, **more: Any) -> logging.LogRecord:
        return _clean(make(*args, **more))

    discreetly.redacts = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(discreetly)
    # whoever has put something of its own there knows why
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _tell
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = lambda args: _tell(args.exc_type, args.exc_value, args.exc_traceback)


def discreet(work: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """What goes wrong in this coroutine leaves it without personal data: Prefect keeps the text of every error."""

    @functools.wraps(work)
    async def guarded(*args: P.args, **more: P.kwargs) -> R:
        try:
            return await work(*args, **more)
        except Failed:
            raise
        except Exception as error:
            logging.getLogger(__name__).exception("%s failed", work.__name__)
            raise Failed(redact(f"{type(error).__name__}: {error}")) from None

    return guarded


class Failed(Exception):
    """What went wrong, fit to be kept."""


def _clean(record: logging.LogRecord) -> logging.LogRecord:
    if isinstance(record.args, tuple):
        record.args = tuple(redact(one) if isinstance(one, str) else one for one in record.args)
    try:
        told = record.getMessage()
    except Exception:  # noqa: BLE001 - logging itself says what is wrong with it, when it is written
        return record
    if (clean := redact(told)) != told:
        record.msg, record.args = clean, None
    if record.exc_info and record.exc_info[0]:
        record.exc_text = redact("".join(traceback.format_exception(*record.exc_info))).rstrip("\n")
        record.exc_info = None  # whatever a handler does with it, the values are gone
    return record


def _tell(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """The last words of a program or a thread."""
    if not issubclass(kind, SystemExit):
        sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))
