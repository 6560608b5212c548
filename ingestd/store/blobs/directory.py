"""Blobs as files: temporary file, fsync, link, fsync of the directory; the content's hash is the name.

Small blobs go into the database even here: below ``inline_below`` a row in the group commit costs far less than two
fsyncs of its own.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from ingestd.errors import Temporary
from ingestd.store.blobs.blob import Content
from ingestd.store.blobs.database import DatabaseBlobs
from ingestd.store.session import Tx

FULL = {errno.ENOSPC, errno.EDQUOT}


class DirectoryBlobs:
    """Files under ``root/ab/cdef…``; what is smaller than ``inline_below`` octets is a row."""

    def __init__(self, root: Path, inline_below: int = 0) -> None:
        self._root = root
        self._inline_below = inline_below
        self._rows = DatabaseBlobs()
        self._make_shelves()

    def needs_preparing(self, content: Content) -> bool:
        """Whether the content becomes a file."""
        return not self._is_small(content)

    def prepare(self, sha256: str, content: Content) -> None:
        """Write the file durably, unless it is small or there already."""
        if self._is_small(content):
            return
        try:
            self._write(self._place(sha256), content)
        except OSError as error:
            code = "storage-full" if error.errno in FULL else "storage"
            raise Temporary("the message cannot be kept right now", code=code) from error

    def put(self, tx: Tx, sha256: str, content: Content) -> None:
        """Insert the row of a small blob; a file is durable already."""
        if self._is_small(content):
            self._rows.put(tx, sha256, content)

    def get(self, tx: Tx, sha256: str) -> bytes:
        """Read the file, else the row. Raise KeyError when there is neither."""
        try:
            return self._place(sha256).read_bytes()
        except FileNotFoundError:
            return self._rows.get(tx, sha256)

    def path(self, tx: Tx, sha256: str, scratch: Path) -> Path:
        """Return the blob's own file, or a copy of the row in ``scratch``."""
        place = self._place(sha256)
        return place if place.exists() else self._rows.path(tx, sha256, scratch)

    def get_rows(self, tx: Tx, sha256s: Sequence[str]) -> dict[str, bytes]:
        """Read those that are small enough to be rows."""
        return self._rows.get_rows(tx, sha256s)

    def _is_small(self, content: Content) -> bool:
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        return size < self._inline_below

    def _place(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise KeyError(sha256)
        return self._root / sha256[:2] / sha256[2:]

    def _make_shelves(self) -> None:
        for number in range(256):
            (self._root / f"{number:02x}").mkdir(parents=True, exist_ok=True)
        _sync_directory(self._root)

    def _write(self, place: Path, content: Content) -> None:
        if not place.exists():
            draft = place.with_name(f".{place.name[:16]}-{os.urandom(6).hex()}")
            try:
                _write_synced(draft, content)
                with contextlib.suppress(FileExistsError):
                    os.link(draft, place)
            finally:
                draft.unlink(missing_ok=True)
        _sync_directory(place.parent)  # also when another has linked it: its own sync may still be to come


def _write_synced(draft: Path, content: Content) -> None:
    with draft.open("xb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            with content.open("rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
