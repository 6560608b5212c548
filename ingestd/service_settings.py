"""Who answers here: the service's own name and clock, its departments, and the people an alarm goes to."""

from __future__ import annotations

import difflib
import re
import zoneinfo
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from ingestd.settings import Secret, Settings

_PLAIN_ADDRESS = re.compile(r"[^\s\"<>@,;:()\[\]]+@(?!-)[\w-]+(?:\.[\w-]+)*")
Language = Literal["zh-CN", "en"]


def _address(text: str) -> str:
    """A plain address. Domains inside a house, such as corp.local, are allowed: this is about shape, not about DNS."""
    if not _PLAIN_ADDRESS.fullmatch(text) or not text.isprintable():
        raise ValueError("write one plain mail address, for example support@example.com")
    return text


def _timezone(name: str) -> str:
    known = zoneinfo.available_timezones()
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, 1)
    raise ValueError(f'write a known timezone such as "{near[0] if near else "Asia/Shanghai"}"')


def _absolute_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(
            'write an absolute address that begins with https:// or http://, such as "https://help.example.com"'
        )
    return text.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]
Timezone = Annotated[str, AfterValidator(_timezone)]
BaseUrl = Annotated[str, AfterValidator(_absolute_url)]


class ServiceSettings(Settings):
    """What the whole installation is called and where it keeps its state."""

    name: str = Field(
        default="客户服务中心", min_length=1, description="The service's name, as letters and pages show it"
    )
    base_url: BaseUrl = Field(
        default="http://127.0.0.1:8080",
        description="The address under which people reach the web pages, for links in letters",
    )
    timezone: Timezone = Field(
        default="Asia/Shanghai", description="The timezone of times in letters and pages, and of ticket numbers"
    )
    languages: tuple[Language, ...] = Field(
        default=("zh-CN", "en"), min_length=1, description="The languages spoken here; the first is used when in doubt"
    )
    state_dir: Path = Field(
        default=Path("/var/lib/ingestd"),
        description="The folder of the database file, the blobs and the keys made at first start; relative to this "
        "file",
    )
    node: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="This node's name where several share one database; the host's name when not set",
        examples=["node-1"],
    )
    signing_key: Secret | None = Field(
        default=None,
        description="The key that signs reply addresses and links, 32 characters of chance or more; needed with "
        "PostgreSQL, where all nodes share it; with SQLite one is made in state_dir when not set",
        examples=[{"credential": "signing-key"}],
    )
    ticket_prefix: str = Field(
        default="T",
        pattern=r"^[A-Z]{1,4}$",
        description="The letters a ticket number begins with, as in T20261121000001",
    )


class DepartmentSettings(Settings):
    """One department: its names, and who is told about its work. A shipped one keeps its name when none is given."""

    name: str | None = Field(
        default=None,
        min_length=1,
        description="The Chinese name; needed for a department of your own",
        examples=["技术支持部"],
    )
    name_en: str | None = Field(
        default=None, min_length=1, description="The English name", examples=["Technical Support"]
    )
    supervisor: Address | None = Field(
        default=None,
        description="Who is told at once of urgent matters and complaints",
        examples=["lead@corp.example.com"],
    )
    notify: Address | None = Field(
        default=None,
        description="Who is told of new and returned work, gathered over 5 minutes",
        examples=["tech@corp.example.com"],
    )


class OperatorSettings(Settings):
    """The people who keep the daemon running."""

    alerts_to: tuple[Address, ...] = Field(
        default=(), description="The addresses alerts are mailed to; with none, alerts are only in the journal"
    )
