"""``parked``: what was set aside can be seen, sent round again, and closed by a person's word."""

from __future__ import annotations

from doubles.terminal import Terminal, write_mail

from ingestd.cli import exits
from ingestd.store import reading


def test_what_is_set_aside_is_listed_with_its_reason(terminal: Terminal) -> None:
    """Reason, door and tries are there, and reason codes are said in words (P8)."""
    intake_id = terminal.park(write_mail(), "loop")
    page = terminal.run("parked", "list").stdout
    assert intake_id in page
    assert "more than 50 servers" in page
    (one,) = terminal.read("parked", "list")
    assert (one["reason"], one["stage"], one["attempts"], one["door"]) == ("loop", "record", 1, "smtp")


def test_nothing_set_aside_is_a_sentence(terminal: Terminal) -> None:
    """An empty list is no silence."""
    assert terminal.run("parked", "list").stdout == "nothing is set aside\n"


def test_one_is_shown_with_the_beginning_of_its_octets(terminal: Terminal) -> None:
    """An operator sees what came in, without any of it being obeyed (EX5)."""
    intake_id = terminal.park(b"Subject: \x1b[31mred\r\n\r\n" + b"x" * 9_000, "ValueError: odd")
    page = terminal.run("parked", "show", intake_id).stdout
    assert "ValueError: odd" in page
    assert "    Subject: red" in page
    assert "first 4096 octets" in page
    assert "\x1b" not in page
    assert terminal.read("parked", "show", intake_id)["intake_id"] == intake_id


def test_retry_sends_it_round_again(terminal: Terminal) -> None:
    """It is pending once more, as if it had just come."""
    intake_id = terminal.park(write_mail(), "ValueError: odd")
    assert terminal.run("parked", "retry", intake_id).exit_code == exits.DONE
    assert outcome(terminal, intake_id) == "pending"
    assert terminal.run("parked", "list").stdout == "nothing is set aside\n"


def test_drop_closes_it_under_a_persons_name(terminal: Terminal) -> None:
    """It is suppressed with its reason; the octets stay."""
    intake_id = terminal.park(write_mail(), "loop")
    assert terminal.run("parked", "drop", intake_id).exit_code == exits.DONE
    assert outcome(terminal, intake_id) == "suppressed"
    assert terminal.run("audit").exit_code == exits.DONE


def test_what_is_not_set_aside_is_refused(terminal: Terminal) -> None:
    """No verb touches an arrival that goes its way."""
    intake_id = terminal.keep(write_mail())
    for verb in ("show", "retry", "drop"):
        result = terminal.run("parked", verb, intake_id)
        assert result.exit_code == exits.BAD_INPUT
        assert "ingestd parked list" in result.stderr
    assert outcome(terminal, intake_id) == "pending"


def outcome(terminal: Terminal, intake_id: str) -> str:
    """Return what has become of an arrival."""
    message = terminal.it.store.read(lambda tx: reading.by_intake_id(tx, intake_id))
    assert message is not None
    return message.outcome
