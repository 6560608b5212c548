"""One spelling for many: text and keywords are folded alike before they are compared.

Folding is for comparing only. Nobody is ever shown folded text as his own words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from opencc import OpenCC

LONGEST = 20_000
"""Characters that are read, at most: nobody names his matter only after ten pages, and time stays bounded."""

# Zero-width, bidirectional and other invisible characters hide words from us and not from people; lone surrogates and
# control characters break libraries. NFKC keeps all of them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\U0001bca0-\U0001bca3\U000e0000-\U000e0fff]"
)
# The Turkish dotless i and the dot that casefold leaves of the dotted one; 帐 and 账 are one word in two spellings.
_ALIKE = {0x131: "i", 0x307: None, ord("’"): "'", ord("‘"): "'", ord("`"): "'", ord("帐"): "账"}
_CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Each pattern begins with the letter it replaces and looks back from there: the engine then skips all others.
_BLANKS = re.compile(r"\t[ \t]*| [ \t]+")
_CHINESE_GAP = re.compile(f" (?:(?=[{_CHINESE}])|(?<=[{_CHINESE}] ))")
_ENGLISH_JOINT = re.compile(r"\n(?<=[a-z0-9,']\n)(?=[a-z0-9])(?!\d{1,2}[.)])|-(?<=[a-z]-)(?=[a-z])")


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def fold(text: str) -> str:
    """Return the text as routing compares it: full-width, traditional, capital and hidden letters made plain.

    Blanks beside Chinese characters are dropped, line breaks inside English sentences and hyphens become blanks.
    At most LONGEST characters are read. Never fails, whatever the characters.
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text[:LONGEST]))
    if not plain.isascii():
        plain = _simplifier().convert(plain)
    plain = _BLANKS.sub(" ", plain.casefold().translate(_ALIKE))
    return _ENGLISH_JOINT.sub(" ", _CHINESE_GAP.sub("", plain)).strip()


def ascii_lower(text: str) -> str:
    """Lower-case the letters A to Z only, as addresses and header names are compared (RFC 5321 §2.4)."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)
