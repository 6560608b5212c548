"""Octets to text, whatever the label claims: aliases, strict tries, a guess, and replacement as the last resort.

The order is label → HZ → UTF-8 → guess → replace. Chinese mail labels GB18030 as ``gb2312`` and UTF-8 as almost
anything, so a label is believed only as long as the octets fit it.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache

# Labels as they are sent, and the codec that reads what is sent under them: the widest of each family.
ALIASES = {
    **dict.fromkeys(
        (
            "gb2312",
            "gb_2312",
            "gb_2312-80",
            "gb2312-80",
            "csgb2312",
            "gbk",
            "x-gbk",
            "cp936",
            "ms936",
            "936",
            "windows-936",
            "x-cp936",
            "euc-cn",
            "x-euc-cn",
            "chinese",
            "zh_cn.gbk",
            "zh_cn.gb2312",
            "gb18030-2022",
            "gb18030-2000",
            "gb-18030",
            "gb18030",
            "iso-ir-58",
            "x-mac-chinesesimp",
        ),
        "gb18030",
    ),
    **dict.fromkeys(
        ("big5", "big-5", "big5-eten", "x-big5", "csbig5", "cn-big5", "big5-hkscs", "big5hkscs", "zh_tw.big5"),
        "big5hkscs",
    ),
    **dict.fromkeys(("cp950", "windows-950", "x-windows-950"), "cp950"),
    **dict.fromkeys(("hz", "hz-gb-2312", "hzgb2312"), "hz"),
    **dict.fromkeys(("utf8", "utf-8", "utf_8", "unicode-1-1-utf-8", "x-utf-8", "utf8mb4"), "utf-8"),
    **dict.fromkeys(("ks_c_5601-1987", "ks_c_5601", "euc-kr", "korean"), "cp949"),
    **dict.fromkeys(("shift_jis", "shift-jis", "x-sjis", "sjis"), "cp932"),
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1"), "cp1252"),
}

# Labels that programs write without thinking: only octets speak.
WEAK = frozenset(
    {
        "",
        "us-ascii",
        "ascii",
        "ansi_x3.4-1968",
        "default",
        "unknown",
        "unknown-8bit",
        "x-unknown",
        "7bit",
        "8bit",
        "binary",
        "none",
        "null",
        "cp1252",
    }
)

# These take names, escapes or time quadratic in their input; they are no character sets of mail.
NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})

# What a support mailbox may meet unlabelled; a short list keeps short strings from exotic readings.
CANDIDATES = ("utf-8", "gb18030", "big5hkscs", "hz", "shift_jis", "euc-jp", "euc-kr", "windows-1252", "windows-1251")

_DOUBLE_BYTE = frozenset({"gb18030", "big5hkscs", "cp950"})

LONGEST_LABEL = 40  # characters; the longest registered name in use has 24
GUESSED_OCTETS = 65_536  # a guess gets no better with more, only slower
TOLERATED_DAMAGE = 0.05  # part of replaced characters up to which a label is still believed

# ASCII and the 3,755 common characters of GB 2312. Short Simplified text also reads as something else (订单 as Big5,
# 刘洋 as Korean), seldom the reverse.
_COMMON_GB = re.compile(rb"(?:[\x00-\x7f]|[\xa1\xa3\xb0-\xd7][\xa1-\xfe])*+")
# The Hangul of EUC-KR lies within the same rows, but Korean puts blanks between its words.
_HANGUL = re.compile(rb"(?:[\x00-\x7f]|[\xb0-\xc8][\xa1-\xfe])*+")
_WORD_GAP = re.compile(rb"[\xa1-\xfe] [\xb0-\xc8]")

# Everything that neither a database nor a terminal should get: controls other than tab and newline, lone surrogates.
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_CONTROLS = (*range(0x00, 0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), 0xFEFF)
_UNCLEAN_MAP = {**dict.fromkeys(_CONTROLS), **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}


@dataclass(frozen=True)
class Decoded:
    """Text with the codec that read it. ``defect`` says how the label lied or what was damaged, else None."""

    text: str
    codec: str
    defect: str | None = None


def decode(data: bytes, label: str | None) -> Decoded:
    """Read octets under a label that may be wrong, unknown or missing. Never raises; never loses octets silently."""
    codec = codec_of(label)
    if codec is None:
        return _unlabelled(data, label)
    if codec in _DOUBLE_BYTE and _is_utf8_chinese(data):
        return Decoded(data.decode("utf-8"), "utf-8", f"{label} read as utf-8")
    strict = _strictly(data, codec)
    if strict is not None:
        return Decoded(strict, codec, _widened(data, label, codec))
    return _mislabelled(data, label, codec)


def guess(data: bytes) -> str:
    """Name the codec that most probably reads these octets. This is the one place that knows the guessing library."""
    may_be_korean = _HANGUL.fullmatch(data) and _WORD_GAP.search(data)
    if not may_be_korean and _COMMON_GB.fullmatch(data):
        return "gb18030"
    import chardet  # 26 MiB and slow to import; rarely needed

    found = chardet.detect(
        data[:GUESSED_OCTETS], include_encodings=CANDIDATES, no_match_encoding="windows-1252", prefer_superset=True
    )
    codec = codec_of(found["encoding"]) or "cp1252"
    return "gb18030" if may_be_korean and codec != "cp949" else codec


@lru_cache(maxsize=256)
def codec_of(label: str | None) -> str | None:
    """Name the Python codec for a label, or None where the label says nothing that can be used."""
    plain = (label or "").split(";")[0].strip().strip("'\"").lower()
    name = ALIASES.get(plain, plain)
    if name in WEAK or len(name) > LONGEST_LABEL:
        return None
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    usable = found._is_text_encoding and found.name not in NO_CHARSETS
    return found.name if usable else None


def clean(text: str) -> str:
    """Give text without control characters (tab and newline stay), with lone surrogates replaced and LF line ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_UNCLEAN_MAP) if _UNCLEAN.search(text) else text


