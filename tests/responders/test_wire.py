"""The octets of a letter: read back with the standard parser, and looked at as a relay does."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responders import wire
from responders.errors import LetterError
from responders.header_words import NAME_LIMIT, encoded_words, one_line
from responders.headers import Heading, needs_smtputf8
from responders.letter import Letter
from responders.wire import LINE_LIMIT, build, check

HEADING = Heading(
    sender_name="客户服务中心",
    sender="support@corp.example",
    rcpt_name="王小明",
    rcpt="wang@mail.example",
    reply_to="support+t1@corp.example",
    message_id="t1.ack.abc@corp.example",
    date=datetime(2026, 11, 21, 9, 30, tzinfo=timezone(timedelta(hours=8))),
    in_reply_to="<a2@mail.example>",
    references=("<a1@mail.example>",),
    automatic="auto-replied",
    loop_mark="k1:0123456789abcdef",
    language="zh-CN",
)
LETTER = Letter(
    kind="ack",
    language="zh-CN",
    subject="我们已收到您的来信",
    text="王先生，您好：\n\n已登记。\n",
    html="<p>您好</p>\n",
)
PLAIN = Letter(kind="ack", language="en", subject="We have your message", text="Dear customer,\n\nwe have it.\n")


def parse(octets: bytes) -> EmailMessage:
    """Read the octets as a mail program would."""
    return message_from_bytes(octets, policy=default)


def body(message: EmailMessage, kind: str = "plain") -> str:
    """The decoded text of the part of that kind, with the line ends of a text in memory."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_whole_letter_reads_back_as_it_was_written() -> None:
    """What the responder wrote is what the reader sees: names, subject, both texts, threading."""
    message = parse(build(LETTER, HEADING))
    assert str(message["From"]) == "客户服务中心 <support@corp.example>"
    assert str(message["To"]) == "王小明 <wang@mail.example>"
    assert message["Reply-To"] == "support+t1@corp.example"
    assert message["Subject"] == LETTER.subject
    assert message["Date"].datetime == HEADING.date
    assert message["Message-ID"] == "<t1.ack.abc@corp.example>"
    assert message["In-Reply-To"] == "<a2@mail.example>"
    assert message["References"].split() == ["<a1@mail.example>", "<a2@mail.example>"]
    assert message["Content-Language"] == "zh-CN"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert (body(message), body(message, "html")) == (LETTER.text, LETTER.html)
    assert message.defects == []


def test_a_letter_without_html_is_one_part() -> None:
    """No empty alternative for a letter that has only text."""
    message = parse(build(PLAIN, HEADING))
    assert (message.get_content_type(), body(message)) == ("text/plain", PLAIN.text)


def test_the_same_letter_gives_the_same_octets() -> None:
    """P5: a second copy is octet for octet the first, boundary included."""
    assert build(LETTER, HEADING) == build(LETTER, HEADING)


@pytest.mark.parametrize("word", ["auto-replied", "auto-generated"])
def test_automatic_mail_says_so_in_every_dialect(word: str) -> None:
    """P11: RFC 3834 and its older and larger kin, and our own mark."""
    message = parse(build(PLAIN, changed_heading("automatic", word)))
    assert message["Auto-Submitted"] == word
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Precedence"] == "bulk"
    assert message["X-Ingestd-Loop"] == HEADING.loop_mark


def test_a_persons_reply_carries_only_the_loop_mark() -> None:
    """What a person wrote may be answered, out-of-office notes included."""
    message = parse(build(PLAIN, replace(HEADING, automatic=None)))
    assert [message[name] for name in ("Auto-Submitted", "X-Auto-Response-Suppress", "Precedence")] == [None] * 3
    assert message["X-Ingestd-Loop"] == HEADING.loop_mark


def test_what_is_unknown_has_no_header() -> None:
    """No empty header stands for a missing value."""
    bare = replace(
        HEADING, sender_name=None, rcpt_name="", reply_to=None, in_reply_to=None, references=(), loop_mark=None
    )
    message = parse(build(PLAIN, bare))
    assert (message["From"], message["To"]) == ("support@corp.example", "wang@mail.example")
    assert not {"Reply-To", "In-Reply-To", "References", "X-Ingestd-Loop"} & set(message.keys())


