"""``ingestd demo``: the whole product on this machine, with nothing beside it; its data stay in one folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from ingestd import clock, config, routing
from ingestd.app import Installation, open_installation
from ingestd.app.serving import LOOPS, serve
from ingestd.cli.demo_page import Demo, print_what_to_try
from ingestd.cli.demo_ports import on_free_ports
from ingestd.cli.opening import admin
from ingestd.cli.options import verb
from ingestd.config import Loaded
from ingestd.config.example import render
from ingestd.desk import Desk
from ingestd.store import tokens
from ingestd.store.reading import Filter

app = verb()
ADDRESS = "support@demo.example"
DEPARTMENT = "logistics"
"""The department whose token is made, and that the printed mail goes to."""
TOKEN_LIFETIME = timedelta(days=365)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where its data stay.")] = Path("var"),
) -> None:
    """Run the whole product on this machine, and print what to try. Ctrl-C ends it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    loaded, changes = on_free_ports(config.load(_write_config(folder)))
    page = _prepare(loaded, changes)
    with _errors_into(folder / "journal.log"):
        code = serve(loaded, frozenset(LOOPS), lambda _: print_what_to_try(page))
    print(f"stopped; the data stay in {folder}")
    raise typer.Exit(code)


def _write_config(folder: Path) -> Path:
    target = folder / "config.yaml"
    with contextlib.suppress(FileExistsError), target.open("x", encoding="utf-8") as file:
        file.write(render(_answers()))
    return target


def _answers() -> dict[str, Any]:
    departments = [department.id for file in routing.load_shipped() for department in file.departments]
    people = {
        id: {"supervisor": f"{id}-lead@team.demo.example", "notify": f"{id}@team.demo.example"} for id in departments
    }
    return {
        "service.state_dir": ".",
        "operators.alerts_to": ["operator@team.demo.example"],
        "channels": [{"kind": "smtp", "name": "support", "recipients": [ADDRESS]}],
        "departments": people,
        "letters.quiet_hours": "none",
        "outbound.courier": "folder",
    }


def _prepare(loaded: Loaded, changes: Sequence[str]) -> Demo:
    """Make the tokens, and read which ticket number comes next."""
    installation = open_installation(loaded)
    try:
        mine = _keep_token(installation, "admin-token", None)
        theirs = _keep_token(installation, f"{DEPARTMENT}-token", DEPARTMENT)
        number = _next_number(installation.desk, installation)
    finally:
        installation.close()
    return Demo(loaded, ADDRESS, DEPARTMENT, number, mine, theirs, tuple(changes))


def _keep_token(it: Installation, name: str, department: str | None) -> Path:
    """Return the file of a token that opens the door: the one there, or a fresh one when that is not valid."""
    path, now = it.loaded.folder / name, clock.now()
    text = path.read_text(encoding="ascii", errors="replace").strip() if path.exists() else ""
    if it.store.read(lambda tx: tokens.find(tx, text, now)) is None:
        person = department or admin().name
        until = now + TOKEN_LIFETIME
        text = it.store.write(lambda tx: tokens.create(tx, person, department, until, now)).result()
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{text}\n")
    return path


def _next_number(desk: Desk, it: Installation) -> str:
    """Return the number that the next ticket gets, so that the printed commands work as they stand."""
    naming = it.writer.naming
    day = f"{clock.now().astimezone(ZoneInfo(naming.timezone)):%Y%m%d}"
    newest = desk.tickets(admin(), Filter(limit=1))
    today = f"{naming.prefix}{day}"
    last = int(newest[0].ticket_no.removeprefix(today)) if newest and newest[0].ticket_no.startswith(today) else 0
    return f"{today}{last + 1:03d}"


@contextlib.contextmanager
def _errors_into(path: Path) -> Iterator[None]:
    """Let the journal go into a file: the terminal is for what a person reads."""
    with path.open("a", encoding="utf-8", buffering=1) as journal, contextlib.redirect_stderr(journal):
        yield
