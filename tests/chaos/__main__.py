"""``python -m chaos`` (with ``tests`` on the path): every kill point, then random kills, on both databases.

Prints one line per kill point while it works and the tables at the end; a whole run writes ``docs/reliability.md``. The
exit code is 1 when a promise was broken, or when a deliberately wrong order was not found out.
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
from chaos.report import failures, page, proof_row, random_row, sweep_row, table
from chaos.stores import Postgresql, Sqlite, Store
from chaos.sweep import Trial, sweep
from chaos.tracing import SAMPLE
from chaos.wrong_orders import ORDERS, caught
from doubles.postgres import PostgresServer
from doubles.programs import PROGRAMS, find

from bench.sink import Sink, sink

REPORT = Path(__file__).parents[2] / "docs" / "reliability.md"
SENDERS = 4
"""The outbox keeps up to four connections, so a crash may leave four letters sent and not written down (P5)."""


def main() -> int:
    """Run what is asked for and return 1 when anything was lost, doubled or did not come back."""
    options = _options()
    rows, proofs, good = [], [], True
    with tempfile.TemporaryDirectory(prefix="ingestd-chaos-") as folder, sink() as far_end, _stores() as stores:
        for store in stores:
            if options.database in ("both", store.name.lower()):
                mailroom = Mailroom(Path(folder), store, far_end)
                trials = sweep(mailroom, _program("strace"), points=options.points, watch=_watch)
                outcome = random_kills(mailroom, messages=options.messages, seed=options.seed)
                rows += [sweep_row(store.name, trials), random_row(store.name, outcome)]
                good &= all(trial.good for trial in trials) and outcome.good(SENDERS)
                proofs += [_proof(order, Path(folder), store, far_end) for order in ORDERS]
                print(failures(trials), *outcome.troubles, sep="\n", file=sys.stderr)
    print(table(rows), *map(" ".join, proofs), sep="\n")
    if options.points is None and options.database == "both":
        REPORT.write_text(page(rows, proofs, messages=options.messages, sampled=SAMPLE), encoding="utf-8")
    return 0 if good and all(found != "NOT FOUND" for *_, found in proofs) else 1


def _proof(order: str, folder: Path, store: Store, far_end: Sink) -> tuple[str, str, str, str]:
    return proof_row(order, store.name, caught(order, folder, store, far_end, _program("strace")))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=main.__doc__)
    parser.add_argument("--database", choices=["both", "sqlite", "postgresql"], default="both")
    parser.add_argument("--points", type=int, help="so many sampled kill points; without it, all")
    parser.add_argument("--messages", type=int, default=500, help="messages under random kills")
    parser.add_argument("--seed", type=int, default=1, help="another seed kills at other moments")
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
