"""Resident memory of the main process: idle after a start with every loop, and at its peak while draining the mix."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.daemon import daemon
from bench.installations import ALL_LOOPS, installation
from bench.mailmix import mailmix
from bench.report import Figure
from bench.road import drain
from bench.sink import sink

FULL, QUICK = 1_000, 200
SETTLE_S = 1.5


def measure(quick: bool) -> Iterator[Figure]:
    """Yield both figures of one daemon on SQLite."""
    mails = list(mailmix(QUICK if quick else FULL, start=datetime.now(UTC)))
    with sink() as relay, installation(relay_port=relay.port) as place, daemon(place.config, ALL_LOOPS) as running:
        time.sleep(SETTLE_S)
        yield Figure("memory", "idle, main process", running.resident(), "MiB", floor=110, target=60, most=True)
        peak = drain(mails, relay, place.smtp_port, running).peak
        yield Figure("memory", "peak while draining, main process", peak, "MiB", floor=150, target=90, most=True)
