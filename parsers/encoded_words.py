"""Encoded words (RFC 2047) and raw 8-bit octets in header values, made text.

Senders cut words inside a character, forget padding, and put words where none may stand. So octets of neighbouring
words in one character set are joined before they are decoded, and words are read wherever they are found.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from parsers import charset
from parsers.base64_blocks import base64_octets
from parsers.limits import ENCODED_WORDS

# charset, optional language (RFC 2231 §5), encoding, text; spaces inside the text are a common fault.
_WORD = re.compile(
    r"=\?([^?*\s]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]{0,4000}|[^?]{0,2000}\?[^=?][^?]{0,2000})\?="
)
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class _Run:
    """A stretch of a header value: plain text (no label), or the octets of words in one character set."""

    label: str | None
    octets: bytes
    text: str = ""


def decode_value(value: bytes, hint: str | None = None) -> str:
    """Give the text of an unfolded header value: words decoded, controls dropped. Never raises.

    ``hint`` is the character set that raw 8-bit octets are probably in, such as that of the body.
    """
    return decode_words(raw_text(value, hint))


def raw_text(value: bytes, hint: str | None = None) -> str:
    """Give header octets as text without touching encoded words; raw 8-bit octets as UTF-8, else as ``hint`` or guess.

    Structured headers are taken apart in this form, so that no decoded word can pose as structure.
    """
    if value.isascii():
        return value.decode("ascii")
    found = charset.decode(value, "utf-8")
    return found.text if found.defect is None else charset.decode(value, hint).text


def decode_words(text: str) -> str:
    """Decode the encoded words in header text, at most ``limits.ENCODED_WORDS`` of them, and drop controls."""
    if "=?" in text:
        text = "".join(charset.decode(run.octets, run.label).text if run.label else run.text for run in _runs(text))
    elif "~{" in text or "\x1b$" in text:
        text = charset.decode(text.encode("utf-8", "replace"), None).text
    return (text if text.isprintable() else charset.clean(_CONTROLS.sub(_blank, text))).strip()


def label_defects(text: str) -> Iterator[str]:
    """Say of each stretch of encoded words whose label did not fit what it was read as."""
    for run in _runs(text) if "=?" in text else ():
        defect = charset.decode(run.octets, run.label).defect if run.label else None
        if defect:
            yield defect


def _runs(text: str) -> Iterator[_Run]:
    """Cut header text into stretches; blank between two words is no text (RFC 2047 §6.2)."""
    label, octets, end = None, b"", 0
    for count, word in enumerate(_WORD.finditer(text)):
        if count >= ENCODED_WORDS:
            break
        between = text[end : word.start()]
        if between.strip() or word[1].lower() != label:
            yield _Run(label, octets)
            yield _Run(None, b"", between if between.strip() else "")
            octets = b""
        label, octets, end = word[1].lower(), octets + _octets(word[2], word[3]), word.end()
    yield _Run(label, octets)
    yield _Run(None, b"", text[end:])


def _octets(encoding: str, text: str) -> bytes:
    """Give the octets of one word; wrong base64 is read as far as it goes."""
    data = text.encode("utf-8", "replace")
    return binascii.a2b_qp(data, header=True) if encoding in "qQ" else base64_octets(data)


def _blank(controls: re.Match[str]) -> str:
    """Turn a line end that survived unfolding into a space and any other control into nothing."""
    return " " if set(controls[0]) & set("\t\r\n") else ""
