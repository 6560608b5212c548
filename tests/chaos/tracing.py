"""strace as a scalpel: it lists the state-changing system calls of running threads, or kills at the entry of one.

strace counts calls per name and per thread, so a kill point is (thread, call, k) and is reached by attaching to that
one thread. Threads that are born during the traced message cannot be attached to before; they are traced by following
everything, where whichever thread comes first to its k-th call is the one that is killed.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos.processes import wait_until

STATE_CHANGING = (
    *("write", "writev", "pwrite64", "pwritev", "fdatasync", "fsync", "ftruncate", "sendto", "sendmsg", "connect"),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat"),
)
"""Fault F1: the calls after which the world, the disk or a peer, is another."""
SAMPLE = 12
"""Kill points of a sampled sweep, spread over the road of the message."""
BORN_LATER = "new"
ATTACH_LIMIT_S = 10
_ENTRY = re.compile(r"^(\d+)\s+([\d.]+) (\w+)\((.*)")


@dataclass(frozen=True)
class Point:
    """One kill point: the k-th such call of that thread. ``shown`` is how the call looked when it was counted."""

    thread: str
    call: str
    k: int
    shown: str = ""

    def __str__(self) -> str:
        return f"{self.thread} {self.call}#{self.k} {self.shown}".rstrip()


class Trace:
    """strace at work on running threads until ``stop``; with a point it kills there."""

    def __init__(self, strace: Path, folder: Path, threads: dict[int, str], point: Point | None = None) -> None:
        self._threads = threads
        self._log, self._said = folder / "strace.log", folder / "strace.err"
        self._log.unlink(missing_ok=True)
        targets = _targets(threads, point)
        follow = point is None or point.thread not in threads.values()
        calls = (point.call,) if point else STATE_CHANGING
        words = [str(strace), "-y", "-ttt", "-s", "40", "-o", str(self._log), "-e", f"trace={','.join(calls)}"]
        words += ["-f"] if follow else []
        words += ["-e", f"inject={point.call}:signal=KILL:when={point.k}"] if point else []
        words += [word for target in targets for word in ("-p", str(target))]
        with open(self._said, "wb") as said:
            self._strace = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        wait_until(lambda: self._attached(len(targets)), ATTACH_LIMIT_S, f"strace's attachment ({words})")

    def _attached(self, targets: int) -> bool:
        said = self._said.read_text(encoding="utf-8", errors="replace")
        if self._strace.poll() is not None:
            raise RuntimeError(f"strace could not attach: {said}")
        return said.count(" attached") >= targets

    @property
    def fired(self) -> bool:
        """Has the kill happened?"""
        return self._log.exists() and "+++ killed by SIGKILL" in self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Let go of the program, which runs on if it lives."""
        if self._strace.poll() is None:
            self._strace.send_signal(signal.SIGTERM)
        self._strace.wait(ATTACH_LIMIT_S)

    def points(self) -> list[Point]:
        """Return every call that was seen, in order of time, as a kill point."""
        return points_of(self._log.read_text(encoding="utf-8", errors="replace"), self._threads)


def _targets(threads: dict[int, str], point: Point | None) -> list[int]:
    """The point's thread, or where it is not there yet every process, to follow."""
    if point and (there := [tid for tid, name in threads.items() if name == point.thread]):
        return there
    return [tid for tid, name in threads.items() if name.endswith(".0")]


def points_of(log: str, threads: dict[int, str]) -> list[Point]:
    """Read strace's log (``-f -ttt``): one point per entered call, numbered per thread and call, in order of time."""
    seen: dict[tuple[int, str], int] = {}
    entered = sorted(filter(None, map(_ENTRY.match, log.splitlines())), key=lambda match: float(match[2]))
    points = []
    for match in entered:
        tid, call = int(match[1]), match[3]
        seen[tid, call] = k = seen.get((tid, call), 0) + 1
        points.append(Point(threads.get(tid, BORN_LATER), call, k, match[4].partition(" = ")[0][:60]))
    return list({(p.thread, p.call, p.k): p for p in reversed(points)}.values())[::-1]


def sample(points: Sequence[Point], count: int | None) -> list[Point]:
    """Choose that many points, in order: one of each call's name, the rest evenly over the stretches of the road.

    A stretch is a run of the same call by the same thread, such as the twenty pages of one commit: for its length it
    would be chosen twenty times, and the moments between two commits never.
    """
    if count is None or count >= len(points):
        return list(points)
    stretches = _stretches(points)
    middles = [(first + last) // 2 for first, last in stretches]
    names = list({points[number].call: number for number in reversed(middles)}.values())[:count]
    evenly = [middles[round(step * (len(middles) - 1) / max(count - 1, 1))] for step in range(count)]
    chosen = dict.fromkeys(names)
    for number in (*evenly, *middles, *range(len(points))):
        if len(chosen) < count:
            chosen.setdefault(number)
    return [points[number] for number in sorted(chosen)]


def _stretches(points: Sequence[Point]) -> list[tuple[int, int]]:
    kinds = [(point.thread, point.call) for point in points]
    starts = [number for number in range(len(kinds)) if number == 0 or kinds[number] != kinds[number - 1]]
    return list(zip(starts, [*(start - 1 for start in starts[1:]), len(kinds) - 1], strict=True))
