"""``ingestd explain``: everything decided about a message and why. It changes nothing.

A file is decided now, as though it had just come in: with a config by its rules, its conversations and its budgets,
without one by the shipped rules and an empty store. What has come in already is shown as it was decided then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import anyio
import typer

from ingestd.cli import exits
from ingestd.cli.decisions import Deciders, open_deciders
from ingestd.cli.explain_page import print_decision
from ingestd.cli.messages import STDIN, Reader, Unread, named
from ingestd.cli.options import AsJson, AsJsonl, Config, verb
from ingestd.cli.output import print_json, print_jsonl
from ingestd.cli.parsing import refuse
from ingestd.errors import IngestdError

app = verb()
Show = Callable[[dict[str, Any]], None]


@app.command()
def explain(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH… | - | TICKET | MESSAGE-ID | ARRIVAL]", help="Messages, or what names one."),
    ] = None,
    config: Config = None,
    offline: Annotated[bool, typer.Option("--offline", help="Shipped rules and an empty store, no config.")] = False,
    as_json: AsJson = False,
    as_jsonl: AsJsonl = False,
) -> None:
    """Print everything decided about a message, and why. Changes nothing."""
    show = print_jsonl if as_jsonl else print_json if as_json else print_decision
    wanted = named(names, as_jsonl=as_jsonl)
    with open_deciders(config, offline=offline) as deciders:
        raise typer.Exit(anyio.run(_explain, wanted, deciders, show, as_jsonl))


async def _explain(wanted: Iterator[str], deciders: Deciders, show: Show, as_jsonl: bool) -> int:
    code = exits.DONE
    async with Reader(deciders.limits) as reader:
        for name in wanted:
            try:
                for answer in await _answers(name, deciders, reader):
                    show(answer)
            except Unread as error:
                code = exits.BAD_INPUT
                refuse(name, error, as_jsonl=as_jsonl)
            except (IngestdError, BrokenPipeError):
                raise
            except Exception as error:  # a fault of ours over one message: it is told in its place, the next is read
                code = exits.BAD_INPUT
                fault = f"{name}: deciding it went wrong ({type(error).__name__}); report it with this message"
                refuse(name, Unread(fault, code="undecided"), as_jsonl=as_jsonl)
    return code


async def _answers(name: str, deciders: Deciders, reader: Reader) -> list[dict[str, Any]]:
    if name != STDIN and (stored := deciders.stored(name)):
        return stored
    if name != STDIN and not Path(name).exists():
        raise Unread(f"{name}: there is no file{deciders.else_named} of that name", code="unknown")
    record = await reader.read(name, deciders.arrival)
    decided = deciders.decide(record)
    return [{"record": record.model_dump(mode="json", by_alias=True), **json.loads(decided.explanation)}]
