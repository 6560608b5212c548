"""Order, customer and other numbers: what a label or an unmistakable shape says they are, never a guess.

A bare row of digits is nothing. What is not an order (tracking, invoice, ID card …) is kept apart with its kind, so
that nobody looks it up as one. ID and bank card numbers are masked at once: the record never holds them whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from parsers.fields.number_labels import LABELS, LOOSE_LABELS, LOOSE_LENGTH, SHAPES
from parsers.fields.passages import Passage, first_group
from parsers.record import FoundNumber, OtherNumber

NUMBERS_CAP = 50  # numbers of each sort told from one message
LISTED_CAP = 20  # numbers behind one label

_VALUE = r"(?:\d{3,6}(?: \d{3,6}){1,5}(?![\w-])|[A-Z0-9](?:[A-Z0-9]|[-_](?=[A-Z0-9])){3,39}(?![A-Z0-9_-]))"
_NO_UNIT = r"(?! ?[年月日号號个個元块块塊件天次点點岁%°万台份折])"
_BETWEEN = re.compile(r"[ ]{0,2}(?:[、,/;和及与與跟&]|and|\n)[ \n]{0,3}", re.IGNORECASE)
_SEPARATOR = r"[ ]{0,3}(?:[(\[【\"'“]|是|为|為|叫|:|#|=|\bis\b|no\.?:?|\n){0,3}[ ]{0,3}[#:\"'“【]{0,2}[ ]{0,2}"
_LABEL = re.compile(
    "(?<![a-z])(?:" + "|".join(f"(?P<{kind}>{'|'.join(words)})" for kind, words in LABELS.items()) + ")"
)
_REACH = 100  # characters: the longest label, separator and letters of a value before its first digit
_AFTER_LABEL = re.compile(rf"{_SEPARATOR}(?P<value>{_VALUE}){_NO_UNIT}", re.IGNORECASE)
_NEXT = re.compile(rf"(?P<value>{_VALUE}){_NO_UNIT}", re.IGNORECASE)
_SHAPE = re.compile(
    "(?<![A-Za-z0-9])(?:" + "|".join(f"(?P<{kind}>{shape})" for kind, shape in SHAPES.items()) + ")(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_DATE_LIKE = re.compile(r"(?:19|20)\d\d[-_]\d{1,2}[-_]\d{1,2}$|(?:19|20)\d\d-\d{1,2}$")
_ID_CARD = re.compile(r"(?<![A-Za-z0-9])\d{17}[0-9Xx](?![A-Za-z0-9])")
_BANK_CARD = re.compile(r"(?<![A-Za-z0-9.-])[3-6]\d{3}(?:[ -]?\d{4}){2,3}(?:[ -]?\d{1,4})?(?![A-Za-z0-9-])")

Span = tuple[int, int]


@dataclass(frozen=True)
class Hit:
    """A number found: its kind, canonical value, raw spelling, and the place it takes up."""

    kind: str
    value: str
    raw: str
    span: Span


@dataclass(frozen=True)
class Numbers:
    """All numbers of one passage, and the passage with them blotted out for the phone finder."""

    order_nos: tuple[FoundNumber, ...]
    other_nos: tuple[OtherNumber, ...]
    customer_nos: tuple[FoundNumber, ...]
    rest: Passage


def find(passage: Passage) -> Numbers:
    """Find the numbers of a passage, each once, in the order in which they stand. Never raises."""
    hits: list[Hit] = []
    rest = passage
    for finder in FINDERS:
        found = list(finder(rest))[:NUMBERS_CAP]
        if found:
            hits += found
            rest = rest.without(hit.span for hit in found)
    hits.sort(key=lambda hit: hit.span)
    return Numbers(
        order_nos=_of_kind(hits, "order", passage),
        other_nos=tuple(_other(hit, passage) for hit in hits if hit.kind not in ("order", "customer", "account")),
        customer_nos=_of_kind(hits, "customer", passage),
        rest=rest,
    )


def _of_kind(hits: list[Hit], kind: str, passage: Passage) -> tuple[FoundNumber, ...]:
    return tuple(FoundNumber(value=hit.value, raw=hit.raw, source=passage.source) for hit in hits if hit.kind == kind)


def _other(hit: Hit, passage: Passage) -> OtherNumber:
    return OtherNumber(kind=hit.kind, value=hit.value, raw=hit.raw, source=passage.source)


def id_cards(passage: Passage) -> Iterator[Hit]:
    """Chinese ID cards by their check character (GB 11643, ISO 7064), masked."""
    for match in _ID_CARD.finditer(passage.folded) if passage.has_digits(17) else ():
        if _is_id_card(match[0]):
            yield _masked("id_card", match[0], match.span())


def labelled(passage: Passage) -> Iterator[Hit]:
    """Numbers behind a label; several may follow one, set off by commas or 和."""
    taken = 0
    for label in _labels(passage):
        kind, _ = first_group(label)
        found = _AFTER_LABEL.match(passage.folded, label.end())
        for _ in range(LISTED_CAP):
            if not found or found.start("value") < taken or not _plausible(label[0], found["value"]):
                break
            taken = found.end("value")
            yield _hit(kind, found["value"], found.span("value"), passage)
            between = _BETWEEN.match(passage.folded, taken)
            found = _NEXT.match(passage.folded, between.end()) if between else None


def _labels(passage: Passage) -> Iterator[re.Match[str]]:
    """Give the labels that are near enough before a digit to name a number; no label has a digit in it."""
    searched = 0
    for start, end in passage.figures:
        yield from _LABEL.finditer(passage.lowered, max(searched, start - _REACH), start)
        searched = end


def shaped(passage: Passage) -> Iterator[Hit]:
    """Numbers whose shape alone says what they are."""
    maybe = passage.has_digits(6) or passage.has(("jdv", "1z"))  # every shape has one of these
    for match in _SHAPE.finditer(passage.folded) if maybe else ():
        kind, span = first_group(match)
        yield _hit(kind, match[0], span, passage)


def bank_cards(passage: Passage) -> Iterator[Hit]:
    """Card numbers of 16 to 19 digits that pass Luhn's check (ISO/IEC 7812-1), masked."""
    for match in _BANK_CARD.finditer(passage.folded) if passage.has_digits(4) else ():
        digits = re.sub(r"[ -]", "", match[0])
        if 16 <= len(digits) <= 19 and _passes_luhn(digits):
            yield _masked("bank_card", match[0], match.span())


FINDERS: tuple[Callable[[Passage], Iterator[Hit]], ...] = (id_cards, labelled, shaped, bank_cards)


def _hit(kind: str, value: str, span: Span, passage: Passage) -> Hit:
    if kind in ("id_card", "bank_card") and len(value) > 6:
        return _masked(kind, value, span)
    return Hit(kind, value.replace(" ", "").upper(), passage.raw(span), span)


def _masked(kind: str, value: str, span: Span) -> Hit:
    """Keep the last four characters only; the raw spelling would give the number away too."""
    digits = re.sub(r"[ -]", "", value)
    hidden = "*" * (len(digits) - 4) + digits[-4:].upper()
    return Hit(kind, hidden, hidden, span)


def _plausible(label: str, value: str) -> bool:
    """Refuse words without digits, dates, and short numbers behind labels that are common in prose."""
    count = sum(character.isdigit() for character in value)
    loose = label in LOOSE_LABELS
    return count >= 3 and not _DATE_LIKE.match(value) and not (loose and len(value) < LOOSE_LENGTH)


def _is_id_card(number: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, number[:17], strict=True))
    return "10X98765432"[total % 11] == number[17].upper() and number[6:8] in ("19", "20")


def _passes_luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
