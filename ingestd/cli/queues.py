"""``ingestd queue``: the work of the departments from a terminal, by the same rules as the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from ingestd.cli.options import AsJson, Config, Lease, Server, TokenFile, Wait, verb
from ingestd.cli.output import clock_time, print_json, print_table, remark
from ingestd.cli.workplace import at_work
from ingestd.desk import DEFAULT_LEASE, MOST_PULLED

app = verb(help="The work of the departments.", no_args_is_help=True)
LeaseId = Annotated[str, typer.Argument(metavar="LEASE", help="As `queue pull` prints it.")]
LONGEST_WAIT = timedelta(seconds=60)


@app.command("list")
def list_queues(
    config: Config = None, server: Server = None, token_file: TokenFile = None, as_json: AsJson = False
) -> None:
    """Print how much waits in each queue, and since when."""
    with at_work(config, server, token_file) as work:
        found = work.queues()
    if as_json:
        print_json(found)
        return
    rows = (
        (queue["department"], queue["name"], queue["waiting"], queue["leased"], clock_time(queue["oldest"]))
        for queue in found["items"]
    )
    print_table(("department", "name", "waiting", "leased", "oldest since"), rows, "there are no queues")


@app.command()
def pull(  # noqa: PLR0913  # one for each option that people may give
    department: Annotated[str, typer.Argument(metavar="DEPT", help="The department's id.")],
    most: Annotated[int, typer.Option("--max", min=1, max=MOST_PULLED, help="Tickets at most.")] = 1,
    wait: Wait = None,
    lease: Lease = None,
    config: Config = None,
    server: Server = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Lease what waits: by priority, then deadline, then age."""
    patience = min(wait or timedelta(0), LONGEST_WAIT)
    with at_work(config, server, token_file) as work:
        found = work.pull(department, most, patience, lease or DEFAULT_LEASE)
    if as_json:
        print_json(found)
        return
    rows = [
        (item["ticket"]["ticket_no"], item["ticket"]["priority"], item["why"], item["ticket"]["subject"],
         item["lease"]["id"], clock_time(item["lease"]["expires_at"]))
        for item in found["items"]
    ]  # fmt: skip
    print_table(("ticket", "priority", "why", "subject", "lease", "until"), rows, f"nothing waits for {department}")
    if rows:
        remark("next: ingestd ticket show TICKET, then ingestd queue done LEASE, or queue return LEASE --reason WHY")


@app.command()
def extend(
    lease_id: LeaseId,
    lease: Lease = None,
    config: Config = None,
    server: Server = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Prolong a lease, from now on."""
    with at_work(config, server, token_file) as work:
        found = work.extend(lease_id, lease or DEFAULT_LEASE)
    if as_json:
        print_json(found)
    else:
        print(f"yours until {clock_time(found['lease']['expires_at'])}")


@app.command("return")
def give_back(
    lease_id: LeaseId,
    reason: Annotated[str, typer.Option("--reason", metavar="WHY", help="Why it goes back.")],
    config: Config = None,
    server: Server = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Put a leased ticket back into its queue."""
    with at_work(config, server, token_file) as work:
        found = work.give_back(lease_id, reason)
    if as_json:
        print_json(found)
    else:
        print(f"{found['ticket_no']} waits in its queue again")


@app.command()
def done(
    lease_id: LeaseId,
    config: Config = None,
    server: Server = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Take a leased ticket over: out of the queue, in progress, yours."""
    with at_work(config, server, token_file) as work:
        found = work.done(lease_id)
    if as_json:
        print_json(found)
    else:
        print(f"{found['ticket_no']} is {found['state']}, accepted by {found['accepted_by']}")
