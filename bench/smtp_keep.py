"""Mail of about 1 KB through the SMTP door over 4 connections, stored before each 250; beside a bare synced file."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import psutil

from bench.daemon import ROOT, daemon
from bench.installations import installation
from bench.mailmix import Mail, mailmix
from bench.report import Figure
from bench.smtp_load import Report, load

FULL, QUICK = 3_000, 600
WARM_UP = 50
"""Mails before the clock starts, so that first times (imports, statements, pages) are not counted."""


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the rate, the time to 250 and the processor time of each mail."""
    count = QUICK if quick else FULL
    mails = list(mailmix(WARM_UP + count, start=datetime.now(UTC), attachments=False))
    bare, bare_cpu = _bare(mails)
    kept, cpu = _door(mails)
    yield Figure("smtp_keep", "stored before the 250", kept.rate, "mails/s", 200, 600, bare.rate)
    yield Figure("smtp_keep", "time to 250, p95", _p95(kept), "ms", bare=_p95(bare), most=True)
    yield Figure("smtp_keep", "CPU, main process", cpu, "ms/mail", bare=bare_cpu, most=True)


def _p95(report: Report) -> float:
    return report.percentile(95) * 1000


def _door(mails: Sequence[Mail]) -> tuple[Report, float]:
    with installation() as place, daemon(place.config, "receive") as running:
        return _timed(mails, place.smtp_port, running.process)


def _bare(mails: Sequence[Mail]) -> tuple[Report, float]:
    with tempfile.TemporaryDirectory(prefix="ingestd-bench-") as folder:
        command = [sys.executable, "-m", "bench.bare_smtp", folder]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as door:
            assert door.stdout is not None
            try:
                return _timed(mails, int(door.stdout.readline()), psutil.Process(door.pid))
            finally:
                door.terminate()


def _timed(mails: Sequence[Mail], port: int, process: psutil.Process) -> tuple[Report, float]:
    asyncio.run(load(mails[:WARM_UP], port=port))
    before = process.cpu_times()
    report = asyncio.run(load(mails[WARM_UP:], port=port))
    after = process.cpu_times()
    if report.refused:
        raise RuntimeError(f"the door refused mail: {next(iter(report.refused.values()))}")
    used = after.user + after.system - before.user - before.system
    return report, 1000 * used / len(report.accepted)
