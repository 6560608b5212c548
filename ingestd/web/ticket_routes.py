"""Tickets over HTTP: lists, the whole file, and the verbs of people. Another department's ticket is a 404 (P30)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ingestd.store.reading import Filter
from ingestd.web import bodies
from ingestd.web.auth import Has, Who
from ingestd.web.shapes import FileShape, TicketPage, TicketShape, file_shape, ticket_shape
from ingestd.web.writes import Write

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])
Asked = Annotated[str | None, Query(max_length=320)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("")
def tickets(
    services: Has,
    person: Who,
    department: Asked = None,
    state: Asked = None,
    customer_email: Asked = None,
    after: Asked = None,
    limit: Limit = 50,
) -> TicketPage:
    """A page of the tickets that this token sees, newest first."""
    found = services.desk.tickets(person, Filter(department, state, customer_email, after, limit))
    following = found[-1].ticket_no if len(found) == limit else None
    return TicketPage(items=[ticket_shape(ticket) for ticket in found], next=following)


@router.get("/{ticket_no}")
def ticket(ticket_no: str, services: Has, person: Who) -> FileShape:
    """The whole file: the ticket, its history, its letters, its messages with what was read and decided."""
    return file_shape(services.desk.show(person, ticket_no))


@router.post("/{ticket_no}/take", response_model=TicketShape)
def take(ticket_no: str, write: Write) -> Response:
    """Take the ticket over without pulling it."""
    return write.run(None, lambda desk: desk.take(write.person, ticket_no), ticket_shape)


@router.post("/{ticket_no}/transfer", response_model=TicketShape)
def transfer(ticket_no: str, body: bodies.Transfer, write: Write) -> Response:
    """Hand the ticket to another department. Yours goes on reading along."""
    return write.run(
        body,
        lambda desk: desk.transfer(write.person, ticket_no, body.department, body.contact, body.note),
        ticket_shape,
    )


@router.post("/{ticket_no}/reply", response_model=TicketShape)
def reply(ticket_no: str, body: bodies.Reply, write: Write) -> Response:
    """Answer the customer; the letter leaves at once. Departments that read along may, too."""
    return write.run(
        body, lambda desk: desk.reply(write.person, ticket_no, body.text, solution=body.solution), ticket_shape
    )


@router.post("/{ticket_no}/note", response_model=TicketShape)
def note(ticket_no: str, body: bodies.Note, write: Write) -> Response:
    """Write an internal note. Departments that read along may, too."""
    return write.run(body, lambda desk: desk.note(write.person, ticket_no, body.text), ticket_shape)


@router.post("/{ticket_no}/resolve", response_model=TicketShape)
def resolve(ticket_no: str, body: bodies.Resolve, write: Write) -> Response:
    """Close the matter with a note; the customer is asked whether it is solved, unless ``confirmed``."""
    return write.run(
        body, lambda desk: desk.resolve(write.person, ticket_no, body.note, confirmed=body.confirmed), ticket_shape
    )


@router.post("/{ticket_no}/reopen", response_model=TicketShape)
def reopen(ticket_no: str, body: bodies.Reopen, write: Write) -> Response:
    """Take a closed matter up again."""
    return write.run(body, lambda desk: desk.reopen(write.person, ticket_no, body.reason), ticket_shape)
