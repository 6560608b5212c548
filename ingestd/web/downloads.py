"""Octets out of a mail, given away so that no browser ever runs them (P34, hostile input AT1–AT7, HX12).

Everything is ``application/octet-stream``, an attachment, ``nosniff``, in a sandbox of its own. The name is a label:
cleaned, cut, and never a path.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ingestd.desk import Person
from ingestd.errors import NotFound
from ingestd.web.auth import Has, Who
from ingestd.web.services import Services

LONGEST_NAME = 150
"""Octets of a file name in UTF-8: below what file systems take (255), with room for the browser's own additions."""
OCTETS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "the octets, always as an attachment"}
}
IntakeId = Annotated[str | None, Query(max_length=40, description="which message; the first when not given")]
Number = Annotated[int, Path(ge=1, le=100_000)]
router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])


@router.get("/{ticket_no}/raw", response_class=Response, responses=OCTETS)
def raw(ticket_no: str, services: Has, person: Who, intake_id: IntakeId = None) -> Response:
    """A message of the ticket, untouched, octet for octet."""
    return raw_message(services, person, ticket_no, intake_id)


@router.get("/{ticket_no}/attachments/{number}", response_class=Response, responses=OCTETS)
async def attachment(
    ticket_no: str, number: Number, services: Has, person: Who, intake_id: IntakeId = None
) -> Response:
    """One attachment of a message, decoded; numbers as in the record's ``attachments[].index``."""
    return await one_attachment(services, person, ticket_no, number, intake_id)


def raw_message(services: Services, person: Person, ticket_no: str, intake_id: str | None) -> Response:
    """Return the raw mail as a download. Raise NotFound."""
    return octets(services.desk.raw(person, ticket_no, intake_id), f"{intake_id or ticket_no}.eml")


async def one_attachment(
    services: Services, person: Person, ticket_no: str, number: int, intake_id: str | None
) -> Response:
    """Return an attachment as a download; the mail is taken apart in another process. Raise NotFound."""
    listed = await run_in_threadpool(_listed, services, person, ticket_no, number, intake_id)
    mail = await run_in_threadpool(services.desk.raw, person, ticket_no, intake_id)
    data = await services.attachment(mail, listed.get("part", ""))
    if data is None:
        raise _no_attachment(number)
    return octets(data, listed.get("filename") or f"attachment-{number}")


def _listed(
    services: Services, person: Person, ticket_no: str, number: int, intake_id: str | None
) -> Mapping[str, Any]:
    """Return what the stored record says of the attachment: it was read when the mail came, perhaps degraded."""
    messages = services.desk.show(person, ticket_no).messages
    record = next((m.record for m in messages if intake_id in (None, m.intake_id)), {})
    attachments: Sequence[Mapping[str, Any]] = record.get("attachments", ())
    listed = next((item for item in attachments if item.get("index") == number), None)
    if listed is None:
        raise _no_attachment(number)
    return listed


def _no_attachment(number: int) -> NotFound:
    return NotFound(f"the message has no attachment {number}", code="no-attachment")


def octets(data: bytes, name: str) -> Response:
    """Answer octets under a safe name (RFC 6266: an ASCII one, and the real one beside it)."""
    safe = safe_name(name)
    plain = "".join(letter if letter.isascii() else "_" for letter in safe)
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


def safe_name(name: str) -> str:
    """Return the label without controls, direction marks, quotes and path signs, cut to fit any file system."""
    kept = "".join(letter for letter in name if _is_plain(letter)).strip(". ")
    stem, dot, ending = kept.rpartition(".")
    room = LONGEST_NAME - len((dot + ending).encode())
    cut = _cut(kept, LONGEST_NAME) if room <= 0 or not stem else _cut(stem, room) + dot + ending
    return cut or "attachment"


def _is_plain(letter: str) -> bool:
    return letter not in '"\\/:*?<>|%;' and not unicodedata.category(letter).startswith("C")


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode("utf-8", "ignore")
