"""Encoded words and raw octets in header values."""

from __future__ import annotations

import base64

import pytest

from parsers import limits
from parsers.base64_blocks import base64_octets
from parsers.encoded_words import decode_value, decode_words, label_defects, raw_text


def word(data: bytes, charset: str) -> str:
    return f"=?{charset}?B?{base64.b64encode(data).decode().rstrip('=')}?="


CUT = "399元精选".encode("gb18030")


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("plain", "plain"),
        ("=?utf-8?B?6K6i5Y2V?=", "订单"),
        ("=?utf-8?Q?a_b=20c?=", "a b c"),
        ("=?utf-8*zh?q?a?=", "a"),
        ("=?utf-8?q?a b?=", "a b"),
        ("=?utf-8?q?a?b?=", "a?b"),
        ("Re:=?utf-8?B?6K6i5Y2V?=123", "Re:订单123"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=\t\t=?gbk?q?b?=", "ab"),
        ("=?utf-8?q?a?= x =?utf-8?q?b?= y", "a x b y"),
        (f"{word(CUT[:4], 'gb2312')} {word(CUT[4:], 'gb2312')}", "399元精选"),
        (f"{word(CUT[:4], 'GB2312')}{word(CUT[4:], 'gb2312')}", "399元精选"),
        ("=?utf-8?q?=E8=AE=A2=E5=8D?= =?UTF-8?q?=95?=", "订单"),
        ("=?utf-8?q?unterminated", "=?utf-8?q?unterminated"),
        ("=?utf-8?b?!!!?=", ""),
        ("=?utf-8?b?6K6i5Y2V6?=", "订单"),
        ("=?no-such-set?b?6K6i5Y2V?=", "订单"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3F=3D?=", "=?utf-8?q?a?="),
        ("~{6)5%~}", "订单"),
        ("  a \x00b ", "a b"),
    ],
)
def test_words_are_decoded_wherever_they_stand(text: str, decoded: str) -> None:
    """RFC 2047, its usual violations, and never a second decoding."""
    assert decode_words(text) == decoded


@pytest.mark.parametrize("hidden", ["\r\nBcc: x", "\nBcc: x", "\r\n\r\nBcc: x", "\u2028Bcc: x"])
def test_no_line_end_comes_out_of_a_word(hidden: str) -> None:
    """What an encoded word hides cannot become a header of ours (CS9)."""
    decoded = decode_words(f"=?utf-8?B?{base64.b64encode(('a' + hidden).encode()).decode()}?=")
    assert decoded.replace(" ", "") == "aBcc:x"


@pytest.mark.parametrize(
    ("value", "hint", "text"),
    [
        ("订单".encode(), None, "订单"),
        ("订单没有收到".encode("gbk"), None, "订单没有收到"),
        ("订单".encode("gbk"), "gb2312", "订单"),
        ("訂單".encode("big5"), "big5", "訂單"),
        ("订单".encode(), "gb2312", "订单"),
        ("café".encode("latin-1"), None, "café"),
    ],
)
def test_raw_octets_are_read_as_utf8_or_as_the_hint_says(value: bytes, hint: str | None, text: str) -> None:
    """Raw 8-bit headers survive."""
    assert decode_value(value, hint) == text
    assert raw_text(value, hint) == text


def test_undecoded_text_keeps_its_words() -> None:
    """Structure is taken apart before any word is decoded (CS10)."""
    assert raw_text(b"=?utf-8?q?x=40y?= <a@b>") == "=?utf-8?q?x=40y?= <a@b>"


def test_only_so_many_words_are_decoded() -> None:
    """Beyond the limit of P9 words stay as they are, and nothing is lost."""
    decoded = decode_words("=?utf-8?q?=41?= " * (limits.ENCODED_WORDS + 10))
    assert decoded.startswith("A" * limits.ENCODED_WORDS + " =?utf-8?q?=41?=")


def test_a_word_whose_label_lies_is_told() -> None:
    """A subject labelled gb2312 that is more than that is a defect worth noting."""
    assert list(label_defects(word("镕".encode("gb18030"), "gb2312"))) == ["gb2312 read as gb18030"]
    assert list(label_defects("plain")) == []


@pytest.mark.parametrize(
    ("data", "octets"),
    [
        (b"QUJD", b"ABC"), (b"QUI=", b"AB"), (b"QUI", b"AB"), (b"Q U\r\nJD", b"ABC"), (b"QUJDR", b"ABC"), (b"", b""),
        (b"QQ==\r\nQg==\r\n", b"AB"), (b"QUI=!QUI=", b"ABAB"), (b"====", b""), (b"\x80\xff", b""), (b"Q", b""),
    ],
)  # fmt: skip
def test_base64_is_read_as_far_as_it_goes(data: bytes, octets: bytes) -> None:
    """Foreign characters, missing padding and several blocks in a row cost no octet that is there."""
    assert base64_octets(data) == octets
