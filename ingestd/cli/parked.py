"""``ingestd parked``: what was set aside with its reason. It can be looked at, sent round again, or closed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ingestd import clock
from ingestd.cli.opening import admin, opened
from ingestd.cli.options import AsJson, Config, verb
from ingestd.cli.output import clock_time, plain, print_fields, print_heading, print_json, print_quoted, print_table
from ingestd.errors import NotFound
from ingestd.intake.explaining import sentence
from ingestd.store import parking
from ingestd.store.parking import ParkedArrival

app = verb(help="What was set aside.", no_args_is_help=True)
IntakeId = Annotated[str, typer.Argument(metavar="ARRIVAL", help="Its id, as in the list.")]
HEAD_OCTETS = 4_096
"""So much of the raw message is shown: enough for the header of most mail."""


@app.command("list")
def list_parked(config: Config = None, as_json: AsJson = False) -> None:
    """List what is set aside, oldest first."""
    with opened(config) as it:
        found = it.store.read(parking.listed)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = (
        (one.intake_id, clock_time(one.parked_at), one.door, one.mail_from, one.attempts, sentence(one.reason))
        for one in found
    )
    print_table(("arrival", "parked", "door", "from", "tries", "reason"), rows, "nothing is set aside")


@app.command()
def show(intake_id: IntakeId, config: Config = None, as_json: AsJson = False) -> None:
    """Print one parked arrival with the beginning of its raw message."""
    with opened(config) as it:
        found = it.store.read(lambda tx: parking.listed(tx, intake_id=intake_id))
        if not found:
            raise _not_parked(intake_id)
        raw = it.store.read(lambda tx: it.blobs.get(tx, found[0].raw_sha256))
    if as_json:
        print_json(asdict(found[0]))
        return
    _print(found[0], raw)


def _print(one: ParkedArrival, raw: bytes) -> None:
    print_heading(one.intake_id)
    print_fields(
        [
            ("reason", sentence(one.reason)),
            ("stage", one.stage),
            ("tries", one.attempts),
            ("parked", clock_time(one.parked_at)),
            ("accepted", clock_time(one.accepted_at)),
            ("door", f"{one.door} {one.account}"),
            ("from", one.mail_from),
            ("to", one.rcpt_to),
            ("octets", one.size),
            ("sha256", one.raw_sha256),
        ]
    )
    print_heading("Raw message" if len(raw) <= HEAD_OCTETS else f"Raw message, its first {HEAD_OCTETS} octets")
    print_quoted(raw[:HEAD_OCTETS].decode("utf-8", "replace"))


@app.command()
def retry(intake_id: IntakeId, config: Config = None) -> None:
    """Send an arrival round again, as if it had just come."""
    with opened(config) as it:
        if not it.store.write(lambda tx: parking.retry(tx, intake_id, clock.now())).result():
            raise _not_parked(intake_id)
    print(f"{plain(intake_id)} goes round again; see: ingestd explain {plain(intake_id)}")


@app.command()
def drop(intake_id: IntakeId, config: Config = None) -> None:
    """Close an arrival for good; its bytes, its reason and your name stay on record."""
    person = admin().name
    with opened(config) as it:
        if not it.store.write(lambda tx: parking.drop(tx, intake_id, person, clock.now())).result():
            raise _not_parked(intake_id)
    print(f"{plain(intake_id)} is closed")


def _not_parked(intake_id: str) -> NotFound:
    return NotFound(f"no parked arrival is called {intake_id[:40]}; see: ingestd parked list", code="not-parked")
