"""Journey 9: PostgreSQL crashes and comes back while mail flows; no mail is lost, and the door stays honest (P29)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest
from chaos.stores import Postgresql
from doubles.daemon import Daemon
from doubles.journey import Journey, read
from doubles.load import Load
from doubles.postgres import PostgresServer
from doubles.smtp_sink import SmtpSink

JOURNEY = Journey("09-database-restarts")
AFTER = 60
"""Messages accepted after each crash: the daemon has found the way back."""
Start = Callable[..., Daemon]
pytestmark = pytest.mark.servers


@pytest.fixture
def store(postgres_server: PostgresServer) -> Postgresql:
    """Only one of the two databases can crash without us."""
    return Postgresql(postgres_server)


def test_the_database_crashes_twice_and_nothing_is_lost(
    install: Start, relay: SmtpSink, store: Postgresql, postgres_server: PostgresServer
) -> None:
    """A yes means stored, also across a crash: 451 while it is away, one ticket and one letter each afterwards."""
    with install(JOURNEY) as daemon:
        with Load(daemon.addresses["door"]) as load:
            for _ in range(2):
                flowing(daemon, load)
                postgres_server.crash()
            flowing(daemon, load)
        daemon.quiet(90)
        assert daemon.group.alive
        assert {refusal[:60] for refusal in load.refusals if "451" not in refusal} == set()
        created = [row[0] for row in daemon.ask("SELECT message_id FROM audit_intake_v1 WHERE outcome = 'created'")]
        assert set(load.accepted) <= set(created)
        assert len(created) == len(set(created))
        assert daemon.verb("audit").returncode == 0
        assert letters_by_customer(relay, len(created))
    store.close()


def flowing(daemon: Daemon, load: Load) -> None:
    """Wait until some more messages were accepted."""
    enough = len(load.accepted) + AFTER
    daemon.wait(lambda: len(load.accepted) >= enough, "mail that flows", 60)


def letters_by_customer(relay: SmtpSink, customers: int) -> bool:
    """Has every customer his letter, and is every further copy the very same one (P5)?"""
    ids: dict[str, set[str]] = defaultdict(set)
    for mail in list(relay.mails):
        if mail.rcpt_to[0].endswith("@customer.example"):
            ids[mail.rcpt_to[0]].add(str(read(mail)["Message-ID"]))
    return len(ids) == customers and all(len(same) == 1 for same in ids.values())
