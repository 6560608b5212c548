"""How long routing takes per message, beside a plain ``in`` loop over the same words in the same run.

Usage, from the project root: ``python -m bench.keywords``.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ingestd.routing import RuleSet, compile_rules, decide, load_shipped
from ingestd.routing.matching import TOPICS, longest
from ingestd.routing.normalise import fold
from parsers.record import IntakeRecord

ROUNDS = 3_000
TEXT = (
    "您好，我上周在贵店买了一台加湿器，用了两天就不出雾了，客服说可以换货，我不想退货，可是快递一直没有上门，"
    "订单显示已签收。另外发票抬头开错了，麻烦重开。The app also crashes and shows error code 88 every time I open it. "
) * 2


def microseconds(work: Callable[[], object]) -> float:
    """The best of five runs, per call."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(ROUNDS // 5):
            work()
        best = min(best, (time.perf_counter() - start) / (ROUNDS // 5))
    return best * 1e6


def measure(rules: RuleSet) -> dict[str, float]:
    """Time the steps for one message of about half a kilobyte."""
    words, folded = [word.text for word in rules.lexicon.words], fold(TEXT)
    record = IntakeRecord(subject="加湿器", subject_base="加湿器", own_text=TEXT)
    return {
        "naive in loop": microseconds(lambda: [word for word in words if word in folded]),
        "keyword matching": microseconds(lambda: longest(rules.lexicon.find(folded), TOPICS)),
        "folding": microseconds(lambda: fold(TEXT)),
        "whole decision": microseconds(lambda: decide(record, rules)),
    }


def main() -> None:
    """Print the figures and the ratio to the naive loop."""
    rules = compile_rules(load_shipped())
    figures = measure(rules)
    print(f"{len(rules.lexicon)} words, text of {len(TEXT.encode())} octets")
    for name, value in figures.items():
        print(f"{name:18} {value:8.1f} µs/message   {value / figures['naive in loop']:5.2f} x naive")


if __name__ == "__main__":
    main()
