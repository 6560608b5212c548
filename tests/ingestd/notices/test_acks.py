"""Whether an acknowledgement is owed, which one, until when, and what it may say (P11, P12, P13, P38)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from doubles.mailroom import NOON, OURS, mail, policy, supervised

from ingestd.intake.explaining import SENTENCES
from ingestd.model import Budget, Known, Notice, State, Ticket
from ingestd.notices import Case, ack_reason, owed
from ingestd.notices.acks import REASONS, ack_kind
from ingestd.notices.settings import LettersSettings, WindowSettings
from parsers.arrival import Envelope
from parsers.record import Automatic, Fields, Found, FoundNumber, Mailbox, Recipient

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
TICKET = Ticket("", State.NEW, "triage", "订单没到", "w@x.cn", NOON)


def case(record: Any = None, moment: str = "created", **values: Any) -> Case:
    """An ordinary customer's mail at the moment of its decision."""
    known = values.pop("known", Known())
    usual = {
        "envelope": Envelope(mail_from="w@x.cn", rcpt_to=OURS),
        "received_at": NOON,
        "now": NOON,
        "accepted_at": NOON,
    }
    return Case(moment, record or mail(), ticket=values.pop("ticket", TICKET), known=known, **{**usual, **values})


def automatic(kind: Any, *evidence: str) -> Case:
    """A machine's mail."""
    return case(mail(automatic=Automatic(kind=kind, evidence=evidence)))


@dataclass(frozen=True)
class Row:
    """A case with the reason it must have, and a near one that is answered."""

    withheld: Case
    answered: Case = field(default_factory=case)


ROWS: dict[str, Row] = {
    "own-mail": Row(automatic("own")),
    "bounce": Row(automatic("bounce")),
    "auto-reply": Row(automatic("auto_reply")),
    "auto-generated": Row(automatic("auto_generated")),
    "receipt": Row(automatic("receipt")),
    "calendar": Row(automatic("calendar")),
    "report": Row(automatic("report")),
    "list": Row(automatic("list")),
    "sender-suppresses": Row(
        automatic(None, "X-Auto-Response-Suppress: OOF, AutoReply"), automatic(None, "X-Auto-Response-Suppress: DR, RN")
    ),
    "null-return-path": Row(case(envelope=Envelope(mail_from="")), case(envelope=Envelope(mail_from=None))),
    "no-answer-address": Row(case(mail(None)), case(mail("a.b+c@x.cn"))),
    "own-address": Row(case(mail("Support+t.1@Example.com")), case(mail("support@example.org"))),
    "reply-in-open-ticket": Row(case(moment="appended"), case(moment="reopened")),
    "customer-wants-no-reply": Row(case(mail(wants_no_reply=True))),
    "authentication-failed": Row(case(mail(authentication="rejected")), case(mail(authentication="fail"))),
    "old-mail": Row(
        case(received_at=NOON - 3 * DAY - SECOND), case(received_at=NOON - 3 * DAY)
    ),
    "domain-answers-itself": Row(
        case(known=Known(answers=6, budget=Budget(domain_hour=5, domain_recent=5))),
        case(known=Known(answers=6, budget=Budget(domain_hour=50, domain_recent=50))),
    ),
    "budget-address": Row(
        case(known=Known(budget=Budget(address_hour=5))),
        case(known=Known(budget=Budget(address_hour=4, address_day=19))),
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", [code for code, _ in REASONS])
def test_each_reason_withholds_and_its_neighbour_does_not(code: str) -> None:
    """One row for each reason: the case it is for has it, a near one is answered (P38). A new reason needs a row."""
    assert ack_reason(ROWS[code].withheld, policy()) == code
    assert ack_reason(ROWS[code].answered, policy()) is None


@pytest.mark.parametrize("code", [code for code, _ in REASONS])
def test_each_reason_has_a_sentence(code: str) -> None:
    """A person can look up why there was no letter (P38)."""
    assert SENTENCES.get(code)


def test_the_reason_stands_on_the_withheld_letter() -> None:
    """Withholding is recorded, not skipped."""
    (ack,) = owed(ROWS["list"].withheld, policy())
    assert (ack.kind, ack.withheld) == ("ack", "list")
    assert owed(ROWS["reply-in-open-ticket"].withheld, policy()) == ()


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(address_hour=5), "budget-address"),
        (Budget(address_day=20), "budget-address"),
        (Budget(address_hour=4, address_day=19), None),
        (Budget(domain_hour=400, domain_day=400, domain_recent=40), None),
    ],
)
def test_the_budget_is_per_address_and_not_per_domain(budget: Budget, reason: str | None) -> None:
    """Five an hour and twenty a day to one address; a freemail domain has no budget of its own (P11)."""
    assert ack_reason(case(known=Known(budget=budget)), policy()) == reason


