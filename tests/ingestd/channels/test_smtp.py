"""The SMTP door with real clients over loopback: what comes in is what is kept, and yes is said after the commit."""

from __future__ import annotations

import hashlib
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from doubles.doors import ENVELOPE, GREETING, OpenDoor

from ingestd.errors import Permanent, Temporary

MAIL = b"From: w@x.cn\r\nSubject: hello\r\n\r\nWhere is my order?\r\n"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[OpenDoor]:
    with OpenDoor(tmp_path) as opened:
        yield opened


def test_a_mail_is_kept_whole_with_its_envelopes(door: OpenDoor) -> None:
    """One mail to two recipients is one act of bringing in, with all a later room needs to know."""
    before = datetime.now(UTC)
    with door.client() as client:
        refused = client.sendmail("w@x.cn", ["support@example.com", "Support+42@example.com"], MAIL)
    assert refused == {}
    ((incoming, octets),) = door.keeping.kept
    assert octets == MAIL
    assert (incoming.door, incoming.account) == ("smtp", "main")
    assert (incoming.sha256, incoming.size) == (hashlib.sha256(MAIL).hexdigest(), len(MAIL))
    assert before <= incoming.received_at <= datetime.now(UTC)
    assert [envelope.rcpt_to for envelope in incoming.envelopes] == ["support@example.com", "Support+42@example.com"]
    assert {(e.mail_from, e.peer, e.helo, e.tls) for e in incoming.envelopes} == {
        ("w@x.cn", "127.0.0.1", "client.test", False)
    }


def test_the_answer_names_the_intake(door: OpenDoor) -> None:
    """The sender's log holds the id under which the mail can be found."""
    with door.raw() as client:
        assert client.begin_data().startswith("354")
        assert client.ask("x\r\n.") == "250 2.0.0 kept as in-1-1"
        assert client.ask("QUIT").startswith("221")
        assert client.rest() == b""


