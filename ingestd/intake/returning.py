"""Whether a mail is one of our own letters come back, or came to the return path of one.

Both are told by keyed marks alone. A header of ours in a stranger's mail, or a made-up return path, is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.conversations import LOOKED_UP_IDS
from ingestd.intake.material import Material
from ingestd.notices import Policy
from ingestd.signing import Signer
from parsers.record import IntakeRecord


@dataclass(frozen=True)
class Returned:
    """Mail to our return path, and the id of the letter it was made for: None where the mark is bare or forged."""

    mail_id: str | None = None


def is_own(record: IntakeRecord, signer: Signer) -> bool:
    """Whether the mail bears the loop mark that we made for its Message-ID, or for an id that it answers."""
    mark = record.loop_mark
    ids = (record.message_id, record.in_reply_to, *record.references[-LOOKED_UP_IDS:])
    return mark is not None and signer.made_loop_mark(mark, filter(None, ids))


def returned(material: Material, policy: Policy, signer: Signer) -> Returned | None:
    """Return what came back to the return path of our letters; None for mail to any other address."""
    base = policy.bounce_address
    if base is None:
        return None
    written_to = _written_to(material)
    mail_id = next(filter(None, (signer.read_bounce(address, base) for address in written_to)), None)
    elsewhere = any(map(policy.takes_mail, written_to))
    if mail_id is None and (elsewhere or not any(map(policy.is_bounce, written_to))):
        return None
    return Returned(mail_id)


def _written_to(material: Material) -> tuple[str, ...]:
    """The envelope's recipient; the headers tell of it only where there was no envelope."""
    if material.envelope.rcpt_to is not None:
        return (material.envelope.rcpt_to,)
    return tuple(recipient.email for recipient in material.record.recipients)
