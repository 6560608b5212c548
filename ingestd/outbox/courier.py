"""The port of the couriers: what is carried, how it may end, and what no courier may carry.

A courier tries once. When to try again, and with which letter, is the sender's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from typing import Protocol

from email_validator import validate_email

REASON_LIMIT = 300
"""Characters of a reason: it stands on the ticket, and a relay may say a megabyte."""
ADDRESS_LIMIT = 254
"""Octets of a path without its angle brackets (RFC 5321 §4.5.3.1.3)."""
THE_RELAY = "the relay"
"""Stands in each reason of an Again that is the relay's or the network's trouble, not the letter's."""

_LOCAL = r"[A-Za-z0-9!#$%&'*+=?^_`{}~][A-Za-z0-9!#$%&'*+/=?^_`{|}~-]*(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"(?=.{{3,{ADDRESS_LIMIT}}}\Z)(?=[^@]{{1,64}}@){_LOCAL}@{_LABEL}(?:\.{_LABEL})*")
_FIRST_REFUSED = "-|/"
"""A local part that starts so is an option, a command or a file to some mail systems (AD9)."""
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True)
class Mail:
    """One message for one recipient. ``mail_id`` names the letter: a second try has the same one.

    ``mail_from`` is the return path, ``""`` the null path (RFC 5321 §4.5.5). ``data`` is the whole message with CRLF
    line ends. ``smtputf8`` says that its head holds UTF-8 (RFC 6531).
    """

    mail_id: str
    mail_from: str
    rcpt: str
    data: bytes = field(repr=False)
    smtputf8: bool = False


@dataclass(frozen=True)
class Sent:
    """The mail is in the hands of another, who said ``response``."""

    response: str


@dataclass(frozen=True)
class Again:
    """It did not work this time, or nobody knows whether it did. ``retry_after`` is the least time to wait, if any.

    ``unseen``: no octet of the letter has left this machine in this try, so that it may still be written anew.
    """

    reason: str
    retry_after: timedelta | None = None
    unseen: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Refused:
    """It will never work as asked; ``reason`` says why in one line."""

    reason: str


Ending = Sent | Again | Refused


class Courier(Protocol):
    """What carries a letter out. Safe to call from many tasks of one event loop at once."""

    async def carry(self, mail: Mail) -> Ending:
        """Try once to hand the mail over. Total: raises nothing but CancelledError; unknown trouble is Again (P5).

        After Again or a cancellation the mail may have gone out all the same: the next try carries the same octets,
        so that the reader's side can see that it is one mail.
        """
        ...

    async def close(self) -> None:
        """Let go of connections and files. Idempotent; what is being carried may finish."""
        ...


def check(mail: Mail) -> Mail | Refused:
    """Return the mail with its addresses in envelope form (A-labels), or why nobody may carry it.

    What passes can be put on an SMTP command line or into a file name as it is: no CR, LF, NUL, space or ``>`` in an
    address (AD9), and no bare CR or LF in the data, which some servers take for the end of the mail.
    """
    rcpt = envelope_address(mail.rcpt)
    mail_from = envelope_address(mail.mail_from) if mail.mail_from else ""
    if rcpt is None:
        return Refused(one_line(f"the recipient's address cannot be used: {mail.rcpt}"))
    if mail_from is None:
        return Refused(one_line(f"the return path cannot be used: {mail.mail_from}"))
    if not mail.data.endswith(b"\r\n") or not has_clean_lines(mail.data):
        return Refused("the message has a line that does not end in CRLF, or a NUL")
    if (rcpt, mail_from) == (mail.rcpt, mail.mail_from):
        return mail
    return replace(mail, rcpt=rcpt, mail_from=mail_from)


@lru_cache(maxsize=4096)
def envelope_address(address: str) -> str | None:
    """Return ``local@domain`` with an ASCII domain, or None when no mail may be sent there.

    Plain ASCII goes by our own pattern: the validator refuses names such as ``mail.local`` that a house may use.
    """
    if address.isascii():
        return address if _PLAIN.fullmatch(address) else None
    try:
        valid = validate_email(address, check_deliverability=False)
    except ValueError:  # the validator's own errors and those of the IDNA tables
        return None
    return None if valid.local_part[0] in _FIRST_REFUSED else f"{valid.local_part}@{valid.ascii_domain}"


def has_clean_lines(data: bytes) -> bool:
    """Say whether every CR and LF stands in a CRLF and no NUL is among the octets (RFC 5321 §2.3.8)."""
    return data.count(b"\r\n") == data.count(b"\r") == data.count(b"\n") and b"\0" not in data


def unseen(ending: Ending) -> Ending:
    """Return the ending of a try that never came to the letter itself."""
    return replace(ending, unseen=True) if isinstance(ending, Again) else ending


def one_line(text: str) -> str:
    """Return a reason fit for a ticket: one line of at most 300 characters, no control among them."""
    line = _CONTROLS.sub(" ", text[: 4 * REASON_LIMIT]).strip()
    return line if len(line) <= REASON_LIMIT else line[: REASON_LIMIT - 1] + "…"