def changed_heading(field: str, value: Any) -> Heading:
    """The usual heading with one field changed, whatever its type should be."""
    return replace(HEADING, **{field: value})


BAD = ["a\r\nBcc: evil@x.example", "a\nb", "a\rb", "a\0b", "a\r\n\r\nbody", "a\x1fb", "a b", ""]


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize("field", ["sender", "rcpt", "reply_to", "message_id", "loop_mark", "language", "automatic"])
def test_a_protocol_value_that_is_none_is_refused(field: str, value: str) -> None:
    """TI1: nothing that could end a header line gets into one; an empty optional one is simply absent."""
    optional = field in ("reply_to", "loop_mark") and value == ""
    changed = changed_heading(field, value)
    if optional:
        assert parse(build(PLAIN, changed))["Subject"] == PLAIN.subject
        return
    with pytest.raises(LetterError):
        build(PLAIN, changed)


@pytest.mark.parametrize(
    "address", ["a@b.example>", "a@b.example, c@d.example", "<a@b.example>", "a@b@c", "a", "a@b\n", "a\u2028@b.example"]
)
@pytest.mark.parametrize("field", ["sender", "rcpt", "reply_to"])
def test_an_address_is_one_address(field: str, address: str) -> None:
    """TI8, AD9: one recipient per mail, and no bracket or comma can make two."""
    with pytest.raises(LetterError, match="address"):
        build(PLAIN, changed_heading(field, address))


@pytest.mark.parametrize(
    "text",
    [
        "x\r\nBcc: evil@x.example",
        "x\r\n\r\n<b>body</b>",
        "=?utf-8?q?x=0D=0ABcc=3A_evil=40x.example?=",
        "x\u2028Bcc: evil@x.example",
        "\x00x\x1b[31m\x7f",
        "\u202egnp.exe",
        "lone \ud800 surrogate",
    ],
)
def test_free_text_cannot_leave_its_line(text: str) -> None:
    """TI1: a name and a subject become one line and add no header, also when they look like encoded words."""
    message = parse(build(PLAIN.model_copy(update={"subject": f"Re {text}"}), replace(HEADING, rcpt_name=text)))
    assert set(message.keys()) == set(parse(build(PLAIN, HEADING)).keys())
    assert message["Subject"] == one_line(f"Re {text}")
    assert message["To"].addresses[0].addr_spec == HEADING.rcpt


def test_a_subject_of_nothing_is_refused() -> None:
    """A letter without a subject is a template's mistake, not a letter."""
    with pytest.raises(LetterError, match="subject"):
        build(PLAIN.model_copy(update={"subject": " \r\n\t"}), HEADING)


def test_a_date_without_a_timezone_is_refused() -> None:
    """A naive date would be read as another moment elsewhere."""
    with pytest.raises(LetterError, match="timezone"):
        build(PLAIN, replace(HEADING, date=datetime(2026, 11, 21)))


def test_utc_is_written_as_an_offset() -> None:
    """``-0000`` means unknown (RFC 5322 §3.3); ours is known."""
    assert b"Date: Sat, 21 Nov 2026 01:30:00 +0000\r\n" in build(
        PLAIN, replace(HEADING, date=datetime(2026, 11, 21, 1, 30, tzinfo=UTC))
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Wang", "Wang <wang@mail.example>"),
        ("Dr. Wang, Jr.", '"Dr. Wang, Jr." <wang@mail.example>'),
        ('say "hi" \\', '"say \\"hi\\" \\\\" <wang@mail.example>'),
        ("evil@x.example", '"evil@x.example" <wang@mail.example>'),
        ("=?utf-8?b?eA==?=", "=?utf-8?b?PT91dGYtOD9iP2VBPT0/PQ==?= <wang@mail.example>"),
        ("  \t ", "wang@mail.example"),
    ],
)
def test_a_name_is_written_in_the_plainest_form(name: str, written: str) -> None:
    """Atoms, then a quoted string, then encoded words (RFC 5322 §3.2, RFC 2047 §5)."""
    assert f"\r\nTo: {written}\r\n".encode() in build(PLAIN, replace(HEADING, rcpt_name=name))


