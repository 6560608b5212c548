"""Journey 8: one hostile mail in twenty; each becomes a ticket, and the good ones do not notice (P8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from doubles.daemon import Daemon
from doubles.journey import Journey, letters
from doubles.poison import POISONS, poison
from doubles.smtp_sink import SmtpSink

from bench.mailmix import Mail, mailmix

JOURNEY = Journey("08-poison")
BETWEEN = 19
READ_LIMIT_S = 150
GOOD_LIMIT_S = 5.0
"""From arrival to the letter, of the slowest good mail: the poison before it is read beside it, not before it."""
Start = Callable[..., Daemon]


def good_mails() -> Iterator[Mail]:
    """Yield ordinary mails that deserve an acknowledgement."""
    return (mail for mail in mailmix(2_000, start=datetime.now(UTC), attachments=False) if mail.deserves_ack)


def test_every_hostile_mail_is_a_ticket_and_no_good_one_suffers(install: Start, relay: SmtpSink) -> None:
    """Whatever cannot be read is a ticket all the same, with what could be read of it; nothing is refused or parked."""
    mails = good_mails()
    good: list[Mail] = []
    with install(JOURNEY) as daemon:
        for number in range(len(POISONS)):
            _, octets = poison(number)
            daemon.send(octets, f"mallory{number}@poison.example")
            with daemon.client() as client:
                for _ in range(BETWEEN):
                    good.append(next(mails))
                    client.sendmail(good[-1].mail_from, good[-1].rcpt_to, good[-1].raw)
        daemon.quiet(READ_LIMIT_S)
        outcomes = dict(daemon.ask("SELECT outcome, count(*) FROM audit_intake_v1 GROUP BY outcome"))
        assert outcomes == {JOURNEY.expected["each"]: len(POISONS) * (BETWEEN + 1)}
        assert [len(letters(relay, mail.mail_from)) for mail in good] == [1] * len(good)
        assert daemon.ask("SELECT 1 FROM ticket_v1 WHERE department = 'triage'")
        assert daemon.ask("SELECT 1 FROM audit_parked_v1") == []
        assert slowest(daemon) <= GOOD_LIMIT_S
        assert daemon.verb("audit").returncode == 0


def slowest(daemon: Daemon) -> float:
    """Return the longest time from arrival to letter, of those that went to customers."""
    good = {row[0] for row in daemon.ask("SELECT mail_id FROM audit_outbound_v1 WHERE rcpt LIKE '%@customer.example'")}
    return max(float(line["seconds"]) for line in daemon.events("letter_sent") if line["mail_id"] in good)
