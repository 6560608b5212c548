"""What a template sees of the facts: the known ones, cleaned, and three words made from them.

``greeting`` is the form of address, ``late`` is true when all three times of a late letter are there, ``language`` is
that of the letter. An unknown fact is simply absent, and so is an empty one.
"""

from __future__ import annotations

import re

from responders.letter import Facts, Row
from responders.names import address

KNOWN = frozenset(Facts.model_fields) | {"greeting", "late", "language"}
SEVERAL_LINES = frozenset({"reply_text", "result", "reason"})
"""Facts that people of the service write, with line breaks. In all others a line break would forge a paragraph."""
LONGEST_QUOTE = 80
"""So many characters of the customer's own words are quoted: enough to know the mail again (000-16)."""
UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""Controls, lone surrogates, and marks that turn the direction of text or hide in it."""
LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def context(facts: Facts, language: str) -> dict[str, object]:
    """Return the variables of a template: what is known and nothing else."""
    strings = [(name, value) for name, value in facts.__dict__.items() if isinstance(value, str)]
    known: dict[str, object] = {name: text for name, value in strings if (text := _clean(name, value))}
    known["rows"] = tuple(Row(label=one_line(row.label), value=one_line(row.value)) for row in facts.rows)
    known["items"] = tuple(one_line(item) for item in facts.items)
    known["language"] = language
    known["greeting"] = address(one_line(facts.customer or ""), facts.honorific, language)
    known["late"] = bool(facts.late_promised and facts.late_received and facts.late_sent)
    return known


def one_line(text: str) -> str:
    """Return a text in one line without anything that does not print."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(UNPRINTABLE.sub("", LINE_ENDS.sub("\n", text)).split())


def several_lines(text: str) -> str:
    """Return a text with plain line ends and without anything else that does not print."""
    return UNPRINTABLE.sub("", LINE_ENDS.sub("\n", text)).strip()


def _clean(name: str, text: str) -> str:
    if name in SEVERAL_LINES:
        return several_lines(text)
    line = one_line(text)
    return line[:LONGEST_QUOTE] + "…" if name == "customer_words" and len(line) > LONGEST_QUOTE else line
