"""The promises of the courier's port, tried on every adapter and on the fake that other tests use in its place."""

from __future__ import annotations

import asyncio
import mailbox
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from doubles.couriers import FakeCourier
from doubles.smtp_sink import Act, SmtpSink

from ingestd.outbox import COURIERS, Surroundings, open_courier
from ingestd.outbox.courier import Again, Courier, Mail, Refused, Sent
from ingestd.outbox.settings import OutboundSettings

pytestmark = pytest.mark.anyio
Delivered = tuple[str, str, bytes]

MESSAGE = b"From: desk@corp.example\r\nTo: wang@mail.example\r\nSubject: ok\r\n\r\nWe have it.\r\n"
MAIL = Mail("01JD-ack-1", "bounces@corp.example", "wang@mail.example", MESSAGE)


@dataclass
class Case:
    """A courier, what its receiving side has, and how to break and mend that side."""

    courier: Courier
    delivered: Callable[[], list[Delivered]]
    break_it: Callable[[], None]
    mend_it: Callable[[], None]


@asynccontextmanager
async def smtp_case(tmp_path: Path) -> AsyncIterator[Case]:
    with SmtpSink() as sink:
        settings = OutboundSettings(courier="smtp", port=sink.port)
        courier = open_courier(settings, Surroundings(tmp_path, tmp_path))
        yield Case(
            courier,
            lambda: [(mail.mail_from, mail.rcpt_to[0], mail.data) for mail in sink.mails],
            lambda: sink.always("MAIL", Act("421 4.3.2 shutting down", close=True)),
            sink.behave,
        )
        await courier.close()


@asynccontextmanager
async def folder_case(tmp_path: Path) -> AsyncIterator[Case]:
    courier = open_courier(OutboundSettings(courier="folder"), Surroundings(tmp_path, tmp_path / "state"))
    box, obstacle = tmp_path / "state" / "outbox", tmp_path / "state"

    def obstruct() -> None:
        obstacle.write_text("a file where the folder should be")

    def delivered() -> list[Delivered]:
        return [split_envelope(path.read_bytes()) for path in box.glob("new/*")]

    yield Case(courier, delivered, obstruct, obstacle.unlink)
    await courier.close()


def split_envelope(octets: bytes) -> Delivered:
    """Part the two lines that the folder courier writes above a message."""
    path, rcpt, data = octets.split(b"\r\n", 2)
    return path.decode()[len("Return-Path: <") : -1], rcpt.decode()[len("Delivered-To: ") :], data


@asynccontextmanager
async def fake_case(tmp_path: Path) -> AsyncIterator[Case]:
    courier = FakeCourier()
    yield Case(
        courier,
        lambda: [(mail.mail_from, mail.rcpt, mail.data) for mail in courier.carried],
        lambda: courier.fail(Again("scripted")),
        lambda: None,
    )


CASES = {"smtp": smtp_case, "folder": folder_case, "fake": fake_case}


@pytest.fixture(params=CASES)
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Case]:
    """Every courier in turn."""
    async with CASES[request.param](tmp_path) as made:
        yield made


def test_every_courier_is_under_this_contract() -> None:
    """A courier that is added to the table is added here."""
    assert set(COURIERS) | {"fake"} == set(CASES)


async def test_a_mail_arrives_as_it_is_with_its_envelope(case: Case) -> None:
    """Not one octet of the letter changes on the way, and the return path and recipient are those asked for."""
    assert isinstance(await case.courier.carry(MAIL), Sent)
    assert case.delivered() == [("bounces@corp.example", "wang@mail.example", MESSAGE)]


