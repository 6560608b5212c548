"""The program under chaos as the system sees it: a group of processes with threads, started, watched and killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from chaos.scenario import Command

POLL_S = 0.005
STOP_LIMIT_S = 25
"""Promise P16 allows 20 s for a clean stop."""


class Died(Exception):
    """The program ended although nobody killed it; the text is its last words."""


class Overdue(Exception):
    """Something that was waited for did not happen in time."""


class Group:
    """One running program with all its workers, in a process group of its own."""

    def __init__(self, command: Command) -> None:
        self._log = command.log
        with open(command.log, "ab") as log:
            self._process = subprocess.Popen(
                command.argv,
                cwd=command.folder,
                env={**os.environ, **command.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Does the main process still run?"""
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL every process of the group and return when none is left."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        wait_until(lambda: not members(self._process.pid), 10, "the end of killed processes")

    def stop(self) -> int:
        """Ask the program to end; return its exit code. One that does not obey is killed and reported as Overdue."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            raise Overdue(f"no end within {STOP_LIMIT_S} s of SIGTERM") from None
        finally:
            self.kill()

    def threads(self) -> dict[int, str]:
        """Name every thread by its place, ``process.thread`` in order of birth: the same in every run."""
        return {
            tid: f"{process}.{thread}"
            for process, pid in enumerate(members(self._process.pid))
            for thread, tid in enumerate(_tids(pid))
        }

    def processes(self) -> list[int]:
        """Return the process ids of the group, the main one first."""
        return members(self._process.pid)

    def last_words(self) -> str:
        """Return the end of what the program wrote."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:]


def started(command: Command, ready: Callable[[], bool], limit_s: float = 60) -> Group:
    """Start the program and return when it is ready. Raise Died or Overdue, and leave nothing running, if it is not."""
    group = Group(command)
    try:
        wait_until(lambda: ready() or not group.alive, limit_s, "readiness")
        if not group.alive:
            raise Died(group.last_words())
    except BaseException:
        group.kill()
        raise
    return group


def wait_until(true: Callable[[], bool], limit_s: float, what: str, every_s: float = POLL_S) -> None:
    """Ask again and again; raise Overdue with ``what`` when the limit passes."""
    end = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > end:
            raise Overdue(f"{what} did not come within {limit_s} s")
        time.sleep(every_s)


def members(group: int) -> list[int]:
    """Return the living processes of a process group, oldest first; a zombie is no longer living."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (facts := _stat(entry)) and facts[2] == str(group) and facts[0] != "Z":
            found.append((int(facts[19]), int(entry.name)))
    return [pid for _, pid in sorted(found)]


def _stat(process: Path) -> list[str]:
    try:
        return (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []  # it ended while we looked


def _tids(pid: int) -> list[int]:
    try:
        return sorted(int(entry.name) for entry in Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []
