"""A real PostgreSQL of the test's own: Debian's server, its data in a temporary folder, syncing as in earnest.

The server refuses to run as root, so root hands it to the user ``postgres``. It listens on loopback and on a socket
in its folder, trusts whoever connects there, and dies with the process that started it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg
from doubles.ports import free_port

START_LIMIT_S = 30
"""initdb and start take about two seconds here; a loaded machine may need ten times that."""
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}
"""fsync and synchronous_commit stay at their defaults, which are on: promise P1 is tested on this server."""


class PostgresServer:
    """One running server. ``port`` stays the same over ``crash`` and ``restart``, as a real host's would."""

    def __init__(self, binary: Path) -> None:
        self._programs = binary.parent
        self._user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self._folder = Path(tempfile.mkdtemp(prefix="ingestd-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._templates: set[str] = set()
        self.port = 0

    def __enter__(self) -> PostgresServer:
        try:
            self._initialise()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        """Return the address as the config writes it: ``postgresql://postgres@127.0.0.1:PORT/DATABASE``."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template1") -> str:
        """Make a fresh database, a copy of the template, and return its name."""
        name = f"t_{uuid.uuid4().hex[:16]}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def template(self, name: str, fill: Callable[[str], None]) -> str:
        """Return a template's name for ``create``; the first call makes it and has ``fill(url)`` bring its tables."""
        if name not in self._templates:
            self._say(f"CREATE DATABASE {name}")
            fill(self.url(name))
            self._templates.add(name)
        return name

    def drop(self, database: str) -> None:
        """Remove a database, also under the feet of those who still use it."""
        self._say(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def start(self) -> None:
        """Start the server and return when it answers. Raises RuntimeError with its last words if it does not."""
        self.port = self.port or free_port()
        options = [word for item in SETTINGS.items() for word in ("-c", "=".join(item))]
        self._process = self._run("postgres", "-D", "data", "-p", str(self.port), "-k", str(self._folder), *options)
        waiting = self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1")
        for _ in range(START_LIMIT_S * 20):
            if waiting.wait() == 0:
                return
            self._alive_after(0.05)
            waiting = self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1")
        raise RuntimeError(f"PostgreSQL does not answer after {START_LIMIT_S} s: {self._last_words()}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT is a clean fast stop, SIGQUIT is PostgreSQL's "immediate", a crash with recovery after."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_LIMIT_S)
            self._process = None

    def crash(self) -> None:
        """Stop at once, without a checkpoint, and come back on the same port after recovery."""
        self.stop(signal.SIGQUIT)
        self.start()

    def _initialise(self) -> None:
        shutil.chown(self._folder, self._user)
        process = self._run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        if process.wait(START_LIMIT_S * 2) != 0:
            raise RuntimeError(f"initdb failed: {self._last_words()}")

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        as_user = ["--reuid", self._user, "--regid", self._user, "--init-groups"] if os.getuid() == 0 else []
        with open(self._folder / "log", "ab") as log:
            return subprocess.Popen(
                ["setpriv", *as_user, "--pdeathsig", "QUIT", str(self._programs / program), *arguments],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                start_new_session=True,
            )

    def _alive_after(self, seconds: float) -> None:
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        self._process = None
        raise RuntimeError(f"PostgreSQL did not start: {self._last_words()}")

    def _last_words(self) -> str:
        return (self._folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]

    def _say(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())


def engine_url(config_url: str) -> str:
    """Write the config's ``postgresql://…`` with its driver's name, as SQLAlchemy wants it."""
    return config_url.replace("postgresql://", "postgresql+psycopg://", 1)