async def test_the_null_path_is_carried(case: Case) -> None:
    """Without a bounce address letters go out under the null path (P11)."""
    assert isinstance(await case.courier.carry(replace(MAIL, mail_from="")), Sent)
    assert [mail_from for mail_from, _, _ in case.delivered()] == [""]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b".\r\n", id="a dot alone"),
        pytest.param(b"..\r\n.\r\n...\r\n", id="only dots"),
        pytest.param(b"a\r\n.b\r\n..c\r\n", id="dots at line starts"),
        pytest.param(b"", id="no body"),
        pytest.param(b"\r\n\r\n", id="empty lines"),
        pytest.param(b"x" * 998 + b"\r\n", id="the longest line"),
    ],
)
async def test_dots_and_odd_bodies_arrive_whole(case: Case, body: bytes) -> None:
    """Dot-stuffing is the courier's business, and no body can end the mail early (TI9)."""
    message = b"Subject: dots\r\n\r\n" + body
    assert isinstance(await case.courier.carry(replace(MAIL, data=message)), Sent)
    assert [data for _, _, data in case.delivered()] == [message]


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("bad\r\nRCPT TO:<evil@x.example>", id="CRLF"),
        pytest.param("a@b.example\n", id="LF at the end"),
        pytest.param("a\0@b.example", id="NUL"),
        pytest.param("a>@b.example", id="closing bracket"),
        pytest.param("a@b.example> SIZE=1", id="parameter"),
        pytest.param("|cmd@b.example", id="pipe"),
        pytest.param("-oX@b.example", id="leading dash"),
        pytest.param("/etc/x@b.example", id="path"),
        pytest.param("|王@b.example", id="pipe before UTF-8"),
        pytest.param("王\r@b.example", id="CR after UTF-8"),
        pytest.param('"a b"@b.example', id="quoted local part"),
        pytest.param("a@b@c.example", id="two at signs"),
        pytest.param("<@r.example:a@b.example>", id="source route"),
        pytest.param("a@[127.0.0.1]", id="address literal"),
        pytest.param("a b@c.example", id="space"),
        pytest.param("a..b@c.example", id="two dots"),
        pytest.param("a@b.example.", id="trailing dot"),
        pytest.param("x" * 65 + "@b.example", id="long local part"),
        pytest.param("a@" + "b" * 64 + ".example", id="long label"),
        pytest.param("a@" + "bbb." * 70 + "example", id="long address"),
        pytest.param("a", id="no domain"),
        pytest.param("@b.example", id="no local part"),
        pytest.param("a\ud800@b.example", id="lone surrogate"),
        pytest.param("", id="empty"),
    ],
)
async def test_an_address_that_is_not_one_goes_nowhere(case: Case, address: str) -> None:
    """A recipient cannot add a recipient, a parameter, a command or an option (AD4, AD9)."""
    ending = await case.courier.carry(replace(MAIL, rcpt=address))
    assert isinstance(ending, Refused)
    assert ending.reason.isprintable()
    assert case.delivered() == []


async def test_a_bad_return_path_goes_nowhere(case: Case) -> None:
    """The return path is held to the same rule as the recipient."""
    ending = await case.courier.carry(replace(MAIL, mail_from="a@b.example>\r\nRCPT TO:<evil@x.example"))
    assert isinstance(ending, Refused)
    assert case.delivered() == []


@pytest.mark.parametrize("data", [b"a\nb\r\n", b"a\rb\r\n", b"a\0b\r\n", b"a\r\n.\nQUIT\r\n", b"no end", b""])
async def test_a_message_with_unclean_lines_goes_nowhere(case: Case, data: bytes) -> None:
    """A bare CR or LF may end the mail early at some servers and start another one: smuggling (TI9)."""
    assert isinstance(await case.courier.carry(replace(MAIL, data=data)), Refused)
    assert case.delivered() == []


@pytest.mark.parametrize(
    ("rcpt", "seen"),
    [
        ("wang@例子.example", "wang@xn--fsqu00a.example"),
        ("王@例子.example", "王@xn--fsqu00a.example"),
        ("a@mail.local", "a@mail.local"),
        ("a@localhost", "a@localhost"),
        ("o'neil+tag=1@b.example", "o'neil+tag=1@b.example"),
    ],
)
async def test_unusual_but_good_addresses_are_served(case: Case, rcpt: str, seen: str) -> None:
    """International domains go as A-labels; a house's own domains need not exist on the Internet."""
    assert isinstance(await case.courier.carry(replace(MAIL, rcpt=rcpt)), Sent)
    assert [delivered for _, delivered, _ in case.delivered()] == [seen]


