"""Keep first, think later: octets and arrival are committed, and only then may a door say yes (P1)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from ingestd import clock, journal, metrics
from ingestd.errors import IngestdError
from ingestd.store import arrivals
from ingestd.store.arrivals import Delivery, Kept
from ingestd.store.awaiting import answer_of
from ingestd.store.blobs import Blobs
from ingestd.store.session import Store


class Keeper:
    """Keeps what the doors bring. Idempotent by delivery key: a repeated delivery is answered with the first id."""

    def __init__(self, store: Store, blobs: Blobs) -> None:
        self._store = store
        self._blobs = blobs

    async def keep(
        self, deliveries: Sequence[Delivery], content: Path | bytes, sha256: str, size: int
    ) -> tuple[Kept, ...]:
        """Commit one arrival for each delivery of these octets. Raise Temporary when that is not possible now."""
        door, account = deliveries[0].door, deliveries[0].account
        try:
            await self._prepare(content, sha256)
            unit = self._store.write(
                lambda tx: arrivals.keep(tx, self._blobs, deliveries, sha256, content, size, clock.now())
            )
            kept = await asyncio.shield(answer_of(unit))
        except IngestdError as error:
            journal.not_kept(door, error.code)
            metrics.refused.labels(door, error.code).inc()
            raise
        metrics.kept.labels(door).inc(len(kept))
        repeated = all(one.repeated for one in kept)
        journal.kept([one.intake_id for one in kept], door, account, size, repeated=repeated)
        return kept

    async def _prepare(self, content: Path | bytes, sha256: str) -> None:
        if self._blobs.needs_preparing(content):
            await asyncio.to_thread(self._blobs.prepare, sha256, content)
