"""What every journey needs: either database, a relay that keeps what it gets, and the daemon between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from chaos.stores import Postgresql, Sqlite, Store
from doubles.daemon import Daemon
from doubles.journey import Journey
from doubles.smtp_sink import SmtpSink

Start = Callable[..., Daemon]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test below this folder is a journey."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def database(request: pytest.FixtureRequest) -> str:
    """Either database's name; each journey runs once on each."""
    return str(request.param)


@pytest.fixture
def new_store(database: str, request: pytest.FixtureRequest) -> Iterator[Callable[[], Store]]:
    """Make a database of that kind; it goes with the test."""
    with ExitStack() as opened:

        def make() -> Store:
            is_file = database == "sqlite"
            store = Sqlite() if is_file else Postgresql(request.getfixturevalue("postgres_server"))
            return opened.enter_context(closing(store))

        yield make


@pytest.fixture
def store(new_store: Callable[[], Store]) -> Store:
    """The database of this journey."""
    return new_store()


@pytest.fixture
def relay() -> Iterator[SmtpSink]:
    """The real SMTP server that letters go to."""
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def install(tmp_path: Path, store: Store, relay: SmtpSink) -> Iterator[Start]:
    """Make an installation on a journey's config, not started yet; whatever runs at the end is killed."""
    with ExitStack() as running:

        def make(journey: Journey, **settings: Any) -> Daemon:
            daemon = Daemon(tmp_path / "installed", store, relay.port, {**journey.settings, **settings})
            running.callback(daemon.kill)
            return daemon

        yield make