@pytest.mark.parametrize("size", [0, 1, 1000, 300_000, 3_000_000])
def test_any_size_comes_through_unchanged(door: OpenDoor, tmp_path: Path, size: int) -> None:
    """Dots, long lines and large messages arrive exactly as sent, and no file stays behind."""
    content = b"Subject: x\r\n\r\n" + (b".\r\n..\r\n" + b"y" * 9000 + b"\r\n") * (size // 9000) + b"z" * (size % 9000)
    content += b"\r\n"
    with door.client() as client:
        client.sendmail("w@x.cn", ["support@example.com"], content)
    ((incoming, octets),) = door.keeping.kept
    assert octets == content
    assert incoming.sha256 == hashlib.sha256(content).hexdigest()
    assert isinstance(incoming.spooled, Path) == (len(content) > 256 * 1024)
    assert list((tmp_path / "smtp-main").iterdir()) == []


def test_many_mails_on_one_connection(door: OpenDoor) -> None:
    """A connection serves mail after mail, and each is its own."""
    with door.client() as client:
        for number in range(20):
            client.sendmail("", ["support@example.com"], f"Subject: {number}\r\n\r\n".encode())
    assert [octets for _, octets in door.keeping.kept] == [f"Subject: {n}\r\n\r\n".encode() for n in range(20)]
    assert {incoming.envelopes[0].mail_from for incoming, _ in door.keeping.kept} == {""}


def test_commands_may_be_pipelined(door: OpenDoor) -> None:
    """RFC 2920: commands sent together are answered in order, also those after a message's end."""
    with door.raw() as client:
        client.send(GREETING + ENVELOPE)
        assert [client.reply()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        client.send(b"x\r\n.\r\n" + ENVELOPE[:-6] + b"RSET\r\nQUIT\r\n")
        assert [client.reply()[:3] for _ in range(5)] == ["250", "250", "250", "250", "221"]
    assert len(door.keeping.kept) == 1


def test_yes_is_said_only_after_the_commit(door: OpenDoor) -> None:
    """While the commit runs the client hears nothing; then it hears 250 (P1)."""
    door.keeping.hold()
    with door.raw() as client:
        client.begin_data()
        client.send(b"x\r\n.\r\n")
        assert door.keeping.begun.wait(5)
        client.socket.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)
        client.socket.settimeout(10)
        door.keeping.release()
        assert client.socket.recv(100).startswith(b"250")


@pytest.mark.parametrize(
    ("failure", "answer"),
    [
        (Temporary("the store is busy"), "451 4.3.0 the store is busy"),
        (Temporary("no room", code="storage-full"), "452 4.3.1 not enough storage; try again later"),
        (Permanent("this mail\r\n250 is refused"), "550 5.6.0 this mail 250 is refused"),
        (RuntimeError("/secret/path"), "451 4.3.0 the message could not be stored; try again later"),
        (OSError(28, "/secret/path"), "451 4.3.0 the message could not be stored; try again later"),
    ],
)
def test_a_failure_to_keep_is_answered(door: OpenDoor, failure: Exception, answer: str) -> None:
    """Only proven failures are permanent, nothing private is said, and the connection works on."""
    door.keeping.failure = failure
    with door.raw() as client:
        client.begin_data()
        assert client.ask("x\r\n.") == answer
        door.keeping.failure = None
        client.send(ENVELOPE + b"x\r\n.\r\n")
        assert [client.reply()[:3] for _ in range(4)] == ["250", "250", "354", "250"]
    unknown = not isinstance(failure, Temporary | Permanent)
    assert [event for event, _ in door.events] == (["keep-failed"] if unknown else [])


def test_a_refused_message_is_read_to_its_end(tmp_path: Path) -> None:
    """Too large, announced or not: one clear answer, and the next mail on the same connection is taken."""
    with OpenDoor(tmp_path, max_size="100KiB") as door, door.client() as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(100 * 1024)
        assert client.mail("w@x.cn", ["SIZE=200000"])[0] == 552
        client.mail("w@x.cn")
        client.rcpt("support@example.com")
        assert client.data(b"x" * 76 + b"\r\n" + b"y\r\n" * 500_000)[0] == 552
        assert client.sendmail("w@x.cn", ["support@example.com"], MAIL) == {}
    assert [octets for _, octets in door.keeping.kept] == [MAIL]


def test_strangers_are_not_served(door: OpenDoor) -> None:
    """No relaying, no null recipient, no more than a hundred recipients (SM15, AD10)."""
    with door.client() as client:
        client.ehlo()
        client.mail("w@x.cn")
        assert client.rcpt("friend@gmail.com")[0] == 550
        assert client.docmd("RCPT TO:<>")[0] == 501
        codes = [client.rcpt(f"support+{number}@example.com")[0] for number in range(1000)]
        assert codes == [250] * 100 + [452] * 900
        assert client.data(b"x\r\n")[0] == 250
    assert len(door.keeping.kept[0][0].envelopes) == 100


def test_bounces_carry_any_token(tmp_path: Path) -> None:
    """The bounce address is taken with every tag, though other tags are not wanted."""
    with OpenDoor(tmp_path, plus_addressing=False, bounce_address="bounces@example.com") as door:
        with door.client() as client:
            client.sendmail("", ["bounces+t0k3n@example.com"], MAIL)
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                client.sendmail("w@x.cn", ["support+1@example.com"], MAIL)
        assert door.keeping.kept[0][0].envelopes[0].rcpt_to == "bounces+t0k3n@example.com"


def test_a_full_disk_is_said_before_the_message_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With less free than one and a half times the largest message, DATA is answered 452 (P20)."""
    asked: list[int] = []

    async def has_room(spool: object, octets: int) -> bool:
        asked.append(octets)
        return len(asked) > 1

    monkeypatch.setattr("ingestd.channels.spool.Spool.has_room", has_room)
    with OpenDoor(tmp_path, max_size="10MiB") as door, door.raw() as client:
        assert client.begin_data().startswith("452 4.3.1")
        client.send(ENVELOPE + b"x\r\n.\r\n")
        assert [client.reply()[:3] for _ in range(4)] == ["250", "250", "354", "250"]
    assert asked == [15 * 2**20] * 2


def test_leftovers_are_cleared_when_the_door_opens(tmp_path: Path) -> None:
    """Files of a crash are removed at start, and the operator is told."""
    folder = tmp_path / "smtp-main"
    folder.mkdir()
    (folder / "old.spool").write_bytes(b"half a message")
    with OpenDoor(tmp_path) as door:
        assert door.events == [("spool-cleared", {"files": 1})]
    assert list(folder.iterdir()) == []
