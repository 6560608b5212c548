"""Two copies of one message have one fingerprint; two messages have two."""

from __future__ import annotations

import base64

import pytest

from parsers.attachments import records
from parsers.body import choose
from parsers.digest import content_digest, plain_digest
from parsers.headers import Headers
from parsers.mime import read_tree

HEADERS = (
    b"From: a@b.cn", b"To: s@x.cn", b"Subject: hello there", b"Date: Fri, 20 Nov 2026 09:12:00 +0800",
    b"Message-ID: <1@x>",
)  # fmt: skip
TYPES = b"Content-Type: multipart/mixed; boundary=B"
IMAGE = b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nQUJD"


def text(content: bytes, encoding: bytes = b"8bit") -> bytes:
    return b"Content-Type: text/plain\nContent-Transfer-Encoding: " + encoding + b"\n\n" + content


def message(*headers: bytes, parts: tuple[bytes, ...] = (text(b"one\ntwo"), IMAGE)) -> bytes:
    body = b"".join(b"--B\n" + part + b"\n" for part in parts) + b"--B--\n"
    return b"\n".join((*headers, TYPES, b"", body))


def digest(raw: bytes) -> str:
    root = read_tree(raw).root
    return content_digest(root, tuple(records(choose(root).files)))


ORIGINAL = message(*HEADERS)


@pytest.mark.parametrize(
    "copy",
    [
        ORIGINAL.replace(b"\n", b"\r\n"),
        message(*reversed(HEADERS)),
        message(b"Received: from x by y; now", b"Delivered-To: z@x.cn", b"Return-Path: <a@b.cn>", *HEADERS),
        message(
            *HEADERS,
            b"DKIM-Signature: v=1",
            b"X-Spam-Flag: NO",
            b"ARC-Seal: i=1",
            b"Authentication-Results: x; spf=pass",
        ),
        ORIGINAL.replace(b"hello there", b"hello\n there"),
        ORIGINAL.replace(b"Subject:", b"SUBJECT :"),
        ORIGINAL.replace(b"hello there", b"=?utf-8?q?hello_there?="),
        message(*HEADERS, parts=(text(base64.encodebytes(b"one\r\ntwo\r\n"), b"base64"), IMAGE)),
        message(*HEADERS, parts=(text(b"one  \ntwo\n\n"), IMAGE)),
        message(*HEADERS, parts=(text(b"one\nt=77o", b"quoted-printable"), IMAGE)),
        message(*HEADERS, parts=(text(b"one\ntwo"), IMAGE.replace(b"QUJD", b"QU\nJD"))),
    ],
    ids=[
        "crlf",
        "order",
        "trace",
        "signatures",
        "folded",
        "spelling",
        "encoded",
        "base64",
        "blanks",
        "qp",
        "rewrapped",
    ],
)
def test_the_road_does_not_count(copy: bytes) -> None:
    """Trace headers, folding, order, line ends and transfer encodings leave the digest alone."""
    assert digest(copy) == digest(ORIGINAL)


@pytest.mark.parametrize(
    "other",
    [
        ORIGINAL.replace(b"a@b.cn", b"c@b.cn"),
        ORIGINAL.replace(b"hello there", b"hello you"),
        ORIGINAL.replace(b"<1@x>", b"<2@x>"),
        ORIGINAL.replace(b"09:12:00", b"09:12:01"),
        ORIGINAL.replace(b"two", b"three"),
        ORIGINAL.replace(b"QUJD", b"QUJE"),
        message(*HEADERS, parts=(text(b"one\ntwo"),)),
        message(*HEADERS, parts=(text(b"one\ntwo"), IMAGE, IMAGE)),
        message(b"Cc: d@e.cn", *HEADERS),
    ],
)
def test_what_the_author_wrote_counts(other: bytes) -> None:
    """Any change of authored headers, text or files is another message."""
    assert digest(other) != digest(ORIGINAL)


def test_a_plain_reading_has_a_digest_as_robust() -> None:
    """A message whose parts cannot be told apart is still recognised when it comes again."""
    headers = Headers((("from", b"a@b.cn"), ("received", b"x")))
    assert plain_digest(headers, b"x \r\ny\r\n") == plain_digest(Headers((("from", b"a@b.cn"),)), b"x\ny")
    assert plain_digest(headers, b"x") != plain_digest(headers, b"y")
