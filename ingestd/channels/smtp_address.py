"""Addresses as SMTP commands carry them (RFC 5321 §4.1.2), and whether mail is taken for one. Pure.

An address is taken literally: percent signs, bangs and source routes never lead anywhere else (AD14, RFC 5321 §F.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_ADDRESS = 1000
"""Octets. RFC 5321 §4.5.3.1.3 asks for 256; list servers write longer return paths, databases like shorter ones."""

_LOCAL = r'(?:"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])*"|[^\s"<>@\x00-\x1f\x7f]+)'
_DOMAIN = r"(?:\[[^\s\[\]<>@]+\]|[^\s\"<>@,;:\[\]\x00-\x1f\x7f]+)"
_ROUTE = rf"(?:@{_DOMAIN}(?:,@{_DOMAIN})*:)?"
_PATH = re.compile(rf"\s*(?:<{_ROUTE}({_LOCAL}(?:@{_DOMAIN})?)?>|({_LOCAL}@{_DOMAIN}))(?:\s+(.*))?", re.DOTALL)
_RECIPIENT = re.compile(rf"{_LOCAL}@{_DOMAIN}")


def read_path(text: str) -> tuple[str, list[str]] | None:
    """Split what stands after ``FROM:`` or ``TO:`` into the address (``""`` for ``<>``) and its parameters.

    The source route is dropped (RFC 5321 §4.1.1.3). Missing angle brackets are forgiven, as many scripts forget them.
    Returns None when it is no path or too long.
    """
    match = _PATH.fullmatch(text)
    if match is None:
        return None
    address = match[1] or match[2] or ""
    return None if len(address.encode()) > MAX_ADDRESS else (address, (match[3] or "").split())


def check_recipient(address: str) -> str:
    """Return the configured address, lower case. Raise ValueError with what to write instead."""
    if not _RECIPIENT.fullmatch(address) or not address.isprintable():
        raise ValueError(f"{address!r} is no mail address; write it as local@domain, for example support@example.com")
    return address.lower()


def read_listen(text: str) -> tuple[str | None, int]:
    """Split ``host:port`` into what a listening socket needs; no host or ``*`` means all interfaces.

    Raise ValueError with what to write instead.
    """
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^\s:\[\]]*)):(\d{1,5})", text)
    if match is None or int(match[3]) > 65535:
        raise ValueError(f"{text!r} is no address to listen on; write host:port, for example 127.0.0.1:2525")
    host = match[1] or match[2]
    return (None if host in ("", "*") else host), int(match[3])


class Recipients:
    """The addresses mail is taken for: the configured ones, their plus variants, and their domains' postmaster.

    ``with_tags`` are addresses whose plus variants count even when ``plus_addressing`` is off (bounces carry tokens).
    """

    def __init__(self, addresses: Iterable[str], *, plus_addressing: bool, with_tags: Iterable[str] = ()) -> None:
        plain = [address.lower() for address in addresses]
        tagged = [address.lower() for address in with_tags]
        self._postmasters = [f"postmaster@{address.rpartition('@')[2]}" for address in plain]
        self._exact = frozenset([*plain, *tagged, *self._postmasters])
        self._tagged = frozenset([*tagged, *(plain if plus_addressing else ())])

    def find(self, address: str) -> str | None:
        """Return the address mail is taken for, as the client wrote it, or None. ``postmaster`` gets its domain."""
        if address.lower() == "postmaster":  # RFC 5321 §4.5.1: the one address without a domain
            return self._postmasters[0]
        local, _, domain = address.lower().rpartition("@")
        untagged = f"{local.partition('+')[0]}@{domain}"
        known = f"{local}@{domain}" in self._exact or ("+" in local and untagged in self._tagged)
        return address if known else None
