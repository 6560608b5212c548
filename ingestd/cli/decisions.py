"""Two ways to decide for ``explain``: by an installation, reading its store, or by the shipped rules alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from ingestd import clock
from ingestd import config as configuration
from ingestd.app import Installation, offline_deciding, policies
from ingestd.app.policies import own_addresses
from ingestd.cli.opening import opened
from ingestd.errors import ConfigError
from ingestd.intake import Deciding, Material, decide, weigh
from ingestd.intake.road import questions
from ingestd.limits import LimitsSettings
from ingestd.model import Decided, Known
from ingestd.signing import Signer
from ingestd.store import known, parking, reading
from ingestd.store.arrivals import Claimed
from ingestd.store.reading import Message, Scope
from parsers.arrival import Arrival, Envelope
from parsers.record import IntakeRecord

_TICKET = re.compile(r"[A-Z]{1,4}\d{8}\d{3,9}")
_ARRIVAL = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
_MESSAGE_ID = re.compile(r"<?[^<>\s@]+@[^<>\s@]+>?")


class Deciders(Protocol):
    """Whoever explains: what it reads by, what it knows already, and what it would decide."""

    limits: LimitsSettings
    arrival: Arrival
    else_named: str
    """What a name may stand for beside a file, for the sentence that there is none."""

    def stored(self, name: str) -> list[dict[str, Any]]:
        """Return the stored decisions about a ticket, a Message-ID or an arrival; nothing for any other name."""

    def decide(self, record: IntakeRecord) -> Decided:
        """Return what would become of this message if it came in now."""


class Alone:
    """Decides by rules and an empty store."""

    else_named = " (nothing else can be explained where there is no store)"

    def __init__(self, by: Deciding, own: tuple[str, ...] = ()) -> None:
        self._by = by
        self.limits = by.policy.limits
        self.arrival = Arrival(own_addresses=own, wanted_headers=by.rules.wanted_headers)

    def stored(self, name: str) -> list[dict[str, Any]]:
        """Nothing has ever come in here."""
        return []

    def decide(self, record: IntakeRecord) -> Decided:
        """Decide as if this were the first mail ever."""
        material = _material(record)
        return decide(material, weigh(material, self._by), self._by, Known(), material.received_at)


class Installed:
    """Decides by an installation and all that its store knows; it only reads."""

    else_named = ", ticket, Message-ID or arrival"

    def __init__(self, installation: Installation) -> None:
        self._it = installation
        self._by = installation.policies.deciding
        self.limits = installation.loaded.config.limits
        self.arrival = Arrival(
            own_addresses=own_addresses(installation.loaded), wanted_headers=self._by.rules.wanted_headers
        )

    def stored(self, name: str) -> list[dict[str, Any]]:
        """Look the name up, unless it is a file."""
        return [] if Path(name).exists() else [self._answer(message) for message in self._messages(name)]

    def _messages(self, name: str) -> tuple[Message, ...]:
        read = self._it.store.read
        if _TICKET.fullmatch(name):
            file = read(lambda tx: reading.file_of(tx, name, Scope()))
            return file.messages if file else ()
        if _ARRIVAL.fullmatch(name):
            message = read(lambda tx: reading.by_intake_id(tx, name))
            return (message,) if message else ()
        return read(lambda tx: reading.by_message_id(tx, name)) if _MESSAGE_ID.fullmatch(name) else ()

    def _answer(self, message: Message) -> dict[str, Any]:
        found = self._it.store.read(lambda tx: parking.listed(tx, intake_id=message.intake_id))
        parked = {"reason": found[0].reason} if found else {}
        stated = {**message.decision, "outcome": message.outcome, **parked}
        identity = {"intake_id": message.intake_id, "accepted_at": message.accepted_at.isoformat()}
        return {**identity, "record": message.record, **stated}

    def decide(self, record: IntakeRecord) -> Decided:
        """Decide with conversations and budgets as they are at this moment."""
        material = _material(record)
        weighed = weigh(material, self._by)
        asked = questions(material, weighed, _claimed(material))
        facts = self._it.store.read(lambda tx: known.ask(tx, asked, "", material.received_at))
        return decide(material, weighed, self._by, facts, material.received_at)


@contextmanager
def open_deciders(path: Path | None, *, offline: bool) -> Iterator[Deciders]:
    """Open what the config names; where there is no config, or ``offline``, the shipped rules."""
    source = None if offline else _find(path)
    if source is None:
        yield Alone(offline_deciding())
        return
    loaded = configuration.load(source)
    if not loaded.state_dir.is_dir():  # this installation has never run: to look at it must not make its folders
        deciding = policies.build(loaded, Signer(os.urandom(32))).deciding
        yield Alone(deciding, own_addresses(loaded))
        return
    with opened(source, migrate=False) as installation:
        yield Installed(installation)


def _find(path: Path | None) -> Path | None:
    try:
        return configuration.find(path)
    except ConfigError:
        if path or os.environ.get("INGESTD_CONFIG"):
            raise
        return None


def _material(record: IntakeRecord) -> Material:
    return Material(record, Envelope(), clock.now())


def _claimed(material: Material) -> Claimed:
    """Return the arrival that this message would be."""
    now = material.received_at
    return Claimed("", "smtp", "", "mail", material.envelope, "", 0, now, now, 0)
