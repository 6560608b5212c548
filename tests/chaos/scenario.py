"""What the chaos runs need to know of the program they kill, and how they count what became of its messages.

A scenario is the outside world of one program: the client that writes to it, the peer that it answers, and the
questions about its store. It outlives every kill and remembers what it was promised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Command:
    """How the program is started: its words, its working folder, where its output goes, what its environment adds."""

    argv: tuple[str, ...]
    folder: Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Audit:
    """What became of the messages that the program said yes to. Every one deserves one ticket and one acknowledgement.

    ``lost``: no ticket. ``duplicates``: tickets beyond the first, or of no accepted message. ``unanswered``: no
    acknowledgement. ``extra_acks``: copies beyond the first. ``strays``: acknowledgements of one message under further
    Message-IDs (promise P5).
    """

    accepted: int = 0
    tickets: int = 0
    lost: int = 0
    duplicates: int = 0
    unanswered: int = 0
    extra_acks: int = 0
    strays: int = 0

    @property
    def whole(self) -> bool:
        """Has every accepted message its ticket and its acknowledgement?"""
        return self.lost == 0 and self.unanswered == 0

    @property
    def clean(self) -> bool:
        """Are the promises P2 and P3 kept, and P5 as far as Message-IDs go? Extra copies are judged by their number."""
        return self.whole and self.duplicates == 0 and self.strays == 0


def tally(accepted: Collection[str], tickets: Iterable[str | None], acks: Iterable[tuple[str, str]]) -> Audit:
    """Count what became of the accepted Message-IDs.

    ``tickets`` holds the Message-ID that opened each ticket, ``acks`` the pairs (message answered, the ack's own id).
    """
    opened = Counter(tickets)
    copies = Counter(acks)
    answered = Counter(message for message, _ in copies)
    return Audit(
        accepted=len(accepted),
        tickets=opened.total(),
        lost=sum(message not in opened for message in accepted),
        duplicates=sum(times - (message in accepted) for message, times in opened.items()),
        unanswered=sum(message not in answered for message in accepted),
        extra_acks=sum(times - 1 for times in copies.values()),
        strays=sum(ids - 1 for ids in answered.values()),
    )


class Scenario(Protocol):
    """One program under chaos. All methods but ``prepare`` may be called while it is dead, and must not raise then."""

    name: str
    grace_s: float
    """How long a program that says it has nothing to do may still surprise us."""

    def prepare(self) -> None:
        """Forget everything: an empty store, an empty peer, nothing sent. The program is not running."""

    def command(self) -> Command:
        """Say how to start the program on what is stored now."""

    def ready(self) -> bool:
        """Does the door take messages?"""

    def send(self) -> bool:
        """Offer one new message, once. True when the door said yes."""

    def retry(self) -> bool:
        """Offer again what got no yes, as a mail server would. True when nothing is left to offer."""

    def settled(self) -> bool:
        """Has the program nothing more to do for what it holds?"""

    def audit(self) -> Audit:
        """Count what became of everything that got a yes."""

    def imbalance(self) -> str | None:
        """Return a sentence if the sum of promise P6 does not hold at this moment."""
