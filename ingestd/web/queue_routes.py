"""The queues over HTTP: how much waits, pulling with a long poll, and what becomes of a lease."""

from __future__ import annotations

import asyncio
import contextlib
import time

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ingestd.model import Department
from ingestd.store.queues import QueueCount
from ingestd.web import shapes
from ingestd.web.auth import Has, Who, still_living
from ingestd.web.bodies import Pull, Return, Term
from ingestd.web.shapes import Leased, LeaseShape, Pulled, Queues, QueueShape, Returned, TicketShape
from ingestd.web.writes import Write, Writing

RECHECK_S = 4.0
"""A waiting poll looks again so often: a lease may have run out without a word, a token may have been revoked."""
NOTHING = Pulled(items=[]).model_dump_json().encode()
router = APIRouter(prefix="/api/v1", tags=["queues"])


@router.get("/queues")
def queues(services: Has, person: Who) -> Queues:
    """How much waits in each queue that this token sees."""
    counts = {count.department: count for count in services.desk.queues(person)}
    departments = services.desk.policy().departments
    seen = [d for d in departments if person.department in (None, d)]
    return Queues(items=[_queue(departments[d], counts.get(d)) for d in seen])


def _queue(department: Department, count: QueueCount | None) -> QueueShape:
    counted = {"waiting": count.waiting, "leased": count.leased, "oldest": count.oldest} if count else {}
    return QueueShape(department=department.id, name=department.name, name_en=department.name_en, **counted)


@router.post("/queues/{department}/pull", response_model=Pulled)
async def pull(department: str, body: Pull, write: Write) -> Response:
    """Lease what waits, by priority, then deadline, then age. With ``wait_s``, wait while there is nothing.

    While it waits it holds neither a thread nor a connection to the database.
    """
    until = time.monotonic() + body.wait_s
    with write.services.bell.waiting() as rung:
        while True:
            rung.clear()
            answer = await run_in_threadpool(_pull, department, body, write)
            left = until - time.monotonic()
            if answer.body != NOTHING or left <= 0 or write.services.bell.closed:
                return answer
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), min(left, RECHECK_S))
            if await write.request.is_disconnected():
                return answer  # to nobody: a lease for nobody would only keep the ticket from others


def _pull(department: str, body: Pull, write: Writing) -> Response:
    still_living(write.services, write.person)
    return write.run(body, lambda desk: desk.pull(write.person, department, body.max, body.term), shapes.pulled_shape)


@router.post("/leases/{lease_id}/extend", response_model=Leased)
def extend(lease_id: str, write: Write, body: Term | None = None) -> Response:
    """Prolong a lease, from now on. 409 when it has ended or is not yours; nothing changes then."""
    asked = body or Term()
    return write.run(
        asked,
        lambda desk: desk.extend(write.person, lease_id, asked.term),
        lambda until: Leased(lease=LeaseShape(id=lease_id, expires_at=until)),
    )


@router.post("/leases/{lease_id}/return", response_model=Returned)
def give_back(lease_id: str, body: Return, write: Write) -> Response:
    """Put the ticket back into its queue, with the reason."""
    return write.run(
        body,
        lambda desk: desk.give_back(write.person, lease_id, body.reason),
        lambda number: Returned(ticket_no=number),
    )


@router.post("/leases/{lease_id}/done", response_model=TicketShape)
def done(lease_id: str, write: Write) -> Response:
    """Take the ticket over: out of the queue, accepted by you, in progress."""
    return write.run(None, lambda desk: desk.done(write.person, lease_id), shapes.ticket_shape)
