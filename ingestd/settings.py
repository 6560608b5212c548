"""The base of every room's settings, and the units that durations, sizes and secrets are written in.

A room declares its own small model on ``Settings`` and receives only that. Unknown keys are refused at every depth.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)


class Settings(BaseModel):
    """The base of all settings models: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_section(cls, data: Any) -> Any:
        """A section whose keys are all commented out is null in YAML: it has its defaults."""
        return {} if data is None else data


DURATION_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
SIZE_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_NUMBER_AND_UNIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")


def _split(text: object, units: dict[str, Any], example: str) -> float:
    match = _NUMBER_AND_UNIT.fullmatch(text) if isinstance(text, str) else None
    if not match or match[2] not in units:
        raise ValueError(f"write a number with a unit ({', '.join(units)}), for example {example}")
    return float(match[1]) * float(units[match[2]])


def parse_duration(text: object) -> timedelta:
    """Read ``"5m"``, ``"1.5h"``, ``"200ms"``. Raise ValueError with what to write instead."""
    return text if isinstance(text, timedelta) else timedelta(seconds=_split(text, DURATION_UNITS, "5m"))


def parse_size(text: object) -> int:
    """Read ``"25MiB"`` as octets. Raise ValueError with what to write instead."""
    return text if type(text) is int else round(_split(text, SIZE_UNITS, "25MiB"))


def print_duration(value: timedelta) -> str:
    """Write a duration in the largest unit that needs no fraction: ``"5m"``."""
    milliseconds = round(value.total_seconds() * 1000)
    for unit, seconds in reversed(DURATION_UNITS.items()):
        if milliseconds % round(seconds * 1000) == 0:
            return f"{milliseconds // round(seconds * 1000)}{unit}"
    return f"{milliseconds}ms"


def print_size(value: int) -> str:
    """Write a size in the largest unit that needs no fraction: ``"25MiB"``."""
    for unit, octets in reversed(SIZE_UNITS.items()):
        if value % octets == 0:
            return f"{value // octets}{unit}"
    return f"{value}B"


_DURATION_SCHEMA = {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*(ms|s|m|h|d)\s*$", "examples": ["5m"]}
_SIZE_SCHEMA = {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*(B|KiB|MiB|GiB)\s*$", "examples": ["25MiB"]}


def _read_size(value: object, info: ValidationInfo) -> int:
    """Octets may come from code; a file, which is validated with a context, has to state its unit."""
    return round(_split(value, SIZE_UNITS, "25MiB")) if info.context else parse_size(value)


Duration = Annotated[
    timedelta, BeforeValidator(parse_duration), PlainSerializer(print_duration), WithJsonSchema(_DURATION_SCHEMA)
]
Size = Annotated[int, BeforeValidator(_read_size), PlainSerializer(print_size), WithJsonSchema(_SIZE_SCHEMA)]


class Secret(Settings):
    """Where a secret is to be found: exactly one of file, env or credential. The value itself is never in here."""

    file: Path | None = Field(default=None, description="a file that holds the secret and nothing else")
    env: str | None = Field(default=None, description="the name of an environment variable")
    credential: str | None = Field(
        default=None, description="a systemd credential, else the file credentials/NAME beside the config"
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Secret:
        if sum(value is not None for value in (self.file, self.env, self.credential)) != 1:
            raise ValueError("write exactly one of {file: …}, {env: …} or {credential: …}")
        return self

    def read(self, beside: Path) -> str:
        """Return the secret. ``beside`` is the config's folder. Raise ValueError, without any secret in it."""
        if self.env is not None:
            value = os.environ.get(self.env)
            if not value:
                raise ValueError(f"the environment variable {self.env} is not set; set it or use {{file: …}}")
            return value
        return _read_secret_file(self._path(beside))

    def _path(self, beside: Path) -> Path:
        if self.file is not None:
            return beside / self.file
        name = self.credential or ""
        if not re.fullmatch(r"[A-Za-z0-9._-]+", name) or name in (".", ".."):
            raise ValueError("a credential's name has only letters, digits, dots, dashes and underscores")
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        under_systemd = Path(folder, name) if folder else None
        return under_systemd if under_systemd and under_systemd.exists() else beside / "credentials" / name


def _read_secret_file(path: Path) -> str:
    try:
        value = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ValueError(f"the secret's file {path} cannot be read ({reason}); create it with mode 0600") from None
    if not value:
        raise ValueError(f"the secret's file {path} is empty; write the secret into it")
    return value
