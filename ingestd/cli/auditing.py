"""``ingestd audit``: the sum of what came in and what became of it, for each door; exit 1 when it does not hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import islice
from typing import Annotated

import typer

from ingestd.cli import exits
from ingestd.cli.opening import opened
from ingestd.cli.options import AsJson, Config, verb
from ingestd.cli.output import plain, print_json, print_table
from ingestd.store import auditing
from ingestd.store.auditing import DoorSum, Fault

app = verb()
MOST_SHOWN = 200
"""Faults named one by one; whoever has more has one cause to find, not a list to read."""


@app.command()
def audit(
    deep: Annotated[bool, typer.Option("--deep", help="Read every stored octet, and compare its hash.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Prove that nothing that came in was lost; exit 1 when that cannot be proved."""
    with opened(config, migrate=False) as it:
        sums = it.store.read(auditing.sums)
        found = [*it.store.read(lambda tx: auditing.faults(tx, MOST_SHOWN))]
        found += islice(auditing.blob_faults(it.store, it.blobs, it.scratch, deep=deep), MOST_SHOWN)
    holds = not found and all(one.holds for one in sums)
    if as_json:
        print_json({"holds": holds, "doors": [_as_json(one) for one in sums], "faults": [asdict(f) for f in found]})
    else:
        _tell(sums, found, holds=holds)
    raise typer.Exit(exits.DONE if holds else exits.FOUND)


def _as_json(one: DoorSum) -> dict[str, object]:
    return {**asdict(one), "holds": one.holds}


def _tell(sums: tuple[DoorSum, ...], found: list[Fault], *, holds: bool) -> None:
    columns = ("door", "accepted", "=", *auditing.OUTCOMES, "holds")
    rows = (
        (one.door, one.accepted, "=", *(one.outcomes[name] for name in auditing.OUTCOMES), one.holds) for one in sums
    )
    print_table(columns, rows, "nothing has come in yet")
    for outcome in auditing.NEED_REASON:
        _tell_reasons(outcome, sums)
    for fault in found:
        print(f"{fault.check}: {plain(fault.subject)} {fault.sentence}")
    print("the sum holds" if holds else "THE SUM DOES NOT HOLD; look at what is named above, and report it")


def _tell_reasons(outcome: str, sums: Iterable[DoorSum]) -> None:
    rows = [
        (f"{outcome}: {reason}", one.door, number) for one in sums for reason, number in one.reasons[outcome].items()
    ]
    if rows:
        print()
        print_table(("reason", "door", "arrivals"), rows, "")