@pytest.mark.parametrize(
    ("answers", "recent", "reason"),
    [
        (3, 3, None),
        (4, 7, "domain-answers-itself"),
        (4, 8, None),
        (5, 9, "domain-answers-itself"),
        (5, 10, None),
        (50, 50, "domain-answers-itself"),
    ],
)
def test_a_domain_has_a_budget_when_it_answers_itself(answers: int, recent: int, reason: str | None) -> None:
    """Four equal answers after the mail that set them off, five cases in all, and more than half of the acks of ten
    minutes (P11)."""
    known = Known(answers=answers, budget=Budget(domain_hour=5, domain_recent=recent))
    assert ack_reason(case(known=known), policy()) == reason


@pytest.mark.parametrize(
    ("hour", "day", "proved", "reason"),
    [(0, 0, False, None), (1, 1, False, "budget-address"), (0, 3, False, "budget-address"), (1, 3, True, None)],
)
def test_an_address_of_a_web_form_gets_one_an_hour_and_three_a_day(
    hour: int, day: int, proved: bool, reason: str | None
) -> None:
    """A form field is no proof (P12); who once answered with a token is as good as any mail address."""
    known = Known(budget=Budget(address_hour=hour, address_day=day), proved=proved)
    assert ack_reason(case(known=known, unproven=True), policy()) == reason


@pytest.mark.parametrize("proved", [False, True])
@pytest.mark.parametrize(
    ("hour", "day", "reason"), [(0, 0, None), (1, 1, "budget-address"), (0, 3, "budget-address"), (0, 2, None)]
)
def test_mail_that_failed_authentication_gets_one_an_hour_and_three_a_day(
    hour: int, day: int, reason: str | None, proved: bool
) -> None:
    """It may be forged in anybody's name, a proved one's too; without a policy against it it is answered (P12)."""
    known = Known(budget=Budget(address_hour=hour, address_day=day), proved=proved)
    assert ack_reason(case(mail(authentication="fail"), known=known), policy()) == reason


TOLD = Fields(
    name=Found(value="BUY-PILLS", source="B"),
    phones=(FoundNumber(value="13900000001", raw="13900000001", source="B"),),
    order_nos=(FoundNumber(value="EVIL-77", raw="EVIL-77", source="B"),),
)
EVIL = {
    "subject": "EVIL http://evil.example", "subject_base": "EVIL http://evil.example", "text": "EVIL",
    "own_text": "EVIL",
    "fields": TOLD,
}  # fmt: skip
EVIL_TICKET = replace(
    TICKET, subject="EVIL", customer_name="EVIL", honorific="EVIL", phones=("13900000001",), order_nos=("EVIL-77",),
    occurred_at="EVIL", error_code="EVIL", description="EVIL", customer_no="EVIL", attachments="EVIL",
)  # fmt: skip


@pytest.mark.parametrize(
    ("echo", "unproven", "proved", "authentication", "echoed"),
    [
        ("mail", False, False, "none", True),
        ("mail", False, False, "pass", True),
        ("mail", True, False, "none", False),
        ("mail", True, True, "none", True),
        ("mail", False, False, "fail", False),
        ("mail", False, True, "fail", False),
        ("proven", False, False, "none", False),
        ("proven", False, False, "pass", True),
        ("proven", False, True, "none", True),
        ("never", False, True, "pass", False),
    ],
)
def test_no_byte_of_a_stranger_reaches_an_address_that_has_not_proved_itself(
    echo: Any, unproven: bool, proved: bool, authentication: Any, echoed: bool
) -> None:
    """Subject, name, numbers and times of the customer are in the facts only where they may be (P12, TI6)."""
    record = mail(**EVIL, authentication=authentication)
    by = policy(letters=LettersSettings(echo=echo))
    ack = owed(case(record, ticket=EVIL_TICKET, unproven=unproven, known=Known(proved=proved)), by)[0]
    said = ack.facts.model_dump_json()
    assert any(word in said for word in ("EVIL", "PILLS", "1390", "evil.example")) is echoed


