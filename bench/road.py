"""The whole road on the mixed load: from the first SMTP submission to the last acknowledgement at the sink.

One daemon with two parse workers, all its loops, on SQLite and on PostgreSQL; beside it the bare road of
``bench.plain`` over the same mails to the same sink.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.daemon import ROOT, Running, Usage, daemon
from bench.installations import ALL_LOOPS, installation, postgres_url
from bench.mailmix import Mail, mailmix
from bench.report import Figure
from bench.sink import Sink, Taken, sink
from bench.smtp_load import load

FULL, QUICK = 2_000, 400
WARM_UP = 40
"""Mails of another seed that are drained before the clock starts: first times are the bench ``start``'s matter."""
PATIENCE_S = 120
STRAY_S = 0.5
"""How long to go on looking after the last ack that is due: a second one would come within this."""


@dataclass(frozen=True)
class Drained:
    """What a run came to. ``acks`` counts the mails that were acknowledged, ``excess`` the acks beyond one each."""

    seconds: float
    acks: int
    expected: int
    excess: int
    usage: Usage
    peak: float


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the figures of both databases."""
    count = QUICK if quick else FULL
    mails = list(mailmix(count, start=datetime.now(UTC)))
    with sink() as relay:
        bare = plain(mails, relay.port)
        yield from _figures("road sqlite", run(mails, relay), bare, count, floor=180, target=400)
        with postgres_url() as url:
            yield from _figures("road postgres", run(mails, relay, url), bare, count, floor=100, target=300)


def _figures(
    name: str, got: Drained, bare: tuple[float, float], count: int, *, floor: int, target: int
) -> Iterator[Figure]:
    main, workers = (1000 * used / count for used in (got.usage.main, got.usage.workers))
    yield Figure(name, "submission to last ack", count / got.seconds, "mails/s", floor, target, bare[0])
    yield Figure(name, "mails acknowledged", got.acks, "mails", floor=got.expected)
    yield Figure(name, "acks beyond one each", got.excess, "letters", floor=0, most=True)
    yield Figure(name, "CPU, main process", main, "ms/mail", bare=bare[1], most=True)
    yield Figure(name, "CPU, parse workers", workers, "ms/mail", bare=bare[1], most=True)
    yield Figure(name, "CPU, whole daemon", main + workers, "ms/mail", None, 2.5, bare[1], most=True)
    yield Figure(name, "peak memory, main process", got.peak, "MiB", floor=150, target=90, most=True)


def run(mails: Sequence[Mail], relay: Sink, url: str = "sqlite:///ingestd.db") -> Drained:
    """Start a daemon on an empty database, submit every mail, and wait for the last acknowledgement."""
    warm_up = list(mailmix(WARM_UP, seed=2, start=datetime.now(UTC)))
    with installation(relay_port=relay.port, url=url) as place, daemon(place.config, ALL_LOOPS) as running:
        drain(warm_up, relay, place.smtp_port, running)
        return drain(mails, relay, place.smtp_port, running)


def drain(mails: Sequence[Mail], relay: Sink, port: int, running: Running) -> Drained:
    """Submit every mail as fast as the door takes it, and wait for the last acknowledgement."""
    relay.taken.clear()
    before, began = running.usage(), time.monotonic()
    report = asyncio.run(load(mails, port=port))
    if report.refused:
        raise RuntimeError(f"the door refused mail: {next(iter(report.refused.values()))}")
    expected = {mail.message_id for mail in mails if mail.deserves_ack}
    acks = await_acks(relay, expected)
    usage = running.usage() - before
    last = max((taken.moment for taken in acks), default=began)
    per_mail = Counter(taken.in_reply_to for taken in acks)
    return Drained(last - began, len(per_mail), len(expected), len(acks) - len(per_mail), usage, running.peak())


def await_acks(relay: Sink, expected: set[str]) -> list[Taken]:
    """Wait until every one of these mails is answered, or patience ends; return all answers to any mail."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and not expected <= {taken.in_reply_to for taken in relay.taken}:
        time.sleep(0.05)
    time.sleep(STRAY_S)
    return [taken for taken in relay.taken if taken.in_reply_to]


def plain(mails: Sequence[Mail], relay_port: int) -> tuple[float, float]:
    """Run the bare road over the same mails; return its mails per second and its CPU milliseconds per mail."""
    with tempfile.TemporaryDirectory(prefix="ingestd-bench-") as folder:
        for number, mail in enumerate(mails):
            Path(folder, f"{number:06d}.eml").write_bytes(mail.raw)
        command = [sys.executable, "-m", "bench.plain", folder, str(relay_port)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    took = json.loads(done.stdout)
    return len(mails) / took["seconds"], 1000 * took["cpu"] / len(mails)
