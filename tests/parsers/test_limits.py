"""One message has a budget (P9): every limit holds, is told, and leaves a ticket that can be worked on."""

from __future__ import annotations

import time

import pytest

import parsers
from parsers import Arrival, limits
from parsers.arrival import Envelope
from parsers.limits import broken_by_headers, cut_block

ARRIVAL = Arrival(envelope=Envelope(mail_from="path@b.cn", rcpt_to="support@example.com"))
HEAD = b"From: a@b.cn\nSubject: s\n"
LEVEL = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"


@pytest.mark.parametrize(
    ("code", "raw"),
    [
        ("limit-size", HEAD + b"\n" + b"x\n" * (limits.MESSAGE_OCTETS // 2)),
        ("limit-depth", b"".join(LEVEL % (n, n) for n in range(1000))),
        ("limit-parts", HEAD + MIXED + b"--b\n\nx\n" * 100_000),
        ("limit-header-block", HEAD + b"X: y\n" * 100_000 + b"\nx"),
        ("limit-header-lines", HEAD + b"X: y\n" * 2_000 + b"\nx"),
        ("limit-received", HEAD + b"Received: from a by b; now\n" * 60 + b"\nx"),
        ("limit-header", HEAD + b"X-Long: " + b"y" * 50_000 + b"\n\nx"),
        ("limit-encoded-words", HEAD + b"X-Words: " + b"=?utf-8?q?a?= " * 1_000 + b"\n\nx"),
        ("limit-addresses", HEAD + b"To: " + b"a@b," * 4_000 + b"\n\nx"),
        ("limit-parameters", HEAD + b"Content-Type: text/plain" + b"; a=b" * 3_000 + b"\n\nx"),
        ("limit-text", HEAD + b"\n" + b"x" * 1_000_000),
    ],
)
def test_a_broken_limit_is_told_and_costs_little(code: str, raw: bytes) -> None:
    """Over the limit means a degraded view of a kept message, in under a second of CPU for most (P9)."""
    before = time.process_time()
    record = parsers.parse(raw, ARRIVAL)
    assert time.process_time() - before < 3
    assert code in [defect.code for defect in record.defects]
    assert record.sender is not None
    assert len(record.text) <= limits.TEXT_CHARACTERS


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + MIXED + b"--b\n\nx\n" * (limits.PARTS - 1) + b"--b--\n",
        HEAD + b"X: y\n" * 900 + b"\nx",
        HEAD + b"Received: x\n" * limits.RECEIVED_HOPS + b"\nx",
        HEAD + b"X-Long: " + b"y" * 16_000 + b"\n\nx",
        HEAD + b"X-Words: " + b"=?utf-8?q?a?= " * limits.ENCODED_WORDS + b"\n\nx",
        HEAD + b"To: " + b"a@b," * limits.ADDRESSES + b"\n\nx",
        HEAD + b"Content-Type: text/plain" + b"; a=b" * limits.PARAMETERS + b"\n\nx",
        HEAD + b"\n" + b"x" * limits.TEXT_CHARACTERS,
    ],
)
def test_what_keeps_a_limit_is_read_whole(raw: bytes) -> None:
    """A message just within its limits has no defect of this kind."""
    codes = [defect.code for defect in parsers.parse(raw, ARRIVAL).defects]
    assert [code for code in codes if code.startswith("limit")] == []


@pytest.mark.parametrize(
    ("block", "lines", "broken"),
    [
        (b"a\nb", 2, ()),
        (b"a\n" * (limits.HEADER_LINES + 50), limits.HEADER_LINES, ("limit-header-lines",)),
        (b"x" * (limits.HEADER_OCTETS + 5), 1, ("limit-header-block",)),
        (b"x\n" * limits.HEADER_OCTETS, limits.HEADER_LINES, ("limit-header-block", "limit-header-lines")),
    ],
)
def test_a_header_block_is_cut_before_it_is_read(block: bytes, lines: int, broken: tuple[str, ...]) -> None:
    """Octets and lines are counted by a scan that costs nothing."""
    cut, codes = cut_block(block)
    assert len(cut.split(b"\n")) == lines
    assert len(cut) <= limits.HEADER_OCTETS
    assert codes == broken


def test_single_headers_are_judged() -> None:
    """Each field is held against its own limits."""
    assert broken_by_headers((("a", b"x"),)) == ()
    assert broken_by_headers((("a", b"x" * 20_000),)) == ("limit-header",)
    assert broken_by_headers((("received", b"x"),) * 51) == ("limit-received",)


def test_the_numbers_are_the_promised_ones() -> None:
    """P9 names these figures; a change of one is a change of a promise."""
    assert (limits.MESSAGE_OCTETS, limits.MIME_DEPTH, limits.PARTS) == (26_214_400, 100, 1_000)
    assert (limits.HEADER_OCTETS, limits.HEADER_LINES, limits.RECEIVED_HOPS) == (102_400, 1_000, 50)
    assert (limits.HEADER_VALUE_OCTETS, limits.ENCODED_WORDS, limits.ADDRESSES) == (16_384, 200, 1_000)
    assert limits.PARAMETERS == 128
