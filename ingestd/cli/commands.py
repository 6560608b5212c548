"""The table of verbs."""

from __future__ import annotations

from typing import NamedTuple


class Verb(NamedTuple):
    """Where a command lives, below this package, and the line that ``ingestd --help`` shows for it."""

    module: str
    does: str


COMMANDS: dict[str, Verb] = {
    "demo": Verb("demo", "Run the whole product on this machine, and print what to try."),
    "init": Verb("setting_up", "Ask a few questions and write a commented config."),
    "check": Verb("checking", "List everything that is wrong with a config."),
    "run": Verb("running", "Run the daemon."),
    "migrate": Verb("migrating", "Bring the database schema up to date."),
    "parse": Verb("parsing", "Print what is read of a message, as JSON."),
    "explain": Verb("explain", "Print everything decided about a message, and why."),
    "queue": Verb("queues", "The work of the departments: list, pull, extend, return, done."),
    "ticket": Verb("ticket", "One ticket: show, take, transfer, reply, note, resolve, reopen."),
    "parked": Verb("parked", "What was set aside: list, show, retry, drop."),
    "audit": Verb("auditing", "Prove that nothing that came in was lost."),
    "token": Verb("tokens", "Access to the API: create, list, revoke."),
    "schema": Verb("schema", "Print the JSON Schema of the config, for editors."),
}
"""Every verb. A new one is a file with an ``app`` and a line here."""
