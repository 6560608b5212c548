"""How long a customer waits at 10 messages a second: from the moment the mail was due to its ack at the sink."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.daemon import daemon
from bench.installations import ALL_LOOPS, installation
from bench.mailmix import mailmix
from bench.report import Figure
from bench.road import await_acks
from bench.sink import sink
from bench.smtp_load import load, percentile

RATE = 10
FULL_S, QUICK_S = 30, 8
WARM_UP = 10
P95_FLOOR_MS, P99_TARGET_MS, P50_TARGET_MS = 1_000, 150, 25


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the median, the 95th and the 99th percentile on SQLite, first mails left out."""
    waits = [wait * 1000 for wait in run(RATE * (QUICK_S if quick else FULL_S))]
    yield Figure("latency", "mail to ack, p50", percentile(waits, 50), "ms", target=P50_TARGET_MS, most=True)
    yield Figure("latency", "mail to ack, p95", percentile(waits, 95), "ms", P95_FLOOR_MS, most=True)
    yield Figure("latency", "mail to ack, p99", percentile(waits, 99), "ms", target=P99_TARGET_MS, most=True)


def run(count: int) -> list[float]:
    """Submit the mixed load at a fixed rate; return the seconds from due to acknowledged, one for each mail."""
    mails = list(mailmix(WARM_UP + count, start=datetime.now(UTC)))
    with sink() as relay, installation(relay_port=relay.port) as place, daemon(place.config, ALL_LOOPS):
        report = asyncio.run(load(mails, port=place.smtp_port, rate=RATE))
        acks = await_acks(relay, {mail.message_id for mail in mails if mail.deserves_ack})
    due = {
        message_id: moment - seconds
        for (message_id, moment), seconds in zip(report.accepted.items(), report.seconds_to_250, strict=True)
    }
    counted = {mail.message_id for mail in mails[WARM_UP:]}
    return [ack.moment - due[ack.in_reply_to] for ack in acks if ack.in_reply_to in counted]
