"""The daemon's frame: a dead loop is loud, stopping has an order and an end, systemd hears all (P16, P18)."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from ingestd import daemon
from ingestd.daemon import Bell, Daemon, Loop, notify

pytestmark = pytest.mark.anyio
PATIENCE_S = 30


class Recorder:
    """Doors and loops that write down what happens to them."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def door(self, name: str, fault: Exception | None = None) -> Recorder.Door:
        """A door that opens, unless it has a fault."""
        return self.Door(self, name, fault)

    def loop(self, name: str, turn: Callable[[], Awaitable[None]] | None = None, bell: Bell | None = None) -> Loop:
        """A loop that goes round quietly."""

        async def finish(seconds: float) -> None:
            assert seconds > 0
            self.events.append(f"{name} finished")

        return Loop(name, turn or (lambda: asyncio.sleep(0.001)), finish, bell)

    async def close(self) -> None:
        """The last step."""
        self.events.append("closed")

    class Door:
        """See ``door``."""

        def __init__(self, recorder: Recorder, name: str, fault: Exception | None) -> None:
            self._recorder, self._name, self._fault = recorder, name, fault

        async def start(self) -> None:
            if self._fault:
                raise self._fault
            self._recorder.events.append(f"{self._name} opened")

        async def stop(self, limit: float) -> None:
            assert 0 < limit < daemon.STOP_SECONDS
            self._recorder.events.append(f"{self._name} closed")


async def alive() -> bool:
    """A probe that finds everything well."""
    return True


def make(recorder: Recorder, doors: list[Recorder.Door], loops: list[Loop], **values: object) -> Daemon:
    """A daemon of these parts."""
    usual = {"reload": lambda: recorder.events.append("reloaded"), "close": recorder.close, "probe": alive}
    return Daemon(doors, loops, **{**usual, **values})  # type: ignore[arg-type] # a test's own bag


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """A real notification socket; calling it returns what was said since."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

        def heard() -> list[str]:
            said = []
            while True:
                try:
                    said.append(channel.recv(4096).decode())
                except BlockingIOError:
                    return said

        yield heard


async def test_starting_and_stopping_have_an_order() -> None:
    """Doors open before the daemon is ready and close first; loops finish what they began; the lease goes last."""
    recorder = Recorder()
    running = make(recorder, [recorder.door("smtp"), recorder.door("web")], [recorder.loop("process")])

    def ready() -> None:
        recorder.events.append("ready")
        assert running.ready
        running.stop("enough")

    assert await running.run(ready) == 0
    assert recorder.events == [
        "smtp opened", "web opened", "ready", "smtp closed", "web closed", "process finished", "closed",
    ]  # fmt: skip
    assert not running.ready


async def test_a_dead_loop_stops_the_daemon_loudly() -> None:
    """Whatever a loop dies of, the daemon ends with 1 and in order, so that systemd starts it anew."""
    recorder = Recorder()

    async def die() -> None:
        raise ZeroDivisionError

    running = make(recorder, [recorder.door("smtp")], [recorder.loop("process"), recorder.loop("deliver", die)])
    assert await asyncio.wait_for(running.run(lambda: None), PATIENCE_S) == 1
    assert recorder.events[-4:] == ["smtp closed", "process finished", "deliver finished", "closed"]


async def test_a_door_that_does_not_open_is_an_error_and_the_lease_is_given_back() -> None:
    """A port that is taken is told to whoever started us; nothing stays behind (P17)."""
    recorder = Recorder()
    running = make(recorder, [recorder.door("smtp", OSError("taken"))], [recorder.loop("process")])
    with pytest.raises(OSError, match="taken"):
        await running.run(lambda: recorder.events.append("ready"))
    assert recorder.events == ["closed"]


async def test_a_loop_that_waits_is_woken_to_stop() -> None:
    """Stopping does not wait for a poll to run out."""
    recorder, bell = Recorder(), Bell()
    loop = recorder.loop("process", lambda: bell.wait(PATIENCE_S * 10), bell)
    running = make(recorder, [], [loop])
    began = time.monotonic()
    assert await running.run(lambda: running.stop("enough")) == 0
    assert time.monotonic() - began < PATIENCE_S


async def test_a_loop_that_hangs_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of stopping has its limit; what hangs is cancelled, what is pending walks again later (P16)."""
    monkeypatch.setattr(daemon, "STOP_SECONDS", 0.2)
    recorder = Recorder()
    running = make(recorder, [], [recorder.loop("process", asyncio.Event().wait)])  # type: ignore[arg-type] # waits for ever
    assert await asyncio.wait_for(running.run(lambda: running.stop("enough")), PATIENCE_S) == 0
    assert recorder.events == ["process finished", "closed"]


