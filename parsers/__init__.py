"""Parsers read: bytes or a form submission in, an IntakeRecord out. No clock, no network, no database.

Importing this package costs no more than its nouns; what reads is loaded when something is first read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from parsers.arrival import Arrival
from parsers.record import IntakeRecord

Depth = Literal["full", "plain", "headers", "envelope"]
Reader = Callable[[bytes, Arrival, str], IntakeRecord]

__all__ = ["READERS", "Arrival", "Depth", "IntakeRecord", "attachment", "parse", "parse_file"]


def parse(raw: bytes, arrival: Arrival | None = None, *, depth: Depth = "full") -> IntakeRecord:
    """Read what came in. Never raises, whatever the bytes are (P8).

    On trouble it reads one depth plainer, down to the envelope alone, and the record's defects say so: ``degraded``
    for each step back, ``unreadable`` where nothing but the envelope is left. ``plain`` takes no MIME apart,
    ``headers`` reads the header block only, ``envelope`` nothing but the envelope.
    """
    arrival = arrival or Arrival()
    return READERS[arrival.kind](raw, arrival, depth)


def parse_file(path: str, arrival_json: str, depth: str) -> str:
    """Do ``parse`` for a file of raw bytes, for a worker process: plain strings in, the record's JSON out.

    Raises OSError where the file cannot be read and ValueError where ``arrival_json`` is no Arrival: those are
    faults of the caller, not of the message.
    """
    arrival = Arrival.model_validate_json(arrival_json)
    record = READERS[arrival.kind](Path(path).read_bytes(), arrival, depth)
    return record.model_dump_json(by_alias=True)


def attachment(raw: bytes, part: str) -> bytes | None:
    """Give the decoded octets of the part with this section number (``Attachment.part``), None where there is none.

    ``""`` is the whole message.
    """
    from parsers.attachments import by_section

    return by_section(raw, part)


def _read_mail(raw: bytes, arrival: Arrival, depth: str) -> IntakeRecord:
    from parsers import mail

    return mail.read(raw, arrival, depth)


READERS: Mapping[str, Reader] = {"mail": _read_mail}
