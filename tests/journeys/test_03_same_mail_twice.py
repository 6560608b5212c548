"""Journey 3: one message is one ticket however often it comes; one Message-ID is no reason to merge two (P3, P4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime

from doubles.daemon import Daemon
from doubles.journey import Journey, letters
from doubles.smtp_sink import SmtpSink

JOURNEY = Journey("03-same-mail-twice")
ANNA, EVE = "anna@customer.example", "eve@other.example"
BOTH = ("support@example.com", "sales@example.com")
Start = Callable[..., Daemon]


def outcomes(daemon: Daemon) -> list[str]:
    """Return the outcomes of all arrivals once everything rests, in order of arrival."""
    daemon.quiet()
    return [row[0] for row in daemon.ask("SELECT outcome FROM audit_intake_v1 ORDER BY intake_id")]


def tickets(daemon: Daemon) -> int:
    """Count the tickets."""
    return int(daemon.ask("SELECT count(*) FROM ticket_v1")[0][0])


def test_a_transaction_tried_again_is_the_same_arrival(install: Start, relay: SmtpSink) -> None:
    """A client that never saw our 250 sends the very same again, also after a restart of ours (F32)."""
    mail = JOURNEY.mail("first-copy")
    with install(JOURNEY) as daemon:
        daemon.send(mail, ANNA)
        daemon.send(mail, ANNA)
        daemon.quiet()
        assert daemon.stop() == 0
        daemon.start()
        daemon.send(mail, ANNA)
        assert outcomes(daemon) == ["created"]
        assert len(daemon.ask("SELECT intake_id FROM audit_delivery_v1")) == 1
        assert len(letters(relay, ANNA)) == 1


def test_a_client_that_vanishes_after_the_dot_is_served_once(install: Start, relay: SmtpSink) -> None:
    """Its retry finds the first arrival, whether or not our answer could still be sent (F32)."""
    mail = JOURNEY.mail("first-copy")
    with install(JOURNEY) as daemon:
        for _ in range(5):
            client = daemon.client()
            client.ehlo()
            client.mail(ANNA)
            client.rcpt("support@example.com")
            client.putcmd("DATA")
            client.getreply()
            client.send(mail + b".\r\n")
            client.close()
        daemon.send(mail, ANNA)
        assert outcomes(daemon) == ["created"]
        assert len(letters(relay, ANNA)) == 1


def test_two_recipients_of_one_mail_are_one_ticket(install: Start, relay: SmtpSink) -> None:
    """One transaction to two of our addresses: two deliveries, one matter, one acknowledgement."""
    with install(JOURNEY) as daemon:
        daemon.send(JOURNEY.mail("first-copy"), ANNA, *BOTH)
        assert sorted(outcomes(daemon)) == ["created", "duplicate"]
        assert tickets(daemon) == 1
        assert len(letters(relay, ANNA)) == 1
        assert daemon.verb("audit").returncode == 0


def test_a_copy_by_another_way_is_the_same_mail(install: Start, relay: SmtpSink) -> None:
    """Trace headers differ on every way; what the customer wrote does not."""
    with install(JOURNEY) as daemon:
        now = format_datetime(datetime.now(UTC))
        first, second = (JOURNEY.mail(name, date=now) for name in ("first-copy", "copy-by-another-way"))
        daemon.send(first, ANNA, "support@example.com")
        daemon.send(second, "bounces@list.example", "sales@example.com")
        assert outcomes(daemon) == ["created", "duplicate"]
        assert len(letters(relay, ANNA)) == 1


def test_one_message_id_on_two_different_mails_is_two_tickets(install: Start, relay: SmtpSink) -> None:
    """A stranger cannot swallow a customer's mail by sending its Message-ID first."""
    with install(JOURNEY) as daemon:
        daemon.send(JOURNEY.mail("stolen-id"), EVE)
        daemon.send(JOURNEY.mail("first-copy"), ANNA)
        assert outcomes(daemon) == ["created", "created"]
        assert (len(letters(relay, EVE)), len(letters(relay, ANNA))) == (1, 1)
        (second,) = daemon.one("SELECT ticket_no FROM ticket_v1 WHERE contact LIKE '%anna%'")
        assert "id-collision" in daemon.told("ticket", "show", second)["ticket"]["flags"]
