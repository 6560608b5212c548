"""Channels bring arrivals in: each knows one protocol, keeps what comes, and acknowledges only what is kept.

To add one, write its file and name it in ``CHANNELS``; an unknown kind is refused with the names in this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.channels.smtp import SmtpChannel, SmtpDoor
from ingestd.settings import Settings


@dataclass(frozen=True)
class ChannelKind:
    """One kind of channel: the model its block of the configuration is read with, and the class that runs it."""

    settings: type[Settings]
    channel: type[object]


CHANNELS: dict[str, ChannelKind] = {
    "smtp": ChannelKind(SmtpChannel, SmtpDoor),
}
