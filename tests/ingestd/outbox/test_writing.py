"""What a letter says at the moment it is written, and whether it is still owed then (P13, P31)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from doubles.mailroom import NOON, OURS, SIGNER, mail
from doubles.sending import SendingOffice, change, read

import responders
from ingestd import model
from ingestd.outbox import writing
from ingestd.outbox.courier import Again
from ingestd.outbox.settings import OutboundSettings

pytestmark = pytest.mark.anyio
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


async def test_answers_to_the_letter_lead_back_to_the_ticket(office: SendingOffice) -> None:
    """The reply address carries the keyed token of this ticket for this customer (P31)."""
    number = office.room.arrive(mail()).ticket_no
    await office.send()
    token = SIGNER.read_token(read(office.courier.carried[0].data)["Reply-To"].addresses[0].addr_spec)
    assert token is not None
    assert token.ticket_no == number
    assert token.is_for("w@x.cn")


@pytest.mark.parametrize(("after", "late"), [(5 * MINUTE, False), (5 * MINUTE + SECOND, True)])
async def test_a_letter_after_its_window_says_that_it_is_late(
    office: SendingOffice, after: timedelta, late: bool
) -> None:
    """What was promised, when the mail came, when this leaves: chosen when it is written (P13)."""
    number = office.room.arrive(mail()).ticket_no
    await office.send(after)
    (row,) = office.letters()
    assert row.late is late
    said = office.ticket(number).letters[0].text or ""
    assert ("12:05" in said and "12:00" in said) is late


async def test_a_letter_that_nobody_has_seen_is_written_anew(office: SendingOffice) -> None:
    """The relay was away until the window was over: the letter that leaves says that it is late (P13)."""
    office.room.arrive(mail())
    office.courier.fail(Again("connection refused", unseen=True))
    await office.send(5 * MINUTE - SECOND)
    assert not office.letters()[0].late
    await office.send(30 * MINUTE)
    assert office.letters()[0].late
    assert read(office.courier.carried[0].data)["Date"].datetime == NOON + 30 * MINUTE


async def test_a_person_who_was_faster_makes_the_ack_superfluous(office: SendingOffice) -> None:
    """Asked at the moment it is due: a person has answered, so the ack is cancelled with its reason (P13)."""
    number = office.room.arrive(mail()).ticket_no or ""
    change(office.room.store, number, lambda t: model.reply(t, "li", "您好", False, NOON))
    await office.send(MINUTE)
    (row,) = office.letters()
    assert (row.state, row.reason) == ("cancelled", "a person has answered already")
    assert office.courier.tried == []
    assert "letter_cancelled" in [entry.kind for entry in office.ticket(number).entries]


async def test_a_result_is_not_asked_about_once_the_ticket_moved_on(office: SendingOffice) -> None:
    """A question that makes no sense any more is cancelled."""
    number = office.room.arrive(mail()).ticket_no or ""
    letter = model.Notice("result_confirm", "1", "w@x.cn", OURS, "zh-CN", NOON + MINUTE)
    change(office.room.store, number, lambda t: model.resolve(t, "li", "done", False, NOON), [letter])
    change(office.room.store, number, lambda t: model.reopen(t, "li", "not yet", NOON))
    await office.send(2 * MINUTE)
    assert [(row.state, row.reason) for row in office.letters("result_confirm")] == [
        ("cancelled", "the ticket has moved on")
    ]


async def test_only_the_last_of_two_results_is_asked_about(office: SendingOffice) -> None:
    """Resolved, reopened and resolved anew while the quiet hours last: one question leaves, about what holds now."""
    number = office.room.arrive(mail()).ticket_no or ""
    for episode, result in enumerate(("we sent it again", "the money is on its way")):
        facts = responders.Facts(result=result, team="x", agent="li")
        letter = model.Notice("result_confirm", str(episode), "w@x.cn", OURS, "zh-CN", NOON + MINUTE, facts=facts)
        change(office.room.store, number, lambda t, said=result: model.resolve(t, "li", said, False, NOON), [letter])
        if not episode:
            change(office.room.store, number, lambda t: model.reopen(t, "li", "not yet", NOON))
    await office.send(2 * MINUTE)
    assert {row.episode: (row.state, row.reason) for row in office.letters("result_confirm")} == {
        "0": ("cancelled", "a later result replaces it"),
        "1": ("sent", None),
    }


async def test_a_letter_that_cannot_be_written_stops_no_other(
    office: SendingOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours in one letter costs it a later try; the others leave, and the loop lives (P8)."""
    for number in range(3):
        office.room.arrive(mail(f"w{number}@x.cn"))
    real = writing.write

    def faulty(owed: Any, *rest: Any) -> Any:
        if owed.notice.rcpt == "w1@x.cn":
            raise RuntimeError("a bug")
        return real(owed, *rest)

    monkeypatch.setattr(writing, "write", faulty)
    await office.send()
    assert sorted(one.rcpt for one in office.courier.carried) == ["w0@x.cn", "w2@x.cn"]
    assert sorted(row.state for row in office.letters()) == ["pending", "sent", "sent"]


async def test_a_letter_that_can_never_be_written_fails_with_its_sentence(office: SendingOffice) -> None:
    """A fact is missing: the reason is on record, nothing broken leaves (P38)."""
    number = office.room.arrive(mail()).ticket_no
    await office.send()
    empty = model.Notice("result_confirm", "1", "w@x.cn", OURS, "zh-CN", NOON)
    change(office.room.store, number or "", lambda t: model.resolve(t, "li", "done", False, NOON), [empty])
    await office.send(MINUTE)
    (row,) = office.letters("result_confirm")
    assert row.state == "failed"
    assert row.reason
    assert len(office.courier.carried) == 1


async def test_the_keyed_return_path_is_used_where_there_is_one(office: SendingOffice) -> None:
    """Bounces come to an address that only we can have made; a person's reply has a real return path (P11)."""
    office.settings = OutboundSettings(bounce_address="bounces@example.com")
    office.restart()
    number = office.room.arrive(mail()).ticket_no or ""
    await office.send()
    reply = model.Notice(
        "reply", "1", "w@x.cn", OURS, "zh-CN", NOON, automatic=False,
        facts=responders.Facts(reply_text="您好", agent="li", team="x"), subject="x",
    )  # fmt: skip
    change(office.room.store, number, lambda t: model.note(t, "li", "x", NOON), [reply])
    await office.send(MINUTE)
    automatic, personal = office.courier.carried
    mail_id = office.letters()[0].mail_id
    assert automatic.mail_from == SIGNER.bounce_address("bounces@example.com", mail_id)
    assert personal.mail_from == OURS
    assert read(personal.data)["Auto-Submitted"] is None


async def test_a_reply_refers_to_the_conversation(office: SendingOffice) -> None:
    """Where the notice names no mail, the letter answers the last of the customer's."""
    number = office.room.arrive(mail(message_id="m1@x.cn")).ticket_no or ""
    reply = model.Notice("reply", "1", "w@x.cn", OURS, "zh-CN", NOON, automatic=False,
                         facts=responders.Facts(reply_text="您好", agent="li", team="x"))  # fmt: skip
    change(office.room.store, number, lambda t: model.note(t, "li", "x", NOON), [reply])
    await office.send(MINUTE)
    carried = [read(one.data) for one in office.courier.carried]
    assert {message["In-Reply-To"] for message in carried} == {"<m1@x.cn>"}
