"""A journey's folder read: its config, the mails that go in, and what is expected of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from doubles.smtp_sink import Caught, SmtpSink

JOURNEYS = Path(__file__).parent.parent / "journeys"


@dataclass(frozen=True)
class Journey:
    """One numbered folder: ``config.yaml``, ``input/*.eml``, ``expected.yaml``."""

    name: str

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return JOURNEYS / self.name

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The sections of the config that this journey needs beside the usual ones."""
        return _yaml(self.folder / "config.yaml")

    @cached_property
    def expected(self) -> dict[str, dict[str, Any]]:
        """What is to become of each mail, by its name."""
        return _yaml(self.folder / "expected.yaml")

    @property
    def mails(self) -> list[str]:
        """The names of the mails, in order."""
        return sorted(path.stem for path in (self.folder / "input").glob("*.eml"))

    def mail(self, name: str, **values: str) -> bytes:
        """Return the octets of a mail; ``@date@`` becomes now, ``@name@`` the value of that name.

        Mail that is days old gets no letter, so a file cannot hold its own date.
        """
        octets = (self.folder / "input" / f"{name}.eml").read_bytes()
        for key, value in {"date": format_datetime(datetime.now(UTC)), **values}.items():
            octets = octets.replace(f"@{key}@".encode(), value.encode())
        return octets


def letters(relay: SmtpSink, rcpt: str) -> list[EmailMessage]:
    """Return what the relay has taken for that address, oldest first."""
    return [read(mail) for mail in list(relay.mails) if mail.rcpt_to == (rcpt,)]


def read(mail: Caught) -> EmailMessage:
    """Read a letter as a mail program would."""
    return message_from_bytes(mail.data, policy=policy.default)


def text(letter: EmailMessage) -> str:
    """Return the plain words of a letter."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _yaml(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.is_file() else {}
