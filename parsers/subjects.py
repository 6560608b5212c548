"""The subject without what mail programs put in front of it."""

from __future__ import annotations

import re

from parsers.folding import fold, without_invisible

SUBJECT_CAP = 1_000  # characters looked at; a subject line beyond is no subject

REPLY_PREFIXES = (
    "re", "aw", "sv", "antw", "res", "rif", "odp", "回复", "回覆", "答复", "答覆", "回信", "返信", "ответ", "회신",
)  # fmt: skip
FORWARD_PREFIXES = ("fw", "fwd", "wg", "tr", "rv", "enc", "转发", "转寄", "轉寄", "轉發", "転送", "пересл", "전달")
AUTOMATIC_PREFIXES = (
    "自动回复", "自动答复", "自動回覆", "自動答覆", "自動回復", "automatic reply", "auto reply", "auto-reply",
    "autoreply", "auto",
)  # fmt: skip
TAGS = ("external", "ext", "外部邮件", "外部", "外部郵件", "外来邮件")


def _either(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


# "Re:", "RE[2]:", "回复 :", "答复：" (folded); the count in brackets is Lotus' and The Bat's.
_REPLY = rf"(?:{_either(REPLY_PREFIXES)})(?:\[\d{{1,3}}\]|\(\d{{1,3}}\))?[ ]{{0,3}}:"
_FORWARD = rf"(?:{_either(FORWARD_PREFIXES)})(?:\[\d{{1,3}}\])?[ ]{{0,3}}:"
_MACHINE = rf"(?:{_either(AUTOMATIC_PREFIXES)})[ ]{{0,3}}:"
_TAG = rf"[\[【](?:{_either(TAGS)})[\]】][ ]{{0,3}}:?"
_PREFIX = re.compile(rf"[ ]{{0,20}}(?:{_TAG}|{_MACHINE}|{_REPLY}|{_FORWARD})[ ]{{0,20}}", re.IGNORECASE)
_IS_REPLY = re.compile(rf"[ ]{{0,20}}(?:{_TAG}[ ]{{0,20}})?{_REPLY}", re.IGNORECASE)
_IS_FORWARD = re.compile(rf"[ ]{{0,20}}(?:{_TAG}[ ]{{0,20}})?{_FORWARD}", re.IGNORECASE)


def subject_base(subject: str) -> str:
    """Take off every reply, forward, auto-reply and gateway prefix, repeated and mixed, with either colon.

    ``"自动答复:  回复: Re：订单没到"`` gives ``"订单没到"``. A subject of prefixes only gives ``""``.
    """
    text = " ".join(without_invisible(subject[:SUBJECT_CAP]).split())
    folded, start = fold(text), 0
    while found := _PREFIX.match(folded, start):
        start = found.end()
    return text[start:].strip()


def is_reply(subject: str) -> bool:
    """Tell whether the subject says that this answers another mail."""
    return _IS_REPLY.match(fold(without_invisible(subject[:SUBJECT_CAP]))) is not None


def is_forward(subject: str) -> bool:
    """Tell whether the subject says that this forwards another mail."""
    return _IS_FORWARD.match(fold(without_invisible(subject[:SUBJECT_CAP]))) is not None
