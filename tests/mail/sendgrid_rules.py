"""When SendGrid answers 400: Twilio's OpenAPI schema with unknown properties refused, and the documented rules.

The schema is data of Twilio's (see sendgrid_mail_send.schema.LICENSE); the rules are those of the limits page and
of the errors page of the v3 Mail Send reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

_SCHEMA = json.loads(Path(__file__).with_name("sendgrid_mail_send.schema.json").read_text(encoding="utf-8"))
_VALIDATOR = jsonschema.Draft202012Validator(_SCHEMA, format_checker=jsonschema.FormatChecker(["email"]))

_RESERVED_HEADERS = frozenset(
    {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"}
    | {"to", "from", "subject", "reply-to", "cc", "bcc"}
)

Fault = tuple[str, str]  # field, message


def find_errors(mail: Any) -> list[dict[str, str | None]]:
    """What SendGrid would list under `errors` in its 400; empty when it would take the mail."""
    faults = [(error.json_path.removeprefix("$."), error.message) for error in _VALIDATOR.iter_errors(mail)]
    faults = faults or list(_rule_faults(mail))
    return [{"message": message, "field": field or None, "help": None} for field, message in faults]


def _rule_faults(mail: dict[str, Any]) -> Iterator[Fault]:
    yield from _recipient_faults(mail["personalizations"])
    yield from _content_faults(mail)
    yield from _header_faults("headers", mail.get("headers", {}))
    for index, each in enumerate(mail["personalizations"]):
        yield from _header_faults(f"personalizations.{index}.headers", each.get("headers", {}))
        yield from _custom_args_faults(f"personalizations.{index}.custom_args", each.get("custom_args", {}))
    if "reply_to" in mail and "reply_to_list" in mail:
        yield "reply_to", "use either reply_to or reply_to_list"
    if not all(name.isascii() for name in mail.get("categories", ())):
        yield "categories", "categories must be ASCII"
    if not mail["from"]["email"].isascii():
        yield "from.email", "Unicode is not supported in the from address"


def _recipient_faults(personalizations: list[dict[str, Any]]) -> Iterator[Fault]:
    if not personalizations:
        yield "personalizations", "at least one personalization is needed"
    total = 0
    for index, each in enumerate(personalizations):
        people = [person for kind in ("to", "cc", "bcc") for person in each.get(kind, ())]
        total += len(people)
        if not each["to"]:
            yield f"personalizations.{index}.to", "at least one recipient is needed"
        if len({person["email"].lower() for person in people}) < len(people):
            yield f"personalizations.{index}", "each address must be unique between to, cc, and bcc"
        if any(set(person.get("name", "")) & set(",;") for person in people):
            yield f"personalizations.{index}.to", "a recipient name cannot contain , or ;"
    if total > 1000:
        yield "personalizations", "no more than 1000 recipients"


def _content_faults(mail: dict[str, Any]) -> Iterator[Fault]:
    kinds = [part["type"] for part in mail.get("content", ())]
    if "template_id" not in mail:
        if not mail.get("subject") and not all(each.get("subject") for each in mail["personalizations"]):
            yield "subject", "the subject is required"
        if not kinds:
            yield "content", "the content value must be an array with at least one item"
    if any(";" in kind for kind in kinds):
        yield "content", "the content type cannot contain ;"
    if "text/plain" in kinds[1:] or ("text/html" in kinds and kinds.index("text/html") > 1):
        yield "content", "text/plain must be first, then text/html"


def _header_faults(field: str, headers: dict[str, str]) -> Iterator[Fault]:
    for name in headers:
        if name.lower() in _RESERVED_HEADERS:
            yield f"{field}.{name}", "reserved header"
        if not name.isascii() or " " in name or not name:
            yield f"{field}.{name}", "header names must be ASCII without spaces"


def _custom_args_faults(field: str, custom_args: dict[str, str]) -> Iterator[Fault]:
    if not all(custom_args.values()):
        yield field, "custom args cannot be empty"
    if len(json.dumps(custom_args).encode()) >= 10_000:
        yield field, "custom args must be under 10000 bytes"
