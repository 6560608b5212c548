"""Who asks, and how often in vain: the client's address as far as it can be believed, and the throttle of guesses.

``X-Forwarded-For`` counts only as far as trusted proxies wrote it (hostile input WH18).
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from ingestd.errors import Permanent

FAILURES_A_MINUTE = 10
"""P32: after so many wrong tokens from one address within a minute, the next is not even looked at."""
MINUTE = 60.0
MOST_ADDRESSES = 10_000
"""Addresses remembered at most; a flood from more than that costs the oldest its record, not us our memory."""
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Throttled(Permanent):
    """Too many wrong tokens came from this address; ``seconds`` from now it may try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too many wrong tokens from your address; wait a minute", code="throttled")
        self.seconds = seconds


def client_address(request: HTTPConnection, trusted: Sequence[str]) -> str:
    """Return what counts as one client: an IPv4 address, an IPv6 /64, or ``local`` for a peer without address."""
    networks = [ipaddress.ip_network(text) for text in trusted]
    forwarded = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    address = _parse(request.client.host if request.client else "")
    while address is not None and forwarded and any(address in network for network in networks):
        before = _parse(forwarded.pop().strip())
        if before is None:
            break
        address = before
    return _counted(address)


def _parse(text: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _counted(address: _Address | None) -> str:
    if address is None:
        return "local"
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


@dataclass
class Throttle:
    """Counts wrong tokens by address over the last minute. Any thread may call it."""

    clock: Callable[[], float] = time.monotonic
    _failures: dict[str, deque[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, address: str) -> None:
        """Raise Throttled when this address has guessed too often lately."""
        with self._lock:
            recent = self._recent(address)
            if len(recent) >= FAILURES_A_MINUTE:
                raise Throttled(max(1, round(recent[0] + MINUTE - self.clock())))

    def count(self, address: str) -> None:
        """Note one wrong token."""
        with self._lock:
            recent = self._recent(address)
            recent.append(self.clock())
            self._failures.pop(address, None)
            self._failures[address] = recent
            if len(self._failures) > MOST_ADDRESSES:
                del self._failures[next(iter(self._failures))]

    def _recent(self, address: str) -> deque[float]:
        recent = self._failures.get(address, deque(maxlen=FAILURES_A_MINUTE))
        while recent and recent[0] <= self.clock() - MINUTE:
            recent.popleft()
        return recent
