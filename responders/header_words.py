"""The words that header fields are made of: clean lines, names, encoded words, addresses and ids.

Free text becomes one clean line whatever is in it; a protocol value that is not one raises LetterError. Sources:
RFC 5322 §2.1.1 and §3.2, RFC 2047 §2 and §5.
"""

from __future__ import annotations

import re
from base64 import b64encode
from textwrap import wrap

from responders.errors import LetterError

FOLD = "\r\n "
LINE_WIDTH = 66
"""Characters of text on one header line: 76 (RFC 2047 §2) less the longest name that carries text."""
WORD_OCTETS = 39
"""Octets in one encoded word: 52 of base64 and 12 of frame still fit on the first line of any header."""
NAME_LIMIT = 100
"""Characters of a display name; the rest of a longer one is left out, for a name is only decoration."""
ID_LIMIT = 900
"""Octets of a foreign message id, so that its line stays under the 998 of RFC 5322 §2.1.1."""

_NOT_PRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_WORD = r"[^\x00-\x20\x7f-\xa0()<>\[\]:;@\\,\"\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
_ADDRESS = re.compile(rf"{_WORD}{{1,64}}@{_WORD}{{1,255}}")
_ID = re.compile(rf"[!-;=?-~]{{1,{ID_LIMIT}}}")


def one_line(text: str) -> str:
    """Return text on one line: controls, direction marks and lone surrogates become spaces, runs of them one."""
    return _NOT_PRINTABLE.sub(" ", text).strip()


def subject_line(text: str) -> str:
    """Return a subject as the field's folded value. Raise LetterError when nothing printable is in it."""
    line = one_line(text)
    if not line:
        raise LetterError("a letter needs a subject")
    if not line.isascii() or "=?" in line:
        return encoded_words(line)
    if len(line) <= LINE_WIDTH:
        return line
    lines = wrap(line, LINE_WIDTH, break_long_words=False, break_on_hyphens=False)
    return FOLD.join(lines) if max(map(len, lines)) <= LINE_WIDTH else encoded_words(line)


def mailbox(name: str | None, address: str) -> str:
    """Return ``name <address>``, or the bare address without a name. Raise LetterError when it is no address."""
    phrase = _phrase(one_line(name or "")[:NAME_LIMIT].rstrip())
    if not phrase:
        return plain_address(address)
    fits = "\r\n" not in phrase and len(phrase) + len(address) < LINE_WIDTH
    return f"{phrase}{' ' if fits else FOLD}<{plain_address(address)}>"


def _phrase(name: str) -> str:
    """A display name as atoms, a quoted string or encoded words, whichever is the plainest that holds it."""
    if not name.isascii() or "=?" in name:
        return encoded_words(name)
    if not name or _ATOMS.fullmatch(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def plain_address(address: str) -> str:
    """Return the address when it is exactly one ``local@domain``. Raise LetterError otherwise."""
    return matching(_ADDRESS, address, "an address")


def encoded_words(text: str) -> str:
    """Return RFC 2047 B words in UTF-8, none of which splits a character (§5)."""
    octets, words, start = text.encode(), [], 0
    while start < len(octets):
        end = start + WORD_OCTETS
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        words.append(f"=?utf-8?b?{b64encode(octets[start:end]).decode()}?=")
        start = end
    return FOLD.join(words)


def bare_id(text: str) -> str | None:
    """Return a message id without its angle brackets, or None when it cannot stand in a header."""
    bare = text.strip().removeprefix("<").removesuffix(">")
    return bare if _ID.fullmatch(bare) else None


def matching(pattern: re.Pattern[str], value: str, noun: str) -> str:
    """Return the value when the pattern matches all of it. Raise LetterError that names the noun otherwise."""
    if not pattern.fullmatch(value):
        raise LetterError(f"this cannot stand in a header as {noun}: {value[:80]!r}")
    return value
