"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, DateTime, Dialect, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from ingestd.store.cleaning import clean


class CleanText(TypeDecorator[str]):
    """Text that either database can hold; see ``cleaning``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Clean on the way in."""
        return None if value is None else clean(value)


class Words(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings as a JSON list; empty where the column is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """Write a JSON list, cleaned."""
        if not value:
            return None if value is None else "[]"
        return clean(json.dumps(list(value), ensure_ascii=False))

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


@lru_cache(maxsize=256)  # one unit of work writes the same few moments into many columns
def _utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


class Moment(TypeDecorator[datetime]):
    """A point in time: timestamptz on PostgreSQL, fixed-width ISO 8601 UTC text on SQLite, so that order is kept."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the dialect."""
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a time without a zone; write UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a timezone")
        return value if dialect.name == "postgresql" else _utc_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read a timezone-aware UTC time."""
        if value is None or isinstance(value, datetime):
            return value.astimezone(UTC) if value else None
        return datetime.fromisoformat(value)
