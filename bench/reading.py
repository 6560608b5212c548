"""What reading a mail costs: the whole record, beside compat32 and ``decode_header`` over the same mails."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import parsers
from bench import plain
from bench.mailmix import mailmix
from bench.report import Figure

FULL, QUICK = 600, 200


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the processor time per mail, of the whole mix and without attachments."""
    count = QUICK if quick else FULL
    for name, attachments in (("mixed load", True), ("mixed load without attachments", False)):
        mails = [mail.raw for mail in mailmix(count, start=datetime.now(UTC), attachments=attachments)]
        cost, bare = cpu_ms(mails, parsers.parse), cpu_ms(mails, plain.read)
        yield Figure("parse", f"CPU to read, {name}", cost, "ms/mail", bare=bare, most=True)


def cpu_ms(mails: Sequence[bytes], read: Callable[[bytes], object]) -> float:
    """Return the processor milliseconds per mail, after one round that is not counted."""
    for raw in mails[:20]:
        read(raw)
    gc.collect()
    began = time.process_time()
    for raw in mails:
        read(raw)
    return 1000 * (time.process_time() - began) / len(mails)
