"""How long a start takes with much in store: 100,000 open tickets and 10,000 letters that wait (and are held)."""

from __future__ import annotations

from collections.abc import Iterator

from bench import seed
from bench.daemon import daemon
from bench.installations import ALL_LOOPS, installation
from bench.report import Figure
from ingestd import config
from ingestd.app import open_installation

FULL, QUICK = (100_000, 10_000), (10_000, 1_000)
FLOOR_S = 5


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the seconds from the start of the process to READY=1, beside a start on an empty store."""
    tickets, letters = QUICK if quick else FULL
    with installation(outbound={"hold": True}) as place:
        with daemon(place.config, ALL_LOOPS) as running:
            pass
        with daemon(place.config, ALL_LOOPS) as running:
            empty = running.seconds_to_ready
        it = open_installation(config.load(place.config))
        seed.open_tickets(it, tickets, sorted(it.policies.policy.departments))
        seed.pending_letters(it, letters)
        it.close()
        with daemon(place.config, ALL_LOOPS) as running:
            full = running.seconds_to_ready
    name = f"to READY, {tickets:,} tickets, {letters:,} letters waiting"
    yield Figure("start", name, full, "s", FLOOR_S, bare=empty, most=True)
