"""Journey 4: whatever the relay does, the customer gets one letter, and a late one says that it is late (P5, P13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from doubles.daemon import Daemon
from doubles.journey import Journey, letters, text
from doubles.ports import free_port
from doubles.smtp_sink import Act, SmtpSink

JOURNEY = Journey("04-relay-trouble")
LATE = "This confirmation is late"
VERBS = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot")
WINDOW = timedelta(seconds=5.5)
RETRY_LIMIT_S = 40
"""The second wait is up to 12.5 s, the third up to 25 s."""
Start = Callable[..., Daemon]


def write(daemon: Daemon, customer: str) -> str:
    """Send a customer's mail and return the address that is to be answered."""
    address = f"{customer}@customer.example"
    daemon.send(JOURNEY.mail("customer", id=customer), address)
    return address


def states(daemon: Daemon) -> dict[str, tuple[str, str, int]]:
    """Return state, reason and tries of each letter by the customer's name."""
    rows = daemon.ask("SELECT rcpt, state, reason, attempts FROM audit_outbound_v1")
    return {rcpt.partition("@")[0]: (state, reason or "", attempts) for rcpt, state, reason, attempts in rows}


def late_by(daemon: Daemon) -> bool:
    """Is the window of the only acknowledgement over?"""
    rows = daemon.ask("SELECT CAST(due_at AS TEXT) FROM audit_outbound_v1")
    return bool(rows) and datetime.now(UTC) > datetime.fromisoformat(rows[0][0]) + WINDOW


def test_a_temporary_refusal_at_any_verb_is_tried_again(install: Start, relay: SmtpSink) -> None:
    """Each letter meets its 4xx, waits, and arrives once with the Message-ID it was made with (F27)."""
    with install(JOURNEY) as daemon:
        for count, verb in enumerate(VERBS, 1):
            relay.once(verb, Act(f"450 4.7.1 not now, {verb}"))
            write(daemon, verb.lower())
            daemon.wait(lambda count=count: len(daemon.events("letter_delayed")) == count, f"the refusal at {verb}")
            assert f"not now, {verb}" in daemon.events("letter_delayed")[-1]["reason"]
        daemon.quiet(RETRY_LIMIT_S)
        assert {state[0] for state in states(daemon).values()} == {"sent"}
        known = {row[0] for row in daemon.ask("SELECT message_id FROM audit_outbound_v1")}
        sent = [letters(relay, f"{verb.lower()}@customer.example") for verb in VERBS]
        assert [len(copies) for copies in sent] == [1] * len(VERBS)
        assert {str(copies[0]["Message-ID"]).strip("<>") for copies in sent} == known


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "dot"])
def test_a_final_refusal_stands_on_the_ticket(install: Start, relay: SmtpSink, verb: str) -> None:
    """5xx ends the letter and nothing else: the ticket goes on, and its history says what the relay said (F27)."""
    relay.once(verb, Act("550 5.1.1 nobody of that name"))
    with install(JOURNEY) as daemon:
        write(daemon, "anna")
        daemon.wait(lambda: states(daemon).get("anna", ("",))[0] == "failed", "the refusal")
        (number, state) = daemon.one("SELECT ticket_no, state FROM ticket_v1")
        assert state == "assigned"
        entries = daemon.told("ticket", "show", number)["entries"]
        assert [entry["text"] for entry in entries if entry["kind"] == "letter_failed"] == [states(daemon)["anna"][1]]
        assert "nobody of that name" in states(daemon)["anna"][1]
        write(daemon, "bert")
        daemon.wait(lambda: letters(relay, "bert@customer.example"), "the next customer's letter")


@pytest.mark.parametrize("kept", [False, True])
def test_a_relay_that_hangs_up_after_the_dot_gets_the_same_letter_again(
    install: Start, relay: SmtpSink, kept: bool
) -> None:
    """Nobody knows whether it was taken, so the very same octets go out once more (F28)."""
    relay.once("dot", Act(None, close=True, store=kept))
    with install(JOURNEY) as daemon:
        write(daemon, "anna")
        daemon.wait(lambda: len(relay.mails) == 1 + kept, "the second try")
        daemon.quiet()
        assert len({mail.data for mail in relay.mails}) == 1
        assert states(daemon)["anna"][::2] == ("sent", 2)


def test_after_an_outage_of_the_relay_every_late_letter_says_so(install: Start) -> None:
    """Written in time but never shown to anybody, it is written anew once it is late (F30)."""
    port = free_port()
    with install(JOURNEY, outbound={"courier": "smtp", "host": "127.0.0.1", "port": port}) as daemon:
        write(daemon, "anna")
        daemon.wait(lambda: daemon.events("letter_delayed"), "the first try in vain")
        with SmtpSink(port=port) as relay:
            daemon.wait(lambda: letters(relay, "anna@customer.example"), "the relay's return", RETRY_LIMIT_S)
            write(daemon, "bert")
            daemon.wait(lambda: letters(relay, "bert@customer.example"), "a letter in time")
            daemon.quiet()
            late, in_time = (letters(relay, f"{name}@customer.example")[0] for name in ("anna", "bert"))
            assert LATE in text(late)
            assert LATE not in text(in_time)
            rows = daemon.ask("SELECT late FROM audit_outbound_v1 ORDER BY mail_id")
            assert [bool(row[0]) for row in rows] == [True, False]
            daemon.wait(lambda: daemon.events("letter_sent"), "the line about it")
            assert daemon.events("letter_sent")[0]["late"]


def test_after_an_outage_of_our_own_every_late_letter_says_so(install: Start, relay: SmtpSink) -> None:
    """A letter that was owed when the power failed is written when the power is back, and says that it is late."""
    with install(JOURNEY) as daemon:
        assert daemon.stop() == 0
        daemon.start("receive,process")
        write(daemon, "anna")
        daemon.wait(lambda: daemon.ask("SELECT 1 FROM ticket_v1"), "the ticket")
        daemon.kill()
        daemon.wait(lambda: late_by(daemon), "the end of the window")
        daemon.start()
        daemon.quiet()
        (letter,) = letters(relay, "anna@customer.example")
        assert LATE in text(letter)


def test_held_letters_are_written_nowhere_and_leave_when_the_hold_ends(install: Start, relay: SmtpSink) -> None:
    """``outbound.hold`` runs everything and sends nothing."""
    with install(JOURNEY) as daemon:
        assert daemon.stop() == 0
        daemon.change({"outbound": {"hold": True}})
        daemon.start()
        write(daemon, "anna")
        daemon.wait(lambda: "anna" in states(daemon), "the letter owed")
        assert daemon.stop() == 0
        assert states(daemon)["anna"] == ("pending", "", 0)
        assert (relay.mails, list(relay.commands)) == ([], [])
        daemon.change({"outbound": {"hold": False}})
        daemon.start()
        daemon.quiet()
        assert len(letters(relay, "anna@customer.example")) == 1
