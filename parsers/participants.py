"""Who a message is from, whom it answers to and whom it went to, from headers and envelope.

The From header names the sender. Where it can be read in two ways the envelope decides, and the record says so: a
letter to the wrong one of two readings is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parsers.addresses import Addresses, address, read_addresses
from parsers.arrival import Envelope
from parsers.headers import Headers
from parsers.record import Mailbox, Recipient

# Hops before us write these; a sender can too, so they are read only where the envelope itself is unknown.
TRACED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")


@dataclass(frozen=True)
class Participants:
    """The people of a message, and what was doubtful about them as (code, detail)."""

    sender: Mailbox | None
    reply_to: tuple[Mailbox, ...]
    recipients: tuple[Recipient, ...]
    defects: tuple[tuple[str, str], ...] = ()


def read_participants(headers: Headers, envelope: Envelope) -> Participants:
    """Read everybody a message names."""
    sender, defects = _sender(headers, envelope)
    reply_to = read_addresses(headers.undecoded("reply-to"))
    to, cc = (read_addresses(headers.undecoded(name)) for name in ("to", "cc"))
    if reply_to.cut or to.cut or cc.cut:
        defects = (*defects, ("limit-addresses", ""))
    recipients = (*_visible(to, cc), *_traced(headers, envelope))
    return Participants(sender, reply_to.mailboxes, tuple(dict.fromkeys(recipients)), defects)


def envelope_sender(envelope: Envelope) -> Mailbox | None:
    """Give the return path as a mailbox; the null path and nonsense give none."""
    email = address(envelope.mail_from or "")
    return Mailbox(email=email) if email else None


def _sender(headers: Headers, envelope: Envelope) -> tuple[Mailbox | None, tuple[tuple[str, str], ...]]:
    """Decide who wrote (AD2, AD3, AD8)."""
    found = read_addresses(headers.undecoded("from"))
    people = {mailbox.email: mailbox for mailbox in found.mailboxes}
    if len(people) == 1 and not found.doubtful:
        (only,) = people.values()
        return only, _lure(only)
    fallback = envelope_sender(envelope)
    if not people and not found.doubtful:
        return fallback, (("sender-missing", ""),)
    confirmed = None if found.doubtful else _confirmed(headers, fallback, people)
    return confirmed or fallback, (("sender-ambiguous", ", ".join(people)[:200]),)


def _confirmed(headers: Headers, fallback: Mailbox | None, people: dict[str, Mailbox]) -> Mailbox | None:
    """Choose the one of several authors whom the Sender header or the envelope names (RFC 5322 §3.6.2)."""
    named = read_addresses(headers.undecoded("sender")).mailboxes
    for mailbox in (*named, *((fallback,) if fallback else ())):
        if mailbox.email in people:
            return people[mailbox.email]
    return None


def _lure(sender: Mailbox) -> tuple[tuple[str, str], ...]:
    """Flag a display name that looks like another address (CS10)."""
    name = sender.name or ""
    return (("name-looks-like-address", name),) if "@" in name else ()


def _visible(to: Addresses, cc: Addresses) -> Iterator[Recipient]:
    for mailbox in to.mailboxes:
        yield Recipient(kind="to", name=mailbox.name, email=mailbox.email)
    for mailbox in cc.mailboxes:
        yield Recipient(kind="cc", name=mailbox.name, email=mailbox.email)


def _traced(headers: Headers, envelope: Envelope) -> Iterator[Recipient]:
    """Give the recipient that the door saw, or else the traces that earlier hops left."""
    email = address(envelope.rcpt_to or "")
    if email:
        yield Recipient(kind="envelope", email=email)
        return
    traces = (value for name in TRACED for value in headers.undecoded(name))
    for mailbox in read_addresses(traces).mailboxes:
        yield Recipient(kind="delivered_to", name=mailbox.name, email=mailbox.email)
