"""The head of a letter: its values, checked, and the header fields made of them.

Nothing of a received mail is ever re-emitted unchecked (TI1). Sources: RFC 5322 §3.6, RFC 3834 §5, RFC 6532 §3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from responders.errors import LetterError
from responders.header_words import FOLD, bare_id, mailbox, matching, plain_address, subject_line

Row = tuple[str, str | None]

REFERENCES_LIMIT = 20
"""Ids in References: clients look at the last ones, and some servers refuse longer lists (TI7)."""

_MARK = re.compile(r"[!-~]{1,200}")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class Heading:
    """Everything in a letter's head that its text does not say. All plain text; addresses are ``local@domain``.

    ``message_id``, ``in_reply_to`` and ``references`` may come with or without angle brackets. ``date`` has a
    timezone. ``automatic`` is the word for Auto-Submitted, or None for a letter that a person wrote. ``loop_mark`` is
    a keyed hash by which this installation knows its own mail again.
    """

    sender_name: str | None
    sender: str
    rcpt_name: str | None
    rcpt: str
    reply_to: str | None
    message_id: str
    date: datetime
    in_reply_to: str | None
    references: tuple[str, ...]
    automatic: Literal["auto-replied", "auto-generated"] | None
    loop_mark: str | None
    language: str


def head(subject: str, heading: Heading) -> list[str]:
    """Return the header fields, each once, folded with CRLF. Raise LetterError when a protocol value is not one."""
    rows: list[Row] = [
        ("Date", _date(heading.date)),
        ("From", mailbox(heading.sender_name, heading.sender)),
        ("To", mailbox(heading.rcpt_name, heading.rcpt)),
        ("Reply-To", heading.reply_to and plain_address(heading.reply_to)),
        ("Subject", subject_line(subject)),
        ("Message-ID", _own_id(heading.message_id)),
        *_thread(heading),
        *_automatic(heading.automatic),
        ("X-Ingestd-Loop", heading.loop_mark and matching(_MARK, heading.loop_mark, "a loop mark")),
        ("Content-Language", matching(_LANGUAGE, heading.language, "a language")),
    ]
    return [f"{name}: {value}" for name, value in rows if value]


def needs_smtputf8(heading: Heading) -> bool:
    """Say whether an address in the head has no ASCII form, so that only SMTPUTF8 may carry it (RFC 6531)."""
    return not f"{heading.sender}{heading.rcpt}{heading.reply_to or ''}".isascii()


def _date(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise LetterError("the date of a letter needs a timezone")
    return format_datetime(moment)


def _own_id(message_id: str) -> str:
    bare = bare_id(message_id)
    if bare is None or "@" not in bare:
        raise LetterError("a letter needs a message id of the form left@right")
    return f"<{bare}>"


def _thread(heading: Heading) -> list[Row]:
    """In-Reply-To and References, the parent last (RFC 5322 §3.6.4). Ids that cannot stand in a header stay out."""
    parent = bare_id(heading.in_reply_to or "")
    earlier = [bare for bare in map(bare_id, heading.references) if bare and bare != parent]
    chain = list(dict.fromkeys([*earlier, *([parent] if parent else [])]))
    return [
        ("In-Reply-To", parent and f"<{parent}>"),
        ("References", FOLD.join(f"<{bare}>" for bare in chain[-REFERENCES_LIMIT:])),
    ]


def _automatic(kind: str | None) -> list[Row]:
    """What keeps other machines from answering: RFC 3834 §5, Exchange's habit, and the oldest sign of all (P11)."""
    if kind is None:
        return []
    return [
        ("Auto-Submitted", matching(_MARK, kind, "the word of Auto-Submitted")),
        ("X-Auto-Response-Suppress", "All"),
        ("Precedence", "bulk"),
    ]
