"""This node among others: its lease, its fence, and the name under which it claims work (P27, P28)."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import secrets
import socket
import time
from datetime import timedelta
from pathlib import Path

from ingestd import journal
from ingestd.errors import ConfigError, Temporary
from ingestd.store import arrivals, leases, outbox
from ingestd.store.awaiting import answer_of
from ingestd.store.leases import Lease
from ingestd.store.session import Store, Tx

TERM = timedelta(seconds=20)
"""A dead node's work is free after so long (P27: less than 30 s)."""
RENEW_SECONDS = 5.0
FORGET = timedelta(days=1)


class Node:
    """Holds the node's lease. Units of work that are fenced are refused the moment it is lost."""

    def __init__(self, store: Store, name: str | None, own_id: str | None = None, part: str = "") -> None:
        self._store = store
        self._name = (name or socket.gethostname()) + part
        self._own_id = (own_id or self._name) + part
        self._lease: Lease | None = None
        self._renewed = 0.0

    @property
    def holder(self) -> str:
        """The name under which this node claims; it changes with every new lease."""
        return self._lease.holder if self._lease else ""

    async def join(self) -> None:
        """Take the node's lease. Claims of the process before us on this state directory become free at once.

        A lease that somebody else holds under our name is waited for once, as after a move to another machine.
        """
        name, patience = f"node:{self._name}", TERM.total_seconds() + RENEW_SECONDS
        lease = await self._acquire(name)
        while lease is None and patience > 0:
            await asyncio.sleep(1.0)
            patience -= 1.0
            lease = await self._acquire(name)
        if lease is None:
            raise Temporary(f"another node runs as {self._name}; give this one a service.node", code="node-name")
        self._lease = lease
        self._renewed = time.monotonic()
        self._store.fence = self._assert_held

    async def _acquire(self, name: str) -> Lease | None:
        return await answer_of(self._store.write(lambda tx: leases.acquire(tx, name, self._own_id, TERM)))

    async def keep(self) -> None:
        """One turn: renew, or after having slept too long take a new lease and forget the old claims."""
        await asyncio.sleep(min(RENEW_SECONDS, 1.0))
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return
        lease = self._lease
        if lease is None:
            return
        try:
            renewed = await answer_of(self._store.write(lambda tx: leases.renew(tx, lease, TERM)))
            if not renewed:
                journal.lease_lost()
                await self.join()
            self._renewed = time.monotonic()
        except Temporary as error:
            journal.store_lost(error.sentence)

    async def leave(self) -> None:
        """Give everything back, so that another node takes over at once (P16)."""
        lease = self._lease
        if lease is None:
            return

        def unit(tx: Tx) -> None:
            arrivals.give_back_all(tx, lease.holder)
            outbox.give_back_all(tx, lease.holder)
            leases.release(tx, lease)
            leases.forget_expired(tx, FORGET)

        try:
            await answer_of(self._store.write(unit))
        except Temporary as error:
            journal.store_lost(error.sentence)

    def _assert_held(self, tx: Tx) -> None:
        if self._lease is None:
            raise Temporary("this node has no lease", code="lease-lost")
        leases.assert_held(tx, self._lease)


class OneDaemon:
    """The lock that keeps a second daemon off one state directory; the kernel frees it however we die."""

    def __init__(self, state_dir: Path, part: str = "") -> None:
        self._file = (state_dir / f"daemon{part}.lock").open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise ConfigError(
                (f"another ingestd runs on {state_dir}; stop it, or give this one a service.state_dir of its own",)
            ) from None

    def release(self) -> None:
        """Let another daemon start."""
        self._file.close()


def identity(state_dir: Path) -> str:
    """Return the id of this state directory, made at first use: whoever holds its lock is the same node as before."""
    path = state_dir / "node-id"
    with contextlib.suppress(FileExistsError), path.open("x") as file:
        file.write(secrets.token_hex(8))
    return path.read_text().strip() or "unnamed"
