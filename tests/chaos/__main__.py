"""``python -m chaos`` (with ``tests`` on the path): every kill point, then random kills, on both databases.

Prints one line per kill point while it works and the table of ``docs/reliability.md`` at the end; the exit code is 1
when a promise was broken.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.mailroom import Mailroom
from chaos.random_kills import random_kills
from chaos.report import failures, random_row, sweep_row, table
from chaos.stores import Postgresql, Sqlite, Store
from chaos.sweep import Trial, sweep
from doubles.postgres import PostgresServer
from doubles.programs import PROGRAMS, find

from bench.sink import sink

SENDERS = 4
"""The outbox keeps up to four connections, so a crash may leave four letters sent and not written down (P5)."""


def main() -> int:
    """Run what is asked for and return 1 when anything was lost, doubled or did not come back."""
    options = _options()
    rows, good = [], True
    with tempfile.TemporaryDirectory(prefix="ingestd-chaos-") as folder, sink() as far_end, _stores() as stores:
        for store in stores:
            if options.database in ("both", store.name.lower()):
                mailroom = Mailroom(Path(folder), store, far_end)
                trials = sweep(mailroom, _program("strace"), points=options.points, watch=_watch)
                outcome = random_kills(mailroom, messages=options.messages, seed=options.seed)
                rows += [sweep_row(store.name, trials), random_row(store.name, outcome)]
                good &= all(trial.good for trial in trials) and outcome.good(SENDERS)
                print(failures(trials), *outcome.troubles, sep="\n", file=sys.stderr)
    print(table(rows))
    if options.markdown:
        options.markdown.write_text(table(rows) + "\n", encoding="utf-8")
    return 0 if good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=main.__doc__)
    parser.add_argument("--database", choices=["both", "sqlite", "postgresql"], default="both")
    parser.add_argument("--points", type=int, help="so many sampled kill points; without it, all")
    parser.add_argument("--messages", type=int, default=500, help="messages under random kills")
    parser.add_argument("--seed", type=int, default=1, help="another seed kills at other moments")
    parser.add_argument("--markdown", type=Path, help="write the table into this file, too")
    return parser.parse_args()


@contextmanager
def _stores() -> Iterator[list[Store]]:
    with PostgresServer(_program("postgresql")) as server:
        yield [Sqlite(), Postgresql(server)]


def _program(name: str) -> Path:
    path = find(name)
    if path is None:
        raise SystemExit(f"{name} is not installed; apt-get install {PROGRAMS[name].package} brings it.")
    return path


def _watch(number: int, of: int, trial: Trial) -> None:
    verdict = "ok" if trial.good else "BROKEN"
    print(f"{number}/{of} {verdict} {trial.point}" + ("" if trial.fired else " (not reached)"), flush=True)


if __name__ == "__main__":
    sys.exit(main())
