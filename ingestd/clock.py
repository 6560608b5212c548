"""The one clock. Rooms get ``now`` as an argument; only loops and doors ask for it here."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, timezone-aware UTC."""
    return datetime.now(UTC)
