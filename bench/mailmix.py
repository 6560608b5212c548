"""The mixed load: mails as a support address gets them, the same for the same seed, no two alike.

Exactly per hundred: 60 short plain, 15 text and HTML, 10 Chinese in base64 (half of them GB18030), 10 with an
attachment of 50 to 500 KB, 4 automatic, 1 reply. The reply belongs to a conversation that this installation never
saw, so every mail but the automatic ones deserves a ticket and an acknowledgement: 96 of 100.

``python -m bench.mailmix --count 100 DIRECTORY`` writes them as files.
"""

from __future__ import annotations

import argparse
import base64
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from bench.topics import CHINESE, CHINESE_CLOSE, CHINESE_NAMES, ENGLISH, ENGLISH_CLOSE, ENGLISH_NAMES, Topic

MIX = {"plain": 60, "html": 15, "chinese": 5, "chinese-gb18030": 5, "attachment": 10, "automatic": 4, "reply": 1}
"""How many of each kind are in a hundred."""
ATTACHMENT_OCTETS = (50_000, 500_000)
ATTACHMENTS = (("photo.jpg", "image/jpeg"), ("scan.pdf", "application/pdf"), ("logs.zip", "application/zip"))
PLAIN_SENTENCES = 9
"""Filler sentences of a short mail: with them the median mail has 1.1 KB, as measured on real ones."""
FILLER = (
    "I have already tried what the help page says.",
    "The receipt and the photos are with me if you need them.",
    "It worked without any trouble until last week.",
    "Please write to this address, I cannot be reached by phone during the day.",
    "A colleague of mine has seen the same thing with another device.",
    "I would be glad to hear how long it will take.",
)


@dataclass(frozen=True)
class Mail:
    """One mail of the load: its envelope, its octets with CRLF lines, and what ought to become of it."""

    kind: str
    message_id: str
    mail_from: str
    rcpt_to: str
    raw: bytes
    department: str

    @property
    def deserves_ack(self) -> bool:
        """Must this mail's sender get one acknowledgement?"""
        return self.kind != "automatic"


@dataclass(frozen=True)
class Draft:
    """What the writers of all kinds share: who writes, about what, and the random numbers of this one mail."""

    number: int
    seed: int
    to: str
    when: datetime
    topic: Topic
    name: str
    close: str
    chance: random.Random

    @property
    def message_id(self) -> str:
        """The Message-ID without its angle brackets."""
        return f"{self.seed:x}.{self.number:06d}@mail.customer.example"

    @property
    def sender(self) -> str:
        """The address of this customer, who writes only this once."""
        return f"c{self.seed:x}.{self.number:06d}@customer.example"

    def text(self, sentences: int = 0) -> str:
        """The visible words: the matter, as many more sentences, and the close."""
        fill = {"order": f"{self.seed % 9000 + 1000}{self.number:08d}", "name": self.name}
        more = " ".join(self.chance.choice(FILLER) for _ in range(sentences))
        close = self.close.format(name=self.name, phone=f"{self.number:08d}")
        return f"{self.topic.text.format(**fill)} {more}".strip() + close


def mailmix(
    count: int, *, seed: int = 1, to: str = "support@example.com", start: datetime, attachments: bool = True
) -> Iterator[Mail]:
    """Yield that many mails, all dated ``start``; the same arguments give the same octets.

    Without ``attachments`` those mails are left out and nothing else changes: the "small" load has 90 of each 100.
    """
    for number, kind in enumerate(_kinds(count, seed)):
        draft = _draft(number, kind, seed, to, start)
        if attachments or kind != "attachment":
            yield _written(kind, draft)


def _kinds(count: int, seed: int) -> Iterator[str]:
    for first in range(0, count, 100):
        hundred = [kind for kind, times in MIX.items() for _ in range(times)]
        random.Random(f"{seed}:{first}").shuffle(hundred)
        yield from hundred[: count - first]


def _draft(number: int, kind: str, seed: int, to: str, start: datetime) -> Draft:
    chance = random.Random(f"{seed}/{number}")
    chinese = kind.startswith("chinese")
    return Draft(
        number=number,
        seed=seed,
        to=to,
        when=start,
        topic=chance.choice(CHINESE if chinese else ENGLISH),
        name=chance.choice(CHINESE_NAMES if chinese else ENGLISH_NAMES),
        close=CHINESE_CLOSE if chinese else ENGLISH_CLOSE,
        chance=chance,
    )


