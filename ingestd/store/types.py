"""Column types that mean the same on SQLite and on PostgreSQL.

Those that every row is full of name their processors outright: SQLAlchemy's own way there costs twice as much.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ARRAY, DateTime, Dialect, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from ingestd.store.cleaning import clean

in_json = json.JSONEncoder(ensure_ascii=False).encode
"""As ``json.dumps``, which would make an encoder each time."""


class CleanText(TypeDecorator[str]):
    """Text that either database can hold; see ``cleaning``."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Clean on the way in."""
        return _cleaned


class Words(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings as a JSON list; empty where the column is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """Write a JSON list, cleaned."""
        if not value:
            return None if value is None else "[]"
        return clean(in_json(list(value)))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        """Read the list back as a tuple."""
        return tuple(json.loads(value)) if value else ()


class Strings(TypeDecorator[Sequence[str]]):
    """Any number of strings as one parameter: an array on PostgreSQL, a JSON list on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the type of the dialect."""
        return dialect.type_descriptor(ARRAY(Text) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        """Hand over a list."""
        given = list(value or ())
        return given if dialect.name == "postgresql" else json.dumps(given)


def _cleaned(text: str | None) -> str | None:
    return None if text is None else clean(text)


def _zoned(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a stored time needs a timezone")
    return moment


def _utc_text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    utc = moment if moment.tzinfo is UTC else _zoned(moment).astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:26] + "Z"


def _utc_of_text(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored)


def _zoned_or_none(moment: datetime | None) -> datetime | None:
    return None if moment is None else _zoned(moment)


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


class Moment(TypeDecorator[datetime]):
    """A point in time: timestamptz on PostgreSQL, fixed-width ISO 8601 UTC text on SQLite, so that order is kept."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the dialect."""
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else String(27))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Refuse a time without a zone; write UTC."""
        return _zoned_or_none if dialect.name == "postgresql" else _utc_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Read a timezone-aware UTC time."""
        return _in_utc if dialect.name == "postgresql" else _utc_of_text
