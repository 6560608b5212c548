"""The test ground itself: the PostgreSQL that the store's promises are tried on."""

from __future__ import annotations

import psycopg
import pytest
from doubles.postgres import PostgresServer, engine_url

pytestmark = pytest.mark.servers


def ask(url: str, statement: str) -> object:
    """Run one statement and return its first value."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
def test_the_server_syncs_as_in_earnest(postgres_url: str, setting: str) -> None:
    """P1 is only proved on a server that really waits for its disk."""
    assert ask(postgres_url, f"SHOW {setting}") == "on"


def test_every_test_has_a_database_of_its_own(postgres_server: PostgresServer) -> None:
    """What one test writes, no other sees."""
    first, second = postgres_server.create(), postgres_server.create()
    ask(postgres_server.url(first), "CREATE TABLE seen (id int)")
    assert ask(postgres_server.url(second), "SELECT to_regclass('seen')") is None
    postgres_server.drop(first)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        ask(postgres_server.url(first), "SELECT 1")


def test_a_template_is_filled_once_and_copied(postgres_server: PostgresServer) -> None:
    """A suite pays for its migrations once, not once per test."""
    filled: list[str] = []

    def fill(url: str) -> None:
        filled.append(url)
        ask(url, "CREATE TABLE ready AS SELECT 42 AS answer")

    names = [postgres_server.create(postgres_server.template("filled", fill)) for _ in range(2)]
    assert [ask(postgres_server.url(name), "SELECT answer FROM ready") for name in names] == [42, 42]
    assert len(filled) == 1


def test_after_a_crash_the_same_address_holds_what_was_committed(postgres_server: PostgresServer) -> None:
    """A test that crashes the server finds every commit again, and its own connections cut (P29)."""
    url = postgres_server.url(postgres_server.create())
    ask(url, "CREATE TABLE kept AS SELECT 7 AS value")
    with psycopg.connect(url) as open_connection:
        postgres_server.crash()
        with pytest.raises(psycopg.OperationalError):
            open_connection.execute(b"SELECT 1")
    assert ask(url, "SELECT value FROM kept") == 7


def test_a_stopped_server_refuses_and_comes_back(postgres_server: PostgresServer) -> None:
    """An outage can be played: stopped is refused at once, started again is the same server."""
    url = postgres_server.url()
    postgres_server.stop()
    with pytest.raises(psycopg.OperationalError):
        ask(url, "SELECT 1")
    postgres_server.start()
    assert ask(url, "SELECT 1") == 1


def test_the_config_and_sqlalchemy_write_the_same_address(postgres_server: PostgresServer) -> None:
    """Only the driver's name differs between the two spellings."""
    url = postgres_server.url("d")
    assert engine_url(url) == f"postgresql+psycopg://postgres@127.0.0.1:{postgres_server.port}/d"
