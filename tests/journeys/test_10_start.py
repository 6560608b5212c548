"""Journey 10: it starts when everything is right, says so to systemd, and otherwise says what to change (P17)."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doubles.daemon import PROGRAM, Daemon
from doubles.journey import Journey
from doubles.smtp_sink import SmtpSink

JOURNEY = Journey("10-start")
ORDINARY = Journey("01-ordinary-mail")
EX_CONFIG = 78
Start = Callable[..., Daemon]


@pytest.fixture
def told(tmp_path: Path) -> Iterator[socket.socket]:
    """systemd's end of the notification socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.settimeout(20)
        yield end


def run(daemon: Daemon) -> subprocess.CompletedProcess[str]:
    """Run the program on the daemon's config to its end, which ought to come at once."""
    words = [str(PROGRAM), "run", "--config", str(daemon.config)]
    return subprocess.run(words, cwd=daemon.folder, capture_output=True, text=True, timeout=60)


def test_a_wrong_config_ends_with_78_and_every_problem(install: Start) -> None:
    """File, line and key of each, and no restart loop: systemd does not start again after 78."""
    daemon = install(JOURNEY, windows={"ack": {"P0": "soon"}}, lettres={}, outbound={"courier": "pigeon"})
    said = run(daemon)
    assert said.returncode == EX_CONFIG
    for words in ("windows.ack.P0", "lettres", "outbound.courier"):
        assert [line for line in said.stderr.splitlines() if words in line and f"{daemon.config}:" in line], said.stderr


def test_a_second_daemon_on_one_state_folder_is_refused(install: Start) -> None:
    """Two would fight for one database file; the second says what to do, and the first does not notice."""
    with install(JOURNEY) as daemon:
        said = run(daemon)
        assert said.returncode == EX_CONFIG
        assert "another ingestd runs on" in said.stderr
        assert daemon.group.alive
        with daemon.client() as client:
            assert client.noop()[0] == 250


def test_systemd_is_told_when_it_is_ready_and_when_it_stops(
    install: Start, told: socket.socket, tmp_path: Path, relay: SmtpSink
) -> None:
    """READY=1 when the doors are open and not before, WATCHDOG=1 while it lives, STOPPING=1 at the end."""
    daemon = install(ORDINARY)
    daemon.environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1000000"}
    with daemon:
        said = [told.recv(4096).decode() for _ in range(3)]
        assert said[0] == "READY=1" or said[:2] == ["WATCHDOG=1", "READY=1"]
        assert "WATCHDOG=1" in said
        with daemon.client() as client:
            assert client.noop()[0] == 250
        assert daemon.call("/readyz")[0] == 200
        assert daemon.stop() == 0
        assert rest(told)[-1] == "STOPPING=1"


def rest(told: socket.socket) -> list[str]:
    """Return what was said until now."""
    told.setblocking(False)
    said = []
    try:
        while True:
            said.append(told.recv(4096).decode())
    except BlockingIOError:
        return said
