"""Whether a machine wrote a mail, of what kind, and every sign that says so.

Judges only; what follows from it (no letter, no reopening) is decided elsewhere. One sign may be weak: it is told
as evidence, and decides nothing alone (Outlook stamps X-Auto-Response-Suppress on people's mail).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from parsers import auto_submitted
from parsers import machine_marks as marks
from parsers.arrival import Envelope
from parsers.folding import fold, without_invisible
from parsers.headers import Headers
from parsers.mime import PartFacts
from parsers.record import Automatic, AutomaticKind
from parsers.subjects import SUBJECT_CAP, is_forward, is_reply

# When signs of several kinds stand in one mail, the first kind here names it.
KINDS: tuple[AutomaticKind, ...] = (
    "bounce", "receipt", "calendar", "report", "auto_reply", "auto_generated", "list",
)  # fmt: skip
LOOP_HEADER = "X-Ingestd-Loop"  # every letter of ours carries it; so may anybody's, and who has the key must check it
LOOP_MARK_CAP = 200  # characters; ours are 32
TEXT_START = 400  # characters in which a machine introduces itself
EVIDENCE_CAP = 120  # characters of a header value repeated as evidence


@dataclass(frozen=True)
class Sign:
    """One thing that points to a machine. ``kind`` None: weak, told but deciding nothing."""

    kind: AutomaticKind | None
    words: str


@dataclass(frozen=True)
class Mail:
    """What the judges look at: all of one mail, prepared once."""

    headers: Headers
    subject: str
    text: str
    envelope: Envelope
    own_addresses: tuple[str, ...]
    parts: tuple[PartFacts, ...]
    sender: str
    from_nobody: bool
    """True for a null return path or a mailer daemon: nobody waits for an answer."""


def classify(
    headers: Headers,
    subject: str,
    text: str,
    envelope: Envelope,
    own_addresses: tuple[str, ...],
    parts: tuple[PartFacts, ...],
) -> Automatic:
    """Name the kind of machine that wrote this mail, or None for a person, with every sign as readable text.

    Never raises. Kinds are tried in the order of ``KINDS``. Our own mail is never named here: it cannot be told
    without the key.
    """
    mail = _prepare(headers, subject, text, envelope, own_addresses, parts)
    signs = [sign for judge in JUDGES for sign in judge(mail)]
    found = {sign.kind for sign in signs}
    kind = next((kind for kind in KINDS if kind in found), None)
    evidence = tuple(dict.fromkeys(sign.words for sign in signs))
    return Automatic(kind=kind, evidence=evidence)


def loop_mark(headers: Headers) -> str | None:
    """Give the value of X-Ingestd-Loop, genuine or not."""
    value = (headers.get(LOOP_HEADER) or "").strip()
    return value[:LOOP_MARK_CAP] or None


def _prepare(
    headers: Headers,
    subject: str,
    text: str,
    envelope: Envelope,
    own_addresses: tuple[str, ...],
    parts: tuple[PartFacts, ...],
) -> Mail:
    sender = sender_address(headers)
    null_path = envelope.mail_from == "" or (envelope.mail_from is None and _return_path(headers) == "")
    return Mail(
        headers=headers,
        subject=_UNTAGGED.sub("", fold(without_invisible(subject[:SUBJECT_CAP])).strip().lower()),
        text=fold(without_invisible(text[: TEXT_START * 4])).strip().lower()[:TEXT_START],
        envelope=envelope,
        own_addresses=own_addresses,
        parts=parts,
        sender=sender,
        from_nobody=null_path or _local_part(sender) in marks.DAEMON_SENDERS,
    )


def sender_address(headers: Headers) -> str:
    """Give the lower-case address of the From header (last in angle brackets, else first bare one), or ``""``."""
    value = (headers.get("From") or "")[:SUBJECT_CAP]
    found = _ANGLED.findall(value) or _BARE.findall(value)[:1]
    return found[-1].lower() if found else ""


def _return_path(headers: Headers) -> str | None:
    value = headers.get("Return-Path")
    return None if value is None else value.strip(" <>")


def _local_part(address: str) -> str:
    return re.split(r"[+=@]", address, maxsplit=1)[0]


def by_auto_submitted(mail: Mail) -> Iterator[Sign]:
    """RFC 3834: anything but ``no`` was written by a machine."""
    for value in mail.headers.all("Auto-Submitted"):
        word = auto_submitted.keyword(value)
        if word and word != "no":
            yield Sign("auto_reply" if word == "auto-replied" else "auto_generated", _told("Auto-Submitted", value))


def by_precedence(mail: Mail) -> Iterator[Sign]:
    """Old responders and lists say it in Precedence only."""
    for name in ("Precedence", "X-Precedence"):
        for value in mail.headers.all(name):
            kind = _PRECEDENCE.get(value.strip().lower().replace("-", "_"))
            if kind:
                yield Sign(kind, _told(name, value))


def by_named_headers(mail: Mail) -> Iterator[Sign]:
    """The many private headers of responders, lists and mail servers."""
    if _NAMED_NAMES.isdisjoint(mail.headers.names):  # as in nearly all mail
        return
    for kind, names in _NAMED:
        for name in names:
            value = mail.headers.get(name)
            if value is not None and value.strip().lower() not in ("no", "false", "0"):
                yield Sign(kind, _told(name, value))


def by_loop_mark(mail: Mail) -> Iterator[Sign]:
    """A mark like ours, genuine or not."""
    if mark := loop_mark(mail.headers):
        yield Sign(None, _told(LOOP_HEADER, mark))


def by_exchange(mail: Mail) -> Iterator[Sign]:
    """Exchange's out-of-office stamps "All" and its loop guard; either alone also stands on people's mail."""
    suppress = mail.headers.get("X-Auto-Response-Suppress")
    if suppress and suppress.strip().lower() != "none":
        answers = "all" in suppress.lower() and mail.headers.get("X-MS-Exchange-Inbox-Rules-Loop") is not None
        yield Sign("auto_reply" if answers else None, _told("X-Auto-Response-Suppress", suppress))


def by_sender(mail: Mail) -> Iterator[Sign]:
    """Who sent it: a daemon, nobody, or the null return path (RFC 5321 §4.5.5).

    Our own address is a weak sign: contact forms send from it, and anybody can write it.
    """
    local = _local_part(mail.sender)
    if mail.sender and mail.sender in mail.own_addresses:
        yield Sign(None, f"From: {mail.sender} is our own address")
    if local in marks.DAEMON_SENDERS:
        yield Sign("bounce", f"From: {mail.sender}")
    elif local in marks.NOBODY_SENDERS or local in marks.POSTMASTERS:
        yield Sign("auto_generated", f"From: {mail.sender}")
    if mail.envelope.mail_from == "":
        yield Sign("auto_generated", "null return path")
    elif mail.envelope.mail_from is None and _return_path(mail.headers) == "":
        yield Sign("auto_generated", "Return-Path: <>")


def by_structure(mail: Mail) -> Iterator[Sign]:
    """Report parts (RFC 3464, 8098, 5965, 8460).

    A person may attach a bounce she got; its parts decide only where the whole mail is a report or nobody sent it.
    """
    whole = _is_report(mail)
    report_type = dict(mail.parts[0].params).get("report-type", "").lower() if whole else ""
    if report_type in _REPORT_TYPES:
        yield Sign(_REPORT_TYPES[report_type], f"report-type={report_type}")
    for place, part in enumerate(mail.parts):
        if part.content_type in _REPORT_PARTS:
            decides = whole or mail.from_nobody or place == 0
            yield Sign(_REPORT_PARTS[part.content_type] if decides else None, part.content_type)


def _is_report(mail: Mail) -> bool:
    return bool(mail.parts) and mail.parts[0].content_type == "multipart/report"


def by_calendar(mail: Mail) -> Iterator[Sign]:
    """Calendar programs answer and invite with a method (RFC 5546); a plain .ics file may come from a person."""
    for part in mail.parts:
        method = dict(part.params).get("method") if part.content_type == "text/calendar" else None
        if method is not None:
            yield Sign("calendar", f"text/calendar; method={method.upper()[:20]}")


def by_subject(mail: Mail) -> Iterator[Sign]:
    """The subjects of mail programs and servers, at the very start; a person's 答复: before them clears them."""
    for kind, pattern in _SUBJECTS:
        if found := pattern.match(mail.subject):
            yield Sign(kind, f"subject: {found[0].strip()}")
    if hint := _BOUNCE_HINT.match(mail.subject):
        served = mail.from_nobody or _local_part(mail.sender) in marks.POSTMASTERS
        yield Sign("bounce" if served else None, f"subject: {hint[0].strip()}")