def _written(kind: str, draft: Draft) -> Mail:
    return Mail(
        kind=kind,
        message_id=draft.message_id,
        mail_from="" if kind == "automatic" else draft.sender,
        rcpt_to=draft.to,
        raw=WRITERS[kind](draft),
        department="" if kind == "automatic" else draft.topic.department,
    )


def _plain(draft: Draft) -> bytes:
    body = draft.text(PLAIN_SENTENCES).encode()
    return _head(draft, draft.topic.subject, "text/plain; charset=us-ascii") + b"\r\n" + body


def _html(draft: Draft) -> bytes:
    text = draft.text(PLAIN_SENTENCES)
    paragraphs = "".join(f"<p>{line}</p>\r\n" for line in text.split("\r\n") if line)
    html = f'<html><body style="font-family:sans-serif">\r\n{paragraphs}</body></html>\r\n'
    parts = [
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode(),
        b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode(),
    ]
    return _multipart(draft, "alternative", parts)


def _chinese(draft: Draft, charset: str = "utf-8") -> bytes:
    subject = f"=?{charset}?B?{base64.b64encode(draft.topic.subject.encode(charset)).decode()}?="
    transfer = "Content-Transfer-Encoding: base64\r\n\r\n"
    head = _head(draft, subject, f"text/plain; charset={charset}", charset)
    return head + transfer.encode() + _lines(draft.text().encode(charset))


def _attachment(draft: Draft) -> bytes:
    name, content_type = draft.chance.choice(ATTACHMENTS)
    octets = draft.chance.randbytes(draft.chance.randint(*ATTACHMENT_OCTETS))
    head = (
        f'Content-Type: {content_type}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    )
    text = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + draft.text(1).encode()
    return _multipart(draft, "mixed", [text, head.encode() + _lines(octets)])


def _automatic(draft: Draft) -> bytes:
    body = f"I am out of the office until Monday.\r\n\r\n{draft.name}\r\n".encode()
    content_type = "text/plain; charset=us-ascii\r\nAuto-Submitted: auto-replied\r\nPrecedence: bulk"
    return _head(draft, f"Automatic reply: {draft.topic.subject}", content_type) + b"\r\n" + body


def _reply(draft: Draft) -> bytes:
    old = f"<old.{draft.message_id}>"
    content_type = f"text/plain; charset=us-ascii\r\nIn-Reply-To: {old}\r\nReferences: {old}"
    body = f"{draft.text(1)}\r\nOn Friday the support team wrote:\r\n> Please send us the order number.\r\n"
    return _head(draft, f"Re: {draft.topic.subject}", content_type) + b"\r\n" + body.encode()


WRITERS: dict[str, Callable[[Draft], bytes]] = {
    "plain": _plain,
    "html": _html,
    "chinese": _chinese,
    "chinese-gb18030": lambda draft: _chinese(draft, "gb18030"),
    "attachment": _attachment,
    "automatic": _automatic,
    "reply": _reply,
}


def _head(draft: Draft, subject: str, content_type: str, charset: str = "us-ascii") -> bytes:
    name = draft.name
    if charset != "us-ascii":
        name = f"=?{charset}?B?{base64.b64encode(name.encode(charset)).decode()}?="
    return (
        f"Received: from mx.customer.example (mx.customer.example [192.0.2.7])\r\n"
        f"\tby relay.example.com with ESMTPS id {draft.number:08x};\r\n\t{format_datetime(draft.when)}\r\n"
        f"Message-ID: <{draft.message_id}>\r\nDate: {format_datetime(draft.when)}\r\n"
        f"From: {name} <{draft.sender}>\r\nTo: <{draft.to}>\r\nSubject: {subject}\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n"
    ).encode()


def _multipart(draft: Draft, subtype: str, parts: list[bytes]) -> bytes:
    boundary = f"=_{draft.seed:x}_{draft.number:08x}"
    head = _head(draft, draft.topic.subject, f'multipart/{subtype}; boundary="{boundary}"')
    line = f"\r\n--{boundary}".encode()
    return head + b"".join(line + b"\r\n" + part for part in parts) + line + b"--\r\n"


def _lines(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


def main() -> None:
    """Write the load as numbered .eml files into a directory."""
    parser = argparse.ArgumentParser(prog="python -m bench.mailmix", description=main.__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    for number, mail in enumerate(mailmix(options.count, seed=options.seed, start=datetime.now(UTC))):
        (options.directory / f"{number:06d}-{mail.kind}.eml").write_bytes(mail.raw)


if __name__ == "__main__":
    main()
