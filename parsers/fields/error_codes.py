"""The error code a customer quotes: behind a label (错误码：E1002), beside 报错 or error, or of a telling shape."""

from __future__ import annotations

import re

from parsers.fields.passages import Passage, first_group
from parsers.record import Found

_CODE = (
    r"(?:0x[0-9A-F]{2,16}|[A-Z]{1,10}[-_]?\d{1,8}(?:[-_.]\d{1,6}){0,2}|[A-Z]{2,10}(?:_[A-Z0-9]{2,20}){1,5}"
    r"|-?\d{2,8}(?:-\d{1,6})?)"
)
_JOIN = r"[ ]{0,2}(?:[(\[【\"'“《]|是|为|為|提示|显示|:|#|=|\bis\b){0,3}[ ]{0,2}[\"'“【]?"
_PATTERN = re.compile(
    r"(?:(?:错误|故障|异常|報錯|报错|返回|状态|錯誤|故障)(?:代码|代碼|编码|编号|码|碼|号)|错误提示|代码|代碼"
    rf"|(?:error|fault|status) ?(?:code|number|no\.?)){_JOIN}(?P<labelled>{_CODE})"
    rf"|(?:报错|報錯|错误|錯誤|\berror\b|\berr\b){_JOIN}(?P<beside>{_CODE})"
    r"|(?<![A-Za-z0-9])(?P<shaped>0x[0-9A-F]{4,16}|E\d{3,6}|ERR_[A-Z0-9_]{3,40}|ERR-?\d{2,8})(?![A-Za-z0-9])"
    r"|\bHTTP ?(?P<http>[45]\d\d)(?!\d)"
    r"|(?<![\d.])(?P<status>[45]\d\d)(?= ?(?:错误|報錯|报错|錯誤|error))",
    re.IGNORECASE,
)
# Without one of these, or an E right before a digit, there is no code.
_WORDS = (
    "错误", "錯誤", "故障", "异常", "报错", "報錯", "返回", "状态", "代码", "代碼",
    "err", "fault", "status", "http", "0x",
)  # fmt: skip
_UNIT = re.compile(r" ?[年月日次个元块遍天小分多]|[A-Za-z0-9]")


def find(passage: Passage) -> Found[str] | None:
    """Find the first error code as it is written, upper case but for hexadecimal; None where none is stated."""
    maybe = passage.has(_WORDS) or any(passage.lowered[start - 1 : start] == "e" for start, _ in passage.figures)
    for match in _PATTERN.finditer(passage.folded) if maybe else ():
        start, end = first_group(match)[1]
        code = passage.folded[start:end]
        if not _UNIT.match(passage.folded, end):
            return Found(value=code if code.lower().startswith("0x") else code.upper(), source=passage.source)
    return None
