"""The program around the verbs: finds and loads the one that is called, shows the list of them, tells errors."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, Any, cast

import typer
from typer.core import TyperGroup

import ingestd
from ingestd.cli import exits
from ingestd.cli.commands import COMMANDS
from ingestd.cli.options import Config, verb


class Verbs(TyperGroup):
    """A group of commands whose modules are imported when they are called, and not for the list of them."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = cast(Any, dict.fromkeys(COMMANDS))  # only its names are read, for "did you mean"

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command, or None when there is none of that name."""
        known = COMMANDS.get(cmd_name)
        if known is None:
            return None
        command = typer.main.get_command(import_module(f"ingestd.cli.{known.module}").app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of verbs."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, known.does) for name, known in COMMANDS.items()])

    def main(self, *args: Any, **settings: Any) -> Any:
        """Run, and turn every error into its sentence and its exit code."""
        with exits.told():
            return super().main(*args, **settings)


app = verb(cls=Verbs, no_args_is_help=True)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ingestd {ingestd.__version__}")
        raise typer.Exit


@app.callback()
def program(
    config: Config = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep every message, answer once, route to departments."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that has no 汉字 is no reason to fail
