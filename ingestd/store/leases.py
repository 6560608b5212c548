"""Leases with a fencing number: single-owner work (nodes now, mailboxes and timers alike) over several nodes.

A lease is a row: name, owner, fence, expiry. Taking it over raises the fence, so whoever slept past the expiry can
prove nothing with the old number (P27, P28). Expiry is judged by the database's clock where several nodes share it
(F41).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, cast, delete, func, insert, select, update

from ingestd.errors import Temporary
from ingestd.store import tables
from ingestd.store.prepared import Prepared
from ingestd.store.session import Tx
from ingestd.store.types import Moment

_lease = tables.lease


@dataclass(frozen=True)
class Lease:
    """A held lease. ``holder`` is what claimed rows carry: it changes with every new fence."""

    name: str
    owner: str
    fence: int

    @property
    def holder(self) -> str:
        """The name under which rows are claimed while this lease holds."""
        return f"{self.name}#{self.fence}"


def database_now(tx: Tx) -> datetime:
    """Return the database's own time on PostgreSQL, this machine's on SQLite."""
    if not tx.postgres:
        return datetime.now(UTC)
    moment: datetime = tx.execute(select(func.clock_timestamp(type_=Moment))).scalar_one()
    return moment


def acquire(tx: Tx, name: str, owner: str, term: timedelta) -> Lease | None:
    """Take the lease ``name`` for ``term`` if it is free, expired or ours. Return None while another holds it."""
    moment = database_now(tx)
    row = tx.execute(select(tables.lease).where(tables.lease.c.name == name).with_for_update()).first()
    if row is None:
        values = {"name": name, "owner": owner, "fence": 1, "expires_at": moment + term}
        tx.execute(insert(tables.lease).values(**values))
        return Lease(name, owner, 1)
    if row.owner != owner and row.expires_at > moment:
        return None
    fence = row.fence + 1
    tx.execute(
        update(tables.lease)
        .where(tables.lease.c.name == name)
        .values(owner=owner, fence=fence, expires_at=moment + term)
    )
    return Lease(name, owner, fence)


def renew(tx: Tx, lease: Lease, term: timedelta) -> bool:
    """Prolong a lease that still holds. Return False when it is lost: then nothing may be written under it."""
    moment = database_now(tx)
    done = tx.execute(
        update(tables.lease).where(_is(lease), tables.lease.c.expires_at > moment).values(expires_at=moment + term)
    )
    return done.rowcount == 1


def assert_held(tx: Tx, lease: Lease) -> None:
    """Raise Temporary unless the lease holds in this very transaction."""
    values = {"name": lease.name, "owner": lease.owner, "fence": lease.fence, "moment": datetime.now(UTC)}
    if tx.run(_HELD, values).first() is None:
        raise Temporary("this node has lost its lease and must not write", code="lease-lost")


def release(tx: Tx, lease: Lease) -> None:
    """Give the lease back at once, so that another node takes over without waiting (P16)."""
    tx.execute(update(tables.lease).where(_is(lease)).values(expires_at=database_now(tx) - timedelta(seconds=1)))


def forget_expired(tx: Tx, older_than: timedelta) -> None:
    """Drop the rows of nodes long gone."""
    tx.execute(delete(tables.lease).where(tables.lease.c.expires_at < database_now(tx) - older_than))


def live_holders(tx: Tx) -> frozenset[str]:
    """Return the holders whose leases have not expired; rows claimed by anyone else are free."""
    return frozenset(row[0] for row in tx.run(_LIVING, {"moment": datetime.now(UTC)}).rows)


def living(*, postgres: bool) -> Select[tuple[str]]:
    """Return the question for the live holders, to be part of a statement.

    Its parameter ``moment`` is this machine's time; PostgreSQL goes by its own.
    """
    return select(_lease.c.name + "#" + cast(_lease.c.fence, Text)).where(_unexpired(postgres=postgres))


def _held(*, postgres: bool) -> Select[tuple[int]]:
    same = [_lease.c[name] == bindparam(name) for name in ("name", "owner", "fence")]
    return select(_lease.c.fence).where(*same, _unexpired(postgres=postgres)).with_for_update(read=True)


def _unexpired(*, postgres: bool) -> ColumnElement[bool]:
    moment = func.clock_timestamp(type_=Moment) if postgres else bindparam("moment", type_=Moment())
    return _lease.c.expires_at > moment


_HELD = Prepared(_held(postgres=False), _held(postgres=True))
_LIVING = Prepared(living(postgres=False), living(postgres=True))


def _is(lease: Lease) -> ColumnElement[bool]:
    return and_(
        tables.lease.c.name == lease.name,
        tables.lease.c.owner == lease.owner,
        tables.lease.c.fence == lease.fence,
    )
