"""Where the HTTP server listens, whom it believes about addresses, and how long access lasts."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from ingestd.settings import Duration, Settings

_HOST_AND_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})")


def split_listen(text: str) -> tuple[str, int]:
    """Split ``127.0.0.1:8080`` or ``[::1]:8080``. Port 0 lets the system choose. Raise ValueError with the remedy."""
    match = _HOST_AND_PORT.fullmatch(text)
    if not match or int(match[3]) > 65535:
        raise ValueError('write an address and a port, such as "127.0.0.1:8080" or "[::1]:8080"')
    return match[1] or match[2], int(match[3])


def _listen(text: str) -> str:
    split_listen(text)
    return text


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ValueError('write an address or a network, such as "127.0.0.1" or "10.0.0.0/8"') from None


def _base_path(text: str) -> str:
    if not re.fullmatch(r"(?:/[A-Za-z0-9._~-]+)*/?", text):
        raise ValueError('write a path such as "/support", or "" for none')
    return text.rstrip("/")


Listen = Annotated[str, AfterValidator(_listen)]


class WebSettings(Settings):
    """What the HTTP server needs to know."""

    listen: Listen = Field(default="127.0.0.1:8080", description="The address and port of the HTTP server")
    trusted_proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        default=(), description="Addresses or networks of reverse proxies whose X-Forwarded-For is believed"
    )
    base: Annotated[str, AfterValidator(_base_path)] = Field(
        default="", description="The path under which a reverse proxy serves us"
    )

    @property
    def address(self) -> tuple[str, int]:
        """The host and the port to bind."""
        return split_listen(self.listen)


class AccessSettings(Settings):
    """How long a token opens the door (P32)."""

    token_lifetime: Duration = Field(
        default=timedelta(days=365),
        gt=timedelta(0),
        description="How long a new token lasts when its maker does not say otherwise",
    )
