"""Runs the parser in a limited child process and degrades in steps, never to nothing (P8, P9).

The child gets a path, not the octets, and limits on CPU, wall time, memory and files. Whatever kills it costs one
step: full, plain text, headers only, envelope only. The next message never waits for it.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import math
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar, TypeVarTuple, Unpack

import anyio
from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from ingestd.errors import Temporary
from ingestd.limits import LimitsSettings
from parsers.arrival import Arrival
from parsers.record import Defect, IntakeRecord, Mailbox

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
STEPS = ("full", "plain", "headers")
"""What is tried, in this order; after the last the envelope alone makes the record."""
OPEN_FILES = 64
MACHINE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EAGAIN, errno.EIO})
"""No handle, no memory, no disk: trouble of the machine, which is no fault of the message."""
YOUNG_OBJECTS = 10_000
"""A record is made of thousands of small objects, none of them in a cycle; Python would look for some each 700."""
WARM_UP_SECONDS = 20.0


@dataclass(frozen=True)
class Limits:
    """What one message may cost in the child: seconds and octets."""

    cpu_seconds: int
    memory: int

    def apply(self) -> None:
        """Limit this very process. CPU is counted from now on, so a long-lived child gives each message its own.

        Ctrl-C on the terminal is the parent's to hear: it drains, and needs its children for that.
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        used = resource.getrusage(resource.RUSAGE_SELF)
        allowed = math.ceil(used.ru_utime + used.ru_stime) + self.cpu_seconds
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))
        resource.setrlimit(resource.RLIMIT_AS, (self.memory, self.memory))
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read_in_child(path: str, arrival: str, depth: str, limits: Limits) -> str:
    """Parse one file inside the child and return the record as JSON."""
    import parsers

    limits.apply()
    return parsers.parse_file(path, arrival, depth)


def attachment_in_child(path: str, part: str, limits: Limits) -> bytes | None:
    """Take one part out of a file, inside the child."""
    import parsers

    limits.apply()
    return parsers.attachment(Path(path).read_bytes(), part)


def warm_up() -> None:
    """Load the parser's libraries in the child, so that the first mail need not wait for them."""
    import parsers

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(YOUNG_OBJECTS)
    parsers.parse(b"Subject: warm-up\r\nContent-Type: text/html\r\n\r\n<p>ok</p>\r\n")


class Sandbox:
    """Parses files in at most ``parse_workers`` children at a time."""

    def __init__(self, settings: LimitsSettings) -> None:
        self._limits = Limits(_seconds(settings.parse_cpu), settings.parse_memory)
        self._wall = settings.parse_wall.total_seconds()
        self._slots = settings.parse_workers
        self._queue = CapacityLimiter(self._slots)
        self._children = CapacityLimiter(self._slots)

    async def start(self) -> None:
        """Start the children and load what they need. A child that will not start is not yet a reason to stop."""
        async with anyio.create_task_group() as group:
            for _ in range(self._slots):
                group.start_soon(self._warm_one)

    async def read(self, path: Path, arrival: Arrival) -> IntakeRecord:
        """Return what can be understood of the file. Never raises for anything that is in it; Temporary when this
        machine cannot read anything right now."""
        facts = arrival.model_dump_json()
        failed: list[Defect] = []
        for depth in STEPS:
            answer = await self._try(str(path), facts, depth)
            if isinstance(answer, IntakeRecord):
                return _with_defects(answer, failed)
            failed.append(Defect(code=f"unreadable-{depth}", detail=answer))
        return from_envelope(arrival, tuple(failed))

    async def attachment(self, raw: bytes, part: str, scratch: Path) -> bytes | None:
        """Return the part with this section number (``Attachment.part``) of a raw mail.

        None where there is none, or it cannot be read within the limits.
        """
        path = scratch / f"attachment-{os.urandom(8).hex()}.eml"
        await anyio.Path(path).write_bytes(raw)
        try:
            return await self._in_child(attachment_in_child, str(path), part, self._limits)
        except Exception:  # too slow, or the child died over it: nothing to hand out, the raw message is still there
            return None
        finally:
            await anyio.Path(path).unlink(missing_ok=True)

    async def _warm_one(self) -> None:
        with contextlib.suppress(BrokenWorkerProcess), anyio.move_on_after(WARM_UP_SECONDS):
            await to_process.run_sync(warm_up, cancellable=True, limiter=self._children)

    async def _try(self, path: str, facts: str, depth: str) -> IntakeRecord | str:
        try:
            text = await self._in_child(read_in_child, path, facts, depth, self._limits)
            return IntakeRecord.model_validate_json(text)
        except TimeoutError:
            return f"not read within {self._wall:g} s"
        except OSError as error:
            if error.errno in MACHINE:
                raise Temporary("this machine cannot read a message right now", code="machine") from error
            return type(error).__name__
        except Exception as error:  # the child died or gave nonsense: one step down, the raw octets are kept
            return type(error).__name__

    async def _in_child(self, work: Callable[[Unpack[Ts]], T], *arguments: *Ts) -> T:
        """Run the work in a child. The clock starts with it: to wait for a slow neighbour is no fault of a message."""
        async with self._queue:
            with anyio.fail_after(self._wall):
                return await to_process.run_sync(work, *arguments, cancellable=True, limiter=self._children)


def from_envelope(arrival: Arrival, defects: tuple[Defect, ...] = ()) -> IntakeRecord:
    """Return the least record there is: the envelope's sender, the defect ``unreadable``, and no guess (P8)."""
    sender = arrival.envelope.mail_from
    return IntakeRecord(
        sender=Mailbox(email=sender) if sender and "@" in sender else None,
        defects=(*defects, Defect(code="unreadable", detail="read from the envelope alone; see the raw message")),
    )


def _with_defects(record: IntakeRecord, failed: list[Defect]) -> IntakeRecord:
    return record.model_copy(update={"defects": (*failed, *record.defects)}) if failed else record


def _seconds(span: timedelta) -> int:
    return max(1, math.ceil(span.total_seconds()))
