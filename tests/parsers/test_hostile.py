"""Inputs that must not hurt: each gives a ticket in bounded time, and nothing of it reaches where it should not."""

from __future__ import annotations

import time

import pytest

import parsers
from parsers import Arrival, IntakeRecord
from parsers.arrival import Envelope

ARRIVAL = Arrival(envelope=Envelope(mail_from="path@b.cn", rcpt_to="support@example.com"))
HEAD = b"From: a@b.cn\nSubject: s\n"
TEXT = b"Content-Type: text/plain; charset="

HOSTILE = {
    "MB3 a million empty parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 1_000_000,
    "MB4 boundary of 100 KB": HEAD + b'Content-Type: multipart/mixed; boundary="' + b"x" * 100_000 + b'"\n\nhello',
    "MB13 one line of 20 MB": HEAD + b"\n" + b"x" * 20_000_000,
    "MB13 bare CR only": b"\r" * 20_000_000,
    "MB false boundaries": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bx\n" * 2_000_000,
    "MB padded blocks": HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"QQ==\n" * 500_000,
    "HB3 a header of 200,000 folds": b"Subject: x\n" + b" y\n" * 200_000 + b"\nbody",
    "HB4 20,000 parameters": HEAD + b"Content-Type: text/plain" + b"; n*1=x" * 20_000 + b"\n\nb",
    "HB5 20,000 addresses": HEAD + b"To: " + b"a@b.cn," * 20_000 + b"\n\nb",
    "HB6 100,000 references": HEAD + b"References: " + b"<a@b.cn> " * 100_000 + b"\n\nb",
    "HB6 id of 200 KB": HEAD + b"Message-ID: <" + b"x" * 200_000 + b">\n\nb",
    "HB7 a thousand parentheses": b"From: " + b"(" * 1_000 + b"a@b.cn\n\nx",
    "HB8 empty id": HEAD + b"Message-ID: <>\n\nx",
    "HB9 encoded line feed": b"From: =?utf-8?q?x=0A?= <a@b.cn>\n\nx",
    "HB10 section number of 4,400 digits": HEAD + b"Content-Type: text/plain; name*" + b"9" * 4_400 + b"=x\n\nx",
    "HB13 date of the year 9999": HEAD + b"Date: Thu, 1 Jan 9999 00:00:00 +9999\n\nx",
    "HB14 headers in UTF-16": "From: a@b.cn\nSubject: x\n\nbody".encode("utf-16"),
    "CS1 charset with NUL": HEAD + TEXT + b'"utf\0-8"\n\nx',
    "CS1 charset of 10 KB": HEAD + TEXT + b"x" * 10_000 + b"\n\nx",
    "CS4 base64 of UTF-32": HEAD + TEXT + b"utf-32\nContent-Transfer-Encoding: base64\n\n" + b"QUJD" * 500_000,
    "CS8 20,000 words": b"Subject: " + b"=?utf-8?q?=E4?= " * 20_000 + b"\n\nx",
    "CS8 unterminated words": b"Subject: " + b"=?utf-8?q?" * 2_000 + b"\n\nx",
    "CS11 combining marks": HEAD + TEXT + b"utf-8\n\na" + "\u0301".encode() * 500_000,
    "CS quadratic codec": HEAD + TEXT + b"punycode\n\n" + b"a" * 100_000 + b"-" + b"b" * 100_000,
    "AD10 address of 64 KB": b"From: " + b"a" * 65_000 + b"@b.cn\n\nx",
    "AD quotes": b"From: " + b'"' * 16_000 + b"\n\nx",
    "AD angles": b"From: " + b"<" * 16_000 + b"\n\nx",
    "AD backslashes": b'From: "' + b"\\" * 16_001 + b"\n\nx",
    "MB five million blanks": HEAD + b"\n" + b" " * 5_000_000 + b"x",
    "MB blanks and line ends": HEAD + b"\n" + b" \t" * 1_000_000 + b"\n" * 1_000_000 + b"x",
    "AD blanks in an address": HEAD + b"To: a" + b" " * 16_000 + b"b@c.cn\n\nx",
    "HB blanks in parameters": HEAD + b"Content-Type: text/plain;" + b" " * 16_000 + b"x\n\nx",
    "HB blanks in words": HEAD + b"X: =?utf-8?q?" + b" " * 16_000 + b"\n\nx",
    "HX blanks": HEAD + b"Content-Type: text/html\n\n<p>" + b" &nbsp;" * 200_000 + b"x",
    "HX nested elements": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 20_000 + b"deep",
    "HX five megabytes": HEAD + b"Content-Type: text/html\n\n" + b"<p>hello <b>x</b></p>" * 250_000,
    "HX endless attribute": HEAD + b'Content-Type: text/html\n\n<p style="' + b"a:b;" * 500_000,
    "AT6 1,500 files": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\nContent-Disposition: attachment; filename=x\n\nxx\n" * 1_500,
    "MB19 an archive is never opened": HEAD + b"Content-Type: application/zip\n\nPK\x03\x04" + b"\0" * 1_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_becomes_a_ticket_in_bounded_time(name: str) -> None:
    """No exception, no step back to a plainer depth, and at most a few seconds of CPU (P8, P9)."""
    before = time.process_time()
    record = parsers.parse(HOSTILE[name], ARRIVAL)
    assert time.process_time() - before < 5
    assert record.sender is not None
    assert not {"degraded", "unreadable"} & {defect.code for defect in record.defects}


def parsed(raw: bytes) -> IntakeRecord:
    return parsers.parse(raw, ARRIVAL)


def test_forged_internal_headers_change_nothing() -> None:
    """What a sender writes into headers of our own or of other systems is not believed (HB16)."""
    forged = b"X-Ingestd-Ticket: 1\nDelivered-To: vip@x.cn\nX-Original-To: vip@x.cn\nX-Spam-Flag: NO\nX-RT-Loop: y\n"
    with_them, without = parsed(forged + HEAD + b"\nx"), parsed(HEAD + b"\nx")
    assert with_them == without


def test_a_copied_recipient_is_only_listed() -> None:
    """Cc never becomes a sender or an address to answer to (AD11)."""
    record = parsed(HEAD + b"Cc: Boss <boss@corp.example>\n\nx")
    assert [(one.kind, one.email) for one in record.recipients if one.kind == "cc"] == [("cc", "boss@corp.example")]
    assert record.reply_to == ()


@pytest.mark.parametrize("claimed", [b"text/html", b"image/svg+xml", b"application/x"])
def test_a_declared_type_is_only_a_claim(claimed: bytes) -> None:
    """A file keeps the type it claims and is neither opened nor believed (AT7)."""
    part = b"Content-Type: " + claimed + b"; name=a.png\n\n<script>"
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\n" + part + b"\n--b--"
    (file,) = parsed(raw).attachments
    assert file.content_type == claimed.decode()
    assert file.filename == "a.png"


@pytest.mark.parametrize("inside", [b"text/html", b"application/pgp-encrypted"])
def test_fragments_around_a_sealed_part_are_not_joined(inside: bytes) -> None:
    """HTML before and after another part never encloses it on one page (EFAIL, MB16)."""
    raw = (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<img src='http://evil/\n"
        b"--b\nContent-Type: " + inside + b"\n\nsecret\n--b\nContent-Type: text/html\n\n'>\n--b--"
    )  # fmt: skip
    assert "secret" not in (parsed(raw).html or "")


def test_contradicting_alternatives_are_both_kept() -> None:
    """Text decides, and the HTML stays beside it to be searched (MB7)."""
    raw = (
        HEAD + b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\npay 10\n"
        b"--b\nContent-Type: text/html\n\n<p>pay 9999\n--b--"
    )  # fmt: skip
    record = parsed(raw)
    assert record.text == "pay 10"
    assert "9999" in (record.html or "")
