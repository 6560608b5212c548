"""What the figures were measured on, without a word about where that stands."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

SYNCS = 50


def describe() -> list[str]:
    """Return sentences about this machine: cores, memory, Python, what a sync of its disk takes now, and its load."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, Python {platform.python_version()}, {platform.system()}",
        f"an fsync of 1 KB in a new file takes {sync_ms():.2f} ms (median of {SYNCS})",
        f"load when the run began: {os.getloadavg()[0]:.1f}",
    ]


def sync_ms() -> float:
    """Return the median of writing 1 KB and syncing it, in milliseconds: what a durable commit cannot go below."""
    with tempfile.TemporaryDirectory(prefix="ingestd-bench-") as folder:
        return statistics.median(_sync_one(Path(folder, str(number))) for number in range(SYNCS)) * 1000


def _sync_one(path: Path) -> float:
    began = time.perf_counter()
    with path.open("wb") as file:
        file.write(b"x" * 1024)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - began
