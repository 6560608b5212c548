"""Journey 2: nothing that a machine wrote is answered, all of it is kept, and the reason is on record (P11, P38)."""

from __future__ import annotations

from collections.abc import Callable

from doubles.daemon import Daemon
from doubles.journey import Journey, letters
from doubles.smtp_sink import SmtpSink

JOURNEY = Journey("02-machine-mail")
ANNA = "anna@customer.example"
Start = Callable[..., Daemon]


def test_no_machine_is_answered_and_every_silence_is_explained(install: Start, relay: SmtpSink) -> None:
    """One acknowledgement, to the person; ``explain`` with a Message-ID says why the others had none."""
    with install(JOURNEY) as daemon:
        daemon.send(JOURNEY.mail("customer"), ANNA)
        daemon.wait(lambda: letters(relay, ANNA), "the acknowledgement")
        daemon.quiet()
        (ticket,) = daemon.one("SELECT ticket_no FROM ticket_v1")
        ids = {"own": str(letters(relay, ANNA)[0]["Message-ID"]).strip("<>")}
        answer_machines(daemon, relay, ticket, ids["own"])
        daemon.quiet()
        for name, expected in JOURNEY.expected.items():
            check(daemon, ticket, ids.get(name, f"{name}@mail.customer.example"), expected)
        assert len(relay.mails) == 1
        assert daemon.ask(f"SELECT state FROM ticket_v1 WHERE ticket_no = '{ticket}'") == [("assigned",)]
        assert "not-reached" in daemon.told("ticket", "show", ticket)["ticket"]["flags"]


def answer_machines(daemon: Daemon, relay: SmtpSink, ticket: str, ack: str) -> None:
    """Send what the world's machines make of an acknowledgement, and the acknowledgement itself."""
    return_path = relay.mails[0].mail_from
    assert return_path.startswith("bounces+")
    values = {"number": ticket, "ack": ack, "return_path": return_path}
    for name in set(JOURNEY.mails) - {"customer"}:
        sender = "" if name in ("bounce", "receipt") else f"{name}@customer.example"
        rcpt = return_path if name == "bounce" else "support@example.com"
        daemon.send(JOURNEY.mail(name, **values), sender, rcpt)
    daemon.send(relay.mails[0].data, "", "support@example.com")


def check(daemon: Daemon, ticket: str, message_id: str, expected: dict[str, object]) -> None:
    """Put what became of a mail beside what was expected."""
    outcome, number = daemon.one(f"SELECT outcome, ticket_no FROM audit_intake_v1 WHERE message_id = '{message_id}'")
    assert (outcome, number == ticket) == (expected["outcome"], expected["joins"]), message_id
    ack = daemon.told("explain", message_id)["ack"]
    assert (ack["owed"], ack["reason"]) == (False, expected["reason"]), message_id
    assert ack["sentence"], message_id
