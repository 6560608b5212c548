"""``ingestd check``: everything that is wrong with a config, at once; nothing is started and nobody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer

import responders
from ingestd import config as configuration
from ingestd.cli import exits
from ingestd.cli.options import AsJson, Config, verb
from ingestd.cli.output import plain_lines, print_json, remark
from ingestd.config.rules import departments, load_rules
from responders import Letters

app = verb()


@dataclass(frozen=True)
class Findings:
    """What a check found, and how much it looked at."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()


@app.command()
def check(config: Config = None, as_json: AsJson = False) -> None:
    """List every problem of a config with its file and line; exit 78 when there is one."""
    source = configuration.find(config)
    found = _examine(source)
    if as_json:
        answer = {"ok": not found.problems, "problems": found.problems, "warnings": found.warnings}
        print_json({**answer, "counts": dict(found.counts)})
    else:
        _tell(source, found)
    raise typer.Exit(exits.CONFIGURATION if found.problems else exits.DONE)


def _examine(source: Path) -> Findings:
    if problems := configuration.problems(source):
        return Findings(problems)
    loaded = configuration.load(source)
    directory = loaded.config.letters.directory
    letters = responders.load(loaded.folder / directory if directory else None)
    rules = load_rules(loaded.config.routing, loaded.folder)
    counts = {
        "channels": len(loaded.config.channels),
        "departments": len(departments(loaded.config.departments, rules)),
        "rules": len(rules.keyword) + len(rules.explicit),
        "letters": _count(letters),
    }
    in_letters = tuple(f"letters: {problem}" for problem in letters.problems())
    return Findings(in_letters, loaded.warnings, tuple(counts.items()))


def _count(letters: Letters) -> int:
    return sum(len(letters.languages(kind)) for kind in responders.RESPONDERS)


def _tell(source: Path, found: Findings) -> None:
    for problem in found.problems:
        print(plain_lines(problem))
    for warning in found.warnings:
        remark(f"warning: {warning}")
    if found.problems:
        number = len(found.problems)
        remark(f"{source}: {number} problem{'s' if number > 1 else ''}; put them right and check again")
    else:
        print(f"{source}: ok ({', '.join(f'{number} {name}' for name, number in found.counts)})")
