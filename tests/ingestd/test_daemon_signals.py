"""The daemon's frame in a process of its own: what SIGTERM, SIGINT and SIGHUP do to it (P16, F7)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

PATIENCE_S = 30
PROGRAM = """
import asyncio, sys
from ingestd.daemon import Daemon, Loop

class Door:
    async def start(self): pass
    async def stop(self, limit):
        print("stopping", flush=True)
        if "slow" in sys.argv: await asyncio.sleep(60)

async def main():
    async def close(): print("closed", flush=True)
    async def probe(): return True
    loop = Loop("one", lambda: asyncio.sleep(0.01))
    daemon = Daemon([Door()], [loop], reload=lambda: print("reloaded", flush=True), close=close, probe=probe)
    return await daemon.run(lambda: print("ready", flush=True))

sys.exit(asyncio.run(main()))
"""


class Process:
    """The daemon's frame in a process of its own, for signals."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True, env={**os.environ}
        )
        assert self.line() == "ready"

    def line(self) -> str:
        """The next line it says."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def end(self) -> int:
        """Wait for its end and return the exit code."""
        code = self._process.wait(PATIENCE_S)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_in_order(number: signal.Signals) -> None:
    """SIGTERM and SIGINT drain and end with 0 (P16)."""
    process = Process()
    process.send(number)
    assert [process.line(), process.line()] == ["stopping", "closed"]
    assert process.end() == 0


def test_a_second_sigterm_ends_at_once() -> None:
    """Everything promised is committed; who asks twice does not wait for a slow door (P16)."""
    process = Process("slow")
    process.send(signal.SIGTERM)
    assert process.line() == "stopping"
    process.send(signal.SIGTERM)
    assert process.end() == 1


def test_sighup_reloads_and_goes_on() -> None:
    """However often it comes, the daemon lives (F7)."""
    process = Process()
    for _ in range(3):
        process.send(signal.SIGHUP)
        assert process.line() == "reloaded"
    process.send(signal.SIGTERM)
    assert process.line() == "stopping"
    assert process.line() == "closed"
    assert process.end() == 0
