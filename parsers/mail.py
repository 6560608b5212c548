"""Mail to an IntakeRecord: the order in which a message is read, and what remains when a step fails (P8).

Each depth reads less than the one before and trusts less code. Whatever the octets are, the last depth has an answer,
so that trouble in reading always ends in a ticket.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from parsers import authentication, automatic, bounce, charset, fields, identity, language, quoting, subjects
from parsers.arrival import Arrival
from parsers.attachments import facts, records
from parsers.body import choose
from parsers.body import read as read_body
from parsers.digest import content_digest, plain_digest
from parsers.encoded_words import label_defects
from parsers.headers import Headers, read_block
from parsers.mime import Part, PartFacts, read_tree
from parsers.participants import Participants, envelope_sender, read_participants
from parsers.record import Attachment, Defect, IntakeRecord

Codes = Iterable[tuple[str, str]]

SUBJECT_CHARACTERS = 998  # the longest line of RFC 5322 §2.1.1
_DIRECTION_MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def read(raw: bytes, arrival: Arrival, depth: str) -> IntakeRecord:
    """Read a message as deeply as asked, or as it can be read. Never raises; the defects name every step back."""
    trouble: list[tuple[str, str]] = [] if depth == "full" else [("degraded", f"read at depth {depth}")]
    for step in _from(depth):
        try:
            return _with_defects(DEPTHS[step](raw, arrival), trouble)
        except Exception as error:  # the edge of the parsers: any failure here becomes a plainer reading
            trouble.append(("degraded", f"{step}: {type(error).__name__}"))
    return _with_defects(IntakeRecord(), [*trouble, ("unreadable", "")])


def read_full(raw: bytes, arrival: Arrival) -> IntakeRecord:
    """Read everything."""
    tree = read_tree(raw)
    chosen = choose(tree.root)
    body = read_body(chosen)
    files = tuple(records(chosen.files))
    head = _read_head(tree.root.headers, arrival)
    judged = _judge(head, body.text, tuple(facts(tree.root)), arrival)
    told = _split(judged, body.text, is_html=body.is_html, arrival=arrival)
    record = told.model_copy(
        update={
            "html": body.html,
            "attachments": files,
            "content_sha256": content_digest(tree.root, files),
        }
    )
    return _with_defects(record, (*head.defects, *tree.defects, *body.defects, *_direction_marks(record)))


def read_plain(raw: bytes, arrival: Arrival) -> IntakeRecord:
    """Read the headers, and the body as one text with its transfer encoding off, without taking it apart."""
    block = read_block(raw, 0, len(raw))
    head = _read_head(block.headers, arrival)
    text = Part("", raw, block.headers, block.body, len(raw), "text/plain").text
    judged = _judge(head, text.text, (), arrival)
    record = judged.model_copy(
        update={
            "text": text.text,
            "own_text": text.text,
            "attachments": (_whole(raw),),
            "content_sha256": plain_digest(block.headers, raw[block.body :]),
        }
    )
    return _with_defects(record, (*head.defects, *_coded(block.defects), *text.defects))


def read_headers(raw: bytes, arrival: Arrival) -> IntakeRecord:
    """Read the header block alone; the message itself is the one attachment."""
    block = read_block(raw, 0, len(raw))
    head = _read_head(block.headers, arrival)
    record = _judge(head, "", (), arrival).model_copy(
        update={"attachments": (_whole(raw),), "content_sha256": plain_digest(block.headers, raw[block.body :])}
    )
    return _with_defects(record, (*head.defects, *_coded(block.defects)))


def read_envelope(raw: bytes, arrival: Arrival) -> IntakeRecord:
    """Read nothing: the sender is the return path, and the message is the one attachment."""
    return IntakeRecord(
        sender=envelope_sender(arrival.envelope),
        attachments=(_whole(raw),),
        content_sha256=hashlib.sha256(raw).hexdigest(),
        defects=(Defect(code="unreadable"),),
    )


DEPTHS: Mapping[str, Callable[[bytes, Arrival], IntakeRecord]] = {
    "full": read_full,
    "plain": read_plain,
    "headers": read_headers,
    "envelope": read_envelope,
}


@dataclass(frozen=True)
class _Head:
    """What the headers alone say."""

    headers: Headers
    people: Participants
    record: IntakeRecord
    defects: tuple[tuple[str, str], ...]


def _read_head(headers: Headers, arrival: Arrival) -> _Head:
    people = read_participants(headers, arrival.envelope)
    subject = (headers.get("subject") or "")[:SUBJECT_CHARACTERS]
    sent_at = identity.sent_at(headers, arrival.received_at)
    record = IntakeRecord(
        message_id=identity.message_id(headers),
        in_reply_to=identity.in_reply_to(headers),
        references=identity.references(headers),
        date=sent_at,
        sender=people.sender,
        reply_to=people.reply_to,
        recipients=people.recipients,
        subject=subject,
        subject_base=subjects.subject_base(subject),
        authentication=authentication.verdict(headers, arrival.trusted_authserv, _domain(people)),
        headers=_wanted(headers, arrival),
    )
    labels = (("charset-label", f"subject: {d}") for text in headers.undecoded("subject") for d in label_defects(text))
    date = (("date", (headers.get("date") or "missing")[:100]),) if sent_at is None else ()
    return _Head(headers, people, record, (*people.defects, *labels, *date))


def _wanted(headers: Headers, arrival: Arrival) -> tuple[tuple[str, str], ...]:
    """Give the fields that the rules look at, each its first value."""
    found = ((name, headers.get(name)) for name in arrival.wanted_headers)
    return tuple((name, value) for name, value in found if value)


def _judge(head: _Head, text: str, parts: tuple[PartFacts, ...], arrival: Arrival) -> IntakeRecord:
    """Add whether a machine wrote this, and what it reports."""
    subject = head.record.subject
    kind = automatic.classify(head.headers, subject, text, arrival.envelope, arrival.own_addresses, parts)
    report = bounce.read(head.headers, parts, subject, text)
    mark = automatic.loop_mark(head.headers)
    return head.record.model_copy(update={"automatic": kind, "loop_mark": mark, "bounce": report})


def _split(record: IntakeRecord, text: str, *, is_html: bool, arrival: Arrival) -> IntakeRecord:
    """Add the text, what of it is the customer's own, and what it tells."""
    split = quoting.split(text, record.subject, is_html=is_html)
    sent_at = record.date or arrival.received_at
    return record.model_copy(
        update={
            "text": text,
            "own_text": split.own_text,
            "quoted_text": split.quoted_text,
            "signature_text": split.signature_text,
            "language": language.guess_language(split.own_text or text or record.subject),
            "fields": fields.extract(split.own_text, split.signature_text, record.subject, record.sender, sent_at),
            "wants_no_reply": fields.wants_no_reply(split.own_text),
        }
    )


