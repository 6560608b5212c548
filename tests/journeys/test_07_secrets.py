"""Journey 7: planted secrets are looked for in everything that ever leaves the daemon, and none is found (P33)."""

from __future__ import annotations

import secrets
import signal
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chaos.stores import Sqlite
from doubles.daemon import Daemon
from doubles.journey import Journey, letters
from doubles.smtp_sink import Act, SmtpSink

ORDINARY = Journey("01-ordinary-mail")
CUSTOMER = "wang@customer.example"
PATHS = (
    "/livez",
    "/readyz",
    "/metrics",
    "/api/openapi.json",
    "/api/v1/queues",
    "/api/v1/tickets",
    "/desk/",
    "/nowhere",
)
BROKEN_BODIES = ([], {"max": "many"}, {"max": 1, "unknown": 2})
VERBS = (
    ["audit"],
    ["check"],
    ["queue", "list"],
    ["parked", "list"],
    ["token", "list"],
    ["schema"],
    ["explain", "nothing@x"],
)
Start = Callable[..., Daemon]


@pytest.fixture
def planted() -> dict[str, str]:
    """Secrets of chance, by the place that they are planted in."""
    return {name: f"canary-{secrets.token_hex(20)}" for name in ("signing-key", "database", "environment")}


@pytest.fixture
def daemon(install: Start, planted: dict[str, str], database: str) -> Iterator[Daemon]:
    """An installation full of secrets."""
    installed = install(ORDINARY)
    for name in ("signing-key", "database"):
        (installed.folder / name).write_text(planted[name], encoding="utf-8")
    if database == "postgresql":
        installed.change({"store": {"password": {"file": "database"}}})
    installed.environment = {"INGESTD_CANARY": planted["environment"]}
    with installed:
        yield installed


def test_no_secret_is_in_anything_that_leaves(daemon: Daemon, planted: dict[str, str], relay: SmtpSink) -> None:
    """Journal, streams, arguments, letters, database, API answers, error pages: none holds a planted secret."""
    daemon.send(ORDINARY.mail("utf8-delivery"), CUSTOMER)
    daemon.wait(lambda: letters(relay, CUSTOMER), "the acknowledgement")
    daemon.quiet()
    token = daemon.told("token", "create", "--person", "周敏")["token"]
    said = [*asked(daemon, token), *arguments(daemon), *verbs(daemon)]
    daemon.config.write_text(daemon.config.read_text(encoding="utf-8")[:-3], encoding="utf-8")
    daemon.signal(signal.SIGHUP)
    daemon.wait(lambda: daemon.events("reload_refused"), "the refusal of a broken file")
    said += verbs(daemon)
    assert daemon.stop() == 0
    said += [daemon.journal.read_text(encoding="utf-8"), *stored(daemon), *(line for _, line in relay.commands)]
    said += [mail.data.decode() for mail in relay.mails]
    assert len(said) > 40
    assert [text[:300] for text in said for secret in (*planted.values(), token) if secret in text] == []


def asked(daemon: Daemon, token: str) -> Iterator[str]:
    """Yield what the web server answers, to friends and strangers, rightly and wrongly asked."""
    for path in PATHS:
        for shown in ("", token, token[:-1]):
            yield str(daemon.call(path, shown))
    for body in BROKEN_BODIES:
        yield str(daemon.call("/api/v1/queues/logistics/pull", token, body))


def arguments(daemon: Daemon) -> Iterator[str]:
    """Yield the words that every process of the daemon was started with: anybody on the machine can read them."""
    for pid in daemon.group.processes():
        yield Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")


def verbs(daemon: Daemon) -> Iterator[str]:
    """Yield what the other verbs say."""
    for words in VERBS:
        said = daemon.verb(*words)
        yield said.stdout + said.stderr


def stored(daemon: Daemon) -> Iterator[str]:
    """Yield every row of every table, as text."""
    is_file = isinstance(daemon.store, Sqlite)
    names = "SELECT name FROM sqlite_master WHERE type = 'table'" if is_file else PUBLIC_TABLES
    for (name,) in daemon.ask(names):
        for row in daemon.ask(f"SELECT * FROM {name}"):
            yield " ".join(v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row)


PUBLIC_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


def test_a_relay_that_repeats_the_password_does_not_get_it_onto_a_ticket(install: Start, relay: SmtpSink) -> None:
    """The reason of a delayed letter is shown to people; what the relay said is cleaned of our password first."""
    password = f"canary-{secrets.token_hex(20)}"
    coded = b64encode(password.encode()).decode()
    relay.always("greeting", Act(f"450 4.7.0 {password} {coded}"))
    daemon = install(ORDINARY)
    (daemon.folder / "password").write_text(password, encoding="utf-8")
    login = {"username": "ingestd", "password": {"file": "password"}, "tls": "starttls"}
    daemon.change({"outbound": login})
    with daemon:
        daemon.send(ORDINARY.mail("utf8-delivery"), CUSTOMER)
        daemon.wait(lambda: daemon.events("letter_delayed"), "the first try")
        said = [*stored(daemon), daemon.journal.read_text(encoding="utf-8")]
        assert [text for text in said if password in text or coded in text] == []
