"""API tokens: 256 bits, shown once, stored hashed, scoped to a department, expiring and revocable (P32)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from ingestd.store import tables
from ingestd.store.session import Tx

PREFIX = "ingestd"
_FORM = re.compile(PREFIX + r"_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")
_token = tables.token


@dataclass(frozen=True)
class Token:
    """What a token stands for. ``department`` is None for an admin, who sees all."""

    token_id: str
    person: str
    department: str | None
    role: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def create(tx: Tx, person: str, department: str | None, expires_at: datetime, now: datetime) -> str:
    """Make a token and return its text: the only time that anybody sees it."""
    token_id, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    values = {
        "token_id": token_id,
        "secret_sha256": _hash(secret),
        "person": person,
        "department": department,
        "role": "department" if department else "admin",
        "created_at": now,
        "expires_at": expires_at,
    }
    tx.execute(insert(_token).values(**values))
    return f"{PREFIX}_{token_id}_{secret}"


def find(tx: Tx, text: str, now: datetime) -> Token | None:
    """Return the living token with this text, compared in constant time; None for any other text."""
    match = _FORM.fullmatch(text)
    row = tx.execute(select(_token).where(_token.c.token_id == match[1])).first() if match else None
    stored = row.secret_sha256 if row else _hash("")
    matches = hmac.compare_digest(stored, _hash(match[2] if match else "no token"))
    if row is None or not matches or row.revoked_at is not None or row.expires_at <= now:
        return None
    return _token_of(row)


def living(tx: Tx, token_id: str, now: datetime) -> Token | None:
    """Return the token with this id while it is neither revoked nor expired: for who proved it before, asked anew."""
    row = tx.execute(select(_token).where(_token.c.token_id == token_id)).first()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    return _token_of(row)


def listed(tx: Tx) -> tuple[Token, ...]:
    """Return all tokens, newest first; their text is not known to anybody."""
    return tuple(_token_of(row) for row in tx.execute(select(_token).order_by(_token.c.created_at.desc())))


def revoke(tx: Tx, token_id: str, now: datetime) -> bool:
    """End a token at once, on all nodes. Return False when there is no such living token."""
    alive = (_token.c.token_id == token_id, _token.c.revoked_at.is_(None))
    return tx.execute(update(_token).where(*alive).values(revoked_at=now)).rowcount == 1


def _token_of(row: Row[Any]) -> Token:
    return Token(row.token_id, row.person, row.department, row.role, row.created_at, row.expires_at, row.revoked_at)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
