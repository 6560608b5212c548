"""The count of a chaos run is its verdict, so it is tried on every way in which a run can go wrong."""

from __future__ import annotations

import pytest
from chaos.random_kills import Outcome
from chaos.report import failures, random_row, sweep_row, table
from chaos.scenario import Audit, tally
from chaos.sweep import Trial
from chaos.tracing import BORN_LATER, Point, points_of, sample


@pytest.mark.parametrize(
    ("tickets", "acks", "expected"),
    [
        (["a", "b"], [("a", "1"), ("b", "2")], Audit(2, 2)),
        (["a"], [("a", "1")], Audit(2, 1, lost=1, unanswered=1)),
        (["a", "b", "b"], [("a", "1"), ("b", "2")], Audit(2, 3, duplicates=1)),
        (["a", "b"], [("a", "1"), ("a", "1"), ("b", "2")], Audit(2, 2, extra_acks=1)),
        (["a", "b"], [("a", "1"), ("a", "9"), ("b", "2")], Audit(2, 2, strays=1)),
        (["a", "b"], [("a", "1"), ("a", "1"), ("a", "9")], Audit(2, 2, unanswered=1, extra_acks=1, strays=1)),
        (["a", "b", None], [("a", "1"), ("b", "2")], Audit(2, 3, duplicates=1)),
        ([], [], Audit(2, 0, lost=2, unanswered=2)),
    ],
)
def test_each_wrong_is_counted_for_what_it_is(
    tickets: list[str | None], acks: list[tuple[str, str]], expected: Audit
) -> None:
    """P2, P3 and P5 each have their own figure, and one does not hide another."""
    assert tally(["a", "b"], tickets, acks) == expected


@pytest.mark.parametrize(
    ("audit", "clean"),
    [
        (Audit(2, 2), True),
        (Audit(2, 2, extra_acks=1), True),
        (Audit(2, 1, lost=1), False),
        (Audit(2, 3, duplicates=1), False),
        (Audit(2, 2, unanswered=1), False),
        (Audit(2, 2, strays=1), False),
    ],
)
def test_only_a_further_copy_of_the_same_ack_is_forgiven(audit: Audit, clean: bool) -> None:
    """P5 allows copies with the same Message-ID and nothing else."""
    assert audit.clean is clean
    assert Trial(Point("0.0", "write", 1), True, audit).good is clean
    assert Outcome(3, audit, 1, ()).good() is clean


def test_copies_are_forgiven_only_up_to_the_number_of_crashes() -> None:
    """P5: extra copies ≤ crashes × parallel senders; one kill allows one."""
    assert not Trial(Point("0.0", "write", 1), True, Audit(2, 2, extra_acks=2)).good
    assert Outcome(2, Audit(9, 9, extra_acks=2), 1, ()).good()
    assert not Outcome(2, Audit(9, 9, extra_acks=3), 1, ()).good()
    assert Outcome(2, Audit(9, 9, extra_acks=3), 1, ()).good(senders=2)


def test_trouble_is_never_good() -> None:
    """A program that does not come back after a kill has failed, whatever its store says."""
    assert not Trial(Point("0.0", "write", 1), True, Audit(1, 1), "Died: …").good
    assert not Outcome(1, Audit(1, 1), 1, ("the sum does not hold",)).good()


LOG = """\
70 1.000100 write(3</j>, "a", 1) = 1
71 1.000200 fdatasync(3</j> <unfinished ...>
70 1.000300 write(4</s>, "b", 1) = 1
71 1.000400 <... fdatasync resumed>) = 0
71 1.000350 write(5</t>, "c", 1) = 1
70 1.000500 --- SIGCHLD {si_signo=SIGCHLD} ---
99 1.000600 write(6</u>, "d", 1) = 1
70 1.000700 +++ killed by SIGKILL +++
"""


def test_calls_are_numbered_per_thread_and_name_in_order_of_time() -> None:
    """A kill point says which thread enters which call for the how-manieth time; unfinished calls count once."""
    points = points_of(LOG, {70: "0.0", 71: "0.1"})
    assert [(point.thread, point.call, point.k) for point in points] == [
        ("0.0", "write", 1),
        ("0.1", "fdatasync", 1),
        ("0.0", "write", 2),
        ("0.1", "write", 1),
        (BORN_LATER, "write", 1),
    ]
    assert points[0].shown == '3</j>, "a", 1)'


CALLS = ["write"] * 20 + ["fdatasync"] + ["sendto"] * 9
POINTS = [Point("0.0", call, number) for number, call in enumerate(CALLS)]


@pytest.mark.parametrize(("count", "expected"), [(None, 30), (99, 30), (12, 12), (3, 3), (1, 1)])
def test_a_sample_has_the_wanted_size_and_keeps_the_order(count: int | None, expected: int) -> None:
    """All points when all are wanted; no point twice."""
    chosen = sample(POINTS, count)
    assert len(chosen) == len(set(chosen)) == expected
    assert chosen == [point for point in POINTS if point in chosen]


def test_a_sample_touches_every_call_and_the_whole_life() -> None:
    """The one fdatasync among many writes is in, and so are the beginning and the end."""
    chosen = sample(POINTS, 6)
    assert {point.call for point in chosen} == {"write", "fdatasync", "sendto"}
    assert POINTS[0] in chosen
    assert max(point.k for point in chosen) > 20


def test_the_report_is_a_table_of_sums_and_names_what_failed() -> None:
    """A reader sees kills, losses and copies at a glance, and which call did it."""
    good = Trial(Point("0.0", "write", 1), True, Audit(2, 2, extra_acks=1))
    bad = Trial(Point("0.1", "fsync", 2, "7</store>"), True, Audit(2, 1, lost=1, unanswered=1))
    missed = Trial(Point("0.1", "fsync", 3), False, Audit(2, 2))
    text = table([sweep_row("toy", [good, bad, missed]), random_row("toy", Outcome(5, Audit(60, 60), 9, ()))])
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    assert lines[2] == ["toy, 3 points (1 not reached)", "2", "6", "1", "0", "1", "1", "0", "1"]
    assert lines[3] == ["toy, random kills", "5", "60", "0", "0", "0", "0", "0", "0"]
    assert failures([good, bad, missed]).startswith("- 0.1 fsync#2 7</store>: Audit(")
    assert failures([good]) == ""
