"""The door of the parsers: always an answer, as deep as it can be."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import parsers
from parsers import Arrival, Depth, IntakeRecord, mail
from parsers.arrival import Envelope

RAW = (
    b"From: Wang <wang@b.cn>\nTo: support@example.com\nSubject: Re: order\nMessage-ID: <1@b.cn>\nReferences: <0@b.cn>\n"
    b"Date: Fri, 20 Nov 2026 09:12:00 +0800\nContent-Type: multipart/mixed; boundary=B\n\n"
    b"--B\n\nwhere is it?\n--B\nContent-Type: image/png; name=a.png\n\nx\n--B--\n"
)
ARRIVAL = Arrival(
    received_at=datetime(2026, 11, 20, 1, 13, tzinfo=UTC),
    envelope=Envelope(mail_from="path@b.cn", rcpt_to="support@example.com"),
    own_addresses=("support@example.com",),
)


def codes(record: IntakeRecord) -> list[str]:
    return [defect.code for defect in record.defects]


def broken(raw: bytes, arrival: Arrival) -> IntakeRecord:
    raise RecursionError("a poison")


def test_a_full_reading_tells_everything() -> None:
    """Nothing of an ordinary mail is lost, and nothing is wrong with it."""
    record = parsers.parse(RAW, ARRIVAL)
    assert record.text == record.own_text == "where is it?"
    assert (record.subject, record.subject_base) == ("Re: order", "order")
    assert (record.message_id, record.references) == ("1@b.cn", ("0@b.cn",))
    assert [file.filename for file in record.attachments] == ["a.png"]
    assert record.defects == ()


@pytest.mark.parametrize(
    ("depth", "sender", "text", "code"),
    [
        ("plain", "wang@b.cn", True, "degraded"),
        ("headers", "wang@b.cn", False, "degraded"),
        ("envelope", "path@b.cn", False, "unreadable"),
    ],
)
def test_each_depth_reads_less(depth: Depth, sender: str, text: bool, code: str) -> None:
    """Plainer readings keep what they can, carry the whole message as a file, and say what they are (P8)."""
    record = parsers.parse(RAW, ARRIVAL, depth=depth)
    assert record.sender is not None
    assert record.sender.email == sender
    assert ("where is it?" in record.text) is text
    assert code in codes(record)
    (whole,) = record.attachments
    assert (whole.part, whole.size, whole.content_type) == ("", len(RAW), "message/rfc822")
    assert parsers.attachment(RAW, whole.part) == RAW
    assert record.content_sha256


def test_a_plainer_reading_can_be_read_by_people() -> None:
    """Most Chinese mail is one part in base64: read plainly it still is Chinese."""
    body = base64.b64encode("订单没有收到，王芳".encode("gb18030"))
    raw = b"Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: base64\n\n" + body
    assert parsers.parse(raw, ARRIVAL, depth="plain").text == "订单没有收到，王芳"


def test_the_file_of_a_plainer_reading_is_the_whole_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its section means the same in the record and when it is asked for, however plainly the mail was read (P8)."""
    monkeypatch.setattr(mail, "DEPTHS", dict(mail.DEPTHS) | {"full": broken})
    (whole,) = parsers.parse(RAW, ARRIVAL).attachments
    assert parsers.attachment(RAW, whole.part) == RAW


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_trouble_means_a_plainer_reading(failing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails inside, the next depth answers; when all fail there still is a record (P8)."""
    steps = dict(mail.DEPTHS)
    steps.update(dict.fromkeys(list(steps)[:failing], broken))
    monkeypatch.setattr(mail, "DEPTHS", steps)
    record = parsers.parse(RAW, ARRIVAL)
    told = {defect.code: defect.detail for defect in record.defects}
    assert told["degraded"] == "full: RecursionError"
    assert ("unreadable" in told) == (failing >= 3)
    assert (record.sender is None) == (failing == 4)


def test_automatic_mail_is_known_at_every_depth_that_reads_headers() -> None:
    """A degraded auto-reply is still an auto-reply and is never answered."""
    raw = b"From: a@b.cn\nAuto-Submitted: auto-replied\n\nI am away"
    depths: tuple[Depth, ...] = ("full", "plain", "headers")
    assert {parsers.parse(raw, depth=depth).automatic.kind for depth in depths} == {"auto_reply"}


def test_an_unknown_depth_is_the_last_one() -> None:
    """A worker that is told nonsense reads nothing it should not."""
    assert "unreadable" in codes(mail.read(RAW, ARRIVAL, "deeper"))


@pytest.mark.parametrize("raw", [b"", b"\0", b"\n", b"\xff\xfe", b"PK\x03\x04" + bytes(range(256)) * 40])
def test_any_bytes_make_a_record(raw: bytes) -> None:
    """What is no mail at all becomes a record from the envelope's sender."""
    record = parsers.parse(raw, ARRIVAL)
    assert record.sender is not None
    assert record.sender.email == "path@b.cn"


def test_a_date_after_the_arrival_is_not_believed() -> None:
    """The arrival stands in for a senseless Date, and the record says so (HB13)."""
    record = parsers.parse(RAW.replace(b"2026", b"2036"), ARRIVAL)
    assert record.date is None
    assert "date" in codes(record)


def test_a_worker_gets_a_path_and_gives_json(tmp_path: Path) -> None:
    """Plain strings go in and out of a worker process, and the record survives the trip."""
    path = tmp_path / "mail.eml"
    path.write_bytes(RAW)
    answer = parsers.parse_file(str(path), ARRIVAL.model_dump_json(), "full")
    assert IntakeRecord.model_validate_json(answer) == parsers.parse(RAW, ARRIVAL)


def test_one_defect_of_a_kind_is_enough() -> None:
    """A thousand faults of one kind are one line in the record."""
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(90))
    found = codes(parsers.parse(raw, ARRIVAL))
    assert len(found) == len(set(found))