async def test_trouble_is_again_and_never_an_exception(case: Case) -> None:
    """What failed is tried again with the same octets, and then arrives once (P5, P15)."""
    case.break_it()
    ending = await case.courier.carry(MAIL)
    assert isinstance(ending, Again)
    assert 0 < len(ending.reason) <= 300
    case.mend_it()
    assert isinstance(await case.courier.carry(MAIL), Sent)
    assert [data for _, _, data in case.delivered()] == [MESSAGE]


async def test_many_at_once_arrive_once_each(case: Case) -> None:
    """Callers need not queue: each mail reaches its own recipient, none twice."""
    mails = [replace(MAIL, mail_id=f"m-{n}", rcpt=f"c{n}@mail.example") for n in range(40)]
    endings = await asyncio.gather(*map(case.courier.carry, mails))
    assert all(isinstance(ending, Sent) for ending in endings)
    assert sorted(rcpt for _, rcpt, _ in case.delivered()) == sorted(mail.rcpt for mail in mails)


async def test_a_courier_may_be_closed_twice(case: Case) -> None:
    """Stopping is calm whatever was carried before."""
    await case.courier.carry(MAIL)
    await case.courier.close()
    await case.courier.close()


async def test_the_folder_keeps_a_repeated_mail_once(tmp_path: Path) -> None:
    """A crash between keeping and recording makes no second file, also when a reader has moved the first (P5)."""
    courier = open_courier(OutboundSettings(), Surroundings(tmp_path, tmp_path))
    await courier.carry(MAIL)
    await courier.carry(MAIL)
    assert [path.name for path in tmp_path.glob("outbox/*/*")] == ["01JD-ack-1"]
    (tmp_path / "outbox/new/01JD-ack-1").rename(tmp_path / "outbox/cur/01JD-ack-1:2,S")
    await courier.carry(MAIL)
    assert [path.name for path in tmp_path.glob("outbox/*/*")] == ["01JD-ack-1:2,S"]


async def test_a_mail_that_is_there_already_is_synced_before_it_counts_as_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever put it there may have died before its name was safe: the yes must outlive a power cut (P2)."""
    courier = open_courier(OutboundSettings(), Surroundings(tmp_path, tmp_path))
    await courier.carry(MAIL)
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    assert await courier.carry(MAIL) == Sent("already kept as 01JD-ack-1")
    assert (tmp_path / "outbox/new").stat().st_ino in synced


@pytest.mark.parametrize("mail_id", ["../../evil", "a:2,S", ".hidden", "", "x" * 500, "编号\ud800"])
async def test_no_mail_id_leaves_the_folder(tmp_path: Path, mail_id: str) -> None:
    """A mail id that makes no plain file name is hashed, and is still one file however often it comes."""
    courier = open_courier(OutboundSettings(), Surroundings(tmp_path, tmp_path))
    for _ in range(2):
        assert isinstance(await courier.carry(replace(MAIL, mail_id=mail_id)), Sent)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    assert len(list(tmp_path.glob("outbox/new/*"))) == 1


async def test_the_folder_is_a_maildir_for_its_owner(tmp_path: Path) -> None:
    """Any Maildir reader opens it; nobody else on the machine does."""
    courier = open_courier(OutboundSettings(), Surroundings(tmp_path, tmp_path))
    await courier.carry(MAIL)
    (message,) = mailbox.Maildir(tmp_path / "outbox")
    assert (message["Return-Path"], message["Subject"]) == ("<bounces@corp.example>", "ok")
    (kept,) = tmp_path.glob("outbox/new/*")
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0
