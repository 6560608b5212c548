"""The test ground itself: the SMTP sink as a process, judged by the standard library's client."""

from __future__ import annotations

import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doubles import smtp_sink
from doubles.smtp_sink import SmtpSink

Start = Callable[..., int]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a sink with these options and return its port; it ends with the test."""
    running: list[subprocess.Popen[str]] = []

    def run(*options: str) -> int:
        command = [sys.executable, smtp_sink.__file__, "--dir", str(tmp_path), *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        return int(process.stdout.readline())

    yield run
    for process in running:
        process.terminate()
        assert process.wait(10) == 0
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.parametrize("options", [(), ("--no-sync",)])
def test_every_mail_becomes_a_file_with_its_envelope(start: Start, tmp_path: Path, options: tuple[str, ...]) -> None:
    """A journey counts what really left the daemon, also when the sink has been killed since."""
    with smtplib.SMTP("127.0.0.1", start(*options)) as client:
        for number in range(3):
            client.sendmail("a@b.example", f"c{number}@d.example", b"Subject: x\r\n\r\n.dot\r\n..\r\n")
    files = sorted(tmp_path.iterdir())
    assert [path.suffix for path in files] == [".eml"] * 3
    assert files[0].read_bytes() == (
        b"X-Sink-From: <a@b.example>\r\nX-Sink-To: c0@d.example\r\nSubject: x\r\n\r\n.dot\r\n..\r\n"
    )


def test_an_answer_can_be_scripted_from_the_command_line(start: Start, tmp_path: Path) -> None:
    """A journey can have a relay that refuses."""
    with (
        smtplib.SMTP("127.0.0.1", start("--say", "RCPT=550 5.1.1 nobody")) as client,
        pytest.raises(smtplib.SMTPRecipientsRefused),
    ):
        client.sendmail("a@b.example", "c@d.example", b"Subject: x\r\n\r\n")
    assert list(tmp_path.iterdir()) == []


def test_mail_in_small_pieces_is_caught_whole() -> None:
    """However the network cuts the data and its dot, the octets are the same."""
    with SmtpSink() as sink, smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.mail("a@b.example")
        client.rcpt("c@d.example")
        client.putcmd("data")
        client.getreply()
        assert client.sock is not None
        for octet in b"..a\r\nb\r\n.\r\n":
            client.sock.sendall(bytes([octet]))
        assert client.getreply()[0] == 250
        assert [mail.data for mail in sink.mails] == [b".a\r\nb\r\n"]
