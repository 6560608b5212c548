"""The kill sweep is worth something only if it catches a wrong order; here each classic mistake is made on purpose."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from chaos.processes import Died, Overdue, members, started, wait_until
from chaos.random_kills import random_kills
from chaos.scenario import Command
from chaos.sweep import Trial, count, sweep, try_point
from chaos.toy_scenario import ToyScenario
from chaos.tracing import Point
from doubles.programs import require

pytestmark = pytest.mark.servers


@pytest.fixture
def strace() -> Path:
    """The tracer."""
    return require("strace")


def swept(order: str, folder: Path, strace: Path) -> list[Trial]:
    """All kill points of one toy."""
    return sweep(ToyScenario(folder, order), strace)


def test_the_right_order_passes_at_every_point(tmp_path: Path, strace: Path) -> None:
    """Keep, say yes, send, write down: nothing is lost and nothing doubled wherever it dies (P2, P3)."""
    trials = swept("right", tmp_path, strace)
    assert len(trials) >= 6
    assert [trial for trial in trials if not trial.good] == []
    assert any(trial.audit.extra_acks for trial in trials), "killed between sending and writing it down"


@pytest.mark.parametrize(
    ("order", "wrong"),
    [("answer-first", "lost"), ("send-first", "strays"), ("no-key", "duplicates"), ("done-first", "unanswered")],
)
def test_every_wrong_order_is_caught(tmp_path: Path, strace: Path, order: str, wrong: str) -> None:
    """Each mistake shows in its own figure: P1, P5's one Message-ID, P3, and P5's at least once."""
    trials = swept(order, tmp_path, strace)
    assert sum(getattr(trial.audit, wrong) for trial in trials) >= 1
    assert any(not trial.good for trial in trials)


def test_both_threads_are_swept_from_their_own_first_call(tmp_path: Path, strace: Path) -> None:
    """strace counts per thread: the door's only sendto and the writer's third write are points of their own."""
    points = {(point.thread, point.call, point.k) for point in count(ToyScenario(tmp_path, "right"), strace)}
    assert {("0.0", "sendto", 1), ("0.1", "write", 1), ("0.1", "write", 3), ("0.1", "fdatasync", 2)} <= points


def test_a_point_that_is_never_reached_says_so(tmp_path: Path, strace: Path) -> None:
    """A sweep must not count a run without a kill as a survived kill."""
    trial = try_point(ToyScenario(tmp_path, "right"), strace, Point("0.1", "write", 500))
    assert not trial.fired
    assert trial.good


def test_random_kills_leave_nothing_lost_and_nothing_doubled(tmp_path: Path) -> None:
    """The right order survives kills at any moment, and the client's repeats make no second ticket (F2)."""
    toy = ToyScenario(tmp_path, "right")
    outcome = random_kills(toy, messages=25, seed=7, rate=50, between_s=(0.1, 0.2))
    assert outcome.kills >= 3
    assert outcome.samples >= outcome.kills
    assert outcome.audit.accepted == 25
    assert outcome.good(), outcome


def command(folder: Path, script: str) -> Command:
    """A program of one line."""
    return Command((sys.executable, "-I", "-S", "-c", script), folder, folder / "log")


def test_a_program_that_dies_at_start_is_reported_with_its_words(tmp_path: Path) -> None:
    """A chaos run that cannot start says why instead of waiting."""
    with pytest.raises(Died, match="no such store"):
        started(command(tmp_path, "raise SystemExit('no such store')"), lambda: False)


def test_a_program_that_never_gets_ready_is_ended(tmp_path: Path) -> None:
    """Nothing that a chaos run starts outlives it."""
    with pytest.raises(Overdue, match="readiness"):
        started(command(tmp_path, "import time; time.sleep(60)"), lambda: False, limit_s=0.3)
    assert not left_over(tmp_path)


def test_a_kill_takes_the_workers_along(tmp_path: Path) -> None:
    """The power fails for all processes of the program at once."""
    script = "import os, time; print('up', flush=True) if os.fork() else 0; time.sleep(60)"
    group = started(command(tmp_path, script), lambda: (tmp_path / "log").read_text() == "up\n")
    wait_until(lambda: len(group.processes()) == 2, 5, "the worker")
    main = group.processes()[0]
    group.kill()
    assert members(main) == []
    assert not group.alive


def test_a_program_that_ignores_sigterm_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """P16: an end that does not come in time is a failure of its own, and the program is killed all the same."""
    monkeypatch.setattr("chaos.processes.STOP_LIMIT_S", 0.2)
    script = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    group = started(command(tmp_path, script), lambda: (tmp_path / "log").read_text() == "up\n")
    with pytest.raises(Overdue, match="SIGTERM"):
        group.stop()
    assert not group.alive


def left_over(folder: Path) -> list[str]:
    """Processes that still work in that folder."""
    return [str(entry) for entry in Path("/proc").glob("[0-9]*/cwd") if entry.exists() and entry.resolve() == folder]
