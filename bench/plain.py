"""The bare road, for comparison: one loop without retries, threading, limits or records, as a good script would do it.

``python -m bench.plain FOLDER PORT`` reads every ``.eml`` of the folder with compat32, keeps ticket rows in SQLite with
``synchronous=FULL`` and one commit per 50, renders an acknowledgement with Jinja2 and sends it over one connection to
the sink, state written back with the batch. It prints ``{"seconds": …, "cpu": …, "acks": …}``.
"""

from __future__ import annotations

import json
import smtplib
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from pathlib import Path

import jinja2

BATCH = 50
ACK = jinja2.Template(
    "From: support@example.com\r\nTo: {{ sender }}\r\nSubject: Re: {{ ticket }}\r\n"
    "Message-ID: <{{ ticket }}@example.com>\r\nIn-Reply-To: {{ message_id }}\r\n"
    "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "Thank you. Your matter has the number {{ ticket }}.\r\n"
)
SCHEMA = """
CREATE TABLE arrival (id INTEGER PRIMARY KEY, message_id TEXT UNIQUE, raw BLOB);
CREATE TABLE ticket (id INTEGER PRIMARY KEY, subject TEXT, sender TEXT, text TEXT);
CREATE TABLE entry (id INTEGER PRIMARY KEY, ticket INTEGER, text TEXT);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, ticket INTEGER, letter TEXT, state TEXT);
"""


@dataclass(frozen=True)
class Read:
    """What the script understands of a mail."""

    message_id: str
    sender: str
    subject: str
    text: str
    automatic: bool


def read(raw: bytes) -> Read:
    """Read a mail with the standard library's compat32 parser."""
    message = message_from_bytes(raw, policy=policy.compat32)
    return Read(
        str(message["Message-ID"]),
        parseaddr(str(make_header(decode_header(str(message["From"])))))[1],
        str(make_header(decode_header(str(message["Subject"])))),
        "\n".join(_texts(message)),
        "Auto-Submitted" in message,
    )


def _texts(message: Message) -> Iterator[str]:
    for part in message.walk():
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            if part.get_content_maintype() == "text" and isinstance(content, bytes):
                yield content.decode(part.get_content_charset() or "utf-8", "replace")


def run(paths: list[Path], database: sqlite3.Connection, relay: smtplib.SMTP) -> int:
    """Take every file to its acknowledgement and return how many were sent."""
    sent = 0
    for first in range(0, len(paths), BATCH):
        letters = [letter for path in paths[first : first + BATCH] if (letter := _keep(path.read_bytes(), database))]
        database.execute("COMMIT")
        for sender, text, _ in letters:
            relay.sendmail("", [sender], text.encode(), mail_options=["BODY=8BITMIME"])
        database.execute("BEGIN IMMEDIATE")
        database.executemany("UPDATE outbox SET state = 'sent' WHERE id = ?", [(row,) for _, _, row in letters])
        sent += len(letters)
    return sent


def _keep(raw: bytes, database: sqlite3.Connection) -> tuple[str, str, int] | None:
    mail = read(raw)
    if not database.in_transaction:
        database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO arrival (message_id, raw) VALUES (?, ?)", (mail.message_id, raw))
    if mail.automatic:
        return None
    values = (mail.subject, mail.sender, mail.text)
    ticket = database.execute("INSERT INTO ticket (subject, sender, text) VALUES (?, ?, ?)", values).lastrowid
    letter = ACK.render(sender=mail.sender, ticket=ticket, message_id=mail.message_id)
    database.execute("INSERT INTO entry (ticket, text) VALUES (?, ?)", (ticket, mail.text))
    owed = database.execute("INSERT INTO outbox (ticket, letter, state) VALUES (?, ?, 'due')", (ticket, letter))
    return mail.sender, letter, owed.lastrowid or 0


def main() -> None:
    """Run the script over a folder of mails and print what it took."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    paths = sorted(folder.glob("*.eml"))
    database = sqlite3.connect(folder / "plain.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.executescript(SCHEMA)
    began, used = time.monotonic(), time.process_time()
    with smtplib.SMTP("127.0.0.1", port) as relay:
        acks = run(paths, database, relay)
    database.execute("COMMIT")
    print(json.dumps({"seconds": time.monotonic() - began, "cpu": time.process_time() - used, "acks": acks}))


if __name__ == "__main__":
    main()
