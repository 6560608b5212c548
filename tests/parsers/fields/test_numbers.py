"""Only a label or an unmistakable shape makes a number; orders, tracking, cards and the rest are kept apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.fields import numbers
from parsers.fields.numbers import Numbers
from parsers.fields.passages import passage


def found(text: str) -> Numbers:
    """Find the numbers of a body."""
    return numbers.find(passage(text, "B"))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("订单号：20240501001", ["20240501001"]),
        ("订单编号20240501123456还没到", ["20240501123456"]),
        ("订单号是 DD20240501-001，请查", ["DD20240501-001"]),
        ("订单20240501123456", ["20240501123456"]),
        ("单号:20240501123456", ["20240501123456"]),
        ("订单尾号0083", ["0083"]),
        ("訂單編號：20240501001", ["20240501001"]),
        ("订单号：２０２４０５０１００１", ["20240501001"]),
        ("订单号 2024 0501 1234", ["202405011234"]),
        ("订单号：\n20240501001", ["20240501001"]),
        ("订单号：20240501001、20240501002和20240501003", ["20240501001", "20240501002", "20240501003"]),
        ("订单号【20240501001】", ["20240501001"]),
        ("order no. 112-1234567-1234567", ["112-1234567-1234567"]),
        ("Order number: AB12345", ["AB12345"]),
        ("order #100234 is late", ["100234"]),
        ("my order 1002345", ["1002345"]),
        ("PO number: 4500012345", ["4500012345"]),
        ("订单2024年5月1日下的", []),
        ("订单 2024-05-01 下的", []),
        ("我有订单5个", []),
        ("订单300元", []),
        ("order 2 of them", []),
        ("order confirmation please", []),
        ("border 1234567", []),
        ("20240501123456", []),
        ("快递单号20240501123456", []),
        ("运单号：123456789012345", []),
        ("发票号码：12345678", []),
        ("维修单号20240501001", []),
        ("退款单号：20240501001", []),
        ("合同编号：20240501001", []),
        ("工单号T20240501001", []),
        ("", []),
    ],
)  # fmt: skip
def test_order_numbers_need_their_label(text: str, values: list[str]) -> None:
    """An order number stands behind its own label; dates, sums and other labels' numbers are none."""
    assert [number.value for number in found(text).order_nos] == values


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("快递单号SF1234567890123", "tracking", "SF1234567890123"),
        ("SF1234567890123到哪了", "tracking", "SF1234567890123"),
        ("yt1234567890123", "tracking", "YT1234567890123"),
        ("运单号：123456789012345", "tracking", "123456789012345"),
        ("tracking number 1Z999AA10123456784", "tracking", "1Z999AA10123456784"),
        ("维修单号WX20240501", "repair", "WX20240501"),
        ("RMA: 20240501", "repair", "20240501"),
        ("退款单号：RF202405010001", "refund", "RF202405010001"),
        ("发票号码：12345678", "invoice", "12345678"),
        ("税号：91310000MA1FL0000X", "tax", "91310000MA1FL0000X"),
        ("序列号：SN20240501AB", "serial", "SN20240501AB"),
        ("合同编号：HT-2024050001", "contract", "HT-2024050001"),
        ("批次号：20240501A", "batch", "20240501A"),
        ("交易单号4200001234202405011234567890", "payment", "4200001234202405011234567890"),
        ("工单号T20240501001", "ticket", "T20240501001"),
        ("[T20240501001]", "ticket", "T20240501001"),
        ("11010519491231002X", "id_card", "**************002X"),
        ("身份证号：11010519491231002X", "id_card", "**************002X"),
        ("卡号6222 0200 0000 0000 000", "bank_card", "***************0000"),
        ("4111111111111111", "bank_card", "************1111"),
        ("尾号0083的卡", "bank_card", "0083"),
    ],
)
def test_other_numbers_are_kept_apart_by_kind(text: str, kind: str, value: str) -> None:
    """Courier, repair, refund, invoice, serial, contract, card numbers are never order numbers."""
    numbers_found = found(text)
    assert [(number.kind, number.value) for number in numbers_found.other_nos] == [(kind, value)]
    assert not numbers_found.order_nos


@pytest.mark.parametrize("text", ["11010519491231002X", "4111 1111 1111 1111", "身份证号：11010519491231002X"])
def test_the_record_never_holds_a_whole_card(text: str) -> None:
    """ID and bank card numbers are masked in the value and in the raw spelling."""
    (number,) = found(text).other_nos
    assert sum(character.isdigit() for character in number.value + number.raw) <= 8


@pytest.mark.parametrize("text", ["110105194912310021", "1234567890123456", "QQ号12345678", "微信号abc12345"])
def test_failed_checks_and_accounts_are_no_numbers(text: str) -> None:
    """A row whose check digit is wrong is nothing, and neither is a chat account."""
    numbers_found = found(text)
    assert (numbers_found.order_nos, numbers_found.other_nos) == ((), ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("客户编号：C20240501001", "C20240501001"),
        ("C20240501001", "C20240501001"),
        ("会员号88001234", "88001234"),
        ("customer no. 88001234", "88001234"),
    ],
)
def test_customer_numbers(text: str, value: str) -> None:
    """Behind a label, or in the shape of our own customer numbers."""
    assert [number.value for number in found(text).customer_nos] == [value]


def test_what_is_found_is_blotted_out_for_the_next_finder() -> None:
    """A number is read once: the phone finder does not see the order number."""
    text = "订单号13900000001，电话13900000002"
    rest = found(text).rest
    assert "13900000001" not in rest.folded
    assert "13900000002" in rest.folded
    assert len(rest.folded) == len(text)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("订单号快递:： 0123456789-SFXT和、\n年尾卡"), max_size=80))
def test_any_text_is_read(text: str) -> None:
    """Never raises, and every raw spelling stands in the text or is masked."""
    for number in found(text).order_nos:
        assert number.raw in text


@pytest.mark.parametrize("row", ["订单号", "1234 ", "1-", "订单号:1234、", "SF"])
def test_long_rows_take_linear_time(row: str) -> None:
    """A hundred thousand repeats are read in one pass over the part that is looked at."""
    assert isinstance(found(row * 100_000), Numbers)
