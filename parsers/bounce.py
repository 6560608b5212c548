"""What a delivery report says: whom it did not reach, why, and which of our letters it was (RFC 3464).

Reads the machine-readable part where there is one, else the notices of Chinese and other servers as far as their
words go. Embedded originals are the reporter's claim, never proof: who acts on them must check.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from parsers import machine_marks as marks
from parsers.automatic import sender_address
from parsers.headers import Headers
from parsers.mime import PartFacts
from parsers.record import Bounce

Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]

REPORT_CAP = 256 * 1024  # octets of a report part looked at
TEXT_CAP = 20_000  # characters of a human-readable notice looked at
RECIPIENTS_CAP = 100  # recipients told from one report
DIAGNOSTIC_CAP = 500  # characters of the server's words kept

# The worst news first: it names the report when recipients fared differently.
_ACTIONS: tuple[Action, ...] = get_args(Action)
_REPORT_PARTS = ("message/delivery-status", "message/global-delivery-status")
_ORIGINAL_PARTS = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")

_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{0,60})[ \t]{0,10}:[ \t]*(.*)$")
_ADDRESS = re.compile(r"[^\s<>\"'(),:;@\[\]]{1,64}@[A-Za-z0-9.-]{1,255}[A-Za-z0-9]")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d(?= [A-Za-z0-9.(<]|-[0-9])")
_MESSAGE_ID = re.compile(r"(?im)^message-id:\s{0,20}<([^<>\s]{1,500})>")
_ONE_ID = re.compile(r"<([^<>\s]{1,500})>")
# How notices name the address: QQ 收件人, 163 "发送到…失败", Exchange, Exim, Postfix, qmail.
_NAMED_RECIPIENT = re.compile(
    r"(?:收件人|收信人|收件者|邮件地址|邮箱地址|以下地址|发送(?:到|至|给)|投递(?:到|至)|对方邮箱|recipients?"
    r"|addresse?s?|delivered to|delivery to|to the following)[^@\n]{0,60}\n{0,3}[^@\n]{0,40}?"
    r"([^\s<>\"'(),:;@\[\]：，（）《》“”]{1,64}@[A-Za-z0-9.-]{1,255}[A-Za-z0-9])",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"(?:退信原因|失败原因|出错原因|错误信息|原因|reason|said|error)[ ]{0,4}[:：]\s{0,10}(\S[^\n]{0,490})",
    re.IGNORECASE,
)


def read(headers: Headers, parts: tuple[PartFacts, ...], subject: str, text: str) -> Bounce | None:
    """Read a delivery report, or give None where this is none. Never raises.

    Recipients are those of type rfc822 that share the worst action; an unknown action stays None.
    """
    groups = _recipient_groups(parts)
    if groups:
        return _from_report(groups, _original_id(headers, parts))
    failed = headers.get("X-Failed-Recipients")
    if failed or _is_notice(headers, parts, subject):
        return _from_notice(failed or "", text[:TEXT_CAP], _original_id(headers, parts))
    return None


def _recipient_groups(parts: Iterable[PartFacts]) -> list[dict[str, str]]:
    """Give the fields of each per-recipient group (RFC 3464 §2.3)."""
    groups = [group for part in parts if part.content_type in _REPORT_PARTS for group in _groups(part.payload)]
    return [group for group in groups if group.keys() & {"final-recipient", "original-recipient", "action"}]


def _groups(payload: bytes) -> list[dict[str, str]]:
    """Divide a report part at its blank lines; folded lines are joined, the first of equal fields counts."""
    groups: list[dict[str, str]] = [{}]
    last = ""
    for line in payload[:REPORT_CAP].decode("utf-8", "replace").splitlines():
        found = _FIELD.match(line)
        if not line.strip():
            groups.append({})
        elif line[0] in " \t" and last in groups[-1]:
            groups[-1][last] = f"{groups[-1][last]} {line.strip()}"[: DIAGNOSTIC_CAP * 2]
        elif found:
            last = found[1].lower()
            groups[-1].setdefault(last, found[2].strip())
    return [group for group in groups if group]


def _from_report(groups: Sequence[dict[str, str]], original_id: str | None) -> Bounce:
    actions = [_action(group) for group in groups]
    worst = next((action for action in _ACTIONS if action in actions), None)
    told = [group for group, action in zip(groups, actions, strict=True) if action == worst]
    return Bounce(
        recipients=_unique(address for group in told if (address := _recipient(group))),
        status=_first(match[1] for group in told if (match := _STATUS.search(group.get("status", "")))),
        action=worst,
        diagnostic=_first(_diagnostic(group) for group in told),
        original_message_id=original_id,
    )


def _action(group: dict[str, str]) -> Action | None:
    word = group.get("action", "").split("(")[0].strip().lower()
    return next((action for action in _ACTIONS if action == word), None)


def _recipient(group: dict[str, str]) -> str | None:
    """Give the address as we wrote it where the report knows it, else the final one; other types are no mail."""
    for name in ("original-recipient", "final-recipient"):
        kind, _, address = group.get(name, "").partition(";")
        if kind.strip().lower() in ("rfc822", "utf-8") and (found := _ADDRESS.search(address)):
            return found[0]
    return None


def _diagnostic(group: dict[str, str]) -> str:
    kind, mark, words = group.get("diagnostic-code", "").partition(";")
    return (words if mark and len(kind) < 30 else kind).strip()[:DIAGNOSTIC_CAP]


def _original_id(headers: Headers, parts: Iterable[PartFacts]) -> str | None:
    """Find the Message-ID of the letter that came back: in the copy, else where servers answer to it."""
    for part in parts:
        if part.content_type in _ORIGINAL_PARTS:
            head = re.split(rb"\r?\n\r?\n", part.payload[:REPORT_CAP].lstrip(), maxsplit=1)[0]
            if found := _MESSAGE_ID.search(head.decode("utf-8", "replace")):
                return found[1]
    found = _ONE_ID.search((headers.get("In-Reply-To") or "")[:2_000])
    return found[1] if found else None


def _is_notice(headers: Headers, parts: Sequence[PartFacts], subject: str) -> bool:
    """Tell a plain-text notice: a report without a readable part, a daemon's mail, or a server's own subject."""
    sender = sender_address(headers).split("@")[0].split("+")[0]
    if parts and ("report-type", "delivery-status") in parts[0].params:
        return True
    plain = subject[:1_000].strip().lower().replace("：", ":")
    if _SERVER_SUBJECT.match(plain) or sender in marks.DAEMON_SENDERS:
        return True
    return sender in marks.POSTMASTERS and _SERVER_HINT.match(plain) is not None


def _from_notice(failed: str, text: str, original_id: str | None) -> Bounce:
    addresses = _ADDRESS.findall(failed[:TEXT_CAP]) or _NAMED_RECIPIENT.findall(text)
    status, code, reason = _STATUS.search(text), _REPLY_CODE.search(text), _REASON.search(text)
    return Bounce(
        recipients=_unique(addresses),
        status=status[1] if status else f"{code[1]}.0.0" if code else None,
        action="delayed" if status and status[1].startswith("4") else "failed",
        diagnostic=reason[1].strip()[:DIAGNOSTIC_CAP] if reason else None,
        original_message_id=original_id,
    )


def _unique(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addresses))[:RECIPIENTS_CAP]


def _first(values: Iterable[str]) -> str | None:
    return next((value for value in values if value), None)


_SERVER_SUBJECT = re.compile("|".join(marks.BOUNCE_SUBJECTS))
_SERVER_HINT = re.compile("|".join(marks.BOUNCE_HINTS))