def by_reply_subject(mail: Mail) -> Iterator[Sign]:
    """Automatic replies by their subject. Without a colon it may be a person's question about such replies."""
    found = _REPLY_SUBJECT.match(mail.subject)
    if found and (found["colon"] or not _ASKING.search(mail.subject + mail.text)):
        yield Sign("auto_reply", f"subject: {found[0].strip()}")
    named = _NAMED_REPLY.match(mail.subject)
    if named and not found and _REPLY_TEXT.match(mail.text):
        yield Sign("auto_reply", f"subject: {named[0].strip()}")


def by_text(mail: Mail) -> Iterator[Sign]:
    """How a machine introduces itself in its first lines. A person forwards such mail, or answers above it."""
    reply = _REPLY_TEXT.match(mail.text)
    generated = any(word in mail.text for word in _GENERATED_WORDS) and _GENERATED_TEXT.search(mail.text)
    forwarded = is_forward(mail.subject)
    if reply:
        yield Sign(None if forwarded else "auto_reply", f"text: {reply[0]}")
    if generated:
        quoting = forwarded or is_reply(mail.subject)
        yield Sign(None if quoting else "auto_generated", f"text: {generated[0]}")


def _told(name: str, value: str) -> str:
    return f"{name}: {value.strip()[:EVIDENCE_CAP]}"