@pytest.mark.parametrize(
    ("echo", "authentication", "proved", "echoed"),
    [
        ("mail", "none", False, False),
        ("mail", "pass", False, False),
        ("proven", "pass", False, False),
        ("proven", "none", True, True),
        ("mail", "none", True, True),
        ("mail", "fail", True, False),
    ],
)
def test_another_reply_to_hears_nothing_unless_it_has_proved_itself(
    echo: Any, authentication: Any, proved: bool, echoed: bool
) -> None:
    """Whoever has an account at a freemail domain may not have us advertise to its other customers (P12, TI6)."""
    record = mail("a@qq.com", **EVIL, authentication=authentication, reply_to=(Mailbox(email="victim@qq.com"),))
    by = policy(letters=LettersSettings(echo=echo))
    ack = owed(case(record, ticket=EVIL_TICKET, known=Known(proved=proved)), by)[0]
    assert ack.rcpt == "victim@qq.com"
    assert ("EVIL" in ack.facts.model_dump_json()) is echoed


def test_the_same_address_in_other_letters_is_no_other() -> None:
    """Many programs write the Reply-To anew, in capitals."""
    record = mail("w@x.cn", subject_base="EVIL", reply_to=(Mailbox(email="W@x.cn"),))
    assert owed(case(record), policy())[0].facts.customer_words == "EVIL"


def test_an_echo_is_too_short_for_an_advertisement() -> None:
    """Of the subject sixty characters are repeated."""
    record = mail(subject="x" * 500, subject_base="x" * 500)
    assert owed(case(record), policy())[0].facts.customer_words == "x" * 60


@pytest.mark.parametrize(("level", "minutes"), [("P0", 2), ("P1", 5), ("P2", 5)])
def test_the_window_begins_when_the_server_took_the_mail(level: Any, minutes: int) -> None:
    """However late it is decided, the promise counts from the arrival at the server (P13)."""
    late = case(received_at=NOON - HOUR, ticket=replace(TICKET, priority=level))
    ack = owed(late, policy())[0]
    assert ack.deadline == NOON - HOUR + timedelta(minutes=minutes)
    assert (ack.due_at, ack.received_at) == (NOON, NOON - HOUR)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, "ack"),
        ({"priority": "P0", "category_l1": "complaint", "emotion": "愤怒"}, "ack_emergency"),
        ({"category_l1": "complaint"}, "ack_soothe"),
        ({"emotion": "焦虑"}, "ack_soothe"),
        ({"category_l1": "suggestion"}, "ack_suggestion"),
        ({"category_l1": "suggestion", "emotion": "不满"}, "ack_soothe"),
        ({"priority": "P1"}, "ack"),
    ],
)
def test_emergencies_and_feelings_come_first(values: Any, kind: str) -> None:
    """Which letter fits the matter."""
    assert ack_kind(replace(TICKET, **values)) == kind


def escalations(values: Any, **by: Any) -> list[Notice]:
    """The words to supervisors that this ticket owes."""
    rules = policy(departments=supervised("triage"), **by)
    return [n for n in owed(case(ticket=replace(TICKET, **values)), rules) if n.kind == "escalation_internal"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"priority": "P0"}, "P0"),
        ({"priority": "P1"}, "P1"),
        ({"category_l1": "complaint"}, "complaint"),
        ({"priority": "P0", "category_l1": "complaint"}, "P0, complaint"),
    ],
)
def test_a_supervisor_is_told_at_once(values: Any, reason: str) -> None:
    """P0, P1 and complaints: one letter, at once, to the department's supervisor, in the house's language."""
    (word,) = escalations(values)
    assert (word.rcpt, word.due_at, word.language) == ("boss@example.com", NOON, "zh-CN")
    assert word.facts.reason == reason


def test_no_supervisor_is_told_of_ordinary_matters_or_where_there_is_none() -> None:
    """A letter to nobody is not owed; the profile says what counts."""
    assert escalations({}) == []
    assert escalations({"priority": "P1"}, windows=WindowSettings(supervisor_at_once=("P0",))) == []
    urgent = case(ticket=replace(TICKET, priority="P0"))
    assert [notice.kind for notice in owed(urgent, policy())] == ["ack_emergency"]


