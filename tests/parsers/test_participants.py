"""Who wrote, to whom, and what to do where the headers do not agree."""

from __future__ import annotations

import pytest

from parsers.arrival import Envelope
from parsers.headers import read_block
from parsers.participants import Participants, envelope_sender, read_participants

ENVELOPE = Envelope(mail_from="path@env.example", rcpt_to="Support@Example.com")


def read(headers: str, envelope: Envelope = ENVELOPE) -> Participants:
    raw = (headers + "\n\n").encode()
    return read_participants(read_block(raw, 0, len(raw)).headers, envelope)


@pytest.mark.parametrize(
    ("headers", "sender", "code"),
    [
        ("From: a@b.cn", "a@b.cn", None),
        ("From: =?utf-8?q?boss=40corp?= <a@b.cn>", "a@b.cn", "name-looks-like-address"),
        ("From: support@corp.example <a@b.cn>", "path@env.example", "sender-ambiguous"),
        ("From: a@corp.example, <a@b.cn>", "path@env.example", "sender-ambiguous"),
        ("From: a@b.cn\nFrom: c@d.cn", "path@env.example", "sender-ambiguous"),
        ("From: a@b.cn\nFrom: a@b.cn", "a@b.cn", None),
        ("From: a@b.cn, c@d.cn\nSender: c@d.cn", "c@d.cn", "sender-ambiguous"),
        ("From: a@b.cn, path@env.example", "path@env.example", "sender-ambiguous"),
        ("Subject: nobody", "path@env.example", "sender-missing"),
        ("From: <>", "path@env.example", "sender-missing"),
        ("From: " + "(" * 1000 + "a@b.cn", "path@env.example", "sender-missing"),
    ],
)
def test_the_sender_has_one_reading_or_is_the_return_path(headers: str, sender: str, code: str | None) -> None:
    """A From that can be read in two ways never decides whom a letter goes to (AD2, AD3, AD8, HB7)."""
    people = read(headers)
    assert people.sender is not None
    assert people.sender.email == sender
    assert [found for found, _ in people.defects] == ([code] if code else [])


@pytest.mark.parametrize("path", [None, "", "<>", "not an address", "a@b\r\nRCPT TO:<x@y>"])
def test_no_return_path_gives_no_sender(path: str | None) -> None:
    """A null or senseless return path is nobody (RFC 5321 §4.5.5)."""
    assert envelope_sender(Envelope(mail_from=path)) is None
    assert read("Subject: x", Envelope(mail_from=path)).sender is None


def test_visible_recipients_come_before_the_envelope() -> None:
    """To and Cc are listed with their names, then the one recipient of this delivery."""
    people = read("From: a@b.cn\nTo: T <t@x.cn>, t2@x.cn\nCc: c@x.cn")
    assert [(one.kind, one.name, one.email) for one in people.recipients] == [
        ("to", "T", "t@x.cn"), ("to", None, "t2@x.cn"), ("cc", None, "c@x.cn"),
        ("envelope", None, "Support@example.com"),
    ]  # fmt: skip


def test_traces_count_only_without_an_envelope() -> None:
    """A sender can write Delivered-To; where the door knows the recipient it is not asked (HB16)."""
    forged = "From: a@b.cn\nDelivered-To: vip@example.com\nX-Original-To: sales@example.com"
    assert [one.kind for one in read(forged).recipients] == ["envelope"]
    traced = read(forged, Envelope()).recipients
    assert [(one.kind, one.email) for one in traced] == [
        ("delivered_to", "vip@example.com"), ("delivered_to", "sales@example.com"),
    ]  # fmt: skip


def test_reply_to_is_listed_whole() -> None:
    """Whether a Reply-To is obeyed is decided elsewhere; here it is only read (AD7)."""
    people = read("From: a@b.cn\nReply-To: R <r@x.cn>, s@x.cn")
    assert [one.email for one in people.reply_to] == ["r@x.cn", "s@x.cn"]


def test_too_many_recipients_are_told() -> None:
    """A cut list of addresses is a defect (HB5)."""
    people = read("From: a@b.cn\nTo: " + ",".join(f"a{n}@b.cn" for n in range(1200)))
    assert ("limit-addresses", "") in people.defects
