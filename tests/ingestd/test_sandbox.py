"""The parser in its child: whatever a message does there, there is a record, and the next one is read (P8, P9)."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

import parsers
from ingestd import sandbox
from ingestd.limits import LimitsSettings
from ingestd.sandbox import Limits, Sandbox, from_envelope
from parsers.arrival import Arrival, Envelope

pytestmark = pytest.mark.anyio
MAIL = b"From: Wang <w@x.cn>\r\nSubject: Order\r\n\r\nMy order 12345678 has not come.\r\n"
ARRIVAL = Arrival(envelope=Envelope(mail_from="w@x.cn", rcpt_to="support@example.com"))
PATIENCE_S = 60


def hang(path: str, arrival: str, depth: str, limits: Limits) -> str:
    """A parser that hangs until it is asked for less."""
    while depth != "headers":
        time.sleep(0.05)
    return sandbox.read_in_child(path, arrival, depth, limits)


def spin(path: str, arrival: str, depth: str, limits: Limits) -> str:
    """A parser that burns all the CPU it may use."""
    limits.apply()
    while True:
        pass


def crash(path: str, arrival: str, depth: str, limits: Limits) -> str:
    """A parser that takes its process with it, as a fault in C code does."""
    die()
    return ""


def die() -> None:
    """Be killed."""
    os.kill(os.getpid(), signal.SIGKILL)


def swell(path: str, arrival: str, depth: str, limits: Limits) -> str:
    """A memory bomb, in every depth but the last."""
    limits.apply()
    if depth != "headers":
        return "x" * 2**31
    return sandbox.read_in_child(path, arrival, depth, limits)


def write_file(path: str, arrival: str, depth: str, limits: Limits) -> str:
    """A parser that was taken over and wants to leave something behind."""
    limits.apply()
    Path(path + ".planted").write_text("x")
    return ""


def babble(path: str, arrival: str, depth: str, limits: Limits) -> str:
    """A parser whose answer is no record."""
    return '{"sender": 5}'


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """One good mail."""
    path = tmp_path / "mail.eml"
    path.write_bytes(MAIL)
    return path


def small(workers: int = 1, wall: float = 20.0, cpu: float = 10.0) -> Sandbox:
    """A sandbox with little patience."""
    return Sandbox(
        LimitsSettings(
            parse_workers=workers,
            parse_wall=timedelta(seconds=wall),
            parse_cpu=timedelta(seconds=cpu),
            parse_memory=512 * 2**20,
        )
    )


async def test_a_good_mail_is_read_whole(mail: Path) -> None:
    """The way through the child loses nothing: the record is the parser's own."""
    assert await small().read(mail, ARRIVAL) == parsers.parse(MAIL, ARRIVAL)


@pytest.mark.parametrize("poison", [crash, babble])
async def test_what_kills_the_child_costs_a_degraded_ticket_and_no_neighbour(
    poison: object, mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash in every depth ends with the envelope's sender and the defect ``unreadable``; the next mail is fine."""
    box = small()
    with monkeypatch.context() as patched:
        patched.setattr(sandbox, "read_in_child", poison)
        record = await box.read(mail, ARRIVAL)
    codes = [defect.code for defect in record.defects]
    assert codes == ["unreadable-full", "unreadable-plain", "unreadable-headers", "unreadable"]
    assert record.sender is not None
    assert record.sender.email == "w@x.cn"
    assert (await box.read(mail, ARRIVAL)).subject == "Order"


async def test_a_hanging_parser_is_stopped_by_the_clock(mail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wall time is limited for each depth, and what a plainer depth can read is read."""
    box = small(wall=0.6)
    await box.start()
    monkeypatch.setattr(sandbox, "read_in_child", hang)
    began = time.monotonic()
    with anyio.fail_after(PATIENCE_S):
        record = await box.read(mail, ARRIVAL)
    assert [d.detail for d in record.defects if d.code == "unreadable-full"] == ["not read within 0.6 s"]
    assert time.monotonic() - began < PATIENCE_S


async def test_a_spinning_parser_is_stopped_by_its_cpu_limit(mail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CPU is limited for each message, long before the clock on the wall."""
    box = small(wall=PATIENCE_S, cpu=1)
    with monkeypatch.context() as patched:
        patched.setattr(sandbox, "STEPS", ("full",))
        patched.setattr(sandbox, "read_in_child", spin)
        record = await box.read(mail, ARRIVAL)
    assert [defect.code for defect in record.defects] == ["unreadable-full", "unreadable"]
    assert record.defects[0].detail == "BrokenWorkerProcess"


async def test_a_memory_bomb_hits_the_ceiling_of_its_child(mail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """512 MiB is all a message gets; it is then read more plainly."""
    box = small()
    monkeypatch.setattr(sandbox, "read_in_child", swell)
    record = await box.read(mail, ARRIVAL)
    assert [defect.code for defect in record.defects[:2]] == ["unreadable-full", "unreadable-plain"]
    assert record.subject == "Order"


async def test_the_child_cannot_write_files(mail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that was taken over cannot leave octets on the disk."""
    monkeypatch.setattr(sandbox, "read_in_child", write_file)
    record = await small().read(mail, ARRIVAL)
    assert record.defects[-1].code == "unreadable"
    planted = mail.with_name("mail.eml.planted")
    assert not planted.exists() or planted.read_bytes() == b""


async def test_waiting_for_a_slow_neighbour_costs_a_message_nothing(
    mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wall clock starts with the work: good mail behind a poisonous one is still read whole (P8)."""
    box = small(wall=2.5)
    await box.start()
    records: dict[str, list[str]] = {}

    async def read(name: str, path: Path) -> None:
        records[name] = [defect.code for defect in (await box.read(path, ARRIVAL)).defects]

    poison = mail.with_name("poison.eml")
    poison.write_bytes(MAIL)
    monkeypatch.setattr(sandbox, "STEPS", ("full",))
    monkeypatch.setattr(sandbox, "read_in_child", hang_on_poison)
    async with anyio.create_task_group() as group:
        group.start_soon(read, "poison", poison)
        await anyio.lowlevel.checkpoint()
        for number in range(3):
            group.start_soon(read, f"good {number}", mail)
    assert "unreadable" in records.pop("poison")
    assert list(records.values()) == [["date"]] * 3  # the mail has no Date, and nothing else is amiss


def hang_on_poison(path: str, arrival: str, depth: str, limits: Limits) -> str:
    """Hang on the one file and read the others."""
    while path.endswith("poison.eml"):
        time.sleep(0.05)
    return sandbox.read_in_child(path, arrival, depth, limits)


async def test_a_file_that_is_gone_is_read_from_its_envelope(tmp_path: Path) -> None:
    """Even without the octets there is a record, for the envelope is kept beside them."""
    record = await small().read(tmp_path / "gone.eml", ARRIVAL)
    assert record.sender is not None
    assert record.defects[-1].code == "unreadable"


async def test_a_child_that_will_not_start_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warming up is a help, not a condition: the daemon starts, and mail degrades until children start again."""
    monkeypatch.setattr(sandbox, "warm_up", die)
    await small().start()


@pytest.mark.parametrize(
    ("mail_from", "sender"), [("w@x.cn", "w@x.cn"), ("", None), (None, None), ("MAILER-DAEMON", None)]
)
async def test_the_least_record_guesses_nothing(mail_from: str | None, sender: str | None) -> None:
    """Unknown is None: the null path and a bare word are no sender."""
    record = from_envelope(Arrival(envelope=Envelope(mail_from=mail_from)))
    assert (record.sender.email if record.sender else None) == sender
    assert [defect.code for defect in record.defects] == ["unreadable"]
