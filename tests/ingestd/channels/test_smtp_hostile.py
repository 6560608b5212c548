"""The SMTP door against clients that vanish, flood, dawdle or speak something else."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from doubles.doors import ENVELOPE, GREETING, OpenDoor

from ingestd.channels import smtp_session


@pytest.fixture
def door(tmp_path: Path) -> Iterator[OpenDoor]:
    with OpenDoor(tmp_path) as opened:
        yield opened


def works(door: OpenDoor) -> bool:
    """Does an honest client get its mail through?"""
    with door.client() as client:
        return client.sendmail("w@x.cn", ["support@example.com"], b"hello\r\n") == {}


@pytest.mark.parametrize("way", ["close", "reset"])
@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_client_that_vanishes_after_the_dot_does_not_stop_the_commit(door: OpenDoor, way: str, size: int) -> None:
    """What is being kept is kept to the end, though nobody hears the answer (F32, SM10)."""
    door.keeping.hold()
    client = door.raw()
    client.begin_data()
    client.send(b"x" * size + b"\r\n.\r\n")
    assert door.keeping.begun.wait(10)
    if way == "reset":
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    door.run(nothing())
    door.keeping.release()
    assert door.keeping.ended.wait(10)
    assert works(door)
    assert [len(octets) for _, octets in door.keeping.kept] == [size + 2, 7]
    assert (door.keeping.cancelled, door.events) == (0, [])


async def nothing() -> None:
    """Give the door's loop a turn."""


def test_a_half_closed_client_hears_its_answer(door: OpenDoor) -> None:
    """A client that sends all at once and closes its sending side still reads 250 (SM10)."""
    door.keeping.hold()
    with door.raw() as client:
        client.begin_data()
        client.send(b"x\r\n.\r\nQUIT\r\n")
        client.socket.shutdown(socket.SHUT_WR)
        assert door.keeping.begun.wait(5)
        door.keeping.release()
        assert client.rest().startswith(b"250 2.0.0 kept as in-1-1\r\n221")


def test_a_client_that_leaves_in_the_middle_sends_nothing(door: OpenDoor, tmp_path: Path) -> None:
    """Half a message is no message, small or large, and leaves no file."""
    for size in (10, 1_000_000):
        client = door.raw()
        client.begin_data()
        client.send(b"x" * size + b"\r\n.\r")
        client.socket.shutdown(socket.SHUT_WR)
        assert client.rest() == b""
        client.close()
    assert works(door)
    assert [octets for _, octets in door.keeping.kept] == [b"hello\r\n"]
    assert list((tmp_path / "smtp-main").iterdir()) == []
    assert door.events == []


def test_a_second_message_cannot_be_smuggled(door: OpenDoor) -> None:
    """A lone LF around the dot does not end the message: what follows stays inside it."""
    with door.raw() as client:
        client.begin_data()
        client.send(b"one\n.\r\n" + ENVELOPE + b"two\r\n.\r\n")
        assert client.reply().startswith("250")
        assert client.ask("NOOP").startswith("250")
    ((_, octets),) = door.keeping.kept
    assert octets == b"one\r\n.\r\n" + ENVELOPE + b"two\r\n"


@pytest.mark.parametrize(
    "hello", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"]
)
def test_other_protocols_get_one_answer(door: OpenDoor, hello: bytes) -> None:
    """A browser or TLS on the plain port hears 500 once and is cut off at once (SM5)."""
    with door.raw() as client:
        client.send(hello)
        assert client.reply().startswith("500")
        assert client.rest() == b""


def test_ten_errors_end_the_conversation(door: OpenDoor) -> None:
    """Who sends rubbish is told so nine times and then sent away (SM5)."""
    with door.raw() as client:
        rubbish = [b"\xff\xfe junk", b"FOO", b"x" * 10_000, b"DATA", b"MAIL FROM:<a@b.cn>"] * 2
        for line in rubbish:
            client.send(line + b"\r\n")
        replies = [client.reply()[:3] for _ in rubbish]
        assert replies == ["500", "500", "500", "503", "503", "500", "500", "500", "503", "421"]
        assert client.rest() == b""


