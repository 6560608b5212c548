"""How a letter opens: nobody is misnamed, nobody's gender is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.names import address, surname


@pytest.mark.parametrize(
    ("customer", "honorific", "chinese", "english"),
    [
        ("王芳", "女士", "王女士", "Dear Ms 王"),
        ("王女士", None, "王女士", "Dear Ms 王"),
        ("王女士", "女士", "王女士", "Dear Ms 王"),
        ("王小姐", None, "王女士", "Dear Ms 王"),
        ("欧阳娜娜", "女士", "欧阳女士", "Dear Ms 欧阳"),
        ("諸葛亮", "先生", "諸葛先生", "Dear Mr 諸葛"),
        ("张老师", None, "张老师", "Dear 张"),
        ("李经理", None, "李经理", "Dear 李"),
        ("王芳", None, "尊敬的客户", "Dear 王芳"),
        ("王芳", "其他", "尊敬的客户", "Dear 王芳"),
        ("王芳", "none", "尊敬的客户", "Dear 王芳"),
        (None, None, "尊敬的客户", "Dear customer"),
        (None, "女士", "尊敬的客户", "Dear customer"),
        ("", "先生", "尊敬的客户", "Dear customer"),
        ("  ", None, "尊敬的客户", "Dear customer"),
        ("女士", None, "尊敬的客户", "Dear 女士"),
        ("Jane Smith", "Ms", "Smith女士", "Dear Ms Smith"),
        ("Jane Smith", "Mrs.", "Smith女士", "Dear Mrs Smith"),
        ("Jane Smith", None, "尊敬的客户", "Dear Jane Smith"),
        ("Mr. John van Dyk", None, "Dyk先生", "Dear Mr Dyk"),
        ("Dr Who", None, "Who博士", "Dear Dr Who"),
        ("Jane\n Smith", "ms", "Smith女士", "Dear Ms Smith"),
        ("请立即点击下面的链接领取您的退款" * 3, "先生", "尊敬的客户", "Dear customer"),
    ],
)
def test_the_form_of_address(customer: str | None, honorific: str | None, chinese: str, english: str) -> None:
    """王女士 for whoever signed so, 尊敬的客户 for whoever did not: never a guess (003-10)."""
    assert address(customer, honorific, "zh-CN") == chinese
    assert address(customer, honorific, "en") == english


@pytest.mark.parametrize(("name", "family"), [("王", "王"), ("司马光", "司马"), ("马光", "马"), ("Ann Lee", "Lee")])
def test_surnames(name: str, family: str) -> None:
    """One character, or two for a compound surname; the last word elsewhere."""
    assert surname(name) == family


@given(st.none() | st.text(), st.none() | st.text(), st.sampled_from(["zh-CN", "en", "", "x"]))
def test_any_name_yields_one_short_line(customer: str | None, honorific: str | None, language: str) -> None:
    """Whatever was typed as a name, the letter opens with one short line."""
    said = address(customer, honorific, language)
    assert said.strip()
    assert "\n" not in said
    assert len(said) <= 60
