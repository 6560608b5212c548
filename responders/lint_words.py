"""The words the lint rules look for, in Chinese and in English."""

from __future__ import annotations

import re
from collections.abc import Mapping

from responders.letter import Letter

TURN = re.compile(r"但是|不过|然而|可是|\b(?:but|however)\b", re.I)
"""Words that take back the sentence before them (003-12)."""
SECRET = re.compile(
    r"密码|口令|验证码|校验码|\b(?:password|passcode|passphrase|PIN|(?:verification|security|one-time) code)\b", re.I
)
NEVER = re.compile(r"不会|绝不|切勿|请勿|不要|无需|\b(?:never|not|no one|nobody|don't|won't)\b", re.I)
SOON = re.compile(r"尽快|尽早|稍后|\b(?:ASAP|as soon as possible|shortly|soon)\b", re.I)
TIME = re.compile(r"\d{1,2}:\d{2}|\d+\s*(?:分钟|个?小时|个?工作日|天|minutes?\b|hours?\b|(?:working )?days?\b)", re.I)
BLAME = re.compile(
    r"您自己|您应该|您没有按|您误|误操作|使用不当|您的错|您弄错|早就告诉|无理|自行承担|你"
    r"|\b(?:your fault|your mistake|you should have|you failed|you claim|user error|as we already|obviously)\b",
    re.I,
)
SORRY: Mapping[str, re.Pattern[str]] = {
    "zh": re.compile(r"致歉|抱歉|歉意|对不起"),
    "en": re.compile(r"\b(?:sorry|apolog\w+|regret)\b", re.I),
}
THANKS: Mapping[str, re.Pattern[str]] = {"zh": re.compile(r"感谢|谢谢|多谢"), "en": re.compile(r"\bthank", re.I)}
REPLY: Mapping[str, re.Pattern[str]] = {
    "zh": re.compile(r"回复|回信"),
    "en": re.compile(r"\breply\b|\banswer this\b", re.I),
}


def missing(expected: Mapping[str, re.Pattern[str]] | re.Pattern[str], letter: Letter) -> bool:
    """Are the expected words not in the letter? In a language we have no words for, nothing is missing."""
    if isinstance(expected, re.Pattern):
        return not expected.search(letter.text)
    pattern = expected.get(letter.language.partition("-")[0].lower())
    return pattern is not None and not pattern.search(letter.text)
