"""Opens the database so that a commit means what P1 promises, and proves it before the first mail.

SQLite: WAL, ``synchronous=FULL``, ``BEGIN IMMEDIATE`` for writers, foreign keys on. PostgreSQL: a start with
``fsync=off`` or ``synchronous_commit=off`` is refused unless the config says ``store.durability: relaxed``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from ingestd.errors import ConfigError

BUSY_TIMEOUT_MS = 10_000
"""How long SQLite waits for another process's write lock (F12: a 5 s holder is waited for)."""
POSTGRES_CONNECTION: dict[str, Any] = {
    "application_name": "ingestd",
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c idle_in_transaction_session_timeout=10s -c lock_timeout=15s",
}
"""A node that is frozen or cut off inside a transaction holds the others up for 10 s at most (F39, F40)."""
WRITE, READ = "BEGIN IMMEDIATE", "BEGIN"
SYNCHRONOUS = {"full": 2, "relaxed": 1}
SAFE_COMMITS = {"on", "local", "remote_write", "remote_apply"}


def writer_engine(url: str, durability: str) -> Engine:
    """Return the writer's engine: its transactions take the write lock at BEGIN. Migrations may borrow it."""
    return _open(url, durability, size=2, begin=WRITE)


def reader_engine(url: str, durability: str, size: int) -> Engine:
    """Return the engine of the readers. Whatever one of them reads in one go is of one moment, on both databases."""
    return _open(url, durability, size=size, begin=READ)


def driver_url(url: str) -> str:
    """Name the driver: the config writes ``postgresql://``, SQLAlchemy wants ``postgresql+psycopg://``."""
    scheme, mark, rest = url.partition("://")
    return f"postgresql+psycopg{mark}{rest}" if scheme in ("postgresql", "postgres") else url


def _open(url: str, durability: str, *, size: int, begin: str) -> Engine:
    parsed = make_url(driver_url(url))
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed,
            pool_size=size,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args=POSTGRES_CONNECTION,
            **({} if begin == WRITE else {"isolation_level": "REPEATABLE READ"}),
        )
    engine = create_engine(
        parsed,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    _prepare_sqlite(engine, durability, begin)
    return engine


def _prepare_sqlite(engine: Engine, durability: str, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver's own way defers the lock
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={SYNCHRONOUS[durability]}",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def assert_durable(engine: Engine, durability: str) -> None:
    """Read the settings back and refuse to start where a commit could be lost. Raise ConfigError with the remedy."""
    with engine.connect() as connection:
        problems = (
            _postgres_problems(connection, durability)
            if engine.dialect.name == "postgresql"
            else _sqlite_problems(connection, durability)
        )
    if problems:
        raise ConfigError(tuple(problems))


def _sqlite_problems(connection: Connection, durability: str) -> list[str]:
    wanted = {"journal_mode": "wal", "synchronous": SYNCHRONOUS[durability], "foreign_keys": 1}
    found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
    return [
        f"store.url: SQLite runs with {name}={found[name]}, {value} is needed; use a local disk, not a network share"
        for name, value in wanted.items()
        if found[name] != value
    ]


def _postgres_problems(connection: Connection, durability: str) -> list[str]:
    if durability == "relaxed":
        return []
    problems = []
    if connection.execute(text("SHOW fsync")).scalar_one() != "on":
        problems.append(
            "store.url: PostgreSQL runs with fsync=off and may lose mail; set fsync=on, or store.durability: relaxed"
        )
    if connection.execute(text("SHOW synchronous_commit")).scalar_one() not in SAFE_COMMITS:
        problems.append(
            "store.url: PostgreSQL runs with synchronous_commit=off and may lose mail; "
            "set synchronous_commit=on for this role, or store.durability: relaxed"
        )
    return problems
