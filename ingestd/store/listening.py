"""Wakes loops when another node commits: PostgreSQL's NOTIFY, on a connection and a thread of its own.

A notification is only a wake-up and may be lost on reconnect; every loop polls behind it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import make_url

from ingestd.store.engines import POSTGRES_CONNECTION

RECONNECT_SECONDS = 5.0


class Listener:
    """Calls ``heard`` with each signal of any node. Does nothing on SQLite, where there is only one."""

    def __init__(self, url: str, heard: Callable[[str], None]) -> None:
        self._url = url
        self._heard = heard
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-listener", daemon=True)

    def start(self) -> None:
        """Begin to listen in the background."""
        if self._url.startswith("postgresql"):
            self._thread.start()

    def stop(self) -> None:
        """Stop listening; returns within about a second."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def _run(self) -> None:
        import psycopg

        while not self._ended.is_set():
            try:
                with psycopg.connect(_libpq(self._url), autocommit=True, **POSTGRES_CONNECTION) as connection:
                    connection.execute("LISTEN ingestd")
                    self._hear(connection)
            except psycopg.Error:  # the server is away; the polls go on, and so do we
                self._ended.wait(RECONNECT_SECONDS)

    def _hear(self, connection: Any) -> None:
        while not self._ended.is_set():
            for notification in connection.notifies(timeout=1.0):
                self._heard(notification.payload)


def _libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
