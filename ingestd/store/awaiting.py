"""The answers of units of work, awaited on an event loop.

A group commit answers many units at once. The loop is woken once for all of them, not once for each.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Future
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class _Mailbox:
    """Where the writer's thread leaves answers for one loop."""

    def __init__(self) -> None:
        self._answered: deque[tuple[Future[Any], asyncio.Future[Any]]] = deque()
        self._is_called = False

    def leave(self, answer: Future[Any], waiter: asyncio.Future[Any]) -> None:
        """Take an answer in, on any thread; a loop that has ended needs none."""
        loop = waiter.get_loop()
        if loop.is_closed():
            self._answered.clear()
            return
        self._answered.append((answer, waiter))
        if not self._is_called:
            self._is_called = True
            loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        self._is_called = False  # before the first look: what comes later calls again
        while self._answered:
            answer, waiter = self._answered.popleft()
            if waiter.done():
                continue
            error = answer.exception()
            if error is None:
                waiter.set_result(answer.result())
            else:
                waiter.set_exception(error)


_mailboxes: WeakKeyDictionary[asyncio.AbstractEventLoop, _Mailbox] = WeakKeyDictionary()


def answer_of(unit: Future[T]) -> asyncio.Future[T]:
    """Return the answer of a unit of work for the running loop. Cancelled before its turn, the unit never runs."""
    loop = asyncio.get_running_loop()
    mailbox = _mailboxes.get(loop)
    if mailbox is None:
        mailbox = _mailboxes.setdefault(loop, _Mailbox())
    waiter: asyncio.Future[T] = loop.create_future()
    unit.add_done_callback(lambda answer: mailbox.leave(answer, waiter))
    waiter.add_done_callback(lambda waited: unit.cancel() if waited.cancelled() else None)
    return waiter
