"""The desk at ``/desk/``: the queues and what waits in them, lists of tickets, and the whole file of one. Read only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from ingestd.desk import Person
from ingestd.model import STATES
from ingestd.store.queues import QueueCount
from ingestd.store.reading import Filter
from ingestd.web.auth import Has
from ingestd.web.downloads import IntakeId, Number, one_attachment, raw_message
from ingestd.web.rendering import ICON, STYLE
from ingestd.web.services import Services
from ingestd.web.sign_in import Signed, home, renderer_of
from ingestd.web.views import message_view

SHOWN = 50
"""Rows of a page."""
A_DAY = "public, max-age=86400"
Asked = Annotated[str, Query(max_length=320)]
router = APIRouter(include_in_schema=False)


@router.get("/desk")
def without_slash(request: Request) -> Response:
    """The way to the desk, for who forgot the stroke."""
    return RedirectResponse(home(request), 308)


@router.get("/desk/")
def board(request: Request, services: Has, person: Signed, queue: Asked = "") -> Response:
    """The queues with their counts, and what waits in the chosen one."""
    counts = _counts(services, person)
    chosen = queue or person.department or _fullest(counts)
    waiting = services.desk.waiting(person, chosen, SHOWN)
    return renderer_of(request).page(
        request, "board.html", person, counts=counts, chosen=chosen, waiting=waiting, most=SHOWN
    )


def _counts(services: Services, person: Person) -> list[QueueCount]:
    """Return the count of every queue this person sees, empty ones too: first where work waits, then as configured."""
    known = {count.department: count for count in services.desk.queues(person)}
    departments = [d for d in services.desk.policy().departments if person.department in (None, d)]
    counts = [known.get(d, QueueCount(d, 0, 0, None)) for d in departments]
    return sorted(counts, key=lambda count: not (count.waiting or count.leased))


def _fullest(counts: list[QueueCount]) -> str:
    return max(counts, key=lambda count: count.waiting).department if counts else ""


@router.get("/desk/tickets")
def tickets(
    request: Request,
    services: Has,
    person: Signed,
    department: Asked = "",
    state: Asked = "",
    email: Asked = "",
    after: Asked = "",
) -> Response:
    """The tickets this person sees, newest first, filtered."""
    wanted = Filter(department or None, state or None, email.strip() or None, after or None, SHOWN)
    found = services.desk.tickets(person, wanted)
    return renderer_of(request).page(
        request,
        "tickets.html",
        person,
        tickets=found,
        wanted=wanted,
        states=STATES,
        departments=services.desk.policy().departments,
        following=found[-1].ticket_no if len(found) == SHOWN else None,
    )


@router.get("/desk/tickets/{ticket_no}")
def ticket(request: Request, ticket_no: str, services: Has, person: Signed) -> Response:
    """Everything that is known of one ticket."""
    file = services.desk.show(person, ticket_no)
    messages = [message_view(message) for message in file.messages]
    return renderer_of(request).page(
        request,
        "ticket.html",
        person,
        ticket=file.ticket,
        messages=messages,
        entries=file.entries,
        letters=file.letters,
    )


@router.get("/desk/tickets/{ticket_no}/raw")
def raw(ticket_no: str, services: Has, person: Signed, intake_id: IntakeId = None) -> Response:
    """A message of the ticket as it came."""
    return raw_message(services, person, ticket_no, intake_id)


@router.get("/desk/tickets/{ticket_no}/attachments/{number}")
async def attachment(
    ticket_no: str, number: Number, services: Has, person: Signed, intake_id: IntakeId = None
) -> Response:
    """An attachment, given away as plain octets."""
    return await one_attachment(services, person, ticket_no, number, intake_id)


@router.get("/desk/static/desk.svg")
def icon() -> Response:
    """The sign in the browser's tab."""
    return Response(ICON, media_type="image/svg+xml", headers={"Cache-Control": A_DAY})


@router.get("/desk/static/desk.css")
def style() -> Response:
    """The one style sheet. Its address changes with its content, so a browser may keep it."""
    return Response(STYLE, media_type="text/css", headers={"Cache-Control": A_DAY})
