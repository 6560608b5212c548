"""Runs a write of the API: the desk's verb, once for each ``Idempotency-Key``, and its answer as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from ingestd.desk import Desk, Person
from ingestd.store.idempotency import Keyed, Once, Replay
from ingestd.web.auth import Has, Who
from ingestd.web.services import Services

T = TypeVar("T")
Key = Annotated[
    str | None,
    Header(max_length=200, min_length=1, description="The same key with the same request is done once"),
]


@dataclass(frozen=True)
class Writing:
    """One request to write: who asks, for what, under which key."""

    request: Request
    services: Services
    person: Person
    key: str | None

    def run(self, body: BaseModel | None, verb: Callable[[Desk], T], shape: Callable[[T], BaseModel]) -> Response:
        """Do the verb and answer in ``shape``; a write that was done before is answered as then."""
        try:
            text = _text(shape, verb(self._desk(body, shape)))
        except Replay as replay:
            text = replay.answer
        return Response(text, media_type="application/json")

    def _desk(self, body: BaseModel | None, shape: Callable[[Any], BaseModel]) -> Desk:
        desk = self.services.desk
        if self.key is None:
            return desk
        keyed = Keyed(self.person.token_id, self.key, self._digest(body))
        return replace(desk, store=Once(desk.store, keyed, lambda value: _text(shape, value)))

    def _digest(self, body: BaseModel | None) -> str:
        asked = body.model_dump_json() if body else ""
        return hashlib.sha256(f"{self.request.url.path}\n{asked}".encode()).hexdigest()


def _text(shape: Callable[[T], BaseModel], value: T) -> str:
    return shape(value).model_dump_json()


async def _writing(request: Request, services: Has, person: Who, idempotency_key: Key = None) -> Writing:
    return Writing(request, services, person, idempotency_key)


Write = Annotated[Writing, Depends(_writing)]
