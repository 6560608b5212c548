"""The office that every test of the web room works in, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doubles.office import Office
from doubles.stores import postgres_store, sqlite_store


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office on SQLite."""
    store = sqlite_store(tmp_path)
    yield Office(store)
    store.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def each_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """An office on either database; each test runs once on each."""
    if request.param == "sqlite":
        yield request.getfixturevalue("office")
        return
    server = request.getfixturevalue("postgres_server")
    store, database = postgres_store(server)
    yield Office(store)
    store.close()
    server.drop(database)
