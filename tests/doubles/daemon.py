"""The installed daemon as a process: started on a config of its own, waited for, asked, stopped, killed.

Everything is seen from outside, as an operator sees it: the doors' addresses come from the journal, what was stored
from the database's public views, what was sent from the relay.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import smtplib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from chaos.processes import Died, Group, started, wait_until
from chaos.scenario import Command
from chaos.stores import Rows, Store

PROGRAM = Path(sys.executable).with_name("ingestd")
CLIENT_LIMIT_S = 15
EVERY_S = 0.02
"""How often the world is asked again while something is waited for: a database can bear it."""
SIGNING_KEY = "a key of chance that nobody can guess, 48 octets"


class Daemon:
    """One installation in a folder: config, state, journal, and the process while it runs.

    ``settings`` are sections of the config beside the defaults here: a door that takes ``support@example.com`` on a
    free port, a relay on loopback, the web pages on a free port.
    """

    def __init__(
        self,
        folder: Path,
        store: Store,
        relay_port: int,
        settings: Mapping[str, Any] | None = None,
        program: Sequence[str] = (str(PROGRAM),),
    ) -> None:
        self.folder, self.store = folder, store
        self.config, self.journal = folder / "config.yaml", folder / "journal"
        self.environment: dict[str, str] = {}
        self._program = tuple(program)
        self._group: Group | None = None
        self._read_from = 0
        self.addresses: dict[str, tuple[str, int]] = {}
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "state").mkdir(parents=True)
        (folder / "signing-key").write_text(SIGNING_KEY, encoding="utf-8")
        self.configure(_merged(_defaults(store.renew(folder / "state"), relay_port), settings or {}))

    def configure(self, content: Mapping[str, Any]) -> None:
        """Write the config, whole; JSON is YAML."""
        self.settings = content
        self.config.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")

    def change(self, settings: Mapping[str, Any]) -> None:
        """Change sections of the config; a running daemon knows of it after SIGHUP or a start."""
        self.configure(_merged(self.settings, settings))

    def __enter__(self) -> Daemon:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self, only: str = "") -> Daemon:
        """Start it and return when its journal says that it is ready. Raise Died with its last words otherwise."""
        words = ("run", "--config", str(self.config), *(("--only", only) if only else ()))
        command = Command((*self._program, *words), self.folder, self.journal, self.environment)
        self._read_from = self.journal.stat().st_size if self.journal.is_file() else 0
        self._group = started(command, lambda: bool(self.events("started")))
        self.addresses = {name: _address(text) for name, text in self.events("started")[0]["addresses"].items()}
        return self

    def start_unheard(self, stderr: Path, door: tuple[str, int]) -> None:
        """Start it with its journal going to a pipe that nobody reads, and return when the door greets."""
        words = ("run", "--config", str(self.config))
        self._group = started(Command((*self._program, *words), self.folder, stderr), lambda: _greets(door))
        self.addresses = {"door": door}

    @property
    def group(self) -> Group:
        """The running process and its workers. Raise Died when it was never started."""
        if self._group is None:
            raise Died("it was not started")
        return self._group

    @property
    def pid(self) -> int:
        """The process id of the main process."""
        return self.group.processes()[0]

    def stop(self) -> int:
        """Ask it to end and return its exit code."""
        return self.group.stop()

    def kill(self) -> None:
        """Pull the plug. Harmless when it is dead already."""
        if self._group is not None:
            self._group.kill()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the main process."""
        os.kill(self.pid, number)

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the journal's lines of this name since the last start, oldest first."""
        with self.journal.open("rb") as file:
            file.seek(self._read_from)
            whole, _, _ = file.read().rpartition(b"\n")
        lines = [json.loads(line) for line in whole.splitlines() if line.startswith(b"{")]
        return [line for line in lines if line["event"] == name]

    def ask(self, query: str) -> Rows:
        """Ask the database."""
        return self.store.ask(query)

    def one(self, query: str) -> tuple[Any, ...]:
        """Return the only row of a query, waiting for it."""
        self.wait(lambda: len(self.ask(query)) == 1, f"exactly one row of {query}")
        return self.ask(query)[0]

    def wait(self, true: Any, what: str, limit_s: float = 20) -> None:
        """Wait until it is true; raise Overdue with ``what`` otherwise."""
        wait_until(true, limit_s, what, EVERY_S)

    def quiet(self, limit_s: float = 30) -> None:
        """Wait until every arrival has its outcome and every letter that is due has left."""
        self.wait(lambda: not self.ask(UNDONE), "rest", limit_s)

    def client(self, door: str = "door") -> smtplib.SMTP:
        """Connect a mail client to a door."""
        return smtplib.SMTP(*self.addresses[door], local_hostname="client.example", timeout=CLIENT_LIMIT_S)

    def send(self, raw: bytes, mail_from: str, *rcpt_to: str) -> None:
        """Send one message as its own session; raise smtplib's exceptions when it gets no 250."""
        with self.client() as client:
            client.sendmail(mail_from, rcpt_to or ("support@example.com",), raw)

    def verb(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another verb of the program on this config and return what it said and its exit code."""
        command = [str(PROGRAM), *words, "--config", str(self.config)]
        environment = {**os.environ, **self.environment}
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60)

    def told(self, *words: str) -> Any:
        """Run another verb and return what it printed as JSON. Raise AssertionError when it fails."""
        said = self.verb(*words, "--json")
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout)

    def call(self, path: str, token: str = "", body: object = None) -> tuple[int, Any]:
        """Ask the web server: POST when there is a body, else GET. Return the status and the JSON or the text."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data else {}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        connection = http.client.HTTPConnection(*self.addresses["web"], timeout=CLIENT_LIMIT_S)
        with closing(connection):
            connection.request("POST" if data else "GET", path, data, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        return answer.status, json.loads(text) if "json" in answer.headers.get("Content-Type", "") else text


UNDONE = """SELECT 'arrival' FROM audit_intake_v1 WHERE outcome = 'pending'
    UNION ALL SELECT 'letter' FROM audit_outbound_v1 WHERE kind LIKE 'ack%' AND state IN ('pending', 'sending')"""


def _defaults(url: str, relay_port: int) -> dict[str, Any]:
    door = {"kind": "smtp", "name": "door", "listen": "127.0.0.1:0", "recipients": ["support@example.com"]}
    return {
        "service": {"state_dir": "state", "signing_key": {"file": "signing-key"}},
        "store": {"url": url},
        "channels": [door],
        "outbound": {"courier": "smtp", "host": "127.0.0.1", "port": relay_port},
        "web": {"listen": "127.0.0.1:0"},
        "limits": {"parse_workers": 1},
    }


def _merged(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the changes over the content, section by section; a list is replaced as a whole."""
    result = dict(content)
    for key, value in changes.items():
        old = result.get(key)
        result[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def _greets(door: tuple[str, int]) -> bool:
    try:
        with smtplib.SMTP(*door, timeout=CLIENT_LIMIT_S):
            return True
    except (OSError, smtplib.SMTPException):
        return False


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.partition(",")[0].rpartition(":")
    return host.strip("[]"), int(port or 0)