def test_commands_without_a_message_are_limited(door: OpenDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody keeps the door busy with NOOP for ever; a message taken starts the count anew."""
    monkeypatch.setattr(smtp_session, "MAX_COMMANDS", 10)
    with door.raw() as client:
        client.begin_data()
        assert client.ask("x\r\n.").startswith("250")
        replies = [client.ask("NOOP")[:3] for _ in range(10)]
        assert replies == ["250"] * 9 + ["421"]


def test_connections_are_capped_per_address(tmp_path: Path) -> None:
    """One address gets its share, another is still served, and the operator hears of it once (P21, SM12)."""
    with OpenDoor(tmp_path, max_connections_per_address=3) as door:
        inside = [door.raw() for _ in range(3)]
        for _ in range(30):
            with door.raw() as refused:
                assert refused.greeting.startswith("421 4.7.0")
        with door.raw(source="127.0.0.2") as other:
            assert other.greeting.startswith("220")
        assert [event for event, _ in door.events] == ["connections-refused"]
        assert inside[0].ask("QUIT").startswith("221")
        assert inside[0].rest() == b""
        with door.raw() as next_one:
            assert next_one.greeting.startswith("220")
        for client in inside:
            client.close()


def test_connections_are_capped_in_total(tmp_path: Path) -> None:
    """However many addresses come, no more than the cap are served at once (P21)."""
    with OpenDoor(tmp_path, max_connections=5) as door:
        clients = [door.raw(source=f"127.0.0.{number}") for number in range(1, 11)]
        assert [client.greeting[:3] for client in clients] == ["220"] * 5 + ["421"] * 5
        for client in clients:
            client.close()


def test_a_silent_client_is_sent_away(tmp_path: Path) -> None:
    """After the idle time the client hears 421, whether it said nothing or half a command."""
    with OpenDoor(tmp_path, idle_timeout="150ms") as door:
        for octets in (b"", b"EHL"):
            with door.raw() as client:
                client.send(octets)
                assert client.reply().startswith("421 4.4.2")
                assert client.rest() == b""


def test_a_message_must_come_at_a_rate(tmp_path: Path) -> None:
    """A trickle inside DATA is cut; a slow but steady message is taken though it lasts far longer (SM11, F31)."""
    with OpenDoor(tmp_path, idle_timeout="200ms", min_rate="100B") as door:
        with door.raw() as client:
            client.begin_data()
            client.send(b"x")
            assert client.reply().startswith("421 4.4.2")
        with door.raw() as client:
            client.begin_data()
            started = time.monotonic()
            while time.monotonic() - started < 0.7:  # longer than three windows
                client.send(b"steady" * 10 + b"\r\n")
                time.sleep(0.01)
            assert client.ask(".").startswith("250")


def test_waiting_for_us_is_never_the_clients_fault(tmp_path: Path) -> None:
    """While a commit takes longer than any time limit, the client is not cut off."""
    with OpenDoor(tmp_path, idle_timeout="50ms") as door:
        door.keeping.hold()
        with door.raw() as client:
            client.send(GREETING + ENVELOPE)
            assert [client.reply()[:3] for _ in range(4)][-1] == "354"
            client.send(b"x\r\n.\r\n")
            client.socket.settimeout(0.3)
            with pytest.raises(TimeoutError):
                client.socket.recv(1)
            client.socket.settimeout(10)
            door.keeping.release()
            assert client.socket.recv(3) == b"250"


def test_a_client_that_never_reads_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers nobody reads do not pile up, and their connection does not stay open for ever."""
    monkeypatch.setattr(smtp_session, "LINGER", 0.05)
    monkeypatch.setattr(smtp_session, "MAX_COMMANDS", 10**9)
    with OpenDoor(tmp_path, idle_timeout="200ms", max_connections=1) as door:
        client = door.raw()
        client.socket.settimeout(2)
        with pytest.raises(OSError):  # noqa: PT011 - reset, broken pipe and timeout are all the point
            client.send(b"NOOP\r\n" * 10_000_000)
        client.close()
        deadline = time.monotonic() + 10
        while not greeting(door).startswith("220"):
            assert time.monotonic() < deadline, "the place was never given back"


def greeting(door: OpenDoor) -> str:
    """Knock and go."""
    with door.raw() as client:
        return client.greeting


def test_a_fault_of_ours_ends_one_session_only(door: OpenDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a session itself breaks, its client is asked to come again, the operator hears of it, the door works on."""
    with monkeypatch.context() as patch, door.raw() as client:
        patch.setattr("ingestd.channels.smtp_dialogue.Dialogue.answer", lambda dialogue, line: 1 / 0)
        assert client.ask("NOOP").startswith("421 4.3.0")
        assert client.rest() == b""
    assert [event for event, _ in door.events] == ["session-failed"]
    assert works(door)
