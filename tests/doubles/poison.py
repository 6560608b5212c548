"""Hostile and unreadable mails, made rather than kept: most are large, and none says anything."""

from __future__ import annotations

import random
from collections.abc import Callable

HEAD = b"From: mallory%d@poison.example\r\nTo: support@example.com\r\nMessage-ID: <poison.%d@poison.example>\r\n"


def _noise(chance: random.Random) -> bytes:
    return chance.randbytes(20_000).replace(b"\r", b"x").replace(b"\n", b"\r\n")


POISONS: dict[str, Callable[[random.Random], bytes]] = {
    "nothing at all": lambda _: b"\r\n",
    "noise instead of a header": _noise,
    "a subject of 280 KB in encoded words": lambda _: (
        b"Subject: " + b"=?utf-8?q?=E4=BD=A0?= " * 12_000 + b"\r\n\r\nx\r\n"
    ),
    "a thousand parentheses in From": lambda _: b"From: " + b"(" * 1000 + b"\r\n\r\nx\r\n",
    "an empty Message-ID": lambda _: b"Message-ID: <>\r\nIn-Reply-To: <\r\nReferences: >,<\r\n\r\nx\r\n",
    "a hundred thousand references": lambda _: b"References: " + b"<a@b>\r\n " * 100_000 + b"\r\n\r\nx\r\n",
    "a charset that is none": lambda _: b'Content-Type: text/plain; charset="no\\"such\xff"\r\n\r\n\xff\xfe\x00\r\n',
    "parts within parts": lambda _: _nested(400),
    "ten thousand parts": lambda _: _many(10_000),
    "base64 that never was": lambda _: b"Content-Transfer-Encoding: base64\r\n\r\n====\r\n\x00\x01@@@@\r\n",
    "parameters without end": lambda _: b"Content-Type: text/plain" + b"; name*%d*=x" % 10**4000 * 3 + b"\r\n\r\nx\r\n",
    "lone halves of characters": lambda _: (
        b"Subject: =?utf-16?b?2AA=?= =?utf-8?q?=ED=A0=80?=\r\n\r\n\xed\xa0\x80\x00\r\n"
    ),
    "a date beyond all years": lambda _: b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n\r\nx\r\n",
    "HTML without an end": lambda _: b"Content-Type: text/html\r\n\r\n" + b"<div><table><b>" * 20_000 + b"\r\n",
    "a report of nothing": lambda _: b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n--b\r\n--b--\r\n",
}


def poison(number: int) -> tuple[str, bytes]:
    """Return a hostile mail's kind and octets, another one for each number; no two are alike."""
    names = list(POISONS)
    name = names[number % len(names)]
    mail = POISONS[name](random.Random(number))
    marked = b"X-Number: %d\r\n" % number + mail
    return name, marked if b"Message-ID" in mail or name.startswith("no") else HEAD % (number, number) + marked


def _nested(depth: int) -> bytes:
    parts = [b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth)]
    return b"".join(parts) + b"\r\nx\r\n"


def _many(count: int) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * count + b"--b--\r\n"
