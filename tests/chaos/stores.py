"""The two databases as the chaos runs see them: a fresh one per run, asked in SQL from outside the daemon."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import psycopg
from doubles.postgres import PostgresServer

Rows = Sequence[tuple[Any, ...]]


class Store(Protocol):
    """One kind of database."""

    name: str

    def renew(self, state_dir: Path) -> str:
        """Begin with an empty database and return its address as the config writes it."""

    def ask(self, query: str) -> Rows:
        """Return the rows of a query; none while there is no such table, or no database, yet."""

    def close(self) -> None:
        """Let go of the database."""


class Sqlite:
    """A file in the daemon's state folder, read without ever writing to it."""

    name = "SQLite"

    def renew(self, state_dir: Path) -> str:
        """The folder is new, so the file is."""
        self._file = state_dir / "ingestd.db"
        return "sqlite:///ingestd.db"

    def ask(self, query: str) -> Rows:
        """Open, ask, close: a reader that stayed open would stand in the way of the daemon's own recovery."""
        try:
            with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=5)) as connection:
                return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []

    def close(self) -> None:
        """Nothing is open between two questions."""


class Postgresql:
    """A database of its own on a real server, which outlives the daemon."""

    name = "PostgreSQL"

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._database: str | None = None
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def renew(self, state_dir: Path) -> str:
        """Drop the last run's database and make another."""
        self.close()
        self._database = self._server.create()
        return self._server.url(self._database)

    def ask(self, query: str) -> Rows:
        """Ask on one connection as long as it lives: a server that crashed is asked on a new one."""
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(self._server.url(str(self._database)), autocommit=True)
            return self._connection.execute(query.encode()).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.OperationalError):
            return []

    def close(self) -> None:
        """Close the connection and drop the database."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._database is not None:
            self._server.drop(self._database)
            self._database = None