def _start(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(patterns) + ")")


JUDGES: tuple[Callable[[Mail], Iterator[Sign]], ...] = (
    by_structure,
    by_calendar,
    by_auto_submitted,
    by_named_headers,
    by_loop_mark,
    by_exchange,
    by_precedence,
    by_sender,
    by_subject,
    by_reply_subject,
    by_text,
)

_NAMED: tuple[tuple[AutomaticKind, tuple[str, ...]], ...] = (
    ("bounce", ("X-Failed-Recipients",)),
    ("auto_reply", marks.RESPONDER_HEADERS),
    ("auto_generated", marks.GENERATED_HEADERS),
    ("list", marks.LIST_HEADERS),
)
_NAMED_NAMES = frozenset(name.lower() for _, names in _NAMED for name in names)
_PRECEDENCE: dict[str, AutomaticKind] = {
    "auto_reply": "auto_reply", "bulk": "auto_generated", "junk": "auto_generated", "list": "list"
}  # fmt: skip
_REPORT_TYPES: dict[str, AutomaticKind] = {
    "delivery-status": "bounce", "disposition-notification": "receipt", "feedback-report": "report", "tlsrpt": "report"
}  # fmt: skip
_REPORT_PARTS: dict[str, AutomaticKind] = {
    "message/delivery-status": "bounce",
    "message/global-delivery-status": "bounce",
    "message/disposition-notification": "receipt",
    "message/global-disposition-notification": "receipt",
    "message/feedback-report": "report",
    "application/tlsrpt+gzip": "report",
    "application/tlsrpt+json": "report",
}
_SUBJECTS: tuple[tuple[AutomaticKind, re.Pattern[str]], ...] = (
    ("bounce", _start(marks.BOUNCE_SUBJECTS)),
    ("receipt", _start(marks.RECEIPT_SUBJECTS)),
    ("report", _start(marks.REPORT_SUBJECTS)),
)
_BOUNCE_HINT = _start(marks.BOUNCE_HINTS)
_REPLIES = "|".join(marks.REPLY_SUBJECTS)
_REPLY_SUBJECT = re.compile(rf"[\[【]?(?:{_REPLIES})[\]】]? {{0,3}}(?:(?P<colon>:)|$)")
_NAMED_REPLY = re.compile(rf"[^\s:]{{1,20}} {{1,3}}(?:{_REPLIES}) {{0,3}}:")
_REPLY_TEXT = _start(marks.REPLY_TEXTS)
_GENERATED_TEXT = _start(marks.GENERATED_TEXTS)
_GENERATED_WORDS = ("自动", "自動", "generated", "automated")  # one of these is in each of the patterns
_ASKING = re.compile(marks.ASKING)
_UNTAGGED = re.compile(r"^(?:[\[【](?:external|ext|外部邮件|外部|外部郵件)[\]】] {0,3}){1,3}")
_ANGLED = re.compile(r"<([^<>\s@]{1,64}@[^<>\s@]{1,255})>")
_BARE = re.compile(r"[^<>\s@,;:\"]{1,64}@[^<>\s@,;:\"]{1,255}")
