"""``ingestd init``: asks the few questions a first set-up needs and writes a commented config."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from ingestd import config as configuration
from ingestd.cli import exits
from ingestd.cli.options import Config, verb
from ingestd.cli.output import remark
from ingestd.config.example import render
from ingestd.errors import ConfigError, Permanent

app = verb()
KEY_FILE = Path("credentials", "signing-key")
"""Beside the config, where ``{credential: signing-key}`` looks for it."""
DOOR = ("listen", "recipients")
"""Answers that belong to the one channel."""
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
    asked = () if yes else QUESTIONS
    answers = {**_defaults(), **{key: value for question in asked for key, value in _ask(question).items()}}
    _write(target, render(_in_place(answers)), replace=force)
    if "service.signing_key" in answers:
        _make_key(target.parent / KEY_FILE)
    raise typer.Exit(_tell(target))


def _ask(question: Question) -> Answers:
    """Ask until the answer can be used."""
    answer: Answers = typer.prompt(
        question.words, default=question.default, err=True, value_proc=lambda text: _usable(question.means(text))
    )
    return answer


def _usable(answer: Answers) -> Answers:
    try:
        render(_in_place({**_defaults(), **answer}))
    except ValidationError as error:
        raise typer.BadParameter(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    return answer


def _defaults() -> Answers:
    return {key: value for question in QUESTIONS for key, value in question.means(question.default).items()}


def _in_place(answers: Answers) -> Answers:
    """Put what was said about the door into its place in the list of channels."""
    door = {"kind": "smtp", "name": "support", **{key: answers[key] for key in DOOR}}
    return {**{key: value for key, value in answers.items() if key not in DOOR}, "channels": [door]}


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


def _tell(target: Path) -> int:
    print(f"written: {target}")
    problems = configuration.problems(target)
    if not problems:
        remark(f"next: ingestd check --config {target}, then ingestd run --config {target}")
        return exits.DONE
    for problem in problems:
        remark(problem)
    remark(f"put these right in {target}, then: ingestd check --config {target}")
    return exits.CONFIGURATION
