"""Reads what is sent to the API once, strictly, before any route sees it (hostile input WH7, WH8, WH13).

At most 1 MiB, uncompressed, ``application/json``, UTF-8, at most 32 levels deep; no NaN, no key twice, no half of a
surrogate pair. What passes is handed on as it came.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingestd.web import problems

MOST_OCTETS = 2**20
DEEPEST = 32
SLOWEST_S = 30
"""Whoever needs longer for a mebibyte holds a connection for nothing."""


class Unreadable(Exception):
    """The body cannot be read; ``answer`` says why."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.answer: Response = problems.answer(status, code, sentence)


class StrictJson:
    """ASGI middleware for everything below ``/api/``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the body and hand the request on, or answer it."""
        app = self._app
        if _has_body(scope):
            try:
                receive = _replaying(await _checked(Headers(scope=scope), receive), receive)
            except Unreadable as refusal:
                app = refusal.answer
        await app(scope, receive, send)


def _has_body(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] not in ("GET", "HEAD") and scope["path"].startswith("/api/")


async def _checked(headers: Headers, receive: Receive) -> bytes:
    _check_headers(headers)
    try:
        body = await asyncio.wait_for(_read(receive), SLOWEST_S)
    except TimeoutError:
        raise Unreadable(408, "too-slow", "the body came too slowly") from None
    _check(body, headers)
    return body


def _check_headers(headers: Headers) -> None:
    if headers.get("content-encoding", "identity") != "identity":
        raise Unreadable(415, "compressed", "send the body uncompressed")
    if "transfer-encoding" in headers and "content-length" in headers:
        raise Unreadable(400, "two-lengths", "send Content-Length or Transfer-Encoding, not both")
    length = headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > MOST_OCTETS:
        raise _too_large()


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_OCTETS:
            raise _too_large()
        if not message.get("more_body"):
            return bytes(body)


def _check(body: bytes, headers: Headers) -> None:
    if not body:
        return
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Unreadable(415, "not-json", "send the body as application/json")
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_unique)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair cannot be written
        fits = _depth(value) <= DEEPEST
    except (ValueError, RecursionError):
        fits = False
    if not fits:
        raise Unreadable(400, "bad-json", "the body is not plain JSON of at most 32 levels")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key stands twice")
    return values


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level:
        depth += 1
        level = [inner for outer in level for inner in _inside(outer)]
    return depth


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _too_large() -> Unreadable:
    return Unreadable(413, "too-large", "the body is larger than 1 MiB")


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Hand the body on once, then listen on: a client that goes away is still noticed."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
