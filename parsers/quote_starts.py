"""Where quoted mail begins: separator lines, copied header blocks, attribution lines.

Works on lines in folded spelling and looks at no more than a few lines around each, so that time grows with the
length of the text only. A separator or a label alone proves nothing, for customers write 发件人 in prose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.quote_marks import (
    ATTRIBUTION_ENDS,
    ATTRIBUTION_STARTS,
    BARE_LABELS,
    DATE_LABELS,
    OPENING_LINES,
    RECIPIENT_LABELS,
    SENDER_LABELS,
    SEPARATOR_WORDS,
    SUBJECT_LABELS,
)

BLOCK_LINES = 10  # a header block with wrapped recipients; Mail Master puts each value on a line of its own
ATTRIBUTION_LINES = 4  # Gmail and Outlook wrap long names and addresses
LINE_CAP = 500  # characters of a line looked at; attributions and labels are far shorter

_DASH = "[-_=~—─]"
_SEPARATOR = re.compile(
    rf"[ >*]{{0,10}}{_DASH}{{2,80}}[ >]{{0,6}}(?:{'|'.join(map(re.escape, SEPARATOR_WORDS))})"
    rf"[^-_=~—─]{{0,80}}{_DASH}{{0,80}} {{0,6}}$"
)
_RULE = re.compile(rf"[ >]{{0,10}}(?:{_DASH}{{5,200}})? {{0,6}}$")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_NAME_THEN_DATE = re.compile(r"<[^<>\s]{1,200}@|mailto:|[在于於] ?\d{4}")
_JAPANESE = re.compile(r"\d{4}年.{1,60}@[^ ]{1,100}>$")


def _spaced(word: str) -> str:
    """Allow blanks between the characters of a Chinese label (主　题, 发 件 人)."""
    return " {0,3}".join(word) if ord(word[0]) > 0x2E7F else re.escape(word)


def _labels(words: Sequence[str]) -> str:
    return "|".join(_spaced(word) for word in sorted(words, key=len, reverse=True))


_LABEL = re.compile(
    rf"[ >*|]{{0,10}}(?:(?P<sender>{_labels(SENDER_LABELS)})|(?P<date>{_labels(DATE_LABELS)})"
    rf"|(?P<recipient>{_labels(RECIPIENT_LABELS)})|(?P<subject>{_labels(SUBJECT_LABELS)}))[ *|]{{0,4}}:(?!//)"
)
_BARE = re.compile(rf"[ >*|]{{0,10}}(?P<word>{'|'.join(BARE_LABELS)})(?: {{0,6}}$|[ |]{{1,6}}[^ :])")
_BARE_KIND = {
    word: kind
    for kind, words in (
        ("sender", SENDER_LABELS), ("date", DATE_LABELS), ("recipient", RECIPIENT_LABELS), ("subject", SUBJECT_LABELS)
    )
    for word in words
}  # fmt: skip
_STARTS_WITH_DATE = re.compile(
    rf"[ >]{{0,10}}(?:[在于於] ?\d|(?:{'|'.join(w for w in ATTRIBUTION_STARTS if w.isascii())}) )"
)


def is_separator(line: str) -> bool:
    """Tell whether a folded line is a separator with words, or the opening line of a forward."""
    text = line[:LINE_CAP].lower()
    return _SEPARATOR.match(text) is not None or text.strip(" >*") in OPENING_LINES


def label_of(line: str) -> str | None:
    """Name what a header-like folded line stands for: sender, date, recipient, subject; None for any other line."""
    text = line[:LINE_CAP].lower()
    found = _LABEL.match(text) if ":" in text else None
    if found:
        return found.lastgroup
    bare = None if text.isascii() else _BARE.match(text)
    return _BARE_KIND[bare["word"]] if bare else None


def header_block_start(lines: Sequence[str], at: int, labels: Sequence[str | None]) -> int | None:
    """Give the first line of the header block whose sender line is ``at``, or None where there is no block.

    Asks for a sender and a subject, or a sender with a date or recipient and an address; rules and further labels
    directly above belong to the block (Kylin writes the subject first, Outlook a line of underscores).
    """
    if labels[at] != "sender":
        return None
    start = _walk_up(lines, at, labels)
    end = min(at + BLOCK_LINES, len(lines))
    kinds = {kind for kind in labels[start:end] if kind}
    has_address = any("@" in lines[i][:LINE_CAP] for i in range(start, min(at + 4, end)))
    return start if "subject" in kinds or (len(kinds) > 1 and has_address) or is_flat_block(lines[at]) else None


def is_flat_block(line: str) -> bool:
    """Tell whether a whole block stands in one line, as previews flatten Mail Master's table."""
    return "发件人" in line and line.find("发件人") < line.find("发送日期") < line.find("收件人")


def _walk_up(lines: Sequence[str], at: int, labels: Sequence[str | None]) -> int:
    start = at
    for i in range(at - 1, max(-1, at - BLOCK_LINES), -1):
        if not labels[i] and not _RULE.match(lines[i][:LINE_CAP]) and not is_separator(lines[i]):
            break
        start = i
    return start


def attributions(lines: Sequence[str]) -> dict[int, int]:
    """Find every attribution ("在…写道:", "On … wrote:"): first line -> line after the last one."""
    found: dict[int, int] = {}
    for end, line in enumerate(lines):
        if _ends_attribution(line):
            start = _attribution_start(lines, end)
            if start is None and _stands_above_marks(lines, end):
                start = end
            if start is not None:
                found[start] = end + 1
    return found


def _stands_above_marks(lines: Sequence[str], at: int) -> bool:
    """Tell an attribution without a time ("On Friday the team wrote:") by its start and the marked line below."""
    below = next(iter(lines[at + 1 : at + 2]), "")
    return below.startswith(">") and _STARTS_WITH_DATE.match(lines[at][:LINE_CAP].lower()) is not None


def _ends_attribution(line: str) -> bool:
    tail = line[-LINE_CAP:].rstrip(" :*").lower()
    return tail.endswith(ATTRIBUTION_ENDS) or (line.rstrip().endswith(">:") and _JAPANESE.search(tail) is not None)


def _attribution_start(lines: Sequence[str], end: int) -> int | None:
    """Walk up over wrapped lines to the one that opens the attribution; a clock time must stand in it."""
    fallback = None
    for start in range(end, max(-1, end - ATTRIBUTION_LINES), -1):
        if not lines[start].strip():
            break
        joined = " ".join(line[:LINE_CAP] for line in lines[start : end + 1])
        if len(joined) > LINE_CAP or not _CLOCK.search(joined):
            continue
        if _STARTS_WITH_DATE.match(joined.lower()):
            return _with_name_above(lines, start)
        if fallback is None and _NAME_THEN_DATE.search(joined):
            fallback = start
    return fallback


def _with_name_above(lines: Sequence[str], start: int) -> int:
    """Gmail wraps before 于, so that ``name <address>`` stands alone on the line above."""
    above = lines[start - 1].rstrip() if start else ""
    return start - 1 if above.endswith(">") and "@" in above and len(above) < LINE_CAP else start
