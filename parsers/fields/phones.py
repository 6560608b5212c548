"""Phone numbers the customer gives: mobiles, landlines, Hong Kong, Macao, Taiwan, international.

Eleven digits inside a longer row are no phone; 400 and 800 numbers are service lines, not the customer's. The value is
digits only (an extension behind a dash); the mainland prefix +86 is left off, other country codes stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from parsers.fields.numerals import SPELLED_DIGITS, digits
from parsers.fields.passages import Passage
from parsers.record import FoundNumber

PHONES_CAP = 20

DIGITS_NEEDED = 8  # of an international number; fewer is a sum or a score, and no other phone has fewer

_GAP = "[ -]?"
_AREA = r"(?:10|2\d|[3-9]\d{2})"
_LOCAL = rf"[2-8]\d{{2,3}}{_GAP}\d{{4}}"
_EXTENSION = r"(?: ?(?:转|轉|分机|分機|ext\.?|-) ?(?P<extension>\d{1,6}))?"
_MOBILE = rf"1[3-9]\d(?:{_GAP}\d{{4}}{_GAP}\d{{4}}|{_GAP}\d{{3}}{_GAP}\d{{5}})"
_PHONE = re.compile(
    r"(?<![A-Za-z0-9.*_-])(?:"
    rf"(?P<mobile>(?:\(?\+?(?:00)?86\)?{_GAP})?{_MOBILE})"
    rf"|(?<![{SPELLED_DIGITS}])(?P<spelled>[一幺][{SPELLED_DIGITS}]{{10}})(?![{SPELLED_DIGITS}])"
    rf"|(?P<hongkong>(?:\+|00)852{_GAP}[235-9]\d{{3}}{_GAP}\d{{4}})"
    rf"|(?P<macao>(?:\+|00)853{_GAP}[268]\d{{3}}{_GAP}\d{{4}})"
    rf"|(?P<taiwan>(?:(?:\+|00)886{_GAP}9\d{{2}}|09\d{{2}}){_GAP}\d{{3}}{_GAP}\d{{3}}|\(?0[2-8]\)?-?\d{{3,4}}-\d{{4}})"
    rf"|(?P<landline>\(?(?:(?:\+|00)86{_GAP}\(?0?|0){_AREA}\)?{_GAP}{_LOCAL}){_EXTENSION}"
    r"|(?P<abroad>\+(?!86)[1-9]\d{0,2}(?:[ -]?\(?\d{2,4}\)?){2,5})"
    r")(?![\d*])(?!-\d)(?![A-Za-z])",
    re.IGNORECASE,
)
_SPELLED_ONES = ("一", "幺")
_COUNTRY = re.compile(r"^(?:00)?86(?=1\d{10}$|0?(?:10|2\d|[3-9]\d{2})\d{7,8}$)")


def find(passage: Passage) -> Iterator[FoundNumber]:
    """Find the phones of a passage, each once, in the order in which they stand. Never raises."""
    digits_there = sum(end - start for start, end in passage.figures)
    if digits_there < DIGITS_NEEDED and not passage.has(_SPELLED_ONES):
        return
    seen: set[str] = set()
    for match in _PHONE.finditer(passage.folded):
        value = _value(match)
        enough = not match["abroad"] or len(value) >= DIGITS_NEEDED
        if enough and value not in seen and len(seen) < PHONES_CAP:
            seen.add(value)
            yield FoundNumber(value=value, raw=passage.raw(match.span()), source=passage.source)


def _value(match: re.Match[str]) -> str:
    extension = match["extension"]
    row = digits(match["landline"] or match[0])
    value = _COUNTRY.sub("", row)
    if match["landline"] and not value.startswith("0"):
        value = f"0{value}"
    return f"{value}-{extension}" if extension else value.removeprefix("00")
