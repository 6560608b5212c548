"""The settings of the section ``outbound``: which courier carries the letters, and how it reaches its relay."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from ingestd.outbox.backoff import GIVE_UP
from ingestd.outbox.courier import envelope_address
from ingestd.settings import Duration, Secret, Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class OutboundSettings(Settings):
    """How letters leave. With ``hold`` everything runs and nothing is sent."""

    courier: Literal["smtp", "folder"] = Field(
        default="folder", description="smtp hands letters to a relay, folder writes them into a Maildir"
    )
    host: str = Field(default="127.0.0.1", description="the relay's name or address", min_length=1)
    port: int = Field(default=25, description="the relay's port: 25, 587 with starttls, 465 with tls", ge=1, le=65535)
    tls: Literal["none", "starttls", "tls"] = Field(
        default="none", description="none, starttls (refused when the relay does not offer it) or tls from the start"
    )
    ca_file: Path | None = Field(
        default=None, description="PEM file of the authorities to trust instead of the system's; relative to the config"
    )
    username: str | None = Field(default=None, description="the name to log in with; needs password and TLS")
    password: Secret | None = Field(default=None, description="where the password is: {file}, {env} or {credential}")
    helo_name: str | None = Field(
        default=None,
        description="the name to greet the relay with; by default this machine's host name",
        pattern=r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)$",
    )
    connections: int = Field(default=4, description="connections kept to the relay, 1 to 4", ge=1, le=4)
    folder: Path = Field(default=Path("outbox"), description="the Maildir of courier folder; relative to state_dir")
    bounce_address: str | None = Field(
        default=None,
        description="where bounces are to arrive, such as bounces@example.com; without it the return path is empty "
        "and bounces stay unseen",
    )
    repeat: Literal["at-least-once", "at-most-once"] = Field(
        default="at-least-once",
        description="a letter that was being carried when its node died: at-least-once carries it again, as the same "
        "mail; at-most-once ends it as failed, for it may have left",
    )
    hold: bool = Field(default=False, description="true: run everything and send nothing")
    give_up: Duration = Field(default=GIVE_UP, description="how long a letter is tried before it is given up")

    @field_validator("bounce_address")
    @classmethod
    def _usable(cls, value: str | None) -> str | None:
        if value is not None and envelope_address(value) is None:
            raise ValueError("write a plain address, for example bounces@example.com")
        return value

    @model_validator(mode="after")
    def _login_is_whole_and_private(self) -> OutboundSettings:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together: write both, or neither")
        if self.username is not None and self.tls == "none" and self.host not in LOOPBACK:
            raise ValueError("a password would cross the network in clear: set tls to starttls or tls")
        return self
