"""The options that verbs share, and the frame that every verb's file begins with."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from ingestd.settings import parse_duration


def verb(**settings: Any) -> typer.Typer:
    """Return the frame of a command or of a group of them. Tracebacks never show local values: these may be secret."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, **settings)


def _also_before_the_verb(context: typer.Context, value: Path | None) -> Path | None:
    above: Path | None = context.find_root().params.get("config")
    return value or above


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        callback=_also_before_the_verb,
        help="The config; else $INGESTD_CONFIG, ./config.yaml, /etc/ingestd/config.yaml.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
AsJsonl = Annotated[bool, typer.Option("--jsonl", help="Take a path a line on stdin, print a JSON object a line.")]
Server = Annotated[
    str | None,
    typer.Option("--server", metavar="URL", envvar="INGESTD_SERVER", help="Ask this server instead of the store."),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file", metavar="FILE", envvar="INGESTD_TOKEN_FILE", help="The file that holds the server's token."
    ),
]


def _duration(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Lease = Annotated[
    timedelta | None,
    typer.Option("--lease", metavar="TIME", parser=_duration, help="How long it stays yours, such as 10m."),
]
Wait = Annotated[
    timedelta | None,
    typer.Option("--wait", metavar="TIME", parser=_duration, help="How long to wait for work, such as 30s."),
]
