"""Opening and stopping the SMTP door."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from pathlib import Path

import pytest
from doubles.doors import OpenDoor
from doubles.keeping import Keeping

from ingestd.channels.smtp import SmtpChannel, SmtpDoor
from ingestd.errors import Temporary


def stopping(door: OpenDoor, limit: float) -> threading.Thread:
    thread = threading.Thread(target=lambda: door.run(door.door.stop(limit)))
    thread.start()
    return thread


def test_idle_clients_are_sent_away_and_new_ones_not_served(tmp_path: Path) -> None:
    """Stopping says 421 to who waits, between mails or in the middle of an envelope, and listens no more (P16)."""
    with OpenDoor(tmp_path) as door:
        idle, busy = door.raw(), door.raw()
        busy.ask("EHLO client.test")
        assert busy.ask("MAIL FROM:<w@x.cn>").startswith("250")
        started = time.monotonic()
        door.run(door.door.stop(10))
        assert time.monotonic() - started < 5
        for client in (idle, busy):
            assert client.reply().startswith("421 4.3.2")
            assert client.rest() == b""
            client.close()
        with pytest.raises(ConnectionRefusedError):
            door.raw()


def test_a_message_under_way_is_still_taken(tmp_path: Path) -> None:
    """Who is in DATA finishes it, gets the answer of the commit, and then 421 (P16)."""
    with OpenDoor(tmp_path) as door, door.raw() as client:
        client.begin_data()
        client.send(b"first half\r\n")
        thread = stopping(door, 10)
        greeting = ""
        while not greeting.startswith("421"):
            with door.raw() as late:
                greeting = late.greeting
        client.send(b"second half\r\n.\r\n")
        assert client.reply().startswith("250")
        assert client.reply().startswith("421 4.3.2")
        thread.join(10)
        assert [octets for _, octets in door.keeping.kept] == [b"first half\r\nsecond half\r\n"]


def test_what_is_not_kept_in_time_stays_the_clients(tmp_path: Path) -> None:
    """At the limit a commit that hangs is answered 451, a message still coming 421: nobody was told yes (P16)."""
    with OpenDoor(tmp_path) as door:
        door.keeping.hold()
        hanging, sending = door.raw(), door.raw()
        hanging.begin_data()
        hanging.send(b"x\r\n.\r\n")
        assert door.keeping.begun.wait(5)
        sending.begin_data()
        started = time.monotonic()
        door.run(door.door.stop(0.1))
        assert time.monotonic() - started < 3
        assert hanging.reply().startswith("451 4.3.2")
        assert sending.reply().startswith("421 4.3.2")
        for client in (hanging, sending):
            assert client.rest() == b""
            client.close()
        assert door.keeping.cancelled == 1
    assert list((tmp_path / "smtp-main").iterdir()) == []


def settings(listen: str) -> SmtpChannel:
    return SmtpChannel(kind="smtp", name="main", listen=listen, recipients=("support@example.com",))


@pytest.mark.anyio
async def test_a_taken_port_is_temporary(tmp_path: Path) -> None:
    """If another program holds the port, the operator hears which; it may be free the next time."""
    events: list[tuple[str, dict[str, object]]] = []
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        door = SmtpDoor(settings(listen), Keeping(), tmp_path, lambda *event: events.append(event))
        with pytest.raises(Temporary, match="listen"):
            await door.start()
    assert [(event, facts["listen"]) for event, facts in events] == [("listen-failed", listen)]


@pytest.mark.anyio
async def test_a_spool_that_cannot_be_made_is_temporary(tmp_path: Path) -> None:
    """A folder that is a file, or a disk that is gone, stops the start with a sentence without paths."""
    (tmp_path / "spool").write_text("a file")
    events: list[str] = []
    door = SmtpDoor(settings("127.0.0.1:0"), Keeping(), tmp_path / "spool", lambda event, facts: events.append(event))
    with pytest.raises(Temporary, match="folder") as caught:
        await door.start()
    assert str(tmp_path) not in caught.value.sentence
    assert events == ["spool-unusable"]


@pytest.mark.anyio
async def test_a_bound_socket_can_be_given(tmp_path: Path) -> None:
    """A socket that systemd has bound is served as it is, whatever the settings say."""
    listening = socket.create_server(("127.0.0.1", 0))
    door = SmtpDoor(settings("127.0.0.1:1"), Keeping(), tmp_path, lambda event, facts: None, sockets=[listening])
    await door.start()
    assert door.addresses == (listening.getsockname(),)
    reader, writer = await asyncio.open_connection(*door.addresses[0])
    assert (await reader.readline()).startswith(b"220 localhost ESMTP")
    await door.stop(5)
    assert (await reader.readline()).startswith(b"421 4.3.2")
    writer.close()
    await writer.wait_closed()