@pytest.mark.parametrize("where", ["subject", "name", "file"])
def test_marks_that_turn_the_writing_are_flagged(where: str) -> None:
    """invoice<U+202E>gnp.exe is stored as it is and never shown unmarked (CS12, AT3)."""
    mark = {"subject": b"", "name": b"", "file": b""} | {where: "\u202e".encode()}
    raw = (
        b"From: a" + mark["name"] + b" <a@b.cn>\nSubject: s" + mark["subject"] + b"t\n"
        b"Content-Type: image/png; name=x" + mark["file"] + b"gnp.exe\n\nx"
    )  # fmt: skip
    assert "direction-marks" in codes(parsers.parse(raw))


def run(*arguments: str, feed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "parsers", *arguments], input=feed, capture_output=True, check=False)


@pytest.fixture(name="eml")
def eml_file(tmp_path: Path) -> Path:
    path = tmp_path / "mail.eml"
    path.write_bytes(RAW)
    return path


def test_the_module_prints_a_record(eml: Path) -> None:
    """``python -m parsers mail.eml`` shows what was understood."""
    done = run(str(eml))
    assert done.returncode == 0
    assert json.loads(done.stdout)["subject_base"] == "order"


@pytest.mark.parametrize(
    ("arguments", "code"), [((), 2), (("no-such-file.eml",), 65)], ids=["nothing named", "file not there"]
)
def test_the_module_refuses_in_words(arguments: tuple[str, ...], code: int) -> None:
    """Wrong use ends with one sentence and a code of its own."""
    done = run(*arguments)
    assert done.returncode == code
    assert done.stderr.count(b"\n") == 1
    assert b"Traceback" not in done.stderr


def test_importing_the_nouns_is_light() -> None:
    """The daemon's main process uses the nouns and pays for no parser."""
    program = "import sys, parsers, parsers.record; print([n for n in sys.modules if n in %r])"
    heavy = ["lxml", "inscriptis", "selectolax", "chardet", "parsers.mail"]
    done = subprocess.run([sys.executable, "-c", program % heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_readers_are_named() -> None:
    """One reader per kind of arrival stands in one table."""
    reader: Callable[[bytes, Arrival, str], IntakeRecord] = parsers.READERS["mail"]
    assert reader(RAW, ARRIVAL, "full") == parsers.parse(RAW, ARRIVAL)
