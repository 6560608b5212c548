"""One spelling for matching: full-width forms, odd spaces and dashes folded, every character keeping its place.

Only for looking things up. What is kept or shown is cut from the original text by the same offsets, which is why
every replacement is exactly one character long (NFKC would move the offsets).
"""

from __future__ import annotations

import re

# Characters that draw nothing: customers' tools leave them inside numbers and names.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t"
_DASHES = "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
_TABLE = (
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | {ord(space): " " for space in _SPACES}
    | {ord(dash): "-" for dash in _DASHES}
)
# Letters outside of ASCII that ignoring case takes for i, k and s; the first would grow when made lower case.
_LETTERS_LIKE_ASCII = str.maketrans("\u0130\u0131\u017f\u212a", "iisk")


def without_invisible(text: str) -> str:
    """Take out characters that draw nothing (zero-width, direction marks, BOM, soft hyphen)."""
    return text if text.isascii() else INVISIBLE.sub("", text)


def fold(text: str) -> str:
    """Fold full-width forms, spaces and dashes to ASCII; the result has the same length as ``text``."""
    return text.replace("\t", " ") if text.isascii() else text.translate(_TABLE)


def lower(folded: str) -> str:
    """Give the text in lower case and the same length, just as patterns see it that ignore case."""
    return (folded if folded.isascii() else folded.translate(_LETTERS_LIKE_ASCII)).lower()
