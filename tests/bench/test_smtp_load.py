"""The load client and the sink measure others, so they must not lose, bend or flatter anything themselves."""

from __future__ import annotations

import asyncio
import contextlib
import math
import smtplib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
from aiosmtpd.controller import Controller
from doubles.ports import free_port

from bench.mailmix import Mail, mailmix
from bench.sink import sink
from bench.smtp_load import Report, load, percentile, stuffed

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def mails(count: int) -> list[Mail]:
    """Some mails of the small load."""
    return list(mailmix(count, start=START, attachments=False))


@pytest.mark.parametrize(
    ("figures", "percent", "expected"),
    [
        ([3.0], 50, 3.0),
        ([1.0, 2.0], 50, 1.0),
        ([4.0, 3.0, 2.0, 1.0], 50, 2.0),
        (list(range(1, 101)), 95, 95),
        (list(range(1, 101)), 99, 99),
        (list(range(1, 101)), 100, 100),
        (list(range(1, 11)), 99, 10),
        ([5.0, 1.0], 0, 1.0),
    ],
)
def test_percentiles_are_by_nearest_rank(figures: list[float], percent: float, expected: float) -> None:
    """A percentile is a figure that was really measured, never below its rank."""
    assert percentile(figures, percent) == expected


def test_no_figures_have_no_percentile() -> None:
    """An empty run must not read as a fast one."""
    assert math.isnan(percentile([], 50))
    assert Report().rate == 0.0


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b".a\r\n", b"..a\r\n.\r\n"),
        (b"a\r\n.\r\n", b"a\r\n..\r\n.\r\n"),
        (b"a\r\n..b\r\n", b"a\r\n...b\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
    ],
)
def test_data_is_dot_stuffed(raw: bytes, expected: bytes) -> None:
    """RFC 5321 §4.5.2: a line with one dot in a mail must not end it."""
    assert stuffed(raw) == expected


@pytest.mark.parametrize("connections", [1, 4])
def test_every_mail_arrives_once(connections: int) -> None:
    """The sink has each mail of the load exactly once, whatever the number of connections."""
    load_of = mails(60)
    with sink() as far_end:
        report = asyncio.run(load(load_of, port=far_end.port, connections=connections))
        assert sorted(taken.message_id for taken in far_end.taken) == sorted(mail.message_id for mail in load_of)
    assert set(report.accepted) == {mail.message_id for mail in load_of}
    assert len(report.seconds_to_250) == len(load_of)
    assert report.percentile(50) <= report.percentile(99)


class Keeper:
    """An aiosmtpd handler that keeps what it gets, and refuses recipients and data as told."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []

    async def handle_RCPT(self, server: object, session: object, envelope: object, address: str, *_: object) -> str:
        """Refuse whoever is called nobody."""
        if address.startswith("nobody@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)  # type: ignore[attr-defined]  # aiosmtpd ships no types
        return "250 ok"

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        """Keep the octets."""
        self.contents.append(envelope.content)  # type: ignore[attr-defined]  # aiosmtpd ships no types
        return "250 ok"


def test_another_server_gets_the_same_octets() -> None:
    """What aiosmtpd keeps, without PIPELINING, is octet for octet what was sent, dots included."""
    keeper = Keeper()
    dotted = Mail("plain", "x@y", "a@b.example", "c@d.example", b"Subject: x\r\n\r\n.\r\n..\r\nend\r\n", "")
    controller = Controller(keeper, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        asyncio.run(load([dotted, *mails(10)], port=controller.port, connections=1))
    finally:
        controller.stop()
    assert keeper.contents[0] == dotted.raw
    assert len(keeper.contents) == 1 + len(mails(10))


@contextlib.asynccontextmanager
async def server(answer: Callable[[bytes], bytes]) -> AsyncIterator[int]:
    """A server on loopback that answers each line, or each mail's end, as told."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            writer.write(answer(line))
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


@pytest.mark.parametrize("offers", [b"250 plain\r\n", b"250-many\r\n250 PIPELINING\r\n"])
def test_a_refused_recipient_is_reported_and_the_next_mail_goes_on(offers: bytes) -> None:
    """One refusal neither ends the run nor counts as accepted, with PIPELINING and without."""
    answers = {b"EHLO": offers, b"MAIL": b"250 ok\r\n", b"DATA": b"503 no\r\n", b"RSET": b"250 ok\r\n"}
    answers |= {b"RCPT": b"550 no such user\r\n", b"QUIT": b"221 bye\r\n"}

    async def run() -> Report:
        async with server(lambda line: answers[line[:4]]) as port:
            return await load(mails(3), port=port, connections=1)

    report = asyncio.run(run())
    assert report.accepted == {}
    assert set(report.refused.values()) == {"550 no such user"}
    assert len(report.refused) == 3


def test_a_connection_that_breaks_ends_the_run() -> None:
    """A door that falls under load is a failed run, not a slow one."""

    async def run() -> Report:
        async with server(lambda line: b"250 ok\r\n" if line.startswith(b"EHLO") else b"") as port:
            return await asyncio.wait_for(load(mails(3), port=port, connections=1), 0.2)

    with pytest.raises((TimeoutError, ExceptionGroup)):
        asyncio.run(run())


def test_a_rate_is_kept_and_waiting_counts_from_the_due_moment() -> None:
    """Forty mails at 200 a second take a fifth of a second; the client must not simply run ahead."""
    with sink() as far_end:
        report = asyncio.run(load(mails(44), port=far_end.port, rate=200))
        moments = [taken.moment for taken in far_end.taken]
    assert moments[-1] - moments[0] >= (len(moments) - 1) / 200 * 0.9
    assert report.seconds >= (len(moments) - 1) / 200


def test_the_sink_speaks_to_ordinary_clients() -> None:
    """smtplib is content with it, and what a test wants to know of a mail is there."""
    with sink() as far_end, smtplib.SMTP("127.0.0.1", far_end.port) as client:
        client.sendmail("", ["a@b.example"], b"Message-ID: <m@x>\r\nIn-Reply-To: <q@y>\r\nSubject: s\r\n\r\nbody\r\n")
        (taken,) = far_end.taken
    assert (taken.message_id, taken.in_reply_to, taken.rcpt_to) == ("m@x", "q@y", ("a@b.example",))
    assert taken.headers["subject"] == "s"
