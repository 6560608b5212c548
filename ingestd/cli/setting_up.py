"""``ingestd init``: asks the few questions a first set-up needs and writes a commented config."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from ingestd import config as configuration
from ingestd.cli.options import Config, verb
from ingestd.cli.output import plain_lines, remark
from ingestd.config.example import render
from ingestd.errors import ConfigError, Permanent

app = verb()
KEY_FILE = Path("credentials", "signing-key")
"""Beside the config, where ``{credential: signing-key}`` looks for it."""
Answers = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """What is asked, what is taken with ``--yes``, and what the answer means in the config."""

    words: str
    default: str
    means: Callable[[str], Answers]


def _state_dir() -> str:
    return "/var/lib/ingestd" if os.geteuid() == 0 else "state"


def _language(answer: str) -> Answers:
    return {"service.languages": ["en", "zh-CN"] if answer.strip().lower().startswith("en") else ["zh-CN", "en"]}


def _store(answer: str) -> Answers:
    shared = answer.startswith("postgresql:")
    return {"store.url": answer, **({"service.signing_key": {"credential": KEY_FILE.name}} if shared else {})}


def _courier(answer: str) -> Answers:
    if answer.strip() == "folder":
        return {"outbound.courier": "folder"}
    host, _, port = answer.strip().rpartition(":")
    relay = {"outbound.host": host or port, "outbound.port": int(port) if host and port.isdigit() else 25}
    return {"outbound.courier": "smtp", **relay}


QUESTIONS: tuple[Question, ...] = (
    Question("The service's name, as customers read it", "客户服务中心", lambda a: {"service.name": a}),
    Question("Its first language (zh-CN or en)", "zh-CN", _language),
    Question("The address customers write to", "support@example.com", lambda a: {"recipients": [a.strip()]}),
    Question("Where to take mail by SMTP", "127.0.0.1:2525", lambda a: {"listen": a.strip()}),
    Question("How letters leave: HOST:PORT of a mail relay, or folder", "folder", _courier),
    Question("The database: sqlite:///FILE or postgresql://user@host/name", "sqlite:///ingestd.db", _store),
    Question("The folder of its state", _state_dir(), lambda a: {"service.state_dir": a.strip()}),
    Question("Who is told of trouble (an address, or nothing)", "", lambda a: {"operators.alerts_to": a.split()}),
)
"""Asked in this order."""


@app.command()
def init(
    config: Config = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take the defaults.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a config that is there.")] = False,
) -> None:
    """Ask a few questions and write a commented config to --config, or ./config.yaml."""
    target = config or Path("config.yaml")
    if target.exists() and not force:
        raise Permanent(f"{target} is there already; name another with --config, or replace it with --force")
    answers = _asked(ask=None if yes else _ask)
    _write(target, render(answers), replace=force)
    if "service.signing_key" in answers:
        _make_key(target.parent / KEY_FILE)
    _tell(target)


def _ask(words: str, default: str) -> str:
    answer: str = typer.prompt(words, default=default, err=True)
    return answer


def _asked(ask: Callable[[str, str], str] | None) -> Answers:
    answers: Answers = {}
    for question in QUESTIONS:
        answers |= question.means(ask(question.words, question.default) if ask else question.default)
    door = {"kind": "smtp", "name": "support", **{key: answers.pop(key) for key in ("listen", "recipients")}}
    return {**answers, "channels": [door]}


def _write(target: Path, text: str, *, replace: bool) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w" if replace else "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        reason = f"{target} cannot be written ({error.strerror}); name another place with --config"
        raise ConfigError((reason,)) from None


def _make_key(path: Path) -> None:
    """Make the key that all nodes share, unless there is one: a new one would make sent reply addresses worthless."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    remark(f"the key that signs reply addresses is in {path}; every node needs the same")


def _tell(target: Path) -> None:
    print(f"written: {target}")
    if problems := configuration.problems(target):
        for problem in problems:
            remark(plain_lines(problem))
        remark(f"put these right in {target}, then: ingestd check --config {target}")
    else:
        remark(f"next: ingestd check --config {target}, then ingestd run --config {target}")
