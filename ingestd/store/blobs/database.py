"""Blobs as rows: the default with PostgreSQL, so that any node can read any arrival."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ingestd.store import tables
from ingestd.store.blobs.blob import Content
from ingestd.store.prepared import Prepared, among
from ingestd.store.session import Tx

_PUT = Prepared(
    sqlite_insert(tables.blob).on_conflict_do_nothing(), postgres_insert(tables.blob).on_conflict_do_nothing()
)
_all, _all_there = (
    select(tables.blob.c.sha256, tables.blob.c.data).where(among(tables.blob.c.sha256, "names", postgres=postgres))
    for postgres in (False, True)
)
_GET_ALL = Prepared(_all, _all_there)
_GET = Prepared(select(tables.blob.c.data).where(tables.blob.c.sha256 == bindparam("sha256")))


class DatabaseBlobs:
    """The blob is committed with the row that refers to it: one fsync for both."""

    def needs_preparing(self, content: Content) -> bool:
        """Nothing to do: a row needs its transaction."""
        return False

    def prepare(self, sha256: str, content: Content) -> None:
        """Do nothing: a row needs its transaction."""

    def put(self, tx: Tx, sha256: str, content: Content) -> None:
        """Insert the row unless it is there."""
        data = content if isinstance(content, bytes) else content.read_bytes()
        tx.put(_PUT, {"sha256": sha256, "data": data})

    def get(self, tx: Tx, sha256: str) -> bytes:
        """Read the row. Raise KeyError when there is none."""
        row = tx.run(_GET, {"sha256": sha256}).first()
        if row is None:
            raise KeyError(sha256)
        return bytes(row.data)

    def path(self, tx: Tx, sha256: str, scratch: Path) -> Path:
        """Copy the row into ``scratch``; the copy need not survive a crash."""
        return write_copy(self.get(tx, sha256), sha256, scratch)

    def get_rows(self, tx: Tx, sha256s: Sequence[str]) -> dict[str, bytes]:
        """Read the rows."""
        found = tx.run(_GET_ALL, {"names": sha256s}).rows if sha256s else ()
        return {row.sha256: bytes(row.data) for row in found}


def write_copy(data: bytes, sha256: str, scratch: Path) -> Path:
    """Write a reader's copy under a name of its own and return its path."""
    copy = scratch / f"{sha256[:16]}-{os.urandom(6).hex()}.eml"
    try:
        copy.write_bytes(data)
    except OSError:
        copy.unlink(missing_ok=True)
        raise
    return copy
