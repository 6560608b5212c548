"""A daemon under measurement: started as a process, awaited by its READY=1, read through /proc, stopped by SIGTERM."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

START_LIMIT_S = 60
STOP_LIMIT_S = 30
MIB = 2**20
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Usage:
    """Processor seconds used so far: by the main process, and by its parse workers together."""

    main: float
    workers: float

    def __sub__(self, before: Usage) -> Usage:
        return Usage(self.main - before.main, self.workers - before.workers)


@dataclass(frozen=True)
class Running:
    """A daemon that is ready."""

    process: psutil.Process
    seconds_to_ready: float

    def usage(self) -> Usage:
        """Read the processor time used so far."""
        own = self.process.cpu_times()
        children = [child.cpu_times() for child in self.process.children(recursive=True)]
        ended = own.children_user + own.children_system
        return Usage(own.user + own.system, ended + sum(times.user + times.system for times in children))

    def resident(self) -> float:
        """Return the resident memory of the main process now, in MiB."""
        return self.process.memory_info().rss / MIB

    def peak(self) -> float:
        """Return the most resident memory the main process ever had, in MiB, as the kernel kept it."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return float(line.split()[1]) / 1024


@contextmanager
def daemon(config: Path, only: str) -> Iterator[Running]:
    """Run a daemon on this config until the block ends. Raise RuntimeError with its last words if it does not start."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told, (config.parent / "journal").open("ab") as journal:
        told.bind(str(config.parent / "notify"))
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "ingestd", "run", "--config", str(config), "--only", only],
            cwd=ROOT,
            stderr=journal,
            env={**os.environ, "NOTIFY_SOCKET": str(config.parent / "notify")},
        )
        try:
            _await_ready(process, told, config.parent / "journal")
            yield Running(psutil.Process(process.pid), time.monotonic() - began)
        finally:
            _stop(process)
            (config.parent / "notify").unlink()


def _await_ready(process: subprocess.Popen[bytes], told: socket.socket, journal: Path) -> None:
    told.settimeout(0.25)
    for _ in range(START_LIMIT_S * 4):
        try:
            if b"READY=1" in told.recv(4096):
                return
        except TimeoutError:
            if process.poll() is not None:
                break
    raise RuntimeError(f"the daemon did not start; its last words:\n{journal.read_text()[-3000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
