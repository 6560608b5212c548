"""The outbox hands letters out: the couriers, when to try again, and the loop that does both.

It leaves to others which letters are owed (``notices``) and where they wait (``store``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingestd.outbox.courier import Courier
from ingestd.outbox.folder import FolderCourier
from ingestd.outbox.settings import OutboundSettings
from ingestd.outbox.smtp import SmtpCourier


@dataclass(frozen=True)
class Surroundings:
    """What a courier may need beside its settings: the config's folder, the state folder, the password itself."""

    beside: Path
    state_dir: Path
    password: str | None = None

    def __repr__(self) -> str:
        return f"Surroundings({str(self.beside)!r}, {str(self.state_dir)!r})"


COURIERS: dict[str, Callable[[OutboundSettings, Surroundings], Courier]] = {
    "smtp": lambda settings, around: SmtpCourier(settings, password=around.password, beside=around.beside),
    "folder": lambda settings, around: FolderCourier(around.state_dir / settings.folder),
}


def open_courier(settings: OutboundSettings, around: Surroundings) -> Courier:
    """Return the courier that the settings name. Connects to nothing yet. Raises ConfigError."""
    return COURIERS[settings.courier](settings, around)
