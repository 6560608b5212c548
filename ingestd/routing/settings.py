"""What an admin may set about routing; the words themselves live in rules files."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from ingestd.settings import Settings


class RoutingSettings(Settings):
    """The ``routing`` section of the configuration."""

    rules: tuple[Path, ...] = Field(
        default=(),
        description="rules files of your own, read after the shipped ones; a rule with the same id replaces, "
        "disabled: true removes",
    )
    threshold: float = Field(
        default=2,
        ge=0,
        description="points a department needs; a strong word has 3, another 1, in the subject half as much again; "
        "below it the ticket goes to triage",
    )
    co_queue_share: float = Field(
        default=0.7,
        gt=0,
        le=1,
        description="a department with at least this share of the first one's points reads the ticket too",
    )
    shipped: bool = Field(default=True, description="start from the shipped departments and words")
