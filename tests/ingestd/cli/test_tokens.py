"""``token``: made, shown once, listed without its text, ended at once."""

from __future__ import annotations

import json
from datetime import timedelta

from doubles.terminal import Terminal

from ingestd import clock
from ingestd.cli import exits
from ingestd.store import tokens
from ingestd.store.tokens import Token


def living(terminal: Terminal, text: str) -> Token | None:
    """Return what a token's text opens."""
    return terminal.it.store.read(lambda tx: tokens.find(tx, text, clock.now()))


def test_a_token_is_alone_on_standard_output(terminal: Terminal) -> None:
    """It can go into a file as it is; what a person should know stands beside it."""
    result = terminal.run("token", "create", "--person", "张三", "--department", "tech", "--days", "7")
    token = living(terminal, result.stdout.strip())
    assert token is not None
    assert (token.person, token.department, token.role) == ("张三", "tech", "department")
    assert timedelta(days=6, hours=23) < token.expires_at - clock.now() <= timedelta(days=7)
    assert result.stdout.strip() not in result.stderr


def test_a_token_lasts_as_the_config_says(terminal: Terminal) -> None:
    """Without --days the config's lifetime holds, and the token sees everything."""
    made = json.loads(terminal.run("token", "create", "--person", "root", "--json").stdout)
    token = living(terminal, made["token"])
    assert token is not None
    assert token.department is None
    assert token.expires_at - token.created_at == timedelta(days=365)


def test_the_list_holds_no_text(terminal: Terminal) -> None:
    """After the first time nobody sees it again (P32)."""
    text = terminal.run("token", "create", "--person", "root").stdout.strip()
    secret = text.split("_", 2)[2]
    shown = terminal.run("token", "list").stdout + terminal.run("token", "list", "--json").stdout
    assert text.split("_")[1] in shown
    assert secret not in shown
    assert "sha256" not in shown


def test_a_revoked_token_opens_nothing(terminal: Terminal) -> None:
    """The end comes at once, and only once."""
    text = terminal.run("token", "create", "--person", "root").stdout.strip()
    token_id = text.split("_")[1]
    assert terminal.run("token", "revoke", token_id).exit_code == exits.DONE
    assert living(terminal, text) is None
    assert terminal.run("token", "revoke", token_id).exit_code == exits.BAD_INPUT


def test_an_unknown_department_gets_no_token(terminal: Terminal) -> None:
    """A slip in the id is told with the ids there are; nothing is made."""
    result = terminal.run("token", "create", "--person", "x", "--department", "tek")
    assert result.exit_code == exits.BAD_INPUT
    assert "tech" in result.stderr
    assert terminal.run("token", "list").stdout.startswith("there are no tokens")
