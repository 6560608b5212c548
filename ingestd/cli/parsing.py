"""``ingestd parse``: raw message in, IntakeRecord out. It needs no config and keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import anyio
import typer

from ingestd.cli import exits
from ingestd.cli.messages import Reader, Unread, named
from ingestd.cli.options import AsJson, AsJsonl, Config, verb
from ingestd.cli.output import complain, harmless, print_jsonl
from parsers.record import IntakeRecord

app = verb()


@app.command()
def parse(
    paths: Annotated[list[str] | None, typer.Argument(metavar="[PATH… | -]", help="Messages; - is stdin.")] = None,
    as_jsonl: AsJsonl = False,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Print what is read of each message, as JSON. Needs no config."""
    raise typer.Exit(anyio.run(_parse, named(paths, as_jsonl=as_jsonl), as_jsonl))


async def _parse(names: Iterator[str], as_jsonl: bool) -> int:
    code = exits.DONE
    async with Reader() as reader:
        for name in names:
            try:
                _print(await reader.read(name), as_jsonl)
            except Unread as error:
                code = exits.BAD_INPUT
                refuse(name, error, as_jsonl=as_jsonl)
    return code


def _print(record: IntakeRecord, as_jsonl: bool) -> None:
    print(harmless(record.model_dump_json(by_alias=True, indent=None if as_jsonl else 2)), flush=True)


def refuse(name: str, error: Unread, *, as_jsonl: bool) -> None:
    """Say that a name led to no message: in the place of its answer where a program counts lines."""
    if as_jsonl:
        print_jsonl({"error": {"code": error.code, "sentence": error.sentence}, "path": name})
    else:
        complain(error.sentence)
