"""The web server out of an installation; its libraries are loaded only on nodes that serve pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ingestd import clock
from ingestd.app.installation import Installation
from ingestd.daemon import Door
from ingestd.sandbox import Sandbox
from ingestd.web.server import WebServer
from ingestd.web.services import Health, Services, SourceState


def open_web(
    it: Installation, sandbox: Sandbox, ready: Callable[[], bool], alive: Callable[[], bool]
) -> tuple[Door, Callable[[], None]]:
    """Return the server, and what to call when a queue has changed."""
    config = it.loaded.config
    watch = _Watch(it, ready)
    services = Services(
        desk=it.desk,
        store=it.store,
        attachment=lambda raw, part: sandbox.attachment(raw, part, it.scratch),
        health=watch.health,
        alive=alive,
        settings=config.web,
        service=config.service,
    )
    return WebServer(services), services.bell.ring


class _Watch:
    """Remembers since when each source has been as it is (P25)."""

    def __init__(self, it: Installation, ready: Callable[[], bool]) -> None:
        self._it = it
        self._ready = ready
        self._seen: dict[str, tuple[bool, datetime]] = {}

    def health(self) -> Health:
        """Return the state of this node now."""
        ready, store_ok = self._ready(), self._it.store.healthy
        kind = "postgresql" if self._it.store.postgres else "sqlite"
        sources = [self._state("store", kind, store_ok, "unreachable")]
        sources += [self._state(one.name, one.kind, ready, "closed") for one in self._it.loaded.config.channels]
        return Health(ready and store_ok, tuple(sources))

    def _state(self, name: str, kind: str, ok: bool, code: str) -> SourceState:
        was, since = self._seen.get(name, (not ok, clock.now()))
        if was != ok:
            since = clock.now()
        self._seen[name] = (ok, since)
        return SourceState(name, kind, ok, since, None if ok else code)
