"""Makes what strangers wrote safe and plain to look at: escaped, isolated, its tricks made visible (hostile input CS).

All functions are pure and give markup; nothing here trusts a character of its input.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from markupsafe import Markup, escape

LONGEST_SHOWN = 60_000
"""Characters of one text on a page; the rest is in the original, one click away."""
MOST_MARKED = 200
"""Words marked in one text at most."""
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_ONE_DAY = re.compile(r"((\d{4}-\d\d-\d\d) \d\d:\d\d) – \2 (\d\d:\d\d)")
_SIGN = Markup('<span class="sign">{}</span>')
_BDI = Markup("<bdi>{}</bdi>")
_MARK = Markup("<mark>{}</mark>")


def inline(text: object) -> Markup:
    """Show a name, a subject or a file name: in a ``bdi``, direction marks and controls as visible signs (CS12)."""
    return _BDI.format(_visible(" ".join(str(text).split("\n"))))


def block(text: object, words: Iterable[str] = ()) -> Markup:
    """Show a text of many lines, cut to what a page can bear, with these words marked."""
    shown = str(text)[:LONGEST_SHOWN].replace("\r\n", "\n")
    return _marked(shown, words)


def marked(text: object, words: Iterable[str]) -> Markup:
    """Show one line as ``inline`` does, with these words marked."""
    return _BDI.format(_marked(" ".join(str(text).split("\n")), words))


def _marked(text: str, words: Iterable[str]) -> Markup:
    wanted = sorted({word for word in words if word.strip()}, key=len, reverse=True)[:MOST_MARKED]
    if not wanted:
        return _visible(text)
    parts = re.split("(" + "|".join(map(re.escape, wanted)) + ")", text, flags=re.IGNORECASE)
    shown = (_MARK.format(_visible(part)) if place % 2 else _visible(part) for place, part in enumerate(parts))
    return Markup("").join(shown)


def _visible(text: str) -> Markup:
    """Escape, and replace what no eye sees by its name."""
    parts = re.split(f"({_DIRECTIONS.pattern}|{_CONTROLS.pattern})", text)
    return Markup("").join(
        _SIGN.format(f"U+{ord(part):04X}") if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def is_cut(text: object) -> bool:
    """Whether ``block`` shows only the beginning of this text."""
    return len(str(text)) > LONGEST_SHOWN


def has_directions(text: object) -> bool:
    """Whether marks in it could turn its parts around, as in ``invoice<U+202E>gnp.exe`` (AT3)."""
    return bool(_DIRECTIONS.search(str(text)))


def has_address(name: object) -> bool:
    """Whether a display name looks like an address itself, a common lure (CS10); also with a full-width @."""
    return "@" in unicodedata.normalize("NFKC", str(name or ""))


def is_international(address: object) -> bool:
    """Whether the domain of an address has letters beyond ASCII, which may look like others (CS13)."""
    domain = str(address or "").rpartition("@")[2]
    return "xn--" in domain.lower() or not domain.isascii()


def ending(name: object) -> str:
    """Return the real extension of a file name, whatever its marks make it look like (AT3)."""
    _, dot, last = str(name or "").rpartition(".")
    return last.strip().lower()[:16] if dot and last.strip() else "?"


def span(text: object) -> str:
    """Write a span of one day with its day once: ``2026-11-20 15:00 – 15:59``."""
    return _ONE_DAY.sub(r"\1 – \3", str(text))


def size(octets: int) -> str:
    """Return a size as people read it."""
    for unit, octets_each in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if octets >= octets_each:
            return f"{octets / octets_each:.1f} {unit}"
    return f"{octets} B"
