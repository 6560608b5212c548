"""``demo``: one command, and everything it prints works as it stands; it takes free ports and keeps what it has."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from doubles.ports import free_port
from doubles.terminal import write_config

from ingestd import config
from ingestd.channels.smtp_address import read_listen
from ingestd.cli import demo, demo_page
from ingestd.cli.demo_page import Demo
from ingestd.cli.demo_ports import on_free_ports

START_SECONDS = 60


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A demo in its own folder and process group, and the page it printed; Ctrl-C ends it."""
    (tmp_path / "var").mkdir()
    written = demo._write_config(tmp_path / "var")
    text = written.read_text(encoding="utf-8")
    text = text.replace("#listen: 127.0.0.1:2525", f"listen: 127.0.0.1:{free_port()}")
    written.write_text(text.replace("#listen: 127.0.0.1:8080", f"listen: 127.0.0.1:{free_port()}"), encoding="utf-8")
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "ingestd", "demo"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        lines = []
        for line in child.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        yield tmp_path, "".join(lines)
        os.killpg(child.pid, signal.SIGINT)
        out, err = child.communicate(timeout=START_SECONDS)
        assert (child.returncode, out, err) == (0, "stopped; the data stay in var\n", "")


@pytest.mark.journey
def test_the_printed_commands_work_as_they_stand(running: tuple[Path, str]) -> None:
    """A new user copies them one after the other: mails, queue, ticket, reasons, resolution, letters, audit."""
    folder, page = running
    commands = [line for line in page.splitlines() if line.startswith((shlex.quote(sys.executable), "ls ", "/"))]
    printed = {}
    for line in commands:
        done = subprocess.run(shlex.split(line), cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stderr)
        printed[line] = done.stdout
        if "--auto-reply" in line:
            wait_for_letters(folder, 3)
    said = "\n".join(printed.values())
    assert len(commands) >= 11
    for expected in ("ack to wangfang@customer.example, sent", "none: this is an automatic reply", "awaiting_confirm",
                     "the sum holds"):  # fmt: skip
        assert expected in said
    assert "ack_soothe" in (folder / "var" / "journal.log").read_text()
    assert "escalation_internal" in (folder / "var" / "journal.log").read_text()


def wait_for_letters(folder: Path, number: int) -> None:
    """Wait until so many letters lie in the outbox: two answers and the word to the supervisor."""
    end = time.monotonic() + START_SECONDS
    while len(list((folder / "var" / "outbox").glob("new/*"))) < number:
        assert time.monotonic() < end, "no letters came"
        time.sleep(0.05)


@pytest.mark.journey
def test_its_tokens_are_private_and_not_on_the_page(running: tuple[Path, str]) -> None:
    """The page names the files; only their owner can read them (P33)."""
    folder, page = running
    for name in ("admin-token", "logistics-token"):
        path = folder / "var" / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text().strip() not in page


def test_the_config_of_the_demo_passes_the_check(tmp_path: Path) -> None:
    """What is written is a config like any other, for everybody to read and change."""
    source = demo._write_config(tmp_path)
    assert config.problems(source) == ()
    assert config.load(source).config.letters.quiet is None


def test_a_config_that_is_there_stays(tmp_path: Path) -> None:
    """What a user changed in his demo is his."""
    (tmp_path / "config.yaml").write_text("mine: true\n")
    demo._write_config(tmp_path)
    assert (tmp_path / "config.yaml").read_text() == "mine: true\n"


def test_free_ports_stay_as_they_are(tmp_path: Path) -> None:
    """Nothing is said where nothing had to move."""
    loaded = config.load(config_on(tmp_path, free_port(), free_port()))
    assert on_free_ports(loaded) == (loaded, ())


def test_taken_ports_move_for_this_run_and_it_is_said(tmp_path: Path) -> None:
    """Another server on the machine is no reason to fail; the file keeps its ports."""
    with socket.create_server(("127.0.0.1", 0)) as mail, socket.create_server(("127.0.0.1", 0)) as web:
        taken = [mail.getsockname()[1], web.getsockname()[1]]
        loaded = config.load(config_on(tmp_path, *taken))
        moved, changes = on_free_ports(loaded)
    ports = [read_listen(moved.config.channels[0].listen)[1], moved.config.web.address[1]]
    assert not set(ports) & set(taken)
    assert moved.config.service.base_url == f"http://127.0.0.1:{ports[1]}"
    assert sorted(changes) == sorted(
        [f"port {taken[0]} is taken; mail comes in on {ports[0]} this time",
         f"port {taken[1]} is taken; the web pages are on {ports[1]} this time"]
    )  # fmt: skip


def config_on(folder: Path, mail: int, web: int) -> Path:
    """Write a config that listens there."""
    door = {"kind": "smtp", "name": "main", "listen": f"127.0.0.1:{mail}", "recipients": ["support@example.com"]}
    return write_config(folder, **{"channels": [door], "web.listen": f"127.0.0.1:{web}"})


def page_of(loaded: config.Loaded) -> str:
    """Return the page of a demo that has just started."""
    shown = Demo(loaded, "support@demo.example", "logistics", "T20261121001", Path("a"), Path("b"), ("port moved",))
    return "\n".join(demo_page._page(shown))


def test_the_page_names_what_moved_and_every_place(tmp_path: Path) -> None:
    """A user finds desk, letters and journal without reading anything else."""
    page = page_of(config.load(demo._write_config(tmp_path)))
    for expected in ("(port moved)", "http://127.0.0.1:8080/desk/", "127.0.0.1:2525", "journal.log", "T20261121001",
                     "--gb18030", "--auto-reply"):  # fmt: skip
        assert expected in page


def test_without_a_checkout_the_page_does_not_name_files_that_are_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed from a wheel there is no example script; another way to send is shown."""
    monkeypatch.setattr(demo_page, "SENDER", Path("docs", "examples", "none.py"))
    page = page_of(config.load(demo._write_config(tmp_path)))
    assert "none.py" not in page
    assert "curl smtp://127.0.0.1:2525" in page