def _whole(raw: bytes) -> Attachment:
    """Describe the whole message as a file, for the desk to open where the parser could not."""
    digest = hashlib.sha256(raw).hexdigest()
    return Attachment(index=1, filename="message.eml", content_type="message/rfc822", size=len(raw), sha256=digest)


def _from(depth: str) -> list[str]:
    """Give the depths from the one asked for down to the last; an unknown one counts as the last."""
    steps = list(DEPTHS)
    return steps[steps.index(depth) :] if depth in DEPTHS else steps[-1:]


def _domain(people: Participants) -> str | None:
    return people.sender.email.rpartition("@")[2] if people.sender else None


def _direction_marks(record: IntakeRecord) -> Codes:
    """Flag marks that turn the direction of writing: invoice<U+202E>gnp.exe shows as invoiceexe.png (CS12, AT3)."""
    shown = (record.subject, record.sender.name if record.sender else None, *(a.filename for a in record.attachments))
    return (("direction-marks", text) for text in shown if text and _DIRECTION_MARKS.search(text))


def _coded(codes: Iterable[str]) -> Codes:
    return ((code, "") for code in codes)


def _with_defects(record: IntakeRecord, codes: Codes) -> IntakeRecord:
    """Add defects, the first of each code only."""
    known = {defect.code: defect for defect in record.defects}
    for code, detail in codes:
        known.setdefault(code, Defect(code=code, detail=charset.clean(detail[:200])))
    return record.model_copy(update={"defects": tuple(known.values())}) if known else record
