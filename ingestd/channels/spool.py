"""Where a message waits while it comes in: in memory while small, in a file of its own when large.

Nothing in here is a promise to anyone: the file belongs to the door until the message is kept elsewhere, and what a
crash leaves behind was never accepted and is cleared at the next start. All file work runs in the spool's threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, TypeVar

IN_MEMORY = 256 * 2**10
"""Octets a message may have and still be handed on as bytes: two hundred sessions of it are 50 MiB."""
THREADS = 4
"""Writers: more than the disk needs, few enough to leave the processors to others."""
SPACE_IS_KNOWN_FOR = 1.0
"""Seconds the free space is believed: asking costs a thread's turn, and the write itself still notices a full disk."""
_SUFFIX = ".spool"

T = TypeVar("T")


def free_octets(folder: Path) -> int:
    """Return how much an ordinary user may still write there. Raise OSError when the folder cannot be asked."""
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


class Spool:
    """One door's folder for messages that are coming in."""

    def __init__(self, folder: Path, *, free: Callable[[Path], int] = free_octets) -> None:
        self.folder = folder
        self._free = free
        self._space = (float("-inf"), 0)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="spool")

    async def prepare(self) -> int:
        """Create the folder and clear what a crash left; return how many files that were. Raise OSError."""
        return await self.run(self._prepare)

    def _prepare(self) -> int:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        leftovers = list(self.folder.glob(f"*{_SUFFIX}"))
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    async def has_room(self, octets: int) -> bool:
        """Is that much free (P20)? A folder that cannot even be asked has no room."""
        asked_at, free = self._space
        if time.monotonic() - asked_at > SPACE_IS_KNOWN_FOR:
            try:
                free = await self.run(lambda: self._free(self.folder))
            except OSError:
                free = 0
            self._space = (time.monotonic(), free)
        return free >= octets

    async def run(self, work: Callable[[], T]) -> T:
        """Run blocking work in one of the spool's threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def create(self) -> tuple[Path, BinaryIO]:
        """Create a new file only we may read. Raise OSError."""
        number, name = tempfile.mkstemp(dir=self.folder, suffix=_SUFFIX)
        return Path(name), os.fdopen(number, "wb", buffering=0)

    def close(self) -> None:
        """Let the threads end. Nothing may be spooled any more."""
        self._threads.shutdown(wait=False)


class SpooledMessage:
    """One message on its way in. Pieces are added in order; ``async with`` removes the file at the end, come what may.

    ``purify`` is given every stretch of the message in order and returns what is to be stored; it may raise, and what
    it raises comes out of ``add`` or ``finish``. So does OSError from the disk.
    """

    def __init__(self, spool: Spool, purify: Callable[[bytes], bytes]) -> None:
        self.size = 0
        self._spool = spool
        self._purify = purify
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._hash = hashlib.sha256()
        self._path: Path | None = None
        self._file: BinaryIO | None = None

    async def __aenter__(self) -> SpooledMessage:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is not None:
            await asyncio.shield(self._spool.run(self._remove))

    @property
    def sha256(self) -> str:
        """The digest of what is stored, lower-case hex, valid after ``finish``."""
        return self._hash.hexdigest()

    async def add(self, piece: bytes) -> None:
        """Take the next piece."""
        self._pending.append(piece)
        self._pending_size += len(piece)
        if self._pending_size > IN_MEMORY:
            stretch = self._take_pending()
            await self._spool.run(lambda: self._write(stretch))

    async def finish(self) -> Path | bytes:
        """Say that no more will come; return the whole message: bytes when small, else the file that holds it."""
        stretch = self._take_pending()
        if self._path is None:
            return self._absorb(stretch)
        await self._spool.run(lambda: self._write(stretch, last=True))
        return self._path

    def _take_pending(self) -> bytes:
        stretch = b"".join(self._pending)
        self._pending, self._pending_size = [], 0
        return stretch

    def _absorb(self, stretch: bytes) -> bytes:
        pure = self._purify(stretch)
        self._hash.update(pure)
        self.size += len(pure)
        return pure

    def _write(self, stretch: bytes, *, last: bool = False) -> None:
        if self._file is None:
            self._path, self._file = self._spool.create()
        rest = memoryview(self._absorb(stretch))
        while rest:
            rest = rest[self._file.write(rest) :]
        if last:
            self._file.close()

    def _remove(self) -> None:
        with contextlib.suppress(OSError):  # the next start clears what cannot be removed now
            if self._file is not None:
                self._file.close()
            if self._path is not None:
                self._path.unlink(missing_ok=True)
