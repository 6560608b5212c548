"""``ingestd ticket``: one ticket from a terminal, by the same rules as the API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ingestd.cli.options import AsJson, Config, Server, TokenFile, verb
from ingestd.cli.output import plain, print_json
from ingestd.cli.ticket_page import print_file
from ingestd.cli.workplace import at_work

app = verb(help="One ticket.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="TICKET", help="Its number.")]


@app.command()
def show(
    number: Number, config: Config = None, server: Server = None, token_file: TokenFile = None, as_json: AsJson = False
) -> None:
    """Print the ticket with its history, its decision and its letters."""
    with at_work(config, server, token_file) as work:
        found = work.show(number)
    if as_json:
        print_json(found)
    else:
        print_file(found)


@app.command()
def take(
    number: Number, config: Config = None, server: Server = None, token_file: TokenFile = None, as_json: AsJson = False
) -> None:
    """Take the ticket over without pulling it."""
    _act((config, server, token_file), number, "take", {}, as_json)


@app.command()
def transfer(  # noqa: PLR0913  # one for each option that people may give
    number: Number,
    department: Annotated[str, typer.Option("--department", metavar="ID", help="Where it goes.")],
    contact: Annotated[str, typer.Option("--contact", metavar="WHO", help="Who takes it there.")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What they should know.")],
    config: Config = None,
    server: Server = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Hand the ticket to another department."""
    body = {"department": department, "contact": contact, "note": note}
    _act((config, server, token_file), number, "transfer", body, as_json)


@app.command()
def reply(
    number: Number,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="What the customer is written; - reads stdin.")],
    solution: Annotated[bool, typer.Option("--solution", help="This solves it; wait for the customer's word.")] = False,
    config: Config = None,
    server: Server = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Answer the customer; the letter leaves at once."""
    body = {"text": _text(text), "solution": solution}
    _act((config, server, token_file), number, "reply", body, as_json)


@app.command()
def note(
    number: Number,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="For colleagues only; - reads stdin.")],
    config: Config = None,
    server: Server = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Write an internal note."""
    _act((config, server, token_file), number, "note", {"text": _text(text)}, as_json)


@app.command()
def resolve(
    number: Number,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="How it ended; the customer reads it.")],
    confirmed: Annotated[bool, typer.Option("--confirmed", help="The customer has said yes already.")] = False,
    config: Config = None,
    server: Server = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Close the matter; the customer is asked whether it is solved, unless --confirmed."""
    body = {"note": _text(note), "confirmed": confirmed}
    _act((config, server, token_file), number, "resolve", body, as_json)


@app.command()
def reopen(
    number: Number,
    reason: Annotated[str, typer.Option("--reason", metavar="WHY", help="Why it is taken up again.")],
    config: Config = None,
    server: Server = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Take a closed matter up again."""
    _act((config, server, token_file), number, "reopen", {"reason": reason}, as_json)


def _text(argument: str) -> str:
    return typer.get_text_stream("stdin").read() if argument == "-" else argument


def _act(
    where: tuple[Path | None, str | None, Path | None], number: str, verb: str, body: dict[str, Any], as_json: bool
) -> None:
    with at_work(*where) as work:
        found = work.act(number, verb, body)
    if as_json:
        print_json(found)
    else:
        print(f"{found['ticket_no']} is {found['state']}, with {found['department']}: {plain(found['subject'])}")
