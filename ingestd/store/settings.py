"""Where tickets and blobs are kept, and how hard the store presses them to the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, Field

from ingestd.settings import Secret, Settings, Size


def _store_url(text: str) -> str:
    """Refuse what is neither database, and a password in the address: the address is printed, a password never."""
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return text
    try:
        parts = urlsplit(text)
        has_password = parts.password is not None
    except ValueError:
        raise ValueError('write "postgresql://user@host:5432/database"') from None
    if parts.scheme != "postgresql" or not parts.path.strip("/"):
        raise ValueError('write "sqlite:///ingestd.db" or "postgresql://user@host:5432/database"')
    if has_password or "password=" in parts.query:
        raise ValueError(
            "a password does not belong in the address; write it under store.password as {file: …} or {env: …}"
        )
    return text


class StoreSettings(Settings):
    """Which database, and its promises."""

    url: Annotated[str, AfterValidator(_store_url)] = Field(
        default="sqlite:///ingestd.db",
        description="The database: sqlite:///FILE, relative to service.state_dir, or postgresql://user@host:5432/database",
    )
    password: Secret | None = Field(
        default=None, description="The PostgreSQL password", examples=[{"credential": "database-password"}]
    )
    durability: Literal["full", "relaxed"] = Field(
        default="full",
        description="What accepted mail survives: with full a power failure, with relaxed only a crash of the program",
    )
    auto_migrate: bool = Field(default=True, description="Whether a start brings the schema up to date")

    @property
    def is_postgresql(self) -> bool:
        """Whether several nodes may share this database."""
        return self.url.startswith("postgresql:")

    def complete_url(self, state_dir: Path, password: str | None) -> str:
        """Return the address to open: a SQLite file under ``state_dir``, a PostgreSQL address with its password."""
        if not self.is_postgresql:
            return f"sqlite:///{state_dir / self.url.removeprefix('sqlite:///')}"
        if password is None:
            return self.url
        user, _, rest = self.url.removeprefix("postgresql://").rpartition("@")
        return f"postgresql://{user}:{quote(password, safe='')}@{rest}"


class BlobSettings(Settings):
    """Where raw mail and written letters lie."""

    place: Literal["auto", "directory", "database"] = Field(
        default="auto",
        description="auto is a directory with SQLite, and the database with PostgreSQL so that every node can read",
    )
    directory: Path = Field(
        default=Path("blobs"), description="The folder for place: directory, relative to service.state_dir"
    )
    inline_below: Size = Field(
        default=32 * 2**10,
        description="Smaller mail and letters stay in the database even with place: directory; one row costs less "
        "than two synced files",
    )
