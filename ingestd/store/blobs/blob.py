"""The port of the blob stores: content-addressed octets, durable before anything refers to them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ingestd.store.session import Tx

Content = Path | bytes


def digest(data: bytes) -> str:
    """Return the name of ``data``: its SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


class Blobs(Protocol):
    """A store of blobs. Both halves of a put are idempotent: the same content twice is one blob."""

    def needs_preparing(self, content: Content) -> bool:
        """Whether ``prepare`` has anything to do for this content (it may block; this may not)."""

    def prepare(self, sha256: str, content: Content) -> None:
        """Make the content durable as far as that needs no database. Called before the unit of work, off the loop.

        Raise Temporary when it cannot be kept (``code="storage-full"`` when space is the reason). What was prepared
        and never referred to is harmless.
        """

    def put(self, tx: Tx, sha256: str, content: Content) -> None:
        """Finish the put inside the unit of work that refers to it; durable with that unit's commit."""

    def get(self, tx: Tx, sha256: str) -> bytes:
        """Return the octets. Raise KeyError when there is no such blob."""

    def path(self, tx: Tx, sha256: str, scratch: Path) -> Path:
        """Return a file with the octets for a reader in another process: the blob itself, or a copy in ``scratch``.

        A copy is the caller's to remove (``path.parent == scratch``). Raise KeyError when there is no such blob.
        """

    def get_rows(self, tx: Tx, sha256s: Sequence[str]) -> dict[str, bytes]:
        """Return in one visit the octets of those of these blobs that lie in the database."""
