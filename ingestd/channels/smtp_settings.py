"""The settings of the SMTP door: every key with its meaning, unit and default."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from ingestd.channels.smtp_address import check_recipient, read_listen
from ingestd.settings import Duration, Settings, Size


def _check_listen(text: str) -> str:
    read_listen(text)
    return text


class TlsFiles(Settings):
    """Certificate and key that STARTTLS uses, both PEM."""

    cert: Path = Field(description="the certificate with its chain, PEM")
    key: Path = Field(description="the private key, PEM, without a passphrase")


class SmtpChannel(Settings):
    """An SMTP door: other mail servers or programs bring mail to it. It relays nothing and offers no AUTH."""

    kind: Literal["smtp"]
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="this channel's name in records and figures")
    listen: Annotated[str, AfterValidator(_check_listen)] = Field(
        default="127.0.0.1:2525",
        description="address and port to listen on; [::1]:25 for IPv6; port 0 takes a free one",
    )
    recipients: tuple[Annotated[str, AfterValidator(check_recipient)], ...] = Field(
        min_length=1, description="the addresses mail is accepted for; all others get 550"
    )
    plus_addressing: bool = Field(
        default=True, description="accept local+anything@domain for each address in recipients, too"
    )
    max_size: Size = Field(default=25 * 2**20, ge=2**10, description="the largest message, as sent, octets with a unit")
    hostname: str = Field(
        default="localhost",
        pattern=r"^[A-Za-z0-9.\-\[\]:]+$",
        description="the name in the greeting; write the name other servers know this machine by",
    )
    tls: TlsFiles | None = Field(default=None, description="certificate files; without them STARTTLS is not offered")
    require_tls: bool = Field(default=False, description="refuse mail from clients that have not used STARTTLS")
    bare_newlines: Literal["normalise", "refuse"] = Field(
        default="normalise", description="lone CR or LF in a message: make CRLF of it, or refuse the message with 554"
    )
    max_connections: int = Field(default=200, ge=1, description="open connections in total; more get 421")
    max_connections_per_address: int = Field(
        default=20, ge=1, description="open connections from one IPv4 address or IPv6 /64 network; more get 421"
    )
    max_recipients: int = Field(default=100, ge=1, description="recipients of one message; more get 452 (RFC 5321)")
    idle_timeout: Duration = Field(
        default=timedelta(minutes=5), description="how long a client may be silent between commands"
    )
    min_rate: Size = Field(
        default=100, ge=1, description="octets a second a message must come in with, averaged over three minutes"
    )
    trusted_authserv: tuple[str, ...] = Field(
        default=(), description="servers whose Authentication-Results are believed when mail comes through this door"
    )

    @model_validator(mode="after")
    def _tls_is_possible(self) -> SmtpChannel:
        if self.require_tls and self.tls is None:
            raise ValueError("require_tls needs tls: {cert: …, key: …}; add it or set require_tls to false")
        return self