def test_the_supervisor_is_told_also_where_the_ack_is_withheld() -> None:
    """A machine's alarm is no reason not to tell of a P0."""
    alarm = replace(automatic("auto_generated"), ticket=replace(TICKET, priority="P0"))
    ack, word = owed(alarm, policy(departments=supervised("triage")))
    assert (ack.withheld, word.withheld) == ("auto-generated", None)


def test_the_letter_comes_from_the_address_that_was_written_to() -> None:
    """Also through an alias or a plus-address, and never from an address that is not ours."""
    to = (Recipient(kind="to", email="li@x.cn"), Recipient(kind="cc", email="Sales+old@Example.com"))
    by = policy()
    by = replace(by, own_addresses=by.own_addresses | {"sales@example.com"})
    assert owed(case(mail(recipients=to)), by)[0].sender.lower() == "sales@example.com"
    blind = case(mail(recipients=()), envelope=Envelope(mail_from="w@x.cn", rcpt_to="sales@example.com"))
    assert owed(blind, by)[0].sender == "sales@example.com"
    assert owed(case(mail(recipients=()), envelope=Envelope(mail_from="w@x.cn")), by)[0].sender == OURS


@pytest.mark.parametrize("written", ["bounces@example.com", "Bounces+01abc.xyz@Example.com"])
def test_no_letter_comes_from_or_goes_to_the_return_path(written: str) -> None:
    """What is sent to it is read as a bounce: no letter may ask for answers there."""
    by = replace(policy(), bounce_address="bounces@example.com")
    to = (Recipient(kind="to", email=written), Recipient(kind="to", email=OURS))
    assert owed(case(mail(recipients=to)), by)[0].sender == OURS
    assert owed(case(mail(recipients=to[:1])), by)[0].sender == by.default_sender
    assert ack_reason(case(mail(written)), by) == "own-address"
    assert (by.is_bounce(written), by.is_bounce(OURS), policy().is_bounce(written)) == (True, False, False)


def test_the_letter_answers_the_mail() -> None:
    """Threading at the customer's end: In-Reply-To, and the last twenty ids."""
    record = mail(message_id="now@x.cn", references=tuple(f"{n}@x.cn" for n in range(40)))
    ack = owed(case(record), policy())[0]
    assert ack.in_reply_to == "now@x.cn"
    assert len(ack.references) == 20
    assert ack.references[-2:] == ("39@x.cn", "now@x.cn")


@pytest.mark.parametrize(
    ("sender", "reply_to", "rcpt"),
    [
        ("w@x.cn", (), "w@x.cn"),
        ("w@x.cn", ("wang@X.CN",), "wang@X.CN"),
        ("w@x.cn", ("victim@y.cn",), "w@x.cn"),
        ("w@x.cn", ("a@x.cn", "b@x.cn"), "w@x.cn"),
        ("w@x.cn", ('"a b"@x.cn',), None),
        ("w@[127.0.0.1]", (), None),
        ("-oQ/tmp@x.cn", (), None),
        ('"a@b"@x.cn', (), None),
        ("a@b@c.cn", (), None),
        ("a\r\nBcc: b@x.cn", (), None),
        ("x" * 300 + "@x.cn", (), None),
    ],
)
def test_one_address_is_answered_by_rule(sender: str, reply_to: tuple[str, ...], rcpt: str | None) -> None:
    """The single Reply-To of the sender's own domain, else From; only what is plainly an address (AD4, AD7, AD9)."""
    record = mail(sender, reply_to=tuple(Mailbox(email=email) for email in reply_to))
    ack = owed(case(record), policy())[0]
    assert (ack.rcpt, ack.withheld) == ((rcpt, None) if rcpt else ("", "no-answer-address"))


def test_a_reopening_is_acknowledged_in_an_episode_of_its_own() -> None:
    """Each reopening has one ack, and not the first one's (P5)."""
    tickets = [replace(TICKET, reopened=number) for number in (0, 1, 2)]
    acks = [owed(case(moment="reopened", ticket=ticket), policy())[0] for ticket in tickets]
    assert [ack.episode for ack in acks] == ["first", "reopened-1", "reopened-2"]
