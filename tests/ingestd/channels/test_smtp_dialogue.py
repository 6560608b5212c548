"""The SMTP dialogue as a table: what is said, what is answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.channels.smtp_address import Recipients
from ingestd.channels.smtp_dialogue import Dialogue, Rules


def a_dialogue(*said: str, offers_tls: bool = False, requires_tls: bool = False, tls: bool = False) -> Dialogue:
    rules = Rules(
        hostname="mx.example.com",
        recipients=Recipients(["support@example.com"], plus_addressing=True),
        max_size=1000,
        max_recipients=3,
        offers_tls=offers_tls,
        requires_tls=requires_tls,
    )
    dialogue = Dialogue(rules, tls=tls)
    for line in said:
        assert dialogue.answer(line.encode()).text.startswith("250"), line
    return dialogue


HELLO = "EHLO client.test"
MAIL = "MAIL FROM:<w@x.cn>"
RCPT = "RCPT TO:<support@example.com>"


@pytest.mark.parametrize(
    ("before", "said", "answered"),
    [
        ([], "HELO client.test", "250 mx.example.com"),
        ([], "EHLO", "501 5.5.4"),
        ([], "helo", "501 5.5.4"),
        ([], MAIL, "503 5.5.1"),
        ([], RCPT, "503 5.5.1"),
        ([], "DATA", "503 5.5.1"),
        ([], "NOOP", "250 2.0.0"),
        ([], "noop whatever", "250 2.0.0"),
        ([], "RSET", "250 2.0.0"),
        ([], "QUIT", "221 2.0.0"),
        ([], "VRFY support@example.com", "252 2.5.2"),
        ([], "HELP", "214 2.0.0"),
        ([], "STARTTLS", "502 5.5.1"),
        ([], "AUTH PLAIN AHcAdw==", "500 5.5.1"),
        ([], "EXPN list", "500 5.5.1"),
        ([], "XCLIENT ADDR=192.0.2.1", "500 5.5.1"),
        ([], "PROXY TCP4 192.0.2.1 192.0.2.2 1 2", "500 5.5.1"),
        ([], "", "500 5.5.1"),
        ([HELLO], "mail from:<w@x.cn>", "250 2.0.0"),
        ([HELLO], "MAIL FROM: <w@x.cn>", "250 2.0.0"),
        ([HELLO], "MAIL FROM:<>", "250 2.0.0"),
        ([HELLO], "MAIL FROM:<root>", "250 2.0.0"),
        ([HELLO], "MAIL FROM:<w@x.cn> SIZE=1000 BODY=8BITMIME SMTPUTF8", "250 2.0.0"),
        ([HELLO], "MAIL FROM:<w@x.cn> SIZE=1001", "552 5.3.4"),
        ([HELLO], f"MAIL FROM:<w@x.cn> SIZE={'9' * 20}", "552 5.3.4"),
        ([HELLO], f"MAIL FROM:<w@x.cn> SIZE={'9' * 3000}", "555 5.5.4"),
        ([HELLO], "MAIL FROM:<w@x.cn> SIZE=-1", "555 5.5.4"),
        ([HELLO], "MAIL FROM:<w@x.cn> SIZE", "555 5.5.4"),
        ([HELLO], "MAIL FROM:<w@x.cn> BODY=BINARYMIME", "555 5.5.4"),
        ([HELLO], "MAIL FROM:<w@x.cn> RET=HDRS", "555 5.5.4"),
        ([HELLO], "MAIL", "501 5.5.4"),
        ([HELLO], "MAIL TO:<w@x.cn>", "501 5.5.4"),
        ([HELLO], "MAIL FROM:<w@x.cn", "553 5.1.7"),
        ([HELLO], "MAIL FROM:<w@x\x00.cn>", "500 5.5.2"),
        ([HELLO, MAIL], MAIL, "503 5.5.1"),
        ([HELLO, "MAIL FROM:<>"], MAIL, "503 5.5.1"),
        ([HELLO, MAIL, "RSET"], MAIL, "250 2.0.0"),
        ([HELLO, MAIL], "RCPT TO:<support+42@example.com>", "250 2.0.0"),
        ([HELLO, "MAIL FROM:<>"], RCPT, "250 2.0.0"),
        ([HELLO, MAIL], "RCPT TO:<postmaster>", "250 2.0.0"),
        ([HELLO, MAIL], "RCPT TO:<>", "501 5.1.3"),
        ([HELLO, MAIL], "RCPT TO:<friend@gmail.com>", "550 5.7.1"),
        ([HELLO, MAIL], "RCPT TO:<@example.com:friend@gmail.com>", "550 5.7.1"),
        ([HELLO, MAIL], "RCPT TO:<friend%gmail.com@example.com>", "550 5.7.1"),
        ([HELLO, MAIL], f"{RCPT} NOTIFY=NEVER", "555 5.5.4"),
        ([HELLO, MAIL], "RCPT TO:<support@", "553 5.1.3"),
        ([HELLO, MAIL], "RCPT support@example.com", "501 5.5.4"),
        ([HELLO], RCPT, "503 5.5.1"),
        ([HELLO, MAIL], "DATA", "503 5.5.1"),
        ([HELLO, MAIL, RCPT], "DATA", "354"),
        ([HELLO, MAIL, RCPT], "DATA now", "501 5.5.4"),
        ([HELLO, MAIL, RCPT, HELLO], "DATA", "503 5.5.1"),
    ],
)
def test_each_command_has_its_answer(before: list[str], said: str, answered: str) -> None:
    """The order of commands, their syntax and the refusals of RFC 5321, and no open relay (SM15)."""
    assert a_dialogue(*before).answer(said.encode()).text.startswith(answered)


def test_ehlo_offers_what_is_kept_and_no_auth() -> None:
    """The extensions this server has, with the size limit; STARTTLS only where there is a certificate."""
    plain = a_dialogue().answer(HELLO.encode()).text
    assert plain.split("\r\n") == [
        "250-mx.example.com",
        "250-SIZE 1000",
        "250-8BITMIME",
        "250-SMTPUTF8",
        "250-PIPELINING",
        "250 ENHANCEDSTATUSCODES",
    ]
    assert a_dialogue(offers_tls=True).answer(HELLO.encode()).text.endswith("\r\n250 STARTTLS")
    assert "STARTTLS" not in a_dialogue(offers_tls=True, tls=True).answer(HELLO.encode()).text


def test_recipients_are_counted_once_and_capped() -> None:
    """The same address twice is one delivery, and past the cap the rest is asked for later (AD10)."""
    dialogue = a_dialogue(HELLO, MAIL, RCPT, "RCPT TO:<SUPPORT@example.com>", RCPT.replace("t@", "t+1@"))
    assert list(dialogue.recipients.values()) == ["support@example.com", "support+1@example.com"]
    assert dialogue.answer(b"RCPT TO:<support+2@example.com>").text.startswith("250")
    assert dialogue.answer(b"RCPT TO:<support+3@example.com>").text.startswith("452 4.5.3")
    assert dialogue.answer(RCPT.encode()).text.startswith("250")
    assert len(dialogue.recipients) == 3


def test_where_tls_is_required_nothing_goes_without() -> None:
    """A door with require_tls takes no sender in the clear."""
    plain = a_dialogue(HELLO, offers_tls=True, requires_tls=True)
    assert plain.answer(MAIL.encode()).text.startswith("530 5.7.0")
    assert plain.answer(b"STARTTLS").then == "start tls"
    assert plain.answer(b"STARTTLS now").text.startswith("501")
    secured = a_dialogue(HELLO, MAIL, offers_tls=True, requires_tls=True, tls=True)
    assert secured.answer(b"STARTTLS").text.startswith("503")


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1", b"post /x HTTP/1.1", b"PRI * HTTP/2.0", b"\x16\x03\x01\x02\x00"])
def test_other_protocols_are_sent_away_at_once(line: bytes) -> None:
    """A browser or a TLS client on this port hears 500 and the connection ends (SM5)."""
    reply = a_dialogue().answer(line)
    assert (reply.text[:3], reply.then) == ("500", "close")


@given(st.lists(st.one_of(st.binary(max_size=80), st.sampled_from([HELLO.encode(), MAIL.encode(), RCPT.encode()]))))
def test_no_line_makes_the_dialogue_raise(lines: list[bytes]) -> None:
    """Whatever is said has one well-formed answer."""
    dialogue = a_dialogue()
    for line in lines:
        text = dialogue.answer(line).text
        assert text[:3].isdigit()
        assert text.isascii()
        assert all(part[:3] == text[:3] for part in text.split("\r\n"))


def test_errors_of_protocol_are_told_from_refusals() -> None:
    """Only wrong SMTP counts against a client, not a wrong address."""
    dialogue = a_dialogue(HELLO, MAIL)
    assert dialogue.answer(b"FOO").is_protocol_error
    assert dialogue.answer(b"RCPT TO:<>").is_protocol_error
    assert not dialogue.answer(b"RCPT TO:<friend@gmail.com>").is_protocol_error
