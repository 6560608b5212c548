"""Keyed marks that only this installation can make: thread tokens, Message-IDs, the loop mark.

A thread token is bound to a ticket and to the address it was sent to (P31). It proves nothing else, and no other
purpose's mark passes for it: the purpose is part of what is signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

MAC_BYTES = 10
"""80 bits: short enough for a plus-address, far beyond guessing at the rate that mail allows."""
ADDRESS_BYTES = 5
LOCAL_PART_LIMIT = 64
"""Octets of a local part (RFC 5321 §4.5.3.1.1)."""
_TOKEN = re.compile(r"([a-z]{1,4}\d{8}\d{3,9})\.([a-z2-7]{8})\.([a-z2-7]{16})", re.IGNORECASE)
_OWN_ID = re.compile(r"<?([a-z0-9.]{1,40})\.(" + _TOKEN.pattern + r")@[^@<>\s]+>?", re.IGNORECASE)
_PLUS = re.compile(r"[^@+]*\+t\.(" + _TOKEN.pattern + r")@.*", re.IGNORECASE)
_BOUNCE_TAG = re.compile(r"([0-9a-z]{1,40})\.([a-z2-7]{16})")


@dataclass(frozen=True)
class ThreadToken:
    """A genuine token: the ticket it speaks for, and whether ``is_for`` an address."""

    ticket_no: str
    address_mark: str
    _signer: Signer

    def is_for(self, address: str) -> bool:
        """Whether the token was sent to this very address."""
        return hmac.compare_digest(self.address_mark, self._signer.address_mark(address))


@dataclass(frozen=True)
class Signer:
    """Makes and checks marks with the installation's key (at least 32 octets of randomness)."""

    key: bytes

    def thread_token(self, ticket_no: str, rcpt: str) -> str:
        """Return the token that lets ``rcpt`` speak in ``ticket_no``; letters, digits and dots only."""
        mark = self.address_mark(rcpt)
        return f"{ticket_no.lower()}.{mark}.{self._mac('thread', ticket_no.lower(), mark, size=MAC_BYTES)}"

    def reply_address(self, address: str, ticket_no: str, rcpt: str) -> str:
        """Return ``address`` as a plus-address with the token, or unchanged where that would be too long."""
        local, _, domain = address.rpartition("@")
        tagged = f"{local}+t.{self.thread_token(ticket_no, rcpt)}"
        return f"{tagged}@{domain}" if len(tagged) <= LOCAL_PART_LIMIT else address

    def message_id(self, ticket_no: str, kind: str, episode: str, rcpt: str, domain: str) -> str:
        """Return the Message-ID of a letter, without brackets: the same letter always has the same one (P5)."""
        head = self._mac("message-id", ticket_no.lower(), kind, episode, rcpt, size=MAC_BYTES)
        if not ticket_no:
            return f"{head}@{domain}"
        return f"{head}.{self.thread_token(ticket_no, rcpt)}@{domain}"

    def loop_mark(self, message_id: str) -> str:
        """Return the private header value by which we know our own mail again."""
        return self._mac("loop", message_id, size=20)

    def made_loop_mark(self, mark: str, message_ids: Iterable[str]) -> bool:
        """Whether ``mark`` is ours for one of these Message-IDs, with or without their brackets."""
        given = mark.encode("utf-8", "surrogatepass")
        made = (self.loop_mark(message_id.strip("<>")).encode("ascii") for message_id in message_ids)
        return any(hmac.compare_digest(given, one) for one in made)

    def bounce_address(self, base: str, mail_id: str) -> str:
        """Return the keyed return path of one mail."""
        local, _, domain = base.rpartition("@")
        return f"{local}+{mail_id.lower()}.{self._mac('bounce', mail_id.lower(), size=MAC_BYTES)}@{domain}"

    def read_bounce(self, address: str, base: str) -> str | None:
        """Return the id of the mail whose return path this is, if ``bounce_address`` made it of ``base``."""
        local, _, domain = address.strip().lower().rpartition("@")
        untagged, _, tag = local.rpartition("+")
        parts = _BOUNCE_TAG.fullmatch(tag)
        if parts is None or f"{untagged}@{domain}" != base.lower():
            return None
        mail_id, mac = parts.groups()
        return mail_id.upper() if hmac.compare_digest(mac, self._mac("bounce", mail_id, size=MAC_BYTES)) else None

    def is_forged(self, text: str) -> bool:
        """Whether this is shaped like a Message-ID or plus-address with a token of ours, and is none."""
        return _token_in(text) is not None and self.read_token(text) is None

    def read_token(self, text: str) -> ThreadToken | None:
        """Return the token in a Message-ID of ours or in a plus-address, if it is genuine."""
        parts = _token_in(text)
        if parts is None:
            return None
        ticket_no, mark, mac = (part.lower() for part in parts.groups())
        if not hmac.compare_digest(mac, self._mac("thread", ticket_no, mark, size=MAC_BYTES)):
            return None
        return ThreadToken(ticket_no.upper(), mark, self)

    def address_mark(self, address: str) -> str:
        """Return the short keyed mark of an address; it does not reveal the address."""
        return self._mac("address", address.lower(), size=ADDRESS_BYTES)

    def _mac(self, *parts: str, size: int) -> str:
        message = "\0".join(parts).encode("utf-8", "surrogatepass")
        digest = hmac.digest(self.key, message, hashlib.sha256)[:size]
        return base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def _token_in(text: str) -> re.Match[str] | None:
    match = _OWN_ID.fullmatch(text.strip()) or _PLUS.fullmatch(text.strip())
    return _TOKEN.search(match[0]) if match else None
