"""Structured header values, and the names of files in them."""

from __future__ import annotations

import pytest

from parsers import limits
from parsers.filenames import filename, safe_label
from parsers.parameters import Value, read_value


@pytest.mark.parametrize(
    ("text", "head", "parameters"),
    [
        ("TEXT/Plain", "text/plain", {}),
        ("", "", {}),
        ("a/b; Charset=UTF-8", "a/b", {"charset": "UTF-8"}),
        ('a/b; name="x;y=\\"z\\"" ; q=1', "a/b", {"name": 'x;y="z"', "q": "1"}),
        ("a/b;;; =x; name", "a/b", {}),
        ('a/b; name="unterminated', "a/b", {"name": "unterminated"}),
        ("a/b; name=with blanks.pdf; q=1", "a/b", {"name": "with blanks.pdf", "q": "1"}),
        ("a/b; n=1; n=2", "a/b", {"n": "1"}),
        ("a/b; n*=utf-8'zh'%E6%B5%8B; n=x", "a/b", {"n": "测"}),
        ("a/b; n*=gb18030''%B2%E2", "a/b", {"n": "测"}),
        ("a/b; n*=%E6%B5%8B", "a/b", {"n": "测"}),
        ("a/b; n*1*=%8B.txt; n*0*=utf-8''%E6%B5", "a/b", {"n": "测.txt"}),
        ('a/b; n*0="x"; n*1="y"', "a/b", {"n": "xy"}),
        ("a/b; n*0*=gbk''%B2; n*1*=%E2; n*2=.txt", "a/b", {"n": "测.txt"}),
        ("a/b; n*" + "9" * 4400 + "=x", "a/b", {}),
        ('a/b; n="=?gb2312?B?suLK1A==?="', "a/b", {"n": "测试"}),
        ('a/b; n="=?utf-8?B?5rWL?= =?utf-8?B?6K+V?="', "a/b", {"n": "测试"}),
        ("a/b; n*=no-such-set''%E6%B5%8B", "a/b", {"n": "测"}),
        ("a/b; n*=utf-8''a%00b%0D%0Ac", "a/b", {"n": "ab\nc"}),
        (r'a/b; n="C:\dir\x.txt"', "a/b", {"n": r"C:\dir\x.txt"}),
    ],
)
def test_a_value_is_taken_apart(text: str, head: str, parameters: dict[str, str]) -> None:
    """Every spelling of a parameter in use is understood; senseless ones are passed over."""
    value = read_value(text)
    assert (value.head, dict(value.parameters)) == (head, parameters)


def test_only_so_many_parameters_are_read() -> None:
    """20,000 parameters cost no more than 128 (HB4)."""
    value = read_value("a/b" + "".join(f"; n{at}=x" for at in range(20_000)))
    assert len(value.parameters) == limits.PARAMETERS
    assert value.cut
    assert not read_value("a/b; x=1").cut


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("报告.pdf", "报告.pdf"), ("../../etc/passwd", "passwd"), ("..\\..\\x.exe", "x.exe"), ("/etc/passwd", "passwd"),
        ("C:\\a\\b.txt", "b.txt"), ("C:b.txt", "b.txt"), ("\\\\host\\share\\x", "x"), ("%2e%2e%2fx", "x"),
        ("%E6%B5%8B.zip", "测.zip"), ("100%.txt", "100%.txt"), ("a\0b\r\nc", "ab c"), ('a"b', "a'b"), ("...", ""),
        ("", ""), ("  ", ""), (".htaccess", ".htaccess"), ("-rf", "-rf"), ("~", "~"),
        ("a\u202egnp.exe", "a\u202egnp.exe"),
    ],
)  # fmt: skip
def test_a_name_is_a_label_and_no_path(name: str, label: str) -> None:
    """Folders, drives, controls and quotes never survive (AT1, AT2, AT4)."""
    assert safe_label(name) == label


@pytest.mark.parametrize("name", ["x" * 5000 + ".pdf", "报" * 5000 + ".pdf", "x" * 300, "." + "x" * 300])
def test_a_long_name_is_cut_by_octets(name: str) -> None:
    """A label fits 200 octets, whole characters, with its extension (AT4)."""
    label = safe_label(name)
    assert 190 < len(label.encode()) <= limits.FILENAME_OCTETS
    assert label.endswith(".pdf") == name.endswith(".pdf")
    assert "\ufffd" not in label


@pytest.mark.parametrize(
    ("disposition", "content_type", "expected"),
    [
        ("attachment; filename=a.txt", "a/b; name=b.txt", "a.txt"),
        ("attachment; filename=a.txt; filename*=utf-8''c.txt", "a/b", "c.txt"),
        ("attachment", "a/b; name=b.txt", "b.txt"),
        ("attachment; filename=...", "a/b; name=b.txt", "b.txt"),
        ("", "a/b", None),
    ],
)
def test_the_order_in_which_names_are_asked_is_fixed(disposition: str, content_type: str, expected: str | None) -> None:
    """Where names disagree, the same one wins every time (AT5)."""
    assert filename(read_value(disposition), read_value(content_type)) == expected


def test_no_value_is_a_value_too() -> None:
    """A part without headers has no name."""
    assert filename(Value(), Value()) is None
