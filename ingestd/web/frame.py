"""The frame around every answer: the path under a proxy, the headers, the count, and what becomes of a surprise.

It stands outside of all routes, so that also a 404 and a 500 leave with the right headers (hostile input HX, AU10).
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingestd import journal, metrics
from ingestd.web import problems

POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What an answer carries unless it says otherwise itself."""
LONGEST_HEAD = 32 * 1024
"""Octets of an address and its headers together; ours are a hundredth of it (WH8)."""
TOO_LONG = problems.answer(431, "head-too-large", "the address and the headers are too long")
SURPRISE = "something went wrong here; it has been written down, please try again"


class Frame:
    """ASGI middleware, the outermost of ours. ``base`` is the path under which a proxy serves us, or empty."""

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, whatever happens."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        scope["path"] = self._within(scope["path"])
        answer = _Answer(send)
        app = TOO_LONG if _head(scope) > LONGEST_HEAD else self._app
        try:
            await app(scope, receive, answer.send)
        except Exception as error:  # the edge of the loop of requests: told to the operator, the caller may try again
            journal.request_failed(_route(scope), error)
            if not answer.status:
                await problems.answer(500, "error", SURPRISE)(scope, receive, answer.send)
        finally:
            metrics.requests.labels(_route(scope), str(answer.status)).inc()

    def _within(self, path: str) -> str:
        inside = path.removeprefix(self._base)
        return inside if inside.startswith("/") else path


class _Answer:
    """Sends an answer on with the headers it lacks, and remembers its status; 0 is none yet."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def _head(scope: Scope) -> int:
    return (
        len(scope["path"])
        + len(scope["query_string"])
        + sum(len(name) + len(value) for name, value in scope["headers"])
    )


def _route(scope: Scope) -> str:
    """Return the route's pattern, never the path: that holds ticket numbers."""
    return str(getattr(scope.get("route"), "path", "none"))
