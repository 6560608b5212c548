"""Whom we answer: one address, chosen by rule, never the return path, a list or Cc."""

from __future__ import annotations

import re

from ingestd.notices.case import Policy
from parsers.arrival import Envelope
from parsers.record import IntakeRecord

_PLAIN = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)
_MAX_ADDRESS = 254


def answer_address(record: IntakeRecord) -> str | None:
    """Return the one address a letter goes to, or None.

    The Reply-To where it is a single address that shares From's domain; else From. Only a plain ``dot-atom@domain``
    is ever written to.
    """
    if record.sender is None:
        return None
    chosen = record.sender.email
    if len(record.reply_to) == 1 and _domain(record.reply_to[0].email) == _domain(chosen):
        chosen = record.reply_to[0].email
    return chosen if is_plain(chosen) else None


def is_plain(address: str) -> bool:
    """Whether the address is a plain one: no quoting, no literal, no leading dash, at most 254 octets."""
    return len(address) <= _MAX_ADDRESS and not address.startswith("-") and bool(_PLAIN.fullmatch(address))


def answer_from(record: IntakeRecord, envelope: Envelope, policy: Policy) -> str:
    """Return the address that was written to: a letter comes from there, without any plus-part.

    Never the return path: an answer to it would be read as a bounce.
    """
    written_to = [recipient.email for recipient in record.recipients if recipient.kind in ("to", "cc")]
    candidates = [*written_to, *([envelope.rcpt_to] if envelope.rcpt_to else [])]
    own = next((address for address in candidates if policy.takes_mail(address)), None)
    return _without_plus(own) if own else policy.default_sender


def _without_plus(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()
