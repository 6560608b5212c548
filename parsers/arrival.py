"""What came in, untouched: the noun at the entrance of the parsers.

An Arrival names the raw bytes and says how they came. Parsers read it; they never change it, and they know no
clock: the moment of arrival is a value in here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

ArrivalKind = Literal["mail", "form"]


class Strict(BaseModel):
    """The base of everything that crosses a door: frozen, and deaf to keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Envelope(Strict):
    """The SMTP envelope (RFC 5321 §3.3) as the door saw it. All addresses are plain ``local@domain`` text.

    ``mail_from`` is the return path: ``""`` is the null path of bounces (RFC 5321 §4.5.5), ``None`` means that the
    door had no envelope (a file, a mailbox). ``rcpt_to`` is the one recipient of this delivery.
    """

    mail_from: str | None = None
    rcpt_to: str | None = None
    peer: str | None = None
    helo: str | None = None
    tls: bool = False


class Arrival(Strict):
    """One delivery as the parsers get it.

    ``intake_id`` is the arrival's public id, ``received_at`` the moment the *server* took it (timezone-aware), which
    stands in for a missing or senseless Date header. ``own_addresses`` are the addresses this installation answers
    for, lower case; parsers use them only to tell our own mail from a customer's. ``trusted_authserv`` are the
    authserv-ids (RFC 8601 §2.2, lower case) of our own mail servers: only their Authentication-Results are read.
    """

    intake_id: str = ""
    kind: ArrivalKind = "mail"
    received_at: datetime | None = None
    envelope: Envelope = Envelope()
    own_addresses: tuple[str, ...] = ()
    wanted_headers: tuple[str, ...] = ()
    trusted_authserv: tuple[str, ...] = ()
