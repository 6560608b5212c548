"""Whether we live, whether we are ready, and what Prometheus counts: no address, subject or host name (AU10)."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import JSONResponse, Response

from ingestd import metrics
from ingestd.web.auth import Has
from ingestd.web.services import Health

router = APIRouter(tags=["health"])
_HEALTH = TypeAdapter(Health)


@router.get("/livez", response_class=JSONResponse)
def livez(services: Has) -> Response:
    """200 while the daemon makes progress, else 503."""
    alive = services.alive()
    return JSONResponse({"alive": alive}, 200 if alive else 503)


@router.get("/readyz", response_class=JSONResponse)
def readyz(services: Has) -> Response:
    """200 when this node takes work, else 503; with the state of each source."""
    health = services.health()
    return JSONResponse(_HEALTH.dump_python(health, mode="json"), 200 if health.ready else 503)


@router.get("/metrics", response_class=Response)
def counts() -> Response:
    """Counts and times in Prometheus' text format."""
    return Response(metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")
