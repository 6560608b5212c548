"""Builds the web application out of what it is given: routes, refusals, the frame around them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

import ingestd
from ingestd.web import (
    docs_page,
    downloads,
    health_routes,
    pages,
    queue_routes,
    refusals,
    sign_in,
    ticket_routes,
)
from ingestd.web.clients import Throttle
from ingestd.web.frame import Frame
from ingestd.web.problems import Problem
from ingestd.web.rendering import Renderer
from ingestd.web.services import Services
from ingestd.web.sessions import Sessions
from ingestd.web.strict_json import StrictJson

SENTENCES = {
    401: "no living token",
    403: "your department only reads along",
    404: "there is no such thing, or it is not yours",
    409: "it has changed since you looked: an ended lease, a state that does not allow this",
    422: "cannot be done as asked; ``errors`` names the fields",
    429: "too many wrong tokens; ``Retry-After`` says when to come back",
    503: "try again later",
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": sentence} for status, sentence in SENTENCES.items()
}
API = (queue_routes.router, ticket_routes.router, downloads.router)
REST = (health_routes.router, docs_page.router, sign_in.router, pages.router)


def build(services: Services) -> FastAPI:
    """Return the application. It keeps nothing but open desk sessions and the throttle's counts."""
    app = FastAPI(
        title="ingestd",
        version=ingestd.__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": services.settings.base or "/"}],
    )
    app.state.services = services
    app.state.throttle = Throttle()
    app.state.sessions = Sessions()
    app.state.renderer = Renderer(services)
    for router in API:
        app.include_router(router, responses=REFUSALS)
    for router in REST:
        app.include_router(router)
    refusals.install(app)
    app.add_middleware(StrictJson)
    app.add_middleware(Frame, base=services.settings.base)  # added last: it stands outermost
    return app
