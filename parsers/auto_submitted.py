"""The keyword of an Auto-Submitted header (RFC 3834 §5, RFC 5436 §2.7.1), free of comments, parameters and case."""

from __future__ import annotations

import re

VALUE_CAP = 2_000  # characters looked at; a keyword stands at the start
NESTING_CAP = 20  # comments within comments (RFC 5322 §3.2.2)

_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
_KEYWORD = re.compile(r'[\s"]*([A-Za-z][A-Za-z0-9_-]*)')


def keyword(value: str) -> str | None:
    """Give the lower-case keyword (``no``, ``auto-replied``, ``auto-generated``, ``auto-notified`` …) or None.

    ``"(x (y)) Auto-Replied (vacation); owner-email=..."`` gives ``auto-replied``. An empty or senseless value gives
    None, which says nothing about the writer.
    """
    text = value[:VALUE_CAP]
    for _ in range(NESTING_CAP):
        shorter = _COMMENT.sub(" ", text)
        if shorter == text:
            break
        text = shorter
    found = _KEYWORD.match(text)
    return found[1].lower() if found else None
