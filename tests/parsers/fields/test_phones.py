"""Phones are read as customers write them, in digits; rows of other digits are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.fields import phones
from parsers.fields.passages import passage


def values(text: str) -> list[str]:
    """Find the phones of a body."""
    return [phone.value for phone in phones.find(passage(text, "B"))]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("13900000001", "13900000001"),
        ("我的电话13900000001，谢谢", "13900000001"),
        ("电话：139 0000 0001", "13900000001"),
        ("电话：139-0000-0001", "13900000001"),
        ("电话：139 000 00001", "13900000001"),
        ("+86 13900000001", "13900000001"),
        ("+8613900000001", "13900000001"),
        ("(+86)139 0000 0001", "13900000001"),
        ("0086-139-0000-0001", "13900000001"),
        ("8613900000001", "13900000001"),
        ("１３９００００００００１"[:11], "13900000000"),
        ("＋８６ １３９０００００００１", "13900000001"),
        ("一三九零零零零零零零一", "13900000001"),
        ("电话是幺三九〇〇〇〇〇〇〇一", "13900000001"),
        ("139\u200b0000\u200b0001", "13900000001"),
        ("010-12345678"[:4] + "22345678", "01022345678"),
        ("0571-88888888转123", "057188888888-123"),
        ("(021)62345678", "02162345678"),
        ("+86 21 6234 5678", "02162345678"),
        ("0755 2888888", "07552888888"),
        ("0912-345-678", "0912345678"),
        ("+886 912 345 678", "886912345678"),
        ("02-2345-6789", "0223456789"),
        ("+852 5123 4567", "85251234567"),
        ("+853 6612 3456", "85366123456"),
        ("+1 (415) 555-0100", "14155550100"),
        ("+44 20 7946 0958", "442079460958"),
    ],
)
def test_phones_in_all_their_spellings(text: str, value: str) -> None:
    """Spaces, dashes, full width, spelled-out digits and +86 fall away; other country codes stay."""
    assert values(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "订单20240501139000000012", "113900000001", "139000000011", "1390000000", "400-123-4567", "8008201234",
        "12345678901", "2024-05-01", "139****0001", "SF13900000001", "1.13900000001", "+5", "+100 200", "一三九零",
        "",
    ],
)  # fmt: skip
def test_other_rows_of_digits_are_no_phones(text: str) -> None:
    """Parts of longer rows, service lines, masked numbers, dates and sums are none."""
    assert values(text) == []


def test_each_phone_once_with_its_own_spelling() -> None:
    """The first spelling of a number is kept as raw; several numbers keep their order."""
    found = list(phones.find(passage("139 0000 0001 或 13900000001，家里010-62345678", "S")))
    assert [(phone.value, phone.raw, phone.source) for phone in found] == [
        ("13900000001", "139 0000 0001", "S"),
        ("01062345678", "010-62345678", "S"),
    ]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("0123456789+- ()转一三九零８"), max_size=60))
def test_any_row_is_read(text: str) -> None:
    """Never raises; a value is digits and at most one extension."""
    assert all(value.replace("-", "", 1).isdigit() for value in values(text))


@pytest.mark.parametrize("row", ["1", "139 ", "+1 ", "(0", "一", "86 "])
def test_long_rows_take_linear_time(row: str) -> None:
    """A hundred thousand repeats are read in one pass over the part that is looked at."""
    assert isinstance(values(row * 100_000), list)
