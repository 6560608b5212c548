"""Who is signed in at the desk: a random id in a cookie, mapped in memory to a token's id, never to its text (AU5).

A restart signs everybody out. The token itself is asked for again at every page, so revoking it ends the session.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST_S = 12 * 3600.0
"""One working day; then the token is asked for again."""
MOST_SESSIONS = 10_000
"""Sessions at most; the oldest goes first."""


@dataclass
class Sessions:
    """The open sessions. Any thread may call it."""

    clock: Callable[[], float] = time.monotonic
    _open: dict[str, tuple[str, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, token_id: str) -> str:
        """Open a session for a token and return its id: fresh chance each time, so none can be planted."""
        session_id = secrets.token_urlsafe(32)
        with self._lock:
            if len(self._open) >= MOST_SESSIONS:
                del self._open[next(iter(self._open))]
            self._open[_name(session_id)] = (token_id, self.clock() + LONGEST_S)
        return session_id

    def token_id(self, session_id: str) -> str | None:
        """Return the token of an open session, else None."""
        with self._lock:
            token_id, until = self._open.get(_name(session_id), (None, 0.0))
            return token_id if self.clock() < until else None

    def end(self, session_id: str) -> None:
        """Close a session for good."""
        with self._lock:
            self._open.pop(_name(session_id), None)


def _name(session_id: str) -> str:
    """Sessions are kept under their digest, so that no comparison tells how near a guess was."""
    return hashlib.sha256(session_id.encode("utf-8", "replace")).hexdigest()
