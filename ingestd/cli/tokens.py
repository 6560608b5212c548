"""``ingestd token``: access to the API. A token's text is shown once, when it is made, and nobody can show it again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from ingestd import clock
from ingestd.cli.opening import opened
from ingestd.cli.options import AsJson, Config, verb
from ingestd.cli.output import clock_time, print_json, print_table, remark
from ingestd.errors import NotFound, Permanent
from ingestd.store import tokens

app = verb(help="Access to the API.", no_args_is_help=True)


@app.command()
def create(
    person: Annotated[str, typer.Option("--person", metavar="NAME", help="Whose token; the history names them.")],
    department: Annotated[
        str | None, typer.Option("--department", metavar="ID", help="What they see; without it, everything.")
    ] = None,
    days: Annotated[int | None, typer.Option("--days", min=1, max=3650, help="How long it lasts.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it: the only time that anybody sees it."""
    with opened(config) as it:
        _check_department(department, tuple(it.policies.policy.departments))
        now = clock.now()
        expires_at = now + (timedelta(days=days) if days else it.loaded.config.access.token_lifetime)
        text = it.store.write(lambda tx: tokens.create(tx, person, department, expires_at, now)).result()
    if as_json:
        print_json({"token": text, "person": person, "department": department, "expires_at": expires_at.isoformat()})
        return
    print(text)
    remark(f"{person} may use it until {clock_time(expires_at)}. It is not shown again; keep it in a file of mode 0600")


def _check_department(department: str | None, known: tuple[str, ...]) -> None:
    if department is not None and department not in known:
        raise Permanent(f"there is no department {department}; known: {', '.join(known)}", code="no-department")


@app.command("list")
def list_tokens(config: Config = None, as_json: AsJson = False) -> None:
    """List all tokens, without their texts."""
    with opened(config) as it:
        found = it.store.read(tokens.listed)
    if as_json:
        print_json([asdict(token) for token in found])
        return
    columns = ("id", "person", "department", "created", "expires", "revoked")
    rows = (
        (t.token_id, t.person, t.department or "all", *map(clock_time, (t.created_at, t.expires_at, t.revoked_at)))
        for t in found
    )
    print_table(columns, rows, "there are no tokens; make one with: ingestd token create --person NAME")


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As in the list.")],
    config: Config = None,
) -> None:
    """End a token at once."""
    with opened(config) as it:
        if not it.store.write(lambda tx: tokens.revoke(tx, token_id, clock.now())).result():
            raise NotFound(f"there is no living token {token_id}; see: ingestd token list", code="no-token")
    print(f"token {token_id} is revoked")
