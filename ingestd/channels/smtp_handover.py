"""The moment that counts: a whole message is handed to ``keep``, and its ending becomes the client's answer (P1)."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestd.channels.channel import Incoming, Keep, Report
from ingestd.channels.gate import Gate
from ingestd.channels.smtp_dialogue import Dialogue, Reply, Rules
from ingestd.channels.smtp_receive import NO_ROOM, NOT_NOW
from ingestd.channels.smtp_settings import SmtpChannel
from ingestd.channels.spool import Spool, SpooledMessage
from ingestd.errors import Permanent, Temporary
from parsers.arrival import Envelope

MAX_TEXT = 400
"""Characters of our own text in an answer, so that its line stays under 512 octets (RFC 5321 §4.5.3.1.5)."""


@dataclass(frozen=True)
class House:
    """What all sessions of one door share. ``space_needed``: octets that must be free before a message is taken."""

    settings: SmtpChannel
    rules: Rules
    keep: Keep
    report: Report
    spool: Spool
    gate: Gate
    tls: ssl.SSLContext | None
    now: Callable[[], datetime]
    space_needed: int


async def hand_over(
    house: House, dialogue: Dialogue, peer: str | None, message: SpooledMessage, spooled: Path | bytes
) -> Reply:
    """Have the message kept and return the answer: 250 only after the commit, temporary unless proven permanent."""
    incoming = Incoming(
        door=house.settings.kind,
        account=house.settings.name,
        spooled=spooled,
        sha256=message.sha256,
        size=message.size,
        envelopes=_envelopes(dialogue, peer),
        received_at=house.now(),
    )
    try:
        kept = await house.keep(incoming)
    except (Temporary, Permanent) as error:
        return _explain(error)
    except Exception as error:  # whatever it is, the client still has the message and is told to send it again
        house.report("keep-failed", {"error": repr(error), "peer": peer})
        return NOT_NOW
    return Reply(f"250 2.0.0 kept as {' '.join(kept.intake_ids)[:MAX_TEXT]}")


def _envelopes(dialogue: Dialogue, peer: str | None) -> tuple[Envelope, ...]:
    return tuple(
        Envelope(mail_from=dialogue.mail_from, rcpt_to=recipient, peer=peer, helo=dialogue.helo, tls=dialogue.tls)
        for recipient in dialogue.recipients.values()
    )


def _explain(error: Temporary | Permanent) -> Reply:
    if error.code == "storage-full":
        return NO_ROOM
    code = "451 4.3.0" if isinstance(error, Temporary) else "550 5.6.0"
    return Reply(f"{code} {' '.join(error.sentence.split())[:MAX_TEXT]}")
