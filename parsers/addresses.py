"""Mailboxes in address headers (RFC 5322 §3.4).

The structure is read before any encoded word is decoded, so no decoded word can pose as an address. An address is
taken as it is written; what can be read in two ways has no answer here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from parsers import limits
from parsers.encoded_words import decode_words
from parsers.record import Mailbox

LONGEST_ADDRESS = 320  # characters: RFC 5321 §4.5.3.1 allows 64 + 1 + 255
LONGEST_NAME = 256  # characters kept of a display name

# Encoded words first: what stands in them is no structure, whatever it looks like.
_PIECE = re.compile(
    r'=\?[^?\s]{1,80}\?[bBqQ]\?[^?]{0,2000}\?=|"(?:[^"\\]|\\.)*"|<(?:"(?:[^"\\]|\\.)*"|[^<>"])*>'
    r'|[,;:()]|\\.|(?:(?!=\?)[^"<,;:()\\])+|.',
    re.DOTALL,
)
_ADDRESS = re.compile(
    r'("(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])+"|[^\s"@<>(),;:\\\[\]\x00-\x1f\x7f]+)'
    r"@(\[[^\]\s\x00-\x1f\x7f]+\]|[^\s@<>(),;:\"\\\[\]\x00-\x1f\x7f]+)\Z"
)
# One plain or encoded name and one plain address, as in nearly all mail: there is only one way to read these.
_USUAL = re.compile(
    r"(?:(?P<name>[A-Za-z][A-Za-z .-]{0,60}|=\?[^?\s]{1,80}\?[bBqQ]\?[^?\s]{1,200}\?=) )?"
    r"<(?P<local>[A-Za-z0-9._+-]{1,64})@(?P<domain>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5})>"
)
_ROUTE = re.compile(r"@[^:]*:")  # <@relay,@other:user@host>, obsolete
_SPACE_AROUND = re.compile(r"\s*([@.])\s*")


@dataclass(frozen=True)
class Addresses:
    """The mailboxes of one or more headers of a kind.

    ``doubtful`` says that something there can be read as more than one address (a@x <b@y>); ``cut`` that there were
    more than ``limits.ADDRESSES``.
    """

    mailboxes: tuple[Mailbox, ...] = ()
    doubtful: bool = False
    cut: bool = False


@dataclass
class _Item:
    """What stands between two commas, as it is being collected."""

    phrase: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    def has_address(self) -> bool:
        return bool(self.angles) or "@" in self.bare()

    def bare(self) -> str:
        """Give the phrase without what is quoted or encoded: only there an @ makes an address."""
        return "".join(text for text in self.phrase if not text.startswith(('"', "=?")))

    def take(self, piece: str) -> None:
        if piece == ":":  # what was taken so far was the name of a group
            self.phrase.clear()
        elif piece.startswith("<") and piece.endswith(">"):
            self.angles.append(piece[1:-1])
        else:
            self.phrase.append(", " if piece in ",;" else piece)


def read_addresses(values: Iterable[str]) -> Addresses:
    """Read header values in which encoded words are still encoded."""
    values = tuple(values)
    if not values:
        return Addresses()
    usual = _USUAL.fullmatch(values[0]) if len(values) == 1 else None
    if usual:
        return Addresses((_named(_name((usual["name"] or "",)), f"{usual['local']}@{usual['domain'].lower()}"),))
    items = list(islice(_items(values), limits.ADDRESSES + 1))
    read = [_mailbox(item) for item in items[: limits.ADDRESSES]]
    found = tuple(mailbox for mailbox, _ in read if mailbox)
    return Addresses(found, any(doubt for _, doubt in read), len(items) > limits.ADDRESSES)


def address(text: str) -> str | None:
    """Give a bare address with its domain in lower-case A-labels, or None where this is none."""
    plain = text.strip()
    found = _ADDRESS.match(_SPACE_AROUND.sub(r"\1", plain)) if len(plain) <= LONGEST_ADDRESS else None
    if not found or "=?" in found[1]:
        return None
    domain = _domain(found[2])
    return f"{found[1]}@{domain}" if domain else None


def _items(values: Iterable[str]) -> Iterator[_Item]:
    """Cut values at commas; a piece that holds no address belongs to the name that follows (Doe, John <j@x>)."""
    for value in values:
        item = _Item()
        for piece, is_comment in _pieces(value):
            if is_comment:
                item.comments.append(piece)
            elif piece in ",;" and item.has_address():
                yield item
                item = _Item()
            else:
                item.take(piece)
        if item.phrase or item.angles:
            yield item


def _pieces(value: str) -> Iterator[tuple[str, bool]]:
    """Give the pieces, and whether each is part of a comment. Comments nest; they are counted, not descended into."""
    depth = 0
    for found in _PIECE.finditer(value):
        piece = found[0]
        depth += (piece == "(") - (piece == ")" and depth > 0)
        if piece not in "()":
            yield piece, depth > 0


def _mailbox(item: _Item) -> tuple[Mailbox | None, bool]:
    """Read one item: its mailbox, if it has one, and whether another reading of it is possible."""
    if item.angles:
        return _with_angles(item)
    email = address("".join(item.phrase))
    if email is None:
        return None, "@" in item.bare()
    return Mailbox(name=_name(item.comments), email=email), False


def _with_angles(item: _Item) -> tuple[Mailbox | None, bool]:
    """Read ``name <address>``; a bare address in the name is a second reading unless it is the same one."""
    email = address(_ROUTE.sub("", item.angles[0], count=1))
    bare = item.bare()
    claimed = address(bare.strip(" '")) if "@" in bare else email
    doubtful = len(item.angles) > 1 or (claimed or "").casefold() != (email or "").casefold()
    if email is None:
        return None, doubtful
    name = _name(item.phrase) or _name(item.comments)
    return _named(name, email), doubtful


def _named(name: str | None, email: str) -> Mailbox:
    """Give the mailbox; an address told twice is no name."""
    told_twice = name is not None and name.casefold() == email.casefold()
    return Mailbox(name=None if told_twice else name, email=email)


def _name(texts: Iterable[str]) -> str | None:
    """Give a display name: quotes off, words decoded, blanks single."""
    joined = "".join(_unquoted(text) if _is_quoted(text) else text for text in texts)
    plain = " ".join(decode_words(joined).split()).strip(" ,'\"")
    return plain[:LONGEST_NAME] or None


def _is_quoted(text: str) -> bool:
    return len(text) > 1 and text.startswith('"') and text.endswith('"')


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def _domain(text: str) -> str | None:
    """Give a domain in lower-case A-labels without a final dot; an address literal stays as it is."""
    plain = text.removesuffix(".").lower()
    if plain.startswith("["):
        return plain
    if not all(plain.split(".")):
        return None
    if plain.isascii():
        return plain
    try:
        return plain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
