"""``ingestd run``: the daemon, or some of its loops."""

from __future__ import annotations

from typing import Annotated

import typer

from ingestd import config as configuration
from ingestd.app.serving import LOOPS, serve
from ingestd.cli.options import Config, verb

app = verb()


def _loops(text: str | None) -> frozenset[str]:
    named = frozenset(name.strip() for name in text.split(",")) if text else frozenset(LOOPS)
    if unknown := named - set(LOOPS):
        raise typer.BadParameter(f"there is no loop {', '.join(sorted(unknown))}; known: {', '.join(LOOPS)}")
    return named


@app.command()
def run(
    config: Config = None,
    only: Annotated[
        str | None, typer.Option("--only", metavar="LOOPS", help=f"Start only these: {','.join(LOOPS)}.")
    ] = None,
) -> None:
    """Run the daemon until it is told to stop."""
    wanted = _loops(only)
    raise typer.Exit(serve(configuration.load(configuration.find(config)), wanted))
