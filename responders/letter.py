"""The two nouns at the doors of the responders: the Facts a template may mention, and the Letter that comes out.

Facts are flat: strings, numbers and lists of strings, already in the words and the timezone of the reader. A
template can reach nothing else, so it cannot leak anything else.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """The base of what crosses this package's doors: frozen, and deaf to keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(Strict):
    """One labelled line of an internal letter's table."""

    label: str
    value: str


class Facts(Strict):
    """All that a letter may mention. ``None`` means unknown: a template that needs it refuses to be written.

    Times are ready to print in the reader's language and the service's timezone. ``summary`` is our own restatement,
    built from recognised fields only; ``customer_words`` are the customer's own words (subject or restated text) and
    are ``None`` unless they may be echoed. ``late_*`` are set together when the letter leaves after its window.
    ``time_zone`` names the zone of all times, where the reader may live in another.
    """

    ticket_no: str | None = None
    customer: str | None = None
    honorific: str | None = None
    team: str | None = None
    agent: str | None = None
    category: str | None = None
    department: str | None = None
    summary: str | None = None
    customer_words: str | None = None
    received_at: str | None = None
    occurred_at: str | None = None
    phone_masked: str | None = None
    order_no: str | None = None
    priority_word: str | None = None
    response_due: str | None = None
    prelim_due: str | None = None
    hotline: str | None = None
    supervisor: str | None = None
    empathy_line: str | None = None
    result: str | None = None
    reply_text: str | None = None
    reason: str | None = None
    late_promised: str | None = None
    late_received: str | None = None
    late_sent: str | None = None
    rows: tuple[Row, ...] = ()
    items: tuple[str, ...] = ()
    link: str | None = None
    time_zone: str | None = None


class Letter(Strict):
    """A written letter: what the reader sees. No address and no header: those belong to whoever carries it.

    ``problem`` is for the operator: why an admin's own template could not be used and the shipped one spoke instead.
    """

    kind: str
    language: str
    subject: str
    text: str
    html: str | None = None
    problem: str | None = None
