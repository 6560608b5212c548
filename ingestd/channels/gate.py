"""Who may come in: a cap on open connections in total and per address (P21), kept before any session is built.

Turning a client away costs one small object and one line to it, so a flood costs little; the operator hears of it at
most once a minute.
"""

from __future__ import annotations

import asyncio
import ipaddress
import resource
import time
from collections import Counter
from collections.abc import Callable
from typing import cast

from ingestd.channels.channel import Report

REPORT_EVERY = 60.0
"""Seconds between two reports of refused connections."""
CROWDED = 0.8
"""The share of the cap from which on idle clients are given less time."""

FULL = "too many connections; try again later"
FULL_ADDRESS = "too many connections from your address; close some first"
CLOSING = "this server is stopping; try again later"


class Gate:
    """Counts who is inside. The total cap stays below half of the open files the process may have."""

    def __init__(
        self, total: int, per_address: int, report: Report, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.total = min(total, max(1, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2))
        self._per_address = per_address
        self._report = report
        self._clock = clock
        self._inside: Counter[str] = Counter()
        self._count = 0
        self._closing = False
        self._refused = 0
        self._reported_at = float("-inf")

    @property
    def is_crowded(self) -> bool:
        """Is it so full that idle clients should make room for others?"""
        return self._count >= CROWDED * self.total

    def enter(self, address: str) -> str | None:
        """Let one connection in and return None, or return the public reason against it."""
        reason = self._reason_against(address)
        if reason is None:
            self._inside[address] += 1
            self._count += 1
        elif reason != CLOSING:
            self._count_refusal(address, reason)
        return reason

    def leave(self, address: str) -> None:
        """Take one connection out again: once for each that was let in."""
        self._count -= 1
        self._inside[address] -= 1
        if not self._inside[address]:
            del self._inside[address]

    def close(self) -> None:
        """Let nobody in any more."""
        self._closing = True

    def _reason_against(self, address: str) -> str | None:
        if self._closing:
            return CLOSING
        if self._count >= self.total:
            return FULL
        return FULL_ADDRESS if self._inside[address] >= self._per_address else None

    def _count_refusal(self, address: str, reason: str) -> None:
        self._refused += 1
        if self._clock() - self._reported_at >= REPORT_EVERY:
            self._report("connections-refused", {"count": self._refused, "reason": reason, "last_address": address})
            self._refused = 0
            self._reported_at = self._clock()


def address_of(transport: asyncio.BaseTransport) -> str | None:
    """Return the peer's IP address, or None for a peer that has none (a Unix socket, or one already gone)."""
    name = transport.get_extra_info("peername")
    return str(name[0]) if isinstance(name, tuple) and name else None


def network_of(address: str | None) -> str:
    """Return what counts as one address: an IPv4 address, an IPv6 /64 (one customer's), ``local`` for none."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "local"
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


class Doorkeeper(asyncio.Protocol):
    """Meets each new connection: sends it away with 421, or has ``welcome`` take over its transport.

    ``welcome`` returns the task that serves the client; the place inside is free again when that task has ended.
    """

    def __init__(self, gate: Gate, welcome: Callable[[asyncio.Transport], asyncio.Task[None]]) -> None:
        self._gate = gate
        self._welcome = welcome

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Decide about the new connection."""
        stream = cast(asyncio.Transport, transport)
        network = network_of(address_of(stream))
        reason = self._gate.enter(network)
        if reason is not None:
            stream.write(f"421 4.7.0 {reason}\r\n".encode())
            stream.close()
            return
        try:
            self._welcome(stream).add_done_callback(lambda _: self._gate.leave(network))
        except BaseException:  # a place that is never given back would close the door for good
            self._gate.leave(network)
            stream.abort()
            raise
