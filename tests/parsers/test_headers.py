"""Header blocks: found, unfolded, and tolerant of what people's programs write."""

from __future__ import annotations

import pytest

from parsers import limits
from parsers.headers import Block, Headers, read_block


def read(raw: bytes) -> Block:
    return read_block(raw, 0, len(raw))


def test_names_are_matched_without_regard_to_case() -> None:
    """Every field is found under any spelling of its name, in order, decoded or raw."""
    headers = read(b"Subject: =?utf-8?q?a?=\nX-A: 1\nx-a: 2\n\n").headers
    assert headers.get("SUBJECT") == "a"
    assert headers.all("X-a") == ("1", "2")
    assert headers.raw("subject") == (b"=?utf-8?q?a?=",)
    assert headers.undecoded("subject") == ("=?utf-8?q?a?=",)
    assert headers.get("missing") is None
    assert headers.all("missing") == headers.raw("missing") == ()


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_folded_values_become_one_line(end: bytes) -> None:
    """A fold is one blank of the value, whatever the line ends."""
    block = read(b"Subject: one" + end + b" two" + end + b"\tthree" + end + end + b"body")
    assert block.headers.get("subject") == "one two three"


@pytest.mark.parametrize(
    ("raw", "fields", "body"),
    [
        (b"A: 1\n\nbody", {"a": "1"}, b"body"),
        (b"A: 1\r\n\r\nbody", {"a": "1"}, b"body"),
        (b"A : 1\n\nbody", {"a": "1"}, b"body"),
        (b"\nbody", {}, b"body"),
        (b"\r\nbody", {}, b"body"),
        (b"", {}, b""),
        (b"A: 1", {"a": "1"}, b""),
        (b"A:\n\nbody", {"a": ""}, b"body"),
        (b": empty name\nFrom: x\n\nbody", {"from": "x"}, b"body"),
        (b" leading blank\nFrom: x\n\nbody", {"from": "x"}, b"body"),
        (b"From x Fri Nov 20\nFrom: x\n\nbody", {"from": "x"}, b"body"),
        (b"\xef\xbb\xbfFrom: x\n\nbody", {"from": "x"}, b"body"),
        (b"From: x\njunk\nTo: y\n\nbody", {"from": "x", "to": "y"}, b"body"),
        (b"From: x\nbody begins\nwithout a gap\n", {"from": "x"}, b"body begins\nwithout a gap\n"),
        (b"From: x\r\n y\r\nbody begins\r\n\r\nmore", {"from": "x y"}, b"body begins\r\n\r\nmore"),
        (b"just text", {}, b"just text"),
    ],
)
def test_a_block_is_read_as_people_meant_it(raw: bytes, fields: dict[str, str], body: bytes) -> None:
    """Lines that are no headers neither hide the headers after them nor swallow the body (HB12)."""
    block = read(raw)
    assert {name: block.headers.get(name) for name, _ in block.headers.fields} == fields
    assert raw[block.body :] == body


def test_a_skipped_line_is_told() -> None:
    """What was skipped among the headers is a defect; what begins the body is none."""
    assert read(b"From: x\njunk\nTo: y\n\n").defects == ("header-line",)
    assert read(b"From: x\nbody").defects == ()


def test_raw_octets_are_read_with_the_help_of_the_whole_block() -> None:
    """Two characters say little about their charset; the body's label or the other headers say more."""
    raw = "Subject: 訂單\nContent-Type: text/plain; charset=big5\n\n".encode("big5")
    assert read(raw).headers.get("subject") == "訂單"
    raw = "From: 王芳 <a@b>\nSubject: 订单没有收到\n\n".encode("gbk")
    assert read(raw).headers.all("from") == ("王芳 <a@b>",)


def test_a_block_within_a_part_stops_at_its_end() -> None:
    """The headers of one part never reach into the next."""
    block = read_block(b"xxA: 1\n\nbodyB: 2\n", 2, 12)
    assert block.headers.fields == (("a", b"1"),)
    assert block.body == 8


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"Subject: x\n" + b" y\n" * 2 * limits.HEADER_LINES + b"\nbody", "limit-header-lines"),
        (b"".join(b"X-%d: %s\n" % (n, b"y" * 1000) for n in range(200)) + b"\nbody", "limit-header-block"),
        (b"Subject: " + b"x" * (limits.HEADER_VALUE_OCTETS + 1) + b"\n\nbody", "limit-header"),
        (b"Received: x\n" * (limits.RECEIVED_HOPS + 1) + b"\nbody", "limit-received"),
        (b"Subject: " + b"=?x?q?y?= " * (limits.ENCODED_WORDS + 1) + b"\n\nbody", "limit-encoded-words"),
    ],
)
def test_a_broken_limit_is_told_and_the_body_still_found(raw: bytes, code: str) -> None:
    """Every header limit of P9 cuts, says so, and leaves the message readable."""
    block = read(raw)
    assert block.defects == (code,)
    assert raw[block.body :] == b"body"
    assert all(len(value) <= limits.HEADER_VALUE_OCTETS for _, value in block.headers.fields)


def test_headers_are_a_value() -> None:
    """Two readings of the same octets are equal."""
    assert Headers((("a", b"1"),)) == read(b"A: 1\n\n").headers
