"""A fast SMTP client that loads a door: N connections on bare sockets, as fast as they go or at a fixed rate.

The time of a mail runs from the moment it was due to the server's last word on it, so that a stalled server cannot
hide behind a client that waits for it. MAIL, RCPT and DATA go out in one write where the server offers PIPELINING
(RFC 2920).

``python -m bench.smtp_load --port 2525 --count 1000 --connections 4 --rate 10`` prints the figures of a mixed load.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.mailmix import Mail, mailmix

ANSWER_LIMIT_S = 60
"""A server that says nothing for so long has failed the run."""


class Refused(Exception):
    """The server answered something other than what leads to an accepted mail; the text is its answer."""


@dataclass
class Report:
    """What a load came to. ``seconds_to_250`` holds one figure per accepted mail, in the order of acceptance."""

    accepted: dict[str, float] = field(default_factory=dict)
    seconds_to_250: list[float] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Accepted mails per second."""
        return len(self.accepted) / self.seconds if self.seconds else 0.0

    def percentile(self, percent: float) -> float:
        """Return the time to 250, in seconds, that this percentage of the mails did not exceed."""
        return percentile(self.seconds_to_250, percent)

    def __str__(self) -> str:
        times = " ".join(f"p{p}={self.percentile(p) * 1000:.1f}ms" for p in (50, 95, 99))
        return f"accepted={len(self.accepted)} refused={len(self.refused)} rate={self.rate:.0f}/s time to 250: {times}"


def percentile(figures: Sequence[float], percent: float) -> float:
    """Return the smallest figure that at least ``percent`` of all do not exceed (nearest rank); nan for no figures."""
    if not figures:
        return math.nan
    rank = math.ceil(len(figures) * percent / 100)
    return sorted(figures)[max(rank, 1) - 1]


async def load(
    mails: Iterable[Mail], *, port: int, host: str = "127.0.0.1", connections: int = 4, rate: float | None = None
) -> Report:
    """Send every mail once and report. ``rate`` is mails per second over all connections; None is as fast as it goes.

    A refused mail is reported, not sent again. A connection that breaks raises: a load test needs a door that stands.
    ``accepted`` maps each Message-ID to the monotonic moment of its 250.
    """
    report = Report()
    due = _due_times(mails, rate)
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_work(due, report, host, port))
    report.seconds = time.monotonic() - began
    return report


def _due_times(mails: Iterable[Mail], rate: float | None) -> Iterator[tuple[Mail, float]]:
    began = time.monotonic()
    for number, mail in enumerate(mails):
        yield mail, began + number / rate if rate else time.monotonic()


async def _work(due: Iterator[tuple[Mail, float]], report: Report, host: str, port: int) -> None:
    async with _session(host, port) as session:
        for mail, moment in due:
            await asyncio.sleep(max(0.0, moment - time.monotonic()))
            try:
                await session.send(mail)
            except Refused as answer:
                report.refused[mail.message_id] = str(answer)
                continue
            now = time.monotonic()
            report.accepted[mail.message_id] = now
            report.seconds_to_250.append(now - moment)


@contextlib.asynccontextmanager
async def _session(host: str, port: int) -> AsyncIterator[Session]:
    reader, writer = await asyncio.open_connection(host, port)
    session = Session(reader, writer)
    try:
        await session.greet()
        yield session
        await session.ask(b"QUIT\r\n", "221")
    finally:
        writer.close()


class Session:
    """One open SMTP connection (RFC 5321)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._pipelining = False

    async def greet(self) -> None:
        """Wait for the banner and learn what the server offers."""
        await self._answer("220")
        offers = await self.ask(b"EHLO load.example\r\n", "250")
        self._pipelining = "PIPELINING" in offers

    async def send(self, mail: Mail) -> None:
        """Hand over one mail and return at its 250. Raise Refused with the server's words, ready for the next mail."""
        head = [
            (f"MAIL FROM:<{mail.mail_from}>\r\n".encode(), "250"),
            (f"RCPT TO:<{mail.rcpt_to}>\r\n".encode(), "250"),
            (b"DATA\r\n", "354"),
        ]
        try:
            await (self._at_once(head) if self._pipelining else self._one_by_one(head))
        except Refused:
            await self.ask(b"RSET\r\n", "250")
            raise
        await self.ask(stuffed(mail.raw), "250")

    async def ask(self, words: bytes, expected: str) -> str:
        """Write a command, wait for its answer, and return the answer's text."""
        self._writer.write(words)
        await self._writer.drain()
        return await self._answer(expected)

    async def _one_by_one(self, head: list[tuple[bytes, str]]) -> None:
        for words, expected in head:
            await self.ask(words, expected)

    async def _at_once(self, head: list[tuple[bytes, str]]) -> None:
        self._writer.write(b"".join(words for words, _ in head))
        answers = [await self._line() for _ in head]
        refusals = [answer for answer, (_, expected) in zip(answers, head, strict=True) if answer[:3] != expected]
        if refusals and answers[-1].startswith("354"):
            await self.ask(b".\r\n", "")  # RFC 2920 §3.1: a server may ask for data although nobody is to get them
        if refusals:
            raise Refused(refusals[0])

    async def _answer(self, expected: str) -> str:
        answer = await self._line()
        if not answer.startswith(expected):
            raise Refused(answer)
        return answer

    async def _line(self) -> str:
        lines = []
        while True:
            line = (await asyncio.wait_for(self._reader.readline(), ANSWER_LIMIT_S)).decode("utf-8", "replace")
            if not line:
                raise ConnectionError("the server closed the connection")
            lines.append(line.strip())
            if line[3:4] != "-":
                return "\n".join(lines)


def stuffed(raw: bytes) -> bytes:
    """Return the octets as DATA carries them (RFC 5321 §4.5.2): leading dots doubled, a last CRLF, the end mark."""
    dotted = raw.replace(b"\r\n.", b"\r\n..")
    if dotted.startswith(b"."):
        dotted = b"." + dotted
    return dotted + (b".\r\n" if dotted.endswith(b"\r\n") else b"\r\n.\r\n")


def main() -> None:
    """Load an SMTP door with the mixed load and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.smtp_load", description=main.__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--to", default="support@example.com")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--rate", type=float, help="mails per second; without it, as fast as it goes")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other mails")
    parser.add_argument("--small", action="store_true", help="leave the attachment mails out")
    options = parser.parse_args()
    mails = list(
        mailmix(options.count, seed=options.seed, to=options.to, start=datetime.now(UTC), attachments=not options.small)
    )
    sending = load(mails, host=options.host, port=options.port, connections=options.connections, rate=options.rate)
    print(asyncio.run(sending))


if __name__ == "__main__":
    main()
