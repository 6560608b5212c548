"""Who acts: a bearer token becomes a person, looked up at every request, so that a revoked one ends at once (P32).

A token is read from the ``Authorization`` header only: one in an address would stand in logs and histories (AU2).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ingestd import clock
from ingestd.desk import Person
from ingestd.errors import Permanent
from ingestd.store import tokens
from ingestd.store.tokens import Token
from ingestd.web.clients import Throttle, client_address
from ingestd.web.services import Services

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="a token as `ingestd token create` prints it")


def services_of(request: Request) -> Services:
    """Return what this application was built of."""
    services: Services = request.app.state.services
    return services


def authenticate(request: Request, text: str) -> Token:
    """Return the living token with this text. Raise Throttled, or Permanent with code ``bad-token``."""
    services = services_of(request)
    throttle: Throttle = request.app.state.throttle
    address = client_address(request, services.settings.trusted_proxies)
    throttle.check(address)
    token = services.store.read(lambda tx: tokens.find(tx, text.strip(), clock.now()))
    if token is None:
        throttle.count(address)
        raise Permanent("this token opens nothing: unknown, expired or revoked", code="bad-token")
    return token


def person_of(token: Token) -> Person:
    """Return the person that a token stands for."""
    return Person(token.person, token.department, token.token_id)


def still_living(services: Services, person: Person) -> None:
    """Raise Permanent when the person's token has ended meanwhile: a stream closes within seconds (AU4)."""
    if services.store.read(lambda tx: tokens.living(tx, person.token_id, clock.now())) is None:
        raise Permanent("this token has ended", code="bad-token")


def person(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Person:
    """Return who asks. Raise Permanent (401) without a living token."""
    if given is None:
        raise Permanent("send a token: Authorization: Bearer …", code="no-token")
    return person_of(authenticate(request, given.credentials))


async def _services(request: Request) -> Services:
    """A coroutine, so that it costs no thread: FastAPI runs plain dependencies in one each."""
    return services_of(request)


Has = Annotated[Services, Depends(_services)]
Who = Annotated[Person, Depends(person)]