def _is_utf8_chinese(data: bytes) -> bool:
    """Say whether these are the three-octet sequences of UTF-8, which read as rare double-byte characters too."""
    if data.isascii():
        return False
    text = _strictly(data, "utf-8")
    return text is not None and max(text) >= "\u2e80"


def _unlabelled(data: bytes, label: str | None) -> Decoded:
    if data.isascii():
        return _seven_bits(data)
    text = _strictly(data, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8", f"{label} read as utf-8" if label else None)
    codec = guess(data)
    honest = ALIASES.get((label or "").lower()) == codec
    return Decoded(data.decode(codec, "replace"), codec, None if honest else f"{label or 'no label'} read as {codec}")


def _seven_bits(data: bytes) -> Decoded:
    """Read 7-bit octets: HZ (RFC 1843) and ISO-2022-JP (RFC 1468) hide in them and look like ASCII."""
    for sign, codec in ((b"~{", "hz"), (b"\x1b$", "iso2022_jp_2")):
        text = _strictly(data, codec) if sign in data else None
        if text is not None:
            return Decoded(text, codec, f"7-bit text read as {codec}")
    return Decoded(data.decode("ascii"), "us-ascii")


def _mislabelled(data: bytes, label: str | None, codec: str) -> Decoded:
    """Read octets that do not fit their label: its near relations, UTF-8, a slightly damaged reading, a guess."""
    for other in (*(("cp950",) if codec == "big5hkscs" else ()), "utf-8"):
        text = _strictly(data, other)
        if text is not None:
            return Decoded(text, other, f"{label} read as {other}")
    text = data.decode(codec, "replace")
    if text.count("\ufffd") <= max(1, len(text) * TOLERATED_DAMAGE):
        return Decoded(text, codec, f"{label} with damaged characters")
    guessed = guess(data)
    return Decoded(data.decode(guessed, "replace"), guessed, f"{label} read as {guessed}")


def _widened(data: bytes, label: str | None, codec: str) -> str | None:
    """Say so where text fits only the wider set that stands in for the label (gb2312 holding 镕)."""
    if codec != "gb18030" or data.isascii() or (label or "").lower() != "gb2312":
        return None
    return "gb2312 read as gb18030" if _strictly(data, "gb2312") is None else None


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError, LookupError):
        return None
