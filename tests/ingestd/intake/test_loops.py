"""Loops converge, and crowds are no loops (P11): a real store, simulated time, no network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from doubles.mailroom import NOON, WAIT, Mailroom, deciding, mail
from doubles.stores import sqlite_store
from sqlalchemy import func, select

from ingestd import model
from ingestd.limits import LimitsSettings
from ingestd.store import tables
from ingestd.store.tickets import Recorded, change
from parsers.record import Automatic

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
AWAY = "您好，我正在休假，十二月一日回来，期间无法查看邮件，敬请谅解。"
WORDS = ("退货", "换货", "发票", "物流", "登录", "会员", "支付", "维修")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Mailroom]:
    """One node on SQLite whose operator reads alerts."""
    store = sqlite_store(tmp_path)
    room = Mailroom(store, deciding(alerts_to=["ops@example.com"]))
    room.join()
    yield room
    store.close()


def acks(room: Mailroom) -> int:
    """How many acknowledgements left or will leave."""
    box = tables.outbox.c
    query = select(func.count()).where(box.kind.startswith("ack"), box.state != "withheld")
    return room.store.read(lambda tx: int(tx.execute(query).scalar_one()))


def alerts(room: Mailroom) -> int:
    """How many words to operators are owed."""
    query = select(func.count()).where(tables.outbox.c.kind == "operator_alert")
    return room.store.read(lambda tx: int(tx.execute(query).scalar_one()))


def tickets(room: Mailroom) -> int:
    """How many tickets there are."""
    return room.store.read(lambda tx: int(tx.execute(select(func.count()).select_from(tables.ticket)).scalar_one()))


def stubborn_machine(room: Mailroom, hours: int, every: timedelta, **values: Any) -> dict[int, int]:
    """A machine that writes again and again, whether we answer or not; return the acks after each hour."""
    counted, now, number = {}, NOON, 0
    while now < NOON + hours * HOUR:
        number += 1
        sender = values.get("sender") or f"robot{number}@machine.example"
        room.arrive(mail(sender, values.get("text") or AWAY, subject=f"Re: {number} {AWAY[:9]}"), now)
        room.send_all(now)
        now += every
        counted[int((now - NOON) / HOUR)] = acks(room)
    return counted


def test_a_stripping_autoresponder_gets_five_acks_in_an_hour(room: Mailroom) -> None:
    """It strips every header and changes Message-ID, Subject and local part each time: it answers what we send, and
    stops with us. At most five acks, the tickets beyond are folded into one, one word to the operator."""
    now, answered = NOON, -1
    recorded: list[Recorded] = []
    while acks(room) > answered:  # it writes only when it was written to
        answered = acks(room)
        number = len(recorded)
        recorded.append(room.arrive(mail(f"r{number}@machine.example", AWAY, subject=f"Out {number}"), now))
        room.send_all(now)
        now += SECOND
    assert acks(room) <= 5
    assert len(recorded) == 6
    assert recorded[-1].reason == "folded: domain-answers-itself"
    assert tickets(room) == 5
    assert alerts(room) == 1


def test_a_stubborn_machine_gets_five_acks_an_hour_and_twenty_a_day(room: Mailroom) -> None:
    """Even one that goes on without being answered: ≤ 5 in the first hour, ≤ 20 in 24 h, folded, one alert a day."""
    by_hour = stubborn_machine(room, hours=24, every=5 * MINUTE)
    assert by_hour[0] <= 5
    assert by_hour[1] <= 5 + 5
    assert acks(room) <= 20
    assert tickets(room) <= 20
    assert alerts(room) <= 2


def repeated(room: Mailroom, senders: list[str], start: datetime = NOON) -> list[Recorded]:
    """The same long sentence, one mail after the other, each answered if it is."""
    recorded = []
    for number, sender in enumerate(senders):
        recorded.append(room.arrive(mail(sender, AWAY, subject=f"{number}"), start + number * SECOND))
        room.send_all(start + number * SECOND)
    return recorded


def test_beyond_its_budget_an_address_is_folded_into_its_own_ticket(room: Mailroom) -> None:
    """The same text from the same address: one matter."""
    recorded = repeated(room, ["w@qq.com"] * 7)
    assert [one.outcome for one in recorded] == ["created"] * 5 + ["appended"] * 2
    assert {one.ticket_no for one in recorded[4:]} == {recorded[4].ticket_no}


def test_nobodys_mail_is_folded_into_a_strangers_ticket(room: Mailroom) -> None:
    """Another customer of the same provider wrote the same words: his ticket is his, and each has their own (P31)."""
    recorded = repeated(room, ["w@qq.com"] * 5 + ["li@qq.com", "w@qq.com"])
    assert [one.outcome for one in recorded] == ["created"] * 7
    assert len({one.ticket_no for one in recorded}) == 7
    assert acks(room) == 6


@pytest.mark.parametrize("senders", [["w@qq.com"] * 8, [f"r{n}@machine.example" for n in range(8)]])
def test_nothing_is_folded_into_a_closed_ticket(room: Mailroom, senders: list[str]) -> None:
    """Nobody would ever read it there: the first mail after the end is a ticket of its own, without an ack."""
    last = repeated(room, senders[:6])[-1].ticket_no
    room.store.write(
        lambda tx: change(tx, last or "", lambda it: model.resolve(it, "li", "done", True, NOON), room.writer, NOON)
    ).result(WAIT)
    later = repeated(room, senders[6:], NOON + MINUTE)
    assert [one.outcome for one in later] == ["created", "appended"]
    assert {one.ticket_no for one in later} == {later[0].ticket_no}
    assert later[0].ticket_no != last
    assert acks(room) <= 5


def test_one_address_never_gets_more_than_its_budget(room: Mailroom) -> None:
    """A monitor that numbers its alarms: five acks an hour leave, and what repeats beyond them is one open ticket."""
    now, outcomes = NOON, []
    for number in range(12):
        recorded = room.arrive(
            mail("alarm@x.cn", f"告警编号 {number}：温度过高，请立即检查机房的空调设备", subject=f"告警 {number}"), now
        )
        room.send_all(now)
        outcomes.append(recorded.outcome)
        now += MINUTE
    assert outcomes == ["created"] * 5 + ["appended"] * 7
    assert acks(room) == 5


def test_beyond_its_budget_an_address_with_other_words_gets_tickets_and_no_acks(room: Mailroom) -> None:
    """One person with many matters: every ticket is made, five acks an hour leave."""
    for number, word in enumerate([*WORDS, *(f"{word}和{word}以外的事" for word in WORDS)]):
        now = NOON + number * MINUTE
        text = f"我想咨询{word}的问题，这一次和以前都不一样，请回复我，谢谢你们"
        assert room.arrive(mail("w@x.cn", text, subject=word), now).outcome == "created"
        room.send_all(now)
    assert acks(room) == 5
    assert tickets(room) == 2 * len(WORDS)


def test_plus_addresses_and_case_make_no_new_person(room: Mailroom) -> None:
    """The budget of an address cannot be stretched by spelling it anew."""
    for number in range(9):
        room.arrive(
            mail(f"{'W' if number % 2 else 'w'}+{number}@X.cn", f"第 {number} 个问题：请问怎么开发票？谢谢您的帮助"),
            NOON,
        )
    assert acks(room) == 5


def test_a_thousand_people_at_one_domain_all_get_their_ack(room: Mailroom) -> None:
    """The counter-test: different people, different words, one freemail domain, one hour."""
    for number in range(1000):
        now = NOON + number * (HOUR / 1000)
        text = f"您好，我想咨询一下{WORDS[number % 8]}的问题，我的情况是第 {number} 种，请尽快答复。"
        room.arrive(mail(f"person{number}@freemail.example", text), now)
        if number % 10 == 9:
            room.send_all(now)
    room.send_all(NOON + HOUR)
    assert acks(room) == tickets(room) == 1000
    assert alerts(room) == 0


def test_a_burst_of_the_same_words_from_many_people_is_no_loop(room: Mailroom) -> None:
    """A campaign's ready-made letter comes before anybody was answered: everybody gets an ack."""
    for number in range(100):
        room.arrive(
            mail(f"signer{number}@freemail.example", "请贵公司不要取消老用户的会员优惠政策，谢谢！"),
            NOON + number * SECOND / 50,
        )
    room.send_all(NOON + 3 * SECOND)
    assert acks(room) == tickets(room) == 100


