"""How much the journal says, and in which shape."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingestd.settings import Settings


class LogSettings(Settings):
    """What the journal needs to know."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important event that is still written"
    )
    format: Literal["auto", "json", "console"] = Field(
        default="auto", description="The shape of a line; auto is console on a terminal and json anywhere else"
    )
