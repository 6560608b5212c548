"""The page of results: the machine without its name or its paths, how to run it again, and the figures."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.report import Figure, markdown

SYNCS = 50
EXPLANATION = """\
# Performance

Every figure stands beside a bare path that was measured in the same run, because absolute rates depend on the machine
and on who else uses it. **Floor** is what a release owes, **target** what the design must not bar; `≥` marks the least,
`≤` the most. A ratio (× bare) says how many times the bare path's figure ours is: for a rate, more is better; for time,
processor time and memory, less is better.

The mixed load is, in each hundred mails: 60 short plain, 15 text and HTML, 10 Chinese in base64 (half of them GB18030),
10 with an attachment of 50 to 500 KB, 4 automatic, 1 reply. 96 of 100 deserve an acknowledgement.

The bare paths:

- *road*: one loop that reads with the standard library, keeps four small rows a mail in SQLite with one commit per 50,
  renders a line of answer and sends it over one connection. It has no door, no retries, no threading, no limits, no
  record, no history, and forgets what it was doing when it dies. It reads the mails from files.
- *smtp_keep*: an asyncio server that writes each mail into a file and syncs it before its 250.
- *queue*: a request to `/livez` on the same server. *start*: a start on an empty store. *parse*: `compat32` and
  `decode_header`. *keywords*: a loop with `in`.

The daemon under measurement is one process with every loop and two parse workers; the client that submits, and the
SMTP server that takes the acknowledgements, run beside it on the same cores.
"""


def describe() -> list[str]:
    """Return sentences about this machine: cores, memory, Python, what a sync of its disk takes now, and its load."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()}, Python {platform.python_version()}",
        f"writing and syncing 1 KB in a new file takes {sync_ms():.2f} ms (median of {SYNCS})",
        f"load average when the run began: {os.getloadavg()[0]:.1f}",
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


def command(names: Sequence[str], quick: bool) -> str:
    """Return how the same run is started again."""
    return " ".join(["python -m bench", *names, *(["--quick"] if quick else [])])


def written(figures: Sequence[Figure], machine: Sequence[str], again: str) -> str:
    """Return the whole page."""
    told = "".join(f"- {sentence}\n" for sentence in machine)
    return f"{EXPLANATION}\n## Result of `{again}`\n\n{told}\n{markdown(figures)}"
