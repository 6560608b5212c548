"""The port every channel stands behind: what a channel brings in, whom it hands it to, and how it is stopped.

A channel knows its protocol and nothing else. It never parses, routes or stores; it is given ``keep`` and calls it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from parsers.arrival import Envelope


@dataclass(frozen=True)
class Incoming:
    """One act of bringing in, possibly for several recipients.

    ``door`` is the protocol's word (``smtp``), ``account`` the channel's configured name. ``spooled`` is the raw
    message: bytes when it is small, else a file that belongs to the channel and is removed after ``keep`` has ended,
    so ``keep`` copies or links it. ``sha256`` is lower-case hex and ``size`` octets, both of exactly what is spooled.
    ``envelopes`` holds one envelope per recipient, never none. ``received_at`` is timezone-aware.
    """

    door: str
    account: str
    spooled: Path | bytes
    sha256: str
    size: int
    envelopes: tuple[Envelope, ...]
    received_at: datetime


@dataclass(frozen=True)
class Kept:
    """What became of an Incoming: one intake id per envelope, in order; ``repeated`` if it had come in before."""

    intake_ids: tuple[str, ...]
    repeated: bool = False


Keep = Callable[[Incoming], Awaitable[Kept]]
"""Returns only after the commit (P1), so a channel may say yes to its source at once, and never before.

Raises ``Temporary`` (the source shall try again; code ``storage-full`` when there is no room) or ``Permanent``. Any
other exception counts as temporary. It may be asked twice for the same mail and then answers as the first time.
"""

Report = Callable[[str, dict[str, object]], None]
"""Takes an event an operator asks about: its name, and facts without secrets. Never raises, never waits."""


class Channel(Protocol):
    """What brings arrivals in. ``start`` and ``stop`` are called once each, in that order, on one event loop."""

    async def start(self) -> None:
        """Begin to bring in, in the background. Raise Temporary when the peer or the port cannot be had."""

    async def stop(self, limit: float) -> None:
        """Take in nothing new, let what is under way end, and return within ``limit`` seconds (P16). Never raise."""
