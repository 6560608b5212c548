"""``python -m bench [NAME…] [--quick] [--markdown FILE]``: measure, print a table, and write the page about it.

Ends with 1 when a floor is not kept. Each bench starts daemons and servers of its own on loopback and removes them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import latency, matching, memory, page, pulling, reading, road, smtp_keep, starting
from bench.report import Figure, all_kept, table

BENCHES: dict[str, Callable[[bool], Iterator[Figure]]] = {
    "keywords": matching.measure,
    "parse": reading.measure,
    "smtp_keep": smtp_keep.measure,
    "road": road.measure,
    "latency": latency.measure,
    "memory": memory.measure,
    "queue": pulling.measure,
    "start": starting.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benches that are named, or all of them; return 0 when every floor is kept."""
    options = _options(arguments)
    machine = page.describe()
    figures = list(_measured(options.name or list(BENCHES), options.quick))
    print("\n" + table(figures))
    if options.markdown:
        options.markdown.write_text(page.written(figures, machine, page.command(options.name, options.quick)))
    return 0 if all_kept(figures) else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"which: {', '.join(BENCHES)}; all when none is named")
    parser.add_argument("--quick", action="store_true", help="smaller loads: a look, not a measurement")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the page of results here")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.name if name not in BENCHES]:
        parser.error(f"there is no bench {', '.join(unknown)}; known: {', '.join(BENCHES)}")
    return options


def _measured(names: Sequence[str], quick: bool) -> Iterator[Figure]:
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        yield from BENCHES[name](quick)


if __name__ == "__main__":
    sys.exit(main())