async def test_systemd_hears_ready_and_stopping(systemd: Callable[[], list[str]]) -> None:
    """READY=1 when the doors are open, STOPPING=1 when they begin to close (sd_notify(3))."""
    recorder = Recorder()
    running = make(recorder, [recorder.door("smtp")], [recorder.loop("process")])
    said: list[str] = []

    def ready() -> None:
        said.extend(systemd())
        asyncio.get_running_loop().call_later(0.05, running.stop, "enough")

    await running.run(ready)
    assert said == []
    heard = systemd()
    assert heard[0] == "READY=1"
    assert heard[-1] == "STOPPING=1"
    assert "WATCHDOG=1" in heard


@pytest.mark.parametrize("why", ["a loop hangs", "the probe hangs", "the probe says no"])
async def test_the_watchdog_is_silent_when_something_hangs(
    why: str, systemd: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """WATCHDOG=1 is said on progress only, else systemd restarts us (P18)."""
    monkeypatch.setenv("WATCHDOG_USEC", "30000")
    recorder = Recorder()
    loop = recorder.loop("process", (lambda: asyncio.sleep(PATIENCE_S)) if why == "a loop hangs" else None)
    if why == "a loop hangs":
        monkeypatch.setattr(daemon, "STALE_SECONDS", 0.0)

    async def probe() -> bool:
        if why == "the probe hangs":
            await asyncio.sleep(PATIENCE_S)
        return why != "the probe says no"

    monkeypatch.setattr(daemon, "STOP_SECONDS", 0.3)
    running = make(recorder, [], [loop], probe=probe)
    await running.run(lambda: asyncio.get_running_loop().call_later(0.1, running.stop, "x") and None)
    assert systemd() == ["READY=1", "STOPPING=1"]


async def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket, or one that is gone: nobody minds."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/at/all")
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "@abstract-and-absent")
    notify("READY=1")


async def test_an_abstract_socket_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """systemd may hand over a name in the abstract namespace, written with @."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        name = f"ingestd-test-{os.getpid()}"
        channel.bind("\0" + name)
        channel.settimeout(PATIENCE_S)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
        notify("READY=1")
        assert channel.recv(100) == b"READY=1"


async def test_a_bell_wakes_from_any_thread_and_is_heard_once() -> None:
    """A commit on the writer's thread wakes a loop; the next wait waits again."""
    bell = Bell()
    began = time.monotonic()
    await asyncio.gather(bell.wait(PATIENCE_S), asyncio.to_thread(bell.ring))
    assert time.monotonic() - began < PATIENCE_S
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bell.wait(PATIENCE_S), 0.02)


async def test_a_bell_rung_before_the_wait_is_heard() -> None:
    """What came while the loop worked is not slept over."""
    bell = Bell()
    bell.ring()
    await asyncio.sleep(0)
    await asyncio.wait_for(bell.wait(PATIENCE_S), PATIENCE_S)


def test_a_bell_of_a_closed_loop_is_silent() -> None:
    """The writer's last commits may come after the event loop has gone."""

    async def make_bell() -> Bell:
        return Bell()

    asyncio.run(make_bell()).ring()
