"""What every test may ask for: a database of its own, and the rule that in CI a skip is a failure."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest
from doubles.postgres import PostgresServer, engine_url
from doubles.programs import require, services_required
from doubles.stores import postgres_store, sqlite_store

from ingestd.store.session import Store

hypothesis.settings.register_profile("ingestd", deadline=None)
hypothesis.settings.load_profile("ingestd")  # a busy machine is no failed property

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
SKIP_IS_FAILURE = "INGESTD_REQUIRE_SERVICES=1 allows no skipped test: "


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, as the daemon does."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL for this worker's whole run; where none is installed, the test is skipped with a sentence."""
    with PostgresServer(require("postgresql")) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty database, as the config writes it: ``postgresql://user@host:port/database``."""
    database = postgres_server.create()
    yield postgres_server.url(database)
    postgres_server.drop(database)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of either kind, as SQLAlchemy writes it; each test runs once on each."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return engine_url(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An open store with its schema; each test runs once on each database."""
    if request.param == "sqlite":
        opened, server, database = sqlite_store(tmp_path), None, ""
    else:
        server = request.getfixturevalue("postgres_server")
        opened, database = postgres_store(server)
    yield opened
    opened.close()
    if server:
        server.drop(database)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a skipped test a failed one where services are required."""
    return _judge((yield))


HEAVY = (
    "tests/ingestd/cli/",
    "tests/ingestd/web/",
    "tests/ingestd/channels/",
    "tests/ingestd/outbox/",
    "tests/ingestd/config/",
    "tests/ingestd/test_sandbox.py",
    "tests/ingestd/test_daemon",
    "tests/chaos/",
    "tests/contracts/",
    "tests/doubles/",
    "tests/bench/",
)
"""Tests that open an installation, sockets or child processes: `make test` runs them, `make check` has no time to."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is heavy."""
    for item in items:
        if item.nodeid.startswith(HEAVY):
            item.add_marker(pytest.mark.heavy)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module that skips itself."""
    return _judge((yield))


def _judge(report: Report) -> Report:
    if report.skipped and services_required() and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: {SKIP_IS_FAILURE}{reason}"
    return report
