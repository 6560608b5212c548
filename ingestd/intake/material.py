"""One arrival as it comes to be decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from parsers.arrival import Envelope
from parsers.record import IntakeRecord


@dataclass(frozen=True)
class Material:
    """One arrival as it comes to be decided: what was read of it, and what its door knows."""

    record: IntakeRecord
    envelope: Envelope
    received_at: datetime
    accepted_at: datetime | None = None
    intake_id: str = ""
    door: str = "smtp"
    unproven: bool = False
    released: bool = False
