"""What the page shows of a stored message, of whatever age (the stored JSON is never trusted to be complete)."""

from __future__ import annotations

from typing import Any

import pytest

from ingestd import clock
from ingestd.store.reading import Message
from ingestd.web.views import FieldView, fields_of, message_view, words_of, written_to

FIELDS = {
    "fields": {
        "name": {"value": "王芳", "source": "S"},
        "phones": [{"value": "13900000001", "raw": "139 0000 0001", "source": "B"}],
        "order_nos": [{"value": "1", "raw": "1", "source": "F"}],
        "other_nos": [{"kind": "invoice", "value": "2", "raw": "No 2", "source": "B"}],
        "customer_no": None,
        "occurred_at": {
            "from": "2026-11-20T15:00:00+08:00", "to": "2026-11-20T15:59:00+08:00", "precision": "hour",
            "text": "昨天下午3点", "source": "B",
        },
        "error_code": None,
    }
}  # fmt: skip


def test_fields_are_shown_with_how_and_where_they_were_written() -> None:
    """In a fixed order; as written only where that differs; a time in the customer's own offset."""
    assert fields_of(FIELDS) == (
        FieldView("name", "王芳", "", "S"),
        FieldView("phones", "13900000001", "139 0000 0001", "B"),
        FieldView("order_nos", "1", "", "F"),
        FieldView("invoice", "2", "No 2", "B"),
        FieldView("occurred_at", "2026-11-20 15:00 – 15:59", "昨天下午3点", "B"),
    )


def test_the_words_of_rules_and_mood_are_marked_once_each() -> None:
    """What was negated did not speak."""
    decision = {
        "route": {"rules": [{"words": ["投诉", "失望"], "negated": ["退款"]}, {"words": ["投诉"]}]},
        "emotion": {"evidence": ["失望", "太差"]},
    }
    assert words_of(decision) == ("投诉", "失望", "太差")


@pytest.mark.parametrize(
    ("recipients", "shown"),
    [
        ([("to", "a"), ("cc", "b"), ("envelope", "c"), ("delivered_to", "d"), ("to", "a")], ("a", "b")),
        ([("to", str(n)) for n in range(50)], tuple(str(n) for n in range(10))),
    ],
)
def test_only_the_visible_recipients_are_shown(recipients: list[tuple[str, str]], shown: tuple[str, ...]) -> None:
    """Each once, and not a thousand of them."""
    record = {"recipients": [{"kind": kind, "email": email} for kind, email in recipients]}
    assert written_to(record) == shown


@pytest.mark.parametrize("stored", [{}, {"fields": None, "recipients": None, "route": None, "emotion": None}])
def test_a_record_of_another_age_is_shown_as_far_as_it_goes(stored: dict[str, Any]) -> None:
    """Missing parts are empty, never an error."""
    view = message_view(Message("id", clock.now(), "created", "0" * 64, 1, stored, stored))
    assert (view.fields, view.words, view.written_to) == ((), (), ())
    assert (view.of_record("sender"), view.of_decision("ack")) == ({}, {})
