"""The error code is what the customer quotes as one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.fields import error_codes
from parsers.fields.passages import passage


def code(text: str) -> str | None:
    """Find the error code of a body."""
    found = error_codes.find(passage(text, "B"))
    return found.value if found else None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("错误码:E1002", "E1002"),
        ("错误码：E1002", "E1002"),
        ("错误代码是1002", "1002"),
        ("故障代码 F-12", "F-12"),
        ("显示E1002", "E1002"),
        ("报错500", "500"),
        ("提示500错误", "500"),
        ("报错“ERR_CONNECTION_RESET”", "ERR_CONNECTION_RESET"),
        ("ERR_CONNECTION_RESET", "ERR_CONNECTION_RESET"),
        ("错误 0x80070005", "0x80070005"),
        ("0x80070005", "0x80070005"),
        ("error code: e1002", "E1002"),
        ("Error 404 again", "404"),
        ("HTTP 502", "502"),
        ("fault code: F12", "F12"),
        ("status number 503", "503"),
        ("故障码A-12", "A-12"),
        ("异常码：-1002", "-1002"),
        ("返回码 5003", "5003"),
        ("錯誤代碼：A-100", "A-100"),
        ("错误码：Ｅ１００２", "E1002"),
        ("一直报错，打不开", None),
        ("报错3次了", None),
        ("报错了500多次", None),
        ("错误 2024年5月", None),
        ("型号E10023456789", None),
        ("500元", None),
        ("验证码123456", None),
        ("no error", None),
        ("", None),
    ],
)
def test_codes_behind_labels_and_of_telling_shapes(text: str, value: str | None) -> None:
    """A label, 报错 or error beside it, or the shape itself makes a code; counts and dates are none."""
    assert code(text) == value


def test_the_first_code_counts() -> None:
    """Of several codes the first is the one the customer began with."""
    assert code("先报错E1002，后来错误码E1003") == "E1002"


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from("错误码报error:0123456789xE_- "), max_size=60))
def test_any_text_is_read(text: str) -> None:
    """Never raises; a code has a digit or is a word of capitals."""
    found = code(text)
    assert found is None or any(character.isdigit() for character in found) or "_" in found
