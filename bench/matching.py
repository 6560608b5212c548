"""What finding every keyword in a mail costs, beside a plain ``in`` loop over the same words in the same run."""

from __future__ import annotations

from collections.abc import Iterator

from bench import keywords
from bench.report import Figure
from ingestd.routing import compile_rules, load_shipped

FLOOR_US, TARGET_US = 100, 30


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the time to find every word in a text of 0.6 KB, to fold it first, and of the whole decision."""
    rules = compile_rules(load_shipped())
    took = keywords.measure(rules)
    name, found, bare = f"{len(rules.lexicon):,} words in a mail", took["keyword matching"], took["naive in loop"]
    yield Figure("keywords", name, found, "µs/mail", FLOOR_US, TARGET_US, bare, most=True)
    for step in ("folding", "whole decision"):
        yield Figure("keywords", step, took[step], "µs/mail", bare=bare, most=True)
