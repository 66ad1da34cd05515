"""The fields of a form, however browsers and scripts send them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

#: bytes of a form that is read as a whole; read, it may take fifty times as much. What has a file comes in parts
LONGEST = 500_000

_PLAIN = "application/x-www-form-urlencoded"


async def fields_of(request: Request, most: int, files: int = 0) -> dict[str, Any]:
    """The last value of each field, files as such. Raises HTTPException 400 for what is no form, or has more than so
    many fields or files; 413 for what is too long."""
    try:
        if request.headers.get("content-type", "").lower().startswith(_PLAIN):
            # Every byte becomes one letter, escaped or not: scripts send both.
            told = (await whole(request)).decode("latin-1")
            pairs = parse_qsl(told, keep_blank_values=True, encoding="latin-1", max_num_fields=most)
            return {_text(name): _text(said) for name, said in pairs}
        async with request.form(max_files=files, max_fields=most) as form:
            return dict(form)
    except ValueError:  # a charset that is none is a UnicodeError
        raise HTTPException(400) from None


async def whole(request: Request) -> bytes:
    """The body of a form without files. Raises HTTPException 413 for one that is longer than `LONGEST`."""
    body = await request.body()
    if len(body) > LONGEST:
        raise HTTPException(413)
    return body


def _text(told: str) -> str:
    """UTF-8, as nearly everybody sends it; else what old pages send."""
    sent = told.encode("latin-1")
    try:
        return sent.decode()
    except UnicodeDecodeError:
        return sent.decode("cp1252", "replace")