def test_two_installations_exchange_two_messages(room: Mailroom) -> None:
    """Our ack is marked as automatic; another ingestd's ack is filed or suppressed, never answered (P11, LP3)."""
    first = room.arrive(mail())
    ack = mail("support@other.example", AWAY, automatic=Automatic(kind="auto_reply", evidence=("Auto-Submitted",)))
    answer = room.arrive(ack)
    assert first.outcome == "created"
    assert (answer.outcome, answer.reason) == ("suppressed", "auto-reply")
    assert acks(room) == 1


def test_fifty_thousand_bounces_for_mail_we_never_sent_are_no_tickets(room: Mailroom) -> None:
    """A joe-job: suppressed with its reason, never answered (LP9)."""
    bounce = Automatic(kind="bounce", evidence=("multipart/report",))
    outcomes = {
        room.arrive(mail("mailer-daemon@x.cn", f"undeliverable {n}", automatic=bounce)).outcome for n in range(20)
    }
    assert outcomes == {"suppressed"}
    assert (acks(room), tickets(room)) == (0, 0)


def test_after_the_budget_the_ticket_still_comes(room: Mailroom) -> None:
    """A withheld ack never withholds the ticket (P12)."""
    for number in range(7):
        recorded = room.arrive(mail("w@x.cn", f"第 {number} 个问题：请问怎么开发票？谢谢您的帮助"))
    assert recorded.outcome == "created"
    withheld = select(tables.outbox.c.reason).where(tables.outbox.c.state == "withheld")
    assert set(room.store.read(lambda tx: tx.execute(withheld).scalars().all())) == {"budget-address"}


def test_a_web_form_cannot_flood_a_victim(room: Mailroom) -> None:
    """A form field proves nothing: one ack an hour and three a day to its address, whatever comes in (P12)."""
    for hour in range(0, 30):
        for number in range(3):
            record = mail("victim@x.cn", f"{hour}/{number} 请尽快联系我，我想了解一下你们的产品价格")
            room.arrive(record, NOON + hour * HOUR + number * MINUTE, kind="form")
        if hour == 0:
            assert acks(room) == 1
        if hour == 23:
            assert acks(room) == 3


def test_beyond_the_budget_of_all_acks_wait_for_the_next_hour(tmp_path: Path) -> None:
    """Whatever happens, no more than so many acks leave in an hour; the others are late, not lost."""
    store = sqlite_store(tmp_path)
    room = Mailroom(store, deciding(limits=LimitsSettings(ack_global_per_hour=3)))
    room.join()
    for number in range(5):
        room.arrive(mail(f"w{number}@x{number}.cn"), NOON + 20 * MINUTE)
    assert len(room.send_all(NOON + 59 * MINUTE)) == 3
    assert len(room.send_all(NOON + HOUR)) == 1
    assert len(room.send_all(NOON + HOUR + 20 * MINUTE)) == 1
    store.close()
