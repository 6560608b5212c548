"""Octets become the text that was meant, whatever the label claims."""

from __future__ import annotations

import pytest

from parsers import charset


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("gb2312", "gb18030"), ("GBK", "gb18030"), ("x-gbk", "gb18030"), ("windows-936", "gb18030"),
        ("zh_cn.gbk", "gb18030"), ("gb18030-2022", "gb18030"), ("csgb2312", "gb18030"), ("big5", "big5hkscs"),
        ("Big5-ETEN", "big5hkscs"), ("hz-gb-2312", "hz"), ("utf8", "utf-8"), (" 'UTF-8' ", "utf-8"),
        ("gb2312;format=flowed", "gb18030"), ("ks_c_5601-1987", "cp949"), ("shift_jis", "cp932"),
        ("windows-1252", "cp1252"), ("koi8-r", "koi8-r"),
    ],
)  # fmt: skip
def test_a_label_names_the_widest_codec_of_its_family(label: str, codec: str) -> None:
    """Labels as they are sent lead to a codec that reads what is sent under them."""
    assert charset.codec_of(label) == codec


@pytest.mark.parametrize(
    "label",
    [None, "", "us-ascii", "default", "unknown-8bit", "iso-8859-1", "utf\0-8", "x" * 10_000, "no-such-set",
     "hex", "rot13", "base64", "idna", "punycode", "unicode_escape", "undefined", "zlib"],
)  # fmt: skip
def test_a_label_that_says_nothing_is_not_believed(label: str | None) -> None:
    """Careless, unknown and dangerous labels leave the decision to the octets."""
    assert charset.codec_of(label) is None


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("镕昇堃喆囍", "gb18030", "gb2312"), ("价格100€", "gb18030", "gbk"), ("买买提·吐尔逊", "gbk", "gb2312"),
        ("堃喆", "big5hkscs", "big5"), ("100€", "cp950", "big5"), ("訂單沒有收到", "utf-8", "big5"),
        ("订单没有收到", "utf-8", "gb2312"), ("订单没有收到", "gbk", "utf-8"), ("订单没有收到", "gbk", None),
        ("退款", "gbk", None), ("订单", "gbk", None), ("訂單沒有收到", "big5", None), ("订单", "hz", "us-ascii"),
        ("订单", "hz", "hz-gb-2312"), ("订单没有收到", "utf-8", "iso-8859-1"),
        ("où est café", "cp1252", "iso-8859-1"),
        ("“café”", "cp1252", "windows-1252"), ("注文が届いていません", "iso2022_jp", None),
        ("x", "ascii", "no-such-set"),
        ("订单", "utf-16", "utf-16"), ("", "ascii", None),
    ],
)  # fmt: skip
def test_text_is_read_as_it_was_meant(text: str, codec: str, label: str | None) -> None:
    """Wrong, missing and too narrow labels lose no character."""
    assert charset.decode(text.encode(codec), label).text == text


@pytest.mark.parametrize(
    ("data", "label", "defect"),
    [
        ("镕".encode("gb18030"), "gb2312", "gb2312 read as gb18030"),
        ("订单".encode("gb18030"), "gb2312", None),
        ("订单".encode(), "big5", "big5 read as utf-8"),
        ("订单".encode(), None, None),
        ("café".encode("cp1252"), "iso-8859-1", None),
        ("这是一个相当长的句子，说的是订单没有收到。".encode() * 5 + b"\xe4", "utf-8", "utf-8 with damaged characters"),
    ],
)
def test_a_lying_label_is_told(data: bytes, label: str | None, defect: str | None) -> None:
    """The record says how a label lied, and nothing where it did not."""
    assert charset.decode(data, label).defect == defect


def test_a_single_damaged_octet_does_not_cost_the_whole_text() -> None:
    """One broken character in a labelled text is replaced; the rest stays what it was."""
    sentence = "订单没有收到，请尽快处理。"
    data = sentence.encode() * 10
    read = charset.decode(data[:39] + b"\xff" + data[39:], "utf-8").text
    assert read == sentence + "\ufffd" + sentence * 9


def test_half_a_code_unit_is_no_trouble() -> None:
    """Text cut inside a code unit is read as far as it goes."""
    assert charset.decode("订单订单订单".encode("utf-16-le")[:-1], "utf-16-le").text.startswith("订单")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"), ("a\x00b", "ab"), ("a\tb", "a\tb"), ("\ufeffa", "a"), ("a\ud800b", "a\ufffdb"),
        ("a\x1b[31mb\x7f\x85c", "a[31mbc"), ("订单😀", "订单😀"), ("", ""),
    ],
)  # fmt: skip
def test_cleaning_leaves_what_a_database_and_a_terminal_may_have(text: str, cleaned: str) -> None:
    """No NUL, no control, no lone surrogate, no byte order mark; line ends are LF."""
    assert charset.clean(text) == cleaned
