"""What the customer wrote now, apart from what the mail program copied below, above or between.

Only text goes in and out; where the words are cut is decided by the marks in ``quote_marks``. Nothing is thrown
away but gateway banners: own words, quoted words and signature are all handed on. Subjects have their own module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from parsers import signatures
from parsers.folding import fold, without_invisible
from parsers.quote_marks import BANNERS, SEPARATOR_WORDS
from parsers.quote_starts import attributions, header_block_start, is_flat_block, is_separator, label_of
from parsers.subjects import is_forward, is_reply, subject_base

__all__ = ["Split", "split", "subject_base"]

TEXT_CAP = 200_000  # characters searched for marks; what lies beyond goes with the end of the searched part
BANNER_LINES = 6  # a gateway's warning paragraph is no longer

_INLINE_SEPARATOR = re.compile(
    rf"(?<=[^\s>-])[ \u00a0]{{0,4}}(?=-{{4,60}}(?: |\u00a0|&nbsp;){{0,3}}(?:{'|'.join(SEPARATOR_WORDS[:17])})"
    r"(?: |\u00a0|&nbsp;){0,3}-{4})"
)
_TAG = re.compile(r"[ *]{0,4}[\[【][^\]】]{2,12}[\]】][ *]{0,4}")
_EMOTICON = re.compile(r">[_.oO^-]{1,3}<")


@dataclass(frozen=True)
class Split:
    """A text in three parts. ``own_text`` is empty only where every word is recognisably quoted or there is none."""

    own_text: str
    quoted_text: str | None
    signature_text: str | None


def split(text: str, subject: str, *, is_html: bool = False) -> Split:
    """Tell the sender's own new words from the quoted history and the signature.

    ``subject`` decides what a mail without words of its own means: a forward or a first message keeps everything, a
    reply may be empty. ``is_html`` says that ``text`` was made from HTML, where ``&gt;`` is no leftover. Never raises.
    """
    lines = _lines(text[:TEXT_CAP])
    folded = [_for_matching(line, is_html) for line in lines]
    own_flags = _own_lines(folded, is_reply(subject))
    own = _joined(line for line, flag in zip(_without_banner(lines, folded), own_flags, strict=True) if flag)
    quoted = _joined(line for line, flag in zip(lines, own_flags, strict=True) if not flag)
    rest = text[TEXT_CAP:]
    own, quoted = (own, quoted + rest) if quoted else (own + rest, quoted)
    return _settle(text, own, quoted, subject)


def _settle(text: str, own: str, quoted: str, subject: str) -> Split:
    """Take off the signature, and give back what would leave a first message or a forward without words."""
    body, signature = signatures.cut(own)
    if not body and quoted and (is_forward(subject) or not is_reply(subject)):
        own, quoted = text.strip(), ""
        body, signature = signatures.cut(own)
    if not body:
        body, signature = own, None
    return Split(body, quoted or None, signature)


def _lines(text: str) -> list[str]:
    text = without_invisible(text).replace("\r\n", "\n").replace("\r", "\n")
    if "----" in text:
        text = _INLINE_SEPARATOR.sub("\n", text)
    return text.split("\n")


def _for_matching(line: str, is_html: bool) -> str:
    """Fold a line; QQ and Coremail leave entities undecoded in their text parts."""
    if not is_html and "&" in line:
        line = line.replace("&nbsp;", " ").replace("&gt;", ">").replace("&lt;", "<")
    return fold(line)


def _without_banner(lines: Sequence[str], folded: Sequence[str]) -> list[str]:
    """Blank the tag, or the warning paragraph, that a gateway put on top."""
    kept = list(lines)
    first = next((i for i, line in enumerate(folded[:BANNER_LINES]) if line.strip()), None)
    if first is None or not folded[first].strip(" *").lower().startswith(BANNERS):
        return kept
    tag = _TAG.match(folded[first])
    if tag:
        kept[first] = kept[first][tag.end() :]
        return kept
    end = next((i for i in range(first, first + BANNER_LINES) if i >= len(kept) or not kept[i].strip()), first + 1)
    kept[first:end] = [""] * (end - first)
    return kept


def _own_lines(folded: Sequence[str], reply: bool) -> list[bool]:
    """Mark each line as the sender's own or not."""
    heads = attributions(folded)
    marked = _marked_lines(folded, trusted=reply or bool(heads))
    labels = [label_of(line) for line in folded]
    own = [not mark for mark in marked]
    for i in range(len(folded)):
        if i in heads:
            own[i : heads[i]] = [False] * (heads[i] - i)
            if not _next_is_marked(folded, marked, heads[i]):
                return _cut(own, i)
        elif not marked[i] and (start := _quote_start(folded, i, labels, heads)) is not None:
            return _cut(own, start)
    return own


def _cut(own: Sequence[bool], start: int) -> list[bool]:
    return [flag and i < start for i, flag in enumerate(own)]


def _quote_start(folded: Sequence[str], i: int, labels: Sequence[str | None], heads: Mapping[int, int]) -> int | None:
    """Give the line where everything below is quoted, if line ``i`` says so; ``heads`` are the attributions."""
    if labels[i]:
        return header_block_start(folded, i, labels)
    if is_flat_block(folded[i]):
        return i
    if not is_separator(folded[i]):
        return None
    has_head = any(labels[i + 1 : i + 8]) or any(i + ahead in heads for ahead in (1, 2, 3))
    return i if has_head or any(line.strip() for line in folded[:i]) else None


def _marked_lines(folded: Sequence[str], trusted: bool) -> list[bool]:
    """Find lines that begin with ``>``. A single one in a first message may be an arrow or a price, so it stays."""
    marked = [line.lstrip().startswith(">") and not _EMOTICON.match(line.lstrip()) for line in folded]
    return marked if trusted or sum(marked) > 1 else [False] * len(marked)


def _next_is_marked(folded: Sequence[str], marked: Sequence[bool], start: int) -> bool:
    """Tell whether the first line with words below begins with ``>``: then only lines that do are quoted."""
    for i in range(start, len(folded)):
        if folded[i].strip():
            return marked[i]
    return False


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip()
