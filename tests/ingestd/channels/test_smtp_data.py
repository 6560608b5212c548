"""The end of a message, its dots and its line ends."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestd.channels.smtp_data import DataReader, LineMeter, has_bare_newlines, normalise_newlines


def read(wire: bytes, sizes: list[int] | None = None) -> tuple[bytes, bytes | None]:
    """Feed in pieces of the given sizes, then the rest in one."""
    reader, message, at = DataReader(), b"", 0
    for size in [*(sizes or []), len(wire)]:
        if reader.rest is not None or at >= len(wire):
            break
        message += reader.feed(wire[at : at + size])
        at += size
    return message, None if reader.rest is None else reader.rest + wire[at:]


@pytest.mark.parametrize(
    ("wire", "message", "rest"),
    [
        (b".\r\n", b"", b""),
        (b"\r\n.\r\n", b"\r\n", b""),
        (b"a\r\n.\r\n", b"a\r\n", b""),
        (b"a\r\n.\r\nQUIT\r\n", b"a\r\n", b"QUIT\r\n"),
        (b"a\r\n.\r\n.\r\n", b"a\r\n", b".\r\n"),
        (b"..\r\n.\r\n", b".\r\n", b""),
        (b"...\r\n.\r\n", b"..\r\n", b""),
        (b".a\r\n.\r\n", b"a\r\n", b""),
        (b"a\r\n..b\r\n.\r\n", b"a\r\n.b\r\n", b""),
        (b"a\r\n..\r\n.\r\n", b"a\r\n.\r\n", b""),
        (b"a.\r\n.\r\n", b"a.\r\n", b""),
        (b"\xd6\xd0\x00\r\n.\r\n", b"\xd6\xd0\x00\r\n", b""),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_a_message_ends_at_its_dot(wire: bytes, message: bytes, rest: bytes, size: int) -> None:
    """The transport's dots are taken off, and what follows the end is given back, however the octets were cut."""
    assert read(wire, [size] * len(wire)) == (message, rest)


@pytest.mark.parametrize(
    "almost",
    [
        b"a\n.\nMAIL FROM:<evil@x.cn>\r\n",
        b"a\n.\r\nMAIL FROM:<evil@x.cn>\r\n",
        b"a\r\n.\nMAIL FROM:<evil@x.cn>\r\n",
        b"a\r.\rMAIL FROM:<evil@x.cn>\r\n",
        b"a\r\n.\rMAIL FROM:<evil@x.cn>\r\n",
        b"a\r.\r\nMAIL FROM:<evil@x.cn>\r\n",
        b"a\r\n\x00.\r\nMAIL FROM:<evil@x.cn>\r\n",
        b"a\r\r\n.\r\r\nMAIL FROM:<evil@x.cn>\r\n",
        b"a\r\n.\x00\r\nMAIL FROM:<evil@x.cn>\r\n",
    ],
)
def test_nothing_but_crlf_dot_crlf_ends_a_message(almost: bytes) -> None:
    """No second message can be smuggled behind a lone CR or LF."""
    assert read(almost)[1] is None
    message, rest = read(almost + b".\r\n")
    assert b"MAIL FROM:<evil@x.cn>" in message
    assert rest == b""


def stuffed(message: bytes) -> bytes:
    """What an honest client sends (RFC 5321 §4.5.2), written the slow way."""
    lines = message.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b".\r\n"


@given(
    st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"\r\n.", b"a", b"\r\n.\r\n"]), max_size=30),
    st.lists(st.integers(1, 6), max_size=40),
)
def test_every_message_comes_through_whole(parts: list[bytes], sizes: list[int]) -> None:
    """Stuffing and unstuffing give the same message back for any content and any cutting."""
    message = b"".join(parts) + b"\r\n"
    assert read(stuffed(message) + b"NOOP\r\n", sizes) == (message, b"NOOP\r\n")


@given(st.binary(max_size=50), st.lists(st.integers(1, 4), max_size=30))
@example(b"\r", [2])
def test_pieces_never_split_a_crlf(noise: bytes, sizes: list[int]) -> None:
    """No piece ends between CR and LF, so newlines can be judged piece by piece."""
    wire = noise.replace(b"\x00", b"\r\n") + b"\r\n.\r\n"
    reader, pieces, at = DataReader(), [], 0
    for size in [*sizes, len(wire)]:
        if reader.rest is None and at < len(wire):
            pieces.append(reader.feed(wire[at : at + size]))
            at += size
    given_back = [piece for piece in pieces if piece]
    assert not any(one.endswith(b"\r") and other.startswith(b"\n") for one, other in pairwise(given_back))


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a"]), max_size=30))
def test_newlines_become_crlf(parts: list[bytes]) -> None:
    """Normalising leaves no bare newline, keeps the text, and changes nothing that was right."""
    text = b"".join(parts)
    pure = normalise_newlines(text)
    assert not has_bare_newlines(pure)
    assert pure == re.sub(rb"\r\n|\r|\n", b"\r\n", text)
    assert has_bare_newlines(text) == (pure != text)


@pytest.mark.parametrize(
    ("pieces", "exceeded"),
    [
        ([b"12345\n", b"12345\n"], False),
        ([b"123456\n"], True),
        ([b"123", b"45\n"], False),
        ([b"123", b"456\n"], True),
        ([b"\n123", b"456"], True),
        ([b"\n12", b"\n34", b"\n56"], False),
        ([b"1", b"2", b"3", b"4", b"5", b"6"], True),
        ([b"", b"\n", b""], False),
    ],
)
def test_long_lines_are_noticed_across_pieces(pieces: list[bytes], exceeded: bool) -> None:
    """A line is measured however it was cut (SM4)."""
    meter = LineMeter(5)
    verdicts = [meter.is_exceeded_by(piece) for piece in pieces]
    assert any(verdicts) is exceeded
