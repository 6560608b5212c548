"""What the question "which letters does this moment owe?" is asked about, and by which rules it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ingestd.limits import LimitsSettings
from ingestd.model import Department, Known, Ticket
from ingestd.notices.settings import LettersSettings, WindowSettings
from parsers.arrival import Envelope
from parsers.record import IntakeRecord


@dataclass(frozen=True)
class Policy:
    """The rules letters follow: settings, departments, and the addresses that are our own (lower case).

    ``own_addresses`` are those that take customers' mail; ``bounce_address`` is the return path of our letters, which
    is nobody's to write to or from.
    """

    letters: LettersSettings = field(default_factory=LettersSettings)
    windows: WindowSettings = field(default_factory=WindowSettings)
    limits: LimitsSettings = field(default_factory=LimitsSettings)
    departments: Mapping[str, Department] = field(default_factory=dict)
    own_addresses: frozenset[str] = frozenset()
    bounce_address: str | None = None
    default_sender: str = "support@localhost"
    timezone: str = "Asia/Shanghai"
    languages: tuple[str, ...] = ("zh-CN", "en")

    @property
    def domains(self) -> frozenset[str]:
        """The domains of our addresses."""
        return frozenset(address.rpartition("@")[2] for address in self.own_addresses)

    def is_own(self, address: str) -> bool:
        """Whether mail to this address would come back to us, plus-addresses included."""
        return self.takes_mail(address) or self.is_bounce(address)

    def takes_mail(self, address: str) -> bool:
        """Whether customers write to this address, plus-addresses included."""
        local, _, domain = address.casefold().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" in self.own_addresses

    def is_bounce(self, address: str) -> bool:
        """Whether this is the return path of our letters, with or without a mark, and takes no customer's mail."""
        if self.bounce_address is None or self.takes_mail(address):
            return False
        local, _, domain = address.casefold().rpartition("@")
        base, _, base_domain = self.bounce_address.casefold().rpartition("@")
        return domain == base_domain and (local == base or local.startswith(f"{base}+"))


@dataclass(frozen=True)
class Case:
    """One arrival at the moment of its decision. ``moment`` is what happened to the ticket."""

    moment: str
    record: IntakeRecord
    envelope: Envelope
    ticket: Ticket
    known: Known
    received_at: datetime
    now: datetime
    accepted_at: datetime
    unproven: bool = False
    """Whether the address comes from a form field, which proves nothing (P12)."""
