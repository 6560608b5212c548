"""The head of a letter: its values, checked, and the header lines made of them.

Free text (names, the subject) becomes one clean line whatever is in it; protocol values (addresses, ids, marks) are
refused when they are not what they must be. Nothing of a received mail is ever re-emitted unchecked (TI1).
Sources: RFC 5322 §2.2.3 and §3.6, RFC 2047 §5, RFC 3834 §5, RFC 6532 §3.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from textwrap import wrap
from typing import Literal

from responders.errors import LetterError

Row = tuple[str, str | None]

FOLD = "\r\n "
LINE_WIDTH = 66
"""Characters of text on one header line: 76 (RFC 2047 §2) less the longest name that carries text."""
WORD_OCTETS = 39
"""Octets in one encoded word: 52 of base64 and 12 of frame still fit on the first line of any header."""
NAME_LIMIT = 100
"""Characters of a display name; the rest of a longer one is left out, for a name is only decoration."""
ID_LIMIT = 900
"""Octets of a foreign message id, so that its line stays under the 998 of RFC 5322 §2.1.1."""
REFERENCES_LIMIT = 20
"""Ids in References: clients look at the last ones, and some servers refuse longer lists (TI7)."""

_NOT_PRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_WORD = r"[^\x00-\x20\x7f-\xa0()<>\[\]:;@\\,\"\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
_ADDRESS = re.compile(rf"{_WORD}{{1,64}}@{_WORD}{{1,255}}")
_ID = re.compile(rf"[!-;=?-~]{{1,{ID_LIMIT}}}")
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
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    automatic: Literal["auto-replied", "auto-generated"] | None = "auto-replied"
    loop_mark: str | None = None
    language: str = "en"


def head(subject: str, heading: Heading) -> list[str]:
    """Return the header fields, each once, folded with CRLF. Raise LetterError when a protocol value is not one."""
    rows: list[Row] = [
        ("Date", _date(heading.date)),
        ("From", _mailbox(heading.sender_name, heading.sender)),
        ("To", _mailbox(heading.rcpt_name, heading.rcpt)),
        ("Reply-To", heading.reply_to and _address(heading.reply_to)),
        ("Subject", _subject(subject)),
        ("Message-ID", _own_id(heading.message_id)),
        *_thread(heading),
        *_automatic(heading.automatic),
        ("X-Ingestd-Loop", heading.loop_mark and _matching(_MARK, heading.loop_mark, "loop mark")),
        ("Content-Language", _matching(_LANGUAGE, heading.language, "language")),
    ]
    return [f"{name}: {value}" for name, value in rows if value]


def needs_smtputf8(heading: Heading) -> bool:
    """Say whether an address in the head has no ASCII form, so that only SMTPUTF8 may carry it (RFC 6531)."""
    return not f"{heading.sender}{heading.rcpt}{heading.reply_to or ''}".isascii()


def one_line(text: str) -> str:
    """Return text on one line: controls, direction marks and lone surrogates become spaces, runs of them one."""
    return _NOT_PRINTABLE.sub(" ", text).strip()


def _date(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise LetterError("the date of a letter needs a timezone")
    return format_datetime(moment)


def _mailbox(name: str | None, address: str) -> str:
    phrase = _phrase(one_line(name or "")[:NAME_LIMIT].rstrip())
    if not phrase:
        return _address(address)
    fits = "\r\n" not in phrase and len(phrase) + len(address) < LINE_WIDTH
    return f"{phrase}{' ' if fits else FOLD}<{_address(address)}>"


def _phrase(name: str) -> str:
    """A display name as atoms, a quoted string or encoded words, whichever is the plainest that holds it."""
    if not name.isascii() or "=?" in name:
        return _encoded_words(name)
    if _ATOMS.fullmatch(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' if name else ""


def _address(address: str) -> str:
    return _matching(_ADDRESS, address, "address")


def _subject(text: str) -> str:
    line = one_line(text)
    if not line:
        raise LetterError("a letter needs a subject")
    if not line.isascii() or "=?" in line:
        return _encoded_words(line)
    if len(line) <= LINE_WIDTH:
        return line
    lines = wrap(line, LINE_WIDTH, break_long_words=False, break_on_hyphens=False)
    return FOLD.join(lines) if max(map(len, lines)) <= LINE_WIDTH else _encoded_words(line)


def _encoded_words(text: str) -> str:
    """RFC 2047 B words in UTF-8, none of which splits a character (§5)."""
    octets, words, start = text.encode(), [], 0
    while start < len(octets):
        end = start + WORD_OCTETS
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        words.append(f"=?utf-8?b?{b64encode(octets[start:end]).decode()}?=")
        start = end
    return FOLD.join(words)


def _own_id(message_id: str) -> str:
    bare = _bare_id(message_id)
    if bare is None or "@" not in bare:
        raise LetterError("a letter needs a message id of the form left@right")
    return f"<{bare}>"


def _thread(heading: Heading) -> list[Row]:
    """In-Reply-To and References, the parent last (RFC 5322 §3.6.4). Ids that cannot stand in a header stay out."""
    parent = _bare_id(heading.in_reply_to or "")
    chain = [bare for bare in map(_bare_id, heading.references) if bare not in (None, parent)]
    if parent:
        chain.append(parent)
    return [
        ("In-Reply-To", parent and f"<{parent}>"),
        ("References", FOLD.join(f"<{bare}>" for bare in _last(chain))),
    ]


def _last(ids: Iterable[str | None]) -> list[str | None]:
    return list(dict.fromkeys(ids))[-REFERENCES_LIMIT:]


def _bare_id(text: str) -> str | None:
    bare = text.strip().removeprefix("<").removesuffix(">")
    return bare if _ID.fullmatch(bare) else None


def _automatic(kind: str | None) -> list[Row]:
    """What keeps other machines from answering: RFC 3834 §5, Exchange's habit, and the oldest sign of all (P11)."""
    if kind is None:
        return []
    return [
        ("Auto-Submitted", _matching(_MARK, kind, "Auto-Submitted word")),
        ("X-Auto-Response-Suppress", "All"),
        ("Precedence", "bulk"),
    ]


def _matching(pattern: re.Pattern[str], value: str, noun: str) -> str:
    if not pattern.fullmatch(value):
        raise LetterError(f"this cannot stand in a header as {noun}: {value[:80]!r}")
    return value
