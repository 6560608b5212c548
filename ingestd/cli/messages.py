"""Messages named on the command line, read as the daemon reads them: in a child process with limits (P9).

No message can stop the verb that reads it: a bomb kills the child, and what is left is read a step plainer.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import typer

from ingestd.errors import Permanent
from ingestd.limits import LimitsSettings
from ingestd.sandbox import Sandbox
from parsers.arrival import Arrival
from parsers.record import IntakeRecord

STDIN = "-"


class Unread(Permanent):
    """A name that leads to no message: the file is not there, or may not be read."""


def named(arguments: Sequence[str] | None, *, as_jsonl: bool) -> Iterator[str]:
    """Yield the names on the command line; with ``--jsonl`` and none there, the lines of standard input as they come.

    Raise BadParameter when there is neither.
    """
    if arguments:
        return iter(arguments)
    if not as_jsonl:
        raise typer.BadParameter("name a file, or - for standard input; with --jsonl, paths come in on standard input")
    return (os.fsdecode(line.rstrip(b"\r\n")) for line in sys.stdin.buffer)


class Reader:
    """Reads one message after the other. Use it as an asynchronous context; its child starts with the first."""

    def __init__(self, limits: LimitsSettings | None = None) -> None:
        one_at_a_time = (limits or LimitsSettings()).model_copy(update={"parse_workers": 1})
        self._sandbox = Sandbox(one_at_a_time)
        self._started = False

    async def __aenter__(self) -> Reader:
        self._folder = tempfile.TemporaryDirectory(prefix="ingestd-")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    async def read(self, name: str, arrival: Arrival | None = None) -> IntakeRecord:
        """Return what can be understood of the message. Raise Unread when there is none of that name."""
        copy = Path(self._folder.name, "message.eml")
        try:
            path = _regular_file(name, copy)
            if not self._started:
                await self._sandbox.start()
                self._started = True
            return await self._sandbox.read(path, arrival or Arrival())
        finally:
            copy.unlink(missing_ok=True)


def _regular_file(name: str, copy: Path) -> Path:
    """Return the file itself, or a copy of what comes out of standard input, a pipe or a device."""
    if name == STDIN:
        copy.write_bytes(sys.stdin.buffer.read())
        return copy
    path = Path(name)
    try:
        with path.open("rb") as source:
            if path.is_file():
                return path
            with copy.open("wb") as target:
                shutil.copyfileobj(source, target)
            return copy
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or "no such name is possible"
        raise Unread(f"{name}: {reason}; name a file that holds one raw message", code="unread") from None
