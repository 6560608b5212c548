"""The address of the database holds no password, and is completed without damage."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from ingestd.store.settings import StoreSettings

STATE = Path("/var/lib/ingestd")


@pytest.mark.parametrize(
    ("url", "password", "complete"),
    [
        ("sqlite:///ingestd.db", None, "sqlite:////var/lib/ingestd/ingestd.db"),
        ("sqlite:////srv/mail.db", None, "sqlite:////srv/mail.db"),
        ("postgresql://me@db/mail", None, "postgresql://me@db/mail"),
        ("postgresql://me@db:5433/mail", "p", "postgresql://me:p@db:5433/mail"),
        (
            "postgresql://me@db/mail?sslmode=require",
            "a/b@c:d %",
            "postgresql://me:a%2Fb%40c%3Ad%20%25@db/mail?sslmode=require",
        ),
    ],
)
def test_the_address_is_completed(url: str, password: str | None, complete: str) -> None:
    """Files go under the state folder, passwords into their place, quoted."""
    assert StoreSettings(url=url).complete_url(STATE, password) == complete


@pytest.mark.parametrize(
    "url",
    ["", "sqlite://", "sqlite:///", "ingestd.db", "mysql://me@db/mail", "postgresql://me@db", "postgresql://[::1/mail"],
)
def test_any_other_database_is_refused(url: str) -> None:
    """The sentence shows what an address looks like."""
    with pytest.raises(ValidationError, match="postgresql://user@host:5432/database"):
        StoreSettings(url=url)


@pytest.mark.parametrize("url", ["postgresql://me:hunter2@db/mail", "postgresql://me@db/mail?password=hunter2"])
def test_a_password_in_the_address_is_refused_and_not_repeated(url: str) -> None:
    """Addresses are printed, passwords never (P33)."""
    with pytest.raises(ValidationError) as caught:
        StoreSettings(url=url)
    (error,) = caught.value.errors(include_url=False)
    assert "store.password" in error["msg"]
    assert "hunter2" not in error["msg"]


def test_only_postgresql_is_shared() -> None:
    """Nodes that share a database are those of PostgreSQL."""
    assert StoreSettings(url="postgresql://me@db/mail").is_postgresql
    assert not StoreSettings().is_postgresql
