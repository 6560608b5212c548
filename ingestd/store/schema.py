"""Brings the schema up to date, or says which step is missing. Alembic is loaded only when there is a step to take."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from ingestd.errors import ConfigError
from ingestd.store.failures import away_is_temporary
from ingestd.store.session import Store

HEAD = "0001"
"""The newest step, known here so that an ordinary start need not load the migration tool."""
MIGRATION_LOCK = 0x1276E57E


def current(store: Store) -> str | None:
    """Return the schema's step, or None where there is no schema yet."""
    with away_is_temporary(), store.engine.connect() as connection:
        return _current(connection)


def migrate(store: Store) -> bool:
    """Walk to ``HEAD`` under a lock, so that of several nodes one walks. Return whether there was a step to take."""
    with away_is_temporary(), store.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        if _current(connection) == HEAD:
            return False
        _walk(connection)
        return True


def assert_current(store: Store) -> None:
    """Raise ConfigError with the remedy unless the schema is the one this version works on."""
    found = current(store)
    if found != HEAD:
        step = f"step {found}" if found else "no schema"
        raise ConfigError((f"store: the database has {step}, this version needs step {HEAD}; run: ingestd migrate",))


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def _walk(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "ingestd.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
