"""Taking one message off the wire."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestd.channels import smtp_receive
from ingestd.channels.smtp_dialogue import MAX_COMMAND_LINE
from ingestd.channels.smtp_receive import MAX_LINE, Purifier, Refused, receive
from ingestd.channels.spool import Spool, SpooledMessage
from ingestd.channels.wire import Wire

pytestmark = pytest.mark.anyio


def a_wire(octets: bytes, *, closed: bool = True) -> Wire:
    reader = asyncio.StreamReader()
    reader.feed_data(octets)
    if closed:
        reader.feed_eof()
    return Wire(reader)


async def taken(octets: bytes, folder: Path, *, max_size: int = 10_000_000, refuse_bare: bool = False) -> bytes:
    """Receive one message; whatever follows it must be the next command."""
    wire = a_wire(octets + b"NOOP\r\n")
    async with SpooledMessage(Spool(folder), Purifier(refuse_bare=refuse_bare)) as message:
        try:
            content = await receive(wire, message, max_size)
            return content.read_bytes() if isinstance(content, Path) else content
        finally:
            if wire.has_line:
                assert await wire.line() == b"NOOP"


@pytest.mark.parametrize("size", [100, 500_000])
async def test_bare_newlines_are_normalised(tmp_path: Path, size: int) -> None:
    """A script's LF and an old Mac's CR become CRLF, in small and in large messages."""
    text = b"a\nb\rc\r\n" * (size // 7)
    assert await taken(text + b".\r\n", tmp_path) == b"a\r\nb\r\nc\r\n" * (size // 7)


async def test_bare_newlines_can_be_refused(tmp_path: Path) -> None:
    """With the strict setting the message is read to its true end and refused for good."""
    for text in (b"a\nb\r\n", b"a\rb\r\n", b"x\r\n" * 100_000 + b"\n" + b"y\r\n" * 200_000):
        with pytest.raises(Refused, match=r"554 5\.6\.11"):
            await taken(text + b".\r\n", tmp_path, refuse_bare=True)
    assert await taken(b"a\r\n.\r\n", tmp_path, refuse_bare=True) == b"a\r\n"


async def test_the_size_limit_is_exact_and_spares_dots(tmp_path: Path) -> None:
    """A message of just the largest size is taken, dots of transport do not count, one octet more is refused."""
    fits = b"..345678\r\n" * 100
    assert len(await taken(fits + b".\r\n", tmp_path, max_size=900)) == 900
    with pytest.raises(Refused, match=r"552 5\.3\.4"):
        await taken(fits + b"1\r\n.\r\n", tmp_path, max_size=900)


async def test_an_endless_message_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused message is read to its end, but not for ever."""
    monkeypatch.setattr(smtp_receive, "DRAIN_LIMIT", 1000)
    with pytest.raises(Refused) as caught:
        await taken(b"x" * 5000, tmp_path, max_size=100)
    assert caught.value.reply.then == "close"


async def test_lines_up_to_a_mebibyte_are_taken(tmp_path: Path) -> None:
    """Real HTML mail has lines far beyond a thousand octets; only the absurd is refused (SM4)."""
    longest = b"x" * (MAX_LINE - 1) + b"\r\n"
    assert await taken(longest + b".\r\n", tmp_path) == longest
    with pytest.raises(Refused, match=r"554 5\.6\.0"):
        await taken(b"xx" + longest + b".\r\n", tmp_path)


@pytest.mark.parametrize(
    ("number", "answer"), [(errno.ENOSPC, "452 4.3.1"), (errno.EDQUOT, "452 4.3.1"), (errno.EIO, "451 4.3.0")]
)
@pytest.mark.parametrize("at", ["add", "finish"])
async def test_a_failing_disk_is_temporary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, answer: str, at: str
) -> None:
    """Full, over quota or broken: the sender keeps the mail and comes again (P20)."""

    async def fail(*arguments: object) -> None:
        raise OSError(number, "the disk says no")

    monkeypatch.setattr(SpooledMessage, at, fail)
    with pytest.raises(Refused, match=answer):
        await taken(b"x\r\n.\r\n", tmp_path)


async def test_a_lost_connection_is_no_message(tmp_path: Path) -> None:
    """Without the final dot nothing was sent, however much has come."""
    async with SpooledMessage(Spool(tmp_path), Purifier(refuse_bare=False)) as message:
        with pytest.raises(ConnectionResetError):
            await receive(a_wire(b"x\r\n" * 200_000), message, 10_000_000)
    assert list(tmp_path.iterdir()) == []


LINES: list[tuple[bytes, list[bytes | None]]] = [
    (b"NOOP\r\nQUIT\r\n", [b"NOOP", b"QUIT", None]),
    (b"NOOP\nQUIT", [b"NOOP", None]),
    (b"\r\n", [b"", None]),
    (b"x" * MAX_COMMAND_LINE + b"\r\nNOOP\r\n", [b"x" * MAX_COMMAND_LINE + b"\r", b"NOOP"]),
    (b"x" * 1_000_000 + b"\r\nNOOP\r\n", [b"x" * (MAX_COMMAND_LINE + 1), b"NOOP"]),
    (b"\x16\x03\x01hello", [b"\x16\x03\x01hello"]),
]


@pytest.mark.parametrize(("octets", "lines"), LINES)
@pytest.mark.parametrize("cut", [False, True])
async def test_the_wire_gives_lines(octets: bytes, lines: list[bytes | None], cut: bool) -> None:
    """Command lines come whole, a too long one is cut to just too long, and memory stays bounded."""
    reader = asyncio.StreamReader()
    wire = Wire(reader)

    async def read() -> list[bytes | None]:
        return [await wire.line() for _ in lines]

    reading = asyncio.create_task(read())
    for piece in pieces(octets, 3000 if cut else len(octets)):
        reader.feed_data(piece)
        await asyncio.sleep(0)
    reader.feed_eof()
    assert [line and line.removesuffix(b"\r") for line in await reading] == [
        line and line.removesuffix(b"\r") for line in lines
    ]
    assert wire.received == len(octets)


def pieces(octets: bytes, size: int) -> list[bytes]:
    return [octets[at : at + size] for at in range(0, len(octets), size)]


async def test_what_was_read_too_far_comes_back_first() -> None:
    """Octets given back are read again before new ones, and can be forgotten (SM2)."""
    wire = a_wire(b"two\r\n")
    wire.put_back(b"one\r\n")
    assert await wire.line() == b"one"
    wire.put_back(b"stale\r\n")
    wire.discard()
    assert await wire.line() == b"two"
    wire.put_back(b"rest")
    assert await wire.chunk() == b"rest"


@pytest.mark.parametrize("read", [Wire.chunk])
async def test_the_end_of_the_stream_is_an_error_inside_a_message(read: Callable[[Wire], object]) -> None:
    """A client that closes in DATA has sent nothing."""
    with pytest.raises(ConnectionResetError):
        await a_wire(b"").chunk()
