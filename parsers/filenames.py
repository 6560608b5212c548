"""The name of an attachment: a label for people, never a path.

The raw headers are read in a fixed order: ``filename*``, ``filename`` of Content-Disposition, then ``name*``,
``name`` of Content-Type. Marks that reverse the direction of writing stay, for whoever shows the name isolates it.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from parsers import charset, limits
from parsers.parameters import Value

_PERCENT_ENCODED = re.compile(r"(?:[\w.()+~-]*%[0-9A-Fa-f]{2})+[\w.()+~-]*\Z", re.ASCII)


def filename(disposition: Value, content_type: Value) -> str | None:
    """Give the cleaned name of a part, or None where it has none."""
    for name in (disposition.parameters.get("filename"), content_type.parameters.get("name")):
        label = safe_label(name) if name else ""
        if label:
            return label
    return None


def safe_label(name: str) -> str:
    """Clean a name of folders, controls and quotes, and cut it to ``limits.FILENAME_OCTETS`` with its extension kept.

    ``""`` stands for a name of which nothing is left, such as only dots.
    """
    plain = charset.clean(_unescaped(name)).replace("\n", " ").replace("\t", " ")
    last = re.split(r"[/\\]", plain)[-1].replace('"', "'").strip()
    if re.fullmatch(r"[A-Za-z]:.*", last):
        last = last[2:]
    return _shortened(last) if last.strip(". ") else ""


def _unescaped(name: str) -> str:
    """Undo percent encoding that a mailer put into a plain parameter (%E6%8A%A5%E5%91%8A.pdf)."""
    if not _PERCENT_ENCODED.match(name):
        return name
    return charset.decode(unquote_to_bytes(name), None).text


def _shortened(name: str) -> str:
    octets = name.encode("utf-8", "replace")
    if len(octets) <= limits.FILENAME_OCTETS:
        return octets.decode("utf-8")
    stem, dot, extension = name.rpartition(".")
    tail = (dot + extension).encode("utf-8") if stem and len(extension) <= 10 else b""
    kept = octets[: limits.FILENAME_OCTETS - len(tail)]
    return kept.decode("utf-8", "ignore") + tail.decode("utf-8")
