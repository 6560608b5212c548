"""An open store with its schema, quickly: the steps are walked once a run and the result is copied."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from doubles.postgres import PostgresServer, engine_url

from ingestd.store import schema
from ingestd.store.session import Store


def sqlite_store(folder: Path, durability: str = "relaxed") -> Store:
    """Open a store on a SQLite file of its own; no test loses power, so it need not wait for the disk."""
    place = folder / "store.db"
    place.write_bytes(_schema_of_sqlite())
    return Store(f"sqlite:///{place}", durability)


def postgres_store(server: PostgresServer) -> tuple[Store, str]:
    """Open a store on a PostgreSQL database of its own, and return it with the database's name to drop."""
    database = server.create(server.template("ingestd_schema", _migrate))
    return Store(engine_url(server.url(database))), database


@cache
def _schema_of_sqlite() -> bytes:
    with TemporaryDirectory() as folder:
        place = Path(folder, "schema.db")
        _migrate(f"sqlite:///{place}")
        return place.read_bytes()


def _migrate(url: str) -> None:
    store = Store(url)
    schema.migrate(store)
    store.close()
