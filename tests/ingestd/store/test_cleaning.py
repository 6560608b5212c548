"""One cleaning of text, the same on both databases: no mail that works on one is poison on the other."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from ingestd.store import tables
from ingestd.store.cleaning import clean
from ingestd.store.session import Store, Tx
from ingestd.store.types import Words

ANY_TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=60)
"""Every code point there is, NUL and lone surrogates too."""


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("", ""),
        ("订单 😀 \u202e\u200b\x1b[2J\r\n\t", "订单 😀 \u202e\u200b\x1b[2J\r\n\t"),
        ("a\0b", "a\ufffdb"),
        ("\ud83d", "\ufffd"),
        ("\udcff\ud800x", "\ufffd\ufffdx"),
        ("\U0010ffff\ufffe", "\U0010ffff\ufffe"),
    ],
)
def test_only_what_no_database_can_hold_is_replaced(text: str, stored: str) -> None:
    """NUL and lone surrogates become U+FFFD; everything else is the customer's and stays."""
    assert clean(text) == stored


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """What was cleaned is clean, and has as many characters as before."""
    assert clean(clean(text)) == clean(text)
    assert len(clean(text)) == len(text)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY_TEXT, words=st.lists(ANY_TEXT, max_size=4))
def test_any_text_goes_into_either_database_and_comes_back(store: Store, text: str, words: list[str]) -> None:
    """Every text column takes any text there is and gives the cleaned text back, on SQLite and on PostgreSQL alike."""

    def round_trip(tx: Tx) -> tuple[str, tuple[str, ...]]:
        tx.execute(delete(tables.counter))
        tx.execute(insert(tables.counter).values(name=text, value=1))
        name = tx.execute(select(tables.counter.c.name)).scalar_one()
        dialect = store.engine.dialect
        held = Words().process_bind_param(tuple(words), dialect)
        return name, Words().process_result_value(held, dialect)

    name, back = store.write(round_trip).result(30)
    assert name == clean(text)
    assert [clean(word) for word in back] == [clean(word) for word in words]
