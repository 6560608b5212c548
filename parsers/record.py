"""What a parser understood of an arrival: the IntakeRecord and its parts.

Unknown is ``None`` or an empty tuple, never a guess. Every model is frozen, refuses unknown keys, and dumps to the
JSON that ``ingestd parse`` prints. Shapes grow only by adding.

Sources of a field: H header, B body, F form, S signature.
"""

from __future__ import annotations

from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import ConfigDict, Field

from parsers.arrival import Strict

Source = Literal["H", "B", "F", "S"]
Precision = Literal["minute", "hour", "part_of_day", "day", "range"]
AutomaticKind = Literal["auto_reply", "auto_generated", "bounce", "receipt", "list", "calendar", "report", "own"]
T = TypeVar("T")


class Mailbox(Strict):
    """A display name and an address. ``email`` is never empty; what has no address is no mailbox.

    The domain is lower-cased ASCII (A-labels), the local part is exactly as written.
    """

    name: str | None = None
    email: str


class Recipient(Strict):
    """One visible or traced recipient. ``delivered_to`` covers Delivered-To, X-Original-To and their kin."""

    kind: Literal["to", "cc", "delivered_to", "envelope"]
    name: str | None = None
    email: str


class Attachment(Strict):
    """A part that is not the visible text. ``index`` counts from 1 in the order of the MIME tree.

    ``filename`` is a label only, cleaned of paths and control characters, at most 200 bytes; ``sha256`` and ``size``
    are of the decoded octets. ``part`` is the section number (``"2.1"``) by which the raw mail yields it again.
    """

    index: int
    part: str = ""
    filename: str | None = None
    content_type: str = "application/octet-stream"
    size: int = 0
    sha256: str = ""
    inline: bool = False
    content_id: str | None = None
    from_tnef: bool = False


class Automatic(Strict):
    """Whether a machine wrote this, and every sign that says so (``"Auto-Submitted: auto-replied"``).

    No parser says ``own``: that word belongs to whoever holds the key that ``IntakeRecord.loop_mark`` is checked with.
    """

    kind: AutomaticKind | None = None
    evidence: tuple[str, ...] = ()


class Bounce(Strict):
    """What a delivery report says (RFC 3464), as far as it can be read."""

    recipients: tuple[str, ...] = ()
    status: str | None = None
    action: Literal["failed", "delayed", "delivered", "relayed", "expanded"] | None = None
    diagnostic: str | None = None
    original_message_id: str | None = None


class Found(Strict, Generic[T]):
    """A value with the place it was found in."""

    value: T
    source: Source


class FoundNumber(Strict):
    """A number as digits (or in its canonical spelling), as it was written, and where."""

    value: str
    raw: str
    source: Source


class OtherNumber(Strict):
    """A number that is not an order: tracking, repair, refund, invoice, serial, contract, id_card, bank_card."""

    kind: str
    value: str
    raw: str
    source: Source


class OccurredAt(Strict):
    """When it happened, resolved against the message Date in the sender's offset.

    ``from`` and ``to`` (``start`` and ``end`` in code) are the ends of the span, equal where a minute is known;
    ``text`` is what the customer wrote.
    """

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    start: datetime = Field(alias="from")
    end: datetime = Field(alias="to")
    precision: Precision
    text: str
    source: Source


class Fields(Strict):
    """What the customer told us about the matter. See the ids of the intake form for their meaning."""

    name: Found[str] | None = None
    honorific: Found[str] | None = None
    phones: tuple[FoundNumber, ...] = ()
    order_nos: tuple[FoundNumber, ...] = ()
    other_nos: tuple[OtherNumber, ...] = ()
    customer_no: FoundNumber | None = None
    occurred_at: OccurredAt | None = None
    error_code: Found[str] | None = None


class Defect(Strict):
    """Something broken that was read as well as it could be. ``code`` is stable, ``detail`` is for people."""

    code: str
    detail: str = ""


class IntakeRecord(Strict):
    """One message, understood. ``date`` is the Date header with its offset, or None where it makes no sense."""

    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    date: datetime | None = None
    sender: Mailbox | None = None
    reply_to: tuple[Mailbox, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    subject: str = ""
    subject_base: str = ""
    text: str = ""
    own_text: str = ""
    quoted_text: str | None = None
    signature_text: str | None = None
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    automatic: Automatic = Automatic()
    loop_mark: str | None = None
    """The value of X-Ingestd-Loop as it stands there: anybody can write that header."""
    bounce: Bounce | None = None
    language: str | None = None
    fields: Fields = Fields()
    authentication: Literal["pass", "fail", "none", "rejected"] = "none"
    """``rejected``: it failed, and the domain's own policy says that such mail is to be refused or set aside."""
    wants_no_reply: bool = False
    content_sha256: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """The header fields that ``Arrival.wanted_headers`` asked for: lower-case name, decoded first value."""
    defects: tuple[Defect, ...] = ()
