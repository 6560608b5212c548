"""``audit``: the sum of each door in a table, and exit 1 when something is not as it claims."""

from __future__ import annotations

import json

from doubles.mailroom import WAIT
from doubles.terminal import Terminal, write_mail
from sqlalchemy import text

from ingestd.cli import exits
from ingestd.store.session import Tx


def test_the_sum_of_a_door_holds(terminal: Terminal) -> None:
    """Every outcome has its column, suppressed ones their reasons (P6)."""
    terminal.receive(write_mail())
    terminal.receive(write_mail())
    terminal.receive(write_mail("自动回复", "我在休假", Auto_Submitted="auto-replied"))
    terminal.park(write_mail("第三封"), "loop")
    result = terminal.run("audit", "--deep")
    assert result.exit_code == exits.DONE, result.stdout
    row = next(line for line in result.stdout.splitlines() if line.startswith("smtp"))
    assert row.split() == ["smtp", "4", "=", "1", "0", "1", "1", "1", "0", "yes"]
    assert "suppressed: auto-reply" in result.stdout
    assert result.stdout.endswith("the sum holds\n")


def test_an_empty_store_holds(terminal: Terminal) -> None:
    """Before the first mail there is nothing to lose."""
    result = terminal.run("audit")
    assert (result.exit_code, "nothing has come in yet" in result.stdout) == (exits.DONE, True)


def test_a_lost_mail_is_exit_1_and_named(terminal: Terminal) -> None:
    """The audit can fail, and says on what (P6)."""
    terminal.receive(write_mail())

    def lose(tx: Tx) -> None:
        tx.execute(text("DELETE FROM blob"))

    terminal.it.store.write(lose).result(WAIT)
    result = terminal.run("audit")
    assert result.exit_code == exits.FOUND
    assert "has lost its octets" in result.stdout
    told = json.loads(terminal.run("audit", "--json").stdout)
    assert (told["holds"], told["faults"][0]["check"]) == (False, "octets")
    assert told["doors"][0]["accepted"] == 1


def test_an_audit_writes_nothing(terminal: Terminal) -> None:
    """To look is not to change: no copy of a mail is left behind."""
    terminal.receive(write_mail())
    before = sorted(path.name for path in (terminal.folder / "state" / "scratch").iterdir())
    terminal.run("audit", "--deep")
    assert sorted(path.name for path in (terminal.folder / "state" / "scratch").iterdir()) == before
