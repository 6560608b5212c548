"""What names a message: its id, the ids it answers, and its date."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_tz

from parsers import limits
from parsers.headers import Headers

_ID = re.compile(r"<([^<>\s]+)>")
_BARE_ID = re.compile(r"\s*([^<>\s]+@[^<>\s]+)\s*\Z")
_YEAR_ZERO = re.compile(r"\s0{3,4}\s+\d{1,2}:")  # the standard parser takes it for 2000
_YEARS = range(1980, 2101)
_LARGEST_OFFSET = 14 * 3600  # seconds; Kiribati
_CLOCK_ERROR = timedelta(days=1)  # a sender's clock that is further ahead than this says nothing


def ids_in(values: Iterable[str]) -> tuple[str, ...]:
    """Give the message ids in header values, without brackets, in order. An id that fits no line is no id."""
    found: list[str] = []
    for value in values:
        bare = _BARE_ID.match(value)
        found += _ID.findall(value) or ([bare[1]] if bare else [])
    longest = limits.MESSAGE_ID_OCTETS - len("<>")
    return tuple(one for one in dict.fromkeys(found) if len(one.encode("utf-8", "replace")) <= longest)


def message_id(headers: Headers) -> str | None:
    """Give the Message-ID without brackets; ``<>`` and over-long ids are none."""
    return next(iter(ids_in(headers.all("message-id"))), None)


def in_reply_to(headers: Headers) -> str | None:
    """Give the first id of In-Reply-To."""
    return next(iter(ids_in(headers.all("in-reply-to"))), None)


def references(headers: Headers) -> tuple[str, ...]:
    """Give the last ``limits.REFERENCES`` ids of References, oldest first."""
    return ids_in(headers.all("references"))[-limits.REFERENCES :]


def sent_at(headers: Headers, received_at: datetime | None) -> datetime | None:
    """Give the Date header with its offset, or None where it is missing, senseless or well after the arrival."""
    moment = _moment(headers.get("date") or "")
    if moment and received_at and moment > received_at + _CLOCK_ERROR:
        return None
    return moment


def _moment(text: str) -> datetime | None:
    try:
        parsed = None if _YEAR_ZERO.search(text) else parsedate_tz(text)
        offset = (parsed[9] or 0) if parsed else 0
        if parsed is None or parsed[0] not in _YEARS or abs(offset) > _LARGEST_OFFSET:
            return None
        return datetime(*parsed[:6], tzinfo=timezone(timedelta(seconds=offset)))
    except (ValueError, IndexError, TypeError, OverflowError):  # "Thu, 99 Foo": the standard parser trusts its input
        return None