@given(text=st.text(st.characters(min_codepoint=0x80, exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_every_encoded_word_is_whole_by_itself(text: str) -> None:
    """RFC 2047 §5: no character is split between words, and no word or line is longer than a reader must take."""
    words = encoded_words(text).split("\r\n ")
    assert max(map(len, words)) <= 75 - len("Subject: ")
    assert "".join(b64decode(word[len("=?utf-8?b?") : -2]).decode() for word in words) == text


def test_a_very_long_name_is_cut() -> None:
    """A name is decoration; the address is what counts."""
    message = message_from_bytes(build(PLAIN, replace(HEADING, rcpt_name="王" * 5000)))
    assert str(make_header(decode_header(message["To"]))) == "王" * NAME_LIMIT + " <wang@mail.example>"


def test_long_references_keep_the_last_twenty_as_they_are() -> None:
    """TI7: the standard library would fold long ids into encoded words and so break the thread at the other end."""
    ids = tuple(f"<{number}.{'x' * 180}@mail.example>" for number in range(60))
    octets = build(PLAIN, replace(HEADING, references=ids, in_reply_to=ids[-1]))
    head = octets.partition(b"\r\n\r\n")[0]
    field = re.search(rb"\r\nReferences: ((?:.|\r\n )*)\r\n[A-Z]", head)
    assert field is not None
    assert field[1].decode().split("\r\n ") == list(ids[-20:])
    assert b"=?" not in field[1]


@pytest.mark.parametrize("parent", ["<a b@c>", "<>", "", "王@c", "<a\r\nBcc: x@y>", "x" * 1200 + "@c", "\x00"])
def test_a_foreign_id_that_is_none_stays_out(parent: str) -> None:
    """Ids come from strangers: a broken one costs the thread, never the letter."""
    message = parse(build(PLAIN, replace(HEADING, in_reply_to=parent, references=(parent, "ok@c", parent))))
    assert message["In-Reply-To"] is None
    assert message["References"] == "<ok@c>"


def test_the_parent_ends_the_chain_once() -> None:
    """RFC 5322 §3.6.4: References is the parent's chain and then the parent; nothing stands twice."""
    message = parse(build(PLAIN, replace(HEADING, in_reply_to="a1@c", references=("a1@c", "<a0@c>", "a0@c"))))
    assert message["References"].split() == ["<a0@c>", "<a1@c>"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain ASCII\n", "7bit"),
        ("x" * 998 + "\n", "7bit"),
        ("x" * 999 + "\n", "quoted-printable"),
        ("a café, and much more plain text around it\n", "quoted-printable"),
        ("您好，已登记。\n", "base64"),
        ("", "7bit"),
    ],
)
def test_the_lightest_encoding_that_holds_is_taken(text: str, encoding: str) -> None:
    """TI9: seven bits and short lines on the wire, readable where it can be."""
    message = parse(build(PLAIN.model_copy(update={"text": text}), HEADING))
    assert message["Content-Transfer-Encoding"] == encoding
    assert body(message) == (text or "\n")


def test_lines_that_look_like_smtp_or_mbox_are_left_to_those() -> None:
    """Dot-stuffing belongs to SMTP; a letter may have a line of one dot."""
    assert build(PLAIN.model_copy(update={"text": ".\nQUIT\n"}), HEADING).endswith(b"\r\n\r\n.\r\nQUIT\r\n")


def test_an_international_address_is_written_in_utf8() -> None:
    """RFC 6532: there is no other way to write it, and the courier must know."""
    heading = replace(HEADING, rcpt="王@例子.example", rcpt_name=None)
    assert needs_smtputf8(heading)
    assert not needs_smtputf8(HEADING)
    assert "\r\nTo: 王@例子.example\r\n".encode() in build(PLAIN, heading)


PROSE = st.text(st.characters(exclude_categories=["Cs"]), max_size=400) | st.text(" abcdé您\r\n\t.=?_-", max_size=400)


@settings(max_examples=150)
@given(subject=PROSE, name=PROSE, text=PROSE, html=st.none() | PROSE)
def test_any_text_makes_a_clean_message_that_reads_back(subject: str, name: str, text: str, html: str | None) -> None:
    """Whatever stands in a letter, the wire has CRLF lines of at most 998 octets in ASCII, and nothing is lost."""
    letter = Letter(kind="ack", language="en", subject=f"S {subject}", text=text, html=html)
    octets = build(letter, replace(HEADING, sender_name=name, rcpt_name=name))
    assert octets.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", octets)
    assert max(map(len, octets.split(b"\r\n"))) <= LINE_LIMIT
    message = parse(octets)
    assert message["Subject"] == one_line(f"S {subject}")
    assert [len(message.get_all(field) or ()) for field in ("From", "To", "Date", "Message-ID", "Subject")] == [1] * 5
    assert_reads(body(message), text)
    if html is not None:
        assert_reads(body(message, "html"), html)


def assert_reads(seen: str, written: str) -> None:
    """The same text, but for NUL and the kind and number of final line ends."""
    lines = written.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    assert seen.rstrip("\n") == lines.rstrip("\n")


@settings(max_examples=150)
@given(value=st.text(max_size=40))
def test_any_address_is_refused_or_stands_alone(value: str) -> None:
    """Whatever is given for an address, the head has the fields it had before, and one recipient."""
    try:
        octets = build(PLAIN, replace(HEADING, rcpt=f"a{value}@b.example", rcpt_name=None))
    except LetterError:
        return
    assert f"\r\nTo: a{value}@b.example\r\n".encode() in octets
    assert octets.count(b"\r\n\r\n") >= 1
    assert len(parse(octets).keys()) == len(parse(build(PLAIN, HEADING)).keys())


GOOD = b"From: a@b\r\nTo: c@d\r\nDate: x\r\nMessage-ID: <m@n>\r\nSubject: s\r\n\r\nbody\r\n"


@pytest.mark.parametrize(
    ("octets", "sentence"),
    [
        (GOOD.replace(b"Subject: s", b"Subject: s\r\nSubject: t"), "twice"),
        (GOOD.replace(b"Subject", b"FROM"), "twice"),
        (GOOD.replace(b"Date: x\r\n", b""), "missing"),
        (GOOD.replace(b"Subject: s", b"Subject:"), "empty or broken"),
        (GOOD.replace(b"Subject: s", b"Subject: \r\n s"), "empty or broken"),
        (GOOD.replace(b"Subject: s", b"Subject: s\r\n \r\n t"), "empty or broken"),
        (GOOD.replace(b"Subject: s", b"no colon"), "empty or broken"),
        (GOOD.replace(b"body", b"bo\ndy"), "bare LF"),
        (GOOD.replace(b"body", b"bo\rdy"), "bare CR"),
        (GOOD.replace(b"body", b"bo\0dy"), "NUL"),
        (GOOD.replace(b"body", b"x" * 999), "998"),
        (GOOD.replace(b"body", "您".encode()), "ASCII"),
    ],
)
def test_the_last_look_finds_what_earlier_steps_let_through(octets: bytes, sentence: str) -> None:
    """TI1: the finished octets are judged by themselves, not by how they came about."""
    check(GOOD)
    with pytest.raises(LetterError, match=sentence):
        check(octets)


def test_no_letter_leaves_without_the_last_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """TI1: should a field's maker ever let a line through, the letter is not built."""
    monkeypatch.setattr(wire, "head", lambda *_: ["From: a@b", "From: evil@x"])
    with pytest.raises(LetterError, match="twice"):
        build(PLAIN, HEADING)
