"""The SMTP courier against a server that misbehaves at each verb in turn (F27, F28, F29)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from doubles.smtp_sink import Act, SmtpSink

from ingestd.outbox.courier import Again, Mail, Refused, Sent
from ingestd.outbox.settings import OutboundSettings
from ingestd.outbox.smtp import SmtpCourier
from ingestd.outbox.smtp_session import IDLE_LIMIT_S, MAILS_PER_CONNECTION, RFC_PATIENCE, Patience

pytestmark = pytest.mark.anyio
VERBS = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"]
MAIL = Mail("m1", "b@corp.example", "wang@mail.example", b"Message-ID: <m1@corp.example>\r\n\r\nhello\r\n")
SHORT = Patience(connect=0.1, talk=0.1, data=0.1, dot=0.1, whole=2.0)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """A server with nothing scripted yet."""
    with SmtpSink() as running:
        yield running


@asynccontextmanager
async def to(sink: SmtpSink, patience: Patience = RFC_PATIENCE, **written: object) -> AsyncIterator[SmtpCourier]:
    """A courier to the sink, closed in the end."""
    settings = OutboundSettings.model_validate({"courier": "smtp", "port": sink.port, **written})
    courier = SmtpCourier(settings, patience=patience)
    yield courier
    await courier.close()


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("code", [421, 450, 451, 452, 454])
async def test_a_4xx_at_any_verb_is_tried_again_and_then_arrives_once(sink: SmtpSink, verb: str, code: int) -> None:
    """F27: a temporary answer costs nothing but time; the reason names the answer and the verb."""
    sink.once(verb, Act(f"{code} 4.3.0 not now"))
    async with to(sink) as courier:
        ending = await courier.carry(MAIL)
        assert isinstance(ending, Again)
        named = "greeting" if verb in ("greeting", "EHLO") else verb
        assert ending.reason == f"{code} 4.3.0 not now ({named})"
        assert ending.unseen is (verb != "dot")
        assert isinstance(await courier.carry(MAIL), Sent)
    assert [mail.data for mail in sink.mails] == [MAIL.data]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("code", [550, 552, 554])
async def test_a_5xx_at_any_verb_is_final_with_its_reason(sink: SmtpSink, verb: str, code: int) -> None:
    """F27: a permanent answer ends the tries, and the ticket shows what the relay said."""
    sink.once(verb, Act(f"{code}-5.1.1 no such\r\n{code} user"))
    async with to(sink) as courier:
        ending = await courier.carry(MAIL)
        assert isinstance(ending, Refused)
        assert ending.reason.startswith(f"{code} 5.1.1 no such user (")
        assert isinstance(await courier.carry(replace(MAIL, mail_id="m2")), Sent)


@pytest.mark.parametrize("code", [503, 530, 534, 535, 538])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
async def test_a_5xx_about_our_session_settles_no_letter(sink: SmtpSink, verb: str, code: int) -> None:
    """A relay that wants a login, or lost count, says nothing about this letter: it is tried on a new connection."""
    sink.once(verb, Act(f"{code} 5.7.0 log in first"))
    async with to(sink) as courier:
        assert isinstance(await courier.carry(MAIL), Again)
        assert isinstance(await courier.carry(MAIL), Sent)
    assert sink.mails[0].session == 2


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("stored", [False, True])
async def test_a_connection_lost_at_any_verb_is_tried_again(sink: SmtpSink, verb: str, stored: bool) -> None:
    """F28: also after the dot, stored or not, the same octets go again; at most one copy is extra."""
    sink.once(verb, Act(None, close=True, store=stored))
    async with to(sink) as courier:
        ending = await courier.carry(MAIL)
        assert ending == Again("the relay closed the connection")
        assert getattr(ending, "unseen", None) is (verb != "dot")  # then it may be written anew (P13)
        assert isinstance(await courier.carry(MAIL), Sent)
    extra = 1 if stored and verb == "dot" else 0
    assert [mail.data for mail in sink.mails] == [MAIL.data] * (1 + extra)


@pytest.mark.parametrize("verb", VERBS)
async def test_silence_at_any_verb_ends_in_time(sink: SmtpSink, verb: str) -> None:
    """F29: every wait has an end."""
    sink.once(verb, Act(None))
    async with to(sink, SHORT) as courier:
        begun = time.monotonic()
        ending = await courier.carry(MAIL)
        assert ending == Again("the relay did not answer in time")
        assert getattr(ending, "unseen", None) is (verb != "dot")
        assert time.monotonic() - begun < 5
    sink.behave()
    async with to(sink) as courier:
        assert isinstance(await courier.carry(MAIL), Sent)


@pytest.mark.parametrize("verb", VERBS)
async def test_an_answer_in_single_octets_ends_in_time(sink: SmtpSink, verb: str) -> None:
    """F29: a drip of octets does not keep the wait alive, for the patience is for the whole answer."""
    sink.once(verb, Act("250 " + "slow " * 20, drip=0.1))
    async with to(sink, SHORT) as courier:
        assert await courier.carry(MAIL) == Again("the relay did not answer in time")


async def test_an_answer_in_quick_single_octets_is_understood(sink: SmtpSink) -> None:
    """How the network cuts an answer does not matter."""
    for verb in VERBS:
        usual = Act("250-sink\r\n250 HELP") if verb == "EHLO" else sink.act(verb)
        sink.once(verb, replace(usual, drip=0.001))
    async with to(sink) as courier:
        assert await courier.carry(MAIL) == Sent("250 2.0.0 kept")


@pytest.mark.parametrize("verb", VERBS)
async def test_an_endless_answer_is_cut(sink: SmtpSink, verb: str) -> None:
    """F29: a megabyte in one line is no answer; the memory and the reason stay small."""
    sink.once(verb, Act("250 " + "x" * 1_000_000))
    async with to(sink) as courier:
        ending = await courier.carry(MAIL)
        assert isinstance(ending, Again)
        assert len(ending.reason) <= 300
        assert isinstance(await courier.carry(MAIL), Sent)


@pytest.mark.parametrize("answer", ["hello", "999 what", "0", "", "2\x0050 ok", "\xff\xfe"])
@pytest.mark.parametrize("verb", VERBS)
async def test_an_answer_that_is_none_is_tried_again(sink: SmtpSink, verb: str, answer: str) -> None:
    """An unknown answer is temporary: permanent needs proof."""
    sink.once(verb, Act(answer))
    async with to(sink, SHORT) as courier:
        ending = await courier.carry(MAIL)
        assert isinstance(ending, Again)
        assert ending.reason.isprintable()


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("MAIL", "250 ok\r\n250 ok"),
        ("RCPT", "250 ok\r\n354 go"),
        ("DATA", "354 go ahead\r\n250 2.0.0 stored already"),
        ("DATA", "250 2.0.0 ok"),
        ("MAIL", "354 go ahead"),
    ],
)
async def test_an_answer_to_another_question_is_never_a_yes(sink: SmtpSink, verb: str, answer: str) -> None:
    """F29: a 250 that came too early must not be read as the yes to the dot: the letter would be lost."""
    sink.once(verb, Act(answer))
    sink.always("dot", Act("554 5.6.0 refused"))
    async with to(sink, SHORT) as courier:
        assert isinstance(await courier.carry(MAIL), Again)
    assert sink.mails == []


async def test_a_goodbye_behind_the_yes_does_not_take_it_back(sink: SmtpSink) -> None:
    """Some relays announce 421 together with the 250: the mail is sent, the connection is not used again."""
    sink.once("dot", Act("250 2.0.0 kept\r\n421 4.7.0 too many mails", store=True, close=True))
    async with to(sink) as courier:
        assert await courier.carry(MAIL) == Sent("250 2.0.0 kept")
        assert isinstance(await courier.carry(replace(MAIL, mail_id="m2")), Sent)
    assert [mail.session for mail in sink.mails] == [1, 2]


async def test_a_closed_port_is_again_without_host_or_port() -> None:
    """P15: the relay is down; what the ticket shows names no machine."""
    with SmtpSink() as gone:
        port = gone.port
    courier = SmtpCourier(OutboundSettings(courier="smtp", port=port))
    assert await courier.carry(MAIL) == Again("no connection to the relay: Connection refused")


async def test_an_unknown_name_is_again() -> None:
    """A relay whose name cannot be found now may be found later."""
    courier = SmtpCourier(OutboundSettings(courier="smtp", host="relay.invalid"))
    ending = await courier.carry(MAIL)
    assert isinstance(ending, Again)
    assert "relay.invalid" not in ending.reason


async def test_connections_are_kept_and_reset(sink: SmtpSink) -> None:
    """One handshake serves many mails, and no mail sees the envelope of the one before."""
    async with to(sink) as courier:
        for number in range(5):
            await courier.carry(replace(MAIL, rcpt=f"c{number}@mail.example"))
    assert {mail.session for mail in sink.mails} == {1}
    assert [mail.rcpt_to for mail in sink.mails] == [(f"c{number}@mail.example",) for number in range(5)]
    assert sink.verbs().count("RSET") == 4
    assert sink.verbs()[-1] == "QUIT"


async def test_a_refused_recipient_does_not_cost_the_connection(sink: SmtpSink) -> None:
    """Bad addresses among many do not slow the good ones down."""
    sink.once("RCPT", Act("550 5.1.1 nobody"), Act("451 4.2.0 later"))
    async with to(sink) as courier:
        endings = [await courier.carry(replace(MAIL, mail_id=f"m{number}")) for number in range(3)]
    assert [type(ending) for ending in endings] == [Refused, Again, Sent]
    assert sink.mails[0].session == 1


async def test_a_connection_is_given_up_after_a_hundred_mails(sink: SmtpSink) -> None:
    """Relays that count mails in a session never get to complain."""
    async with to(sink) as courier:
        for number in range(MAILS_PER_CONNECTION + 1):
            assert isinstance(await courier.carry(replace(MAIL, mail_id=f"m{number}")), Sent)
    sessions = [mail.session for mail in sink.mails]
    assert (sessions.count(1), sessions.count(2)) == (MAILS_PER_CONNECTION, 1)
    assert sink.verbs().count("QUIT") == 2


async def test_a_connection_silent_for_a_minute_is_not_trusted(sink: SmtpSink) -> None:
    """A firewall may have forgotten it; half-open connections cost minutes."""
    moment = 1000.0
    courier = SmtpCourier(OutboundSettings(courier="smtp", port=sink.port), clock=lambda: moment)
    for pause in (0.0, IDLE_LIMIT_S - 1, IDLE_LIMIT_S):
        moment += pause
        await courier.carry(MAIL)
    await courier.close()
    assert [mail.session for mail in sink.mails] == [1, 1, 2]


@pytest.mark.parametrize("act", [Act(None, close=True), Act("421 4.4.2 idle too long", close=True), Act("500 what?")])
async def test_a_kept_connection_that_has_died_costs_no_try(sink: SmtpSink, act: Act) -> None:
    """The relay's own idle limit is found out by RSET, and the mail goes over a new connection at once."""
    async with to(sink) as courier:
        await courier.carry(MAIL)
        sink.once("RSET", act)
        assert isinstance(await courier.carry(replace(MAIL, mail_id="m2")), Sent)
    assert [mail.session for mail in sink.mails] == [1, 2]


@pytest.mark.parametrize("connections", [1, 4])
async def test_no_more_connections_than_set(sink: SmtpSink, connections: int) -> None:
    """A relay's limit per client is respected however many letters are due (P15)."""
    async with to(sink, connections=connections) as courier:
        mails = [replace(MAIL, mail_id=f"m{number}", rcpt=f"c{number}@mail.example") for number in range(60)]
        endings = await asyncio.gather(*map(courier.carry, mails))
    assert all(isinstance(ending, Sent) for ending in endings)
    assert sink.most_open == connections
    assert len({mail.rcpt_to for mail in sink.mails}) == len(sink.mails) == 60


async def test_a_hanging_recipient_blocks_only_its_own_connection(sink: SmtpSink) -> None:
    """F29: while one mail waits, the others go over the other connections."""
    sink.once("RCPT", Act(None))
    async with to(sink, replace(SHORT, talk=1.5, whole=3)) as courier:
        stuck = asyncio.create_task(courier.carry(MAIL))
        while "RCPT" not in sink.verbs():
            await asyncio.sleep(0)
        for number in range(10):
            assert isinstance(await courier.carry(replace(MAIL, mail_id=f"m{number}")), Sent)
        assert not stuck.done()
        assert isinstance(await stuck, Again)


async def test_a_mail_that_gets_no_turn_is_not_kept_waiting(sink: SmtpSink) -> None:
    """A letter must not wait here for longer than its claim lives: another node would send it too (P27)."""
    sink.once("DATA", Act(None))
    async with to(sink, replace(RFC_PATIENCE, turn=0.1), connections=1) as courier:
        stuck = asyncio.create_task(courier.carry(MAIL))
        while "DATA" not in sink.verbs():
            await asyncio.sleep(0)
        ending = await courier.carry(replace(MAIL, mail_id="m2"))
        assert ending == Again("every connection to the relay is busy")
        assert getattr(ending, "unseen", None) is True
        stuck.cancel()
        await asyncio.wait([stuck])
        assert isinstance(await courier.carry(MAIL), Sent)


async def test_a_cancelled_mail_leaves_no_half_used_connection(sink: SmtpSink) -> None:
    """Stopping in the middle of a mail must not let the next one inherit its dialogue."""
    sink.once("DATA", Act(None))
    async with to(sink, connections=1) as courier:
        task = asyncio.create_task(courier.carry(MAIL))
        while "DATA" not in sink.verbs():
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance(await courier.carry(MAIL), Sent)
    assert [mail.session for mail in sink.mails] == [2]


async def test_the_whole_try_is_bounded(sink: SmtpSink) -> None:
    """A relay that is slow at each verb cannot hold a letter longer than its claim lives."""
    for verb in VERBS[2:]:
        sink.always(verb, Act("250 slow", drip=0.05))
    async with to(sink, Patience(connect=1, talk=1, data=1, dot=1, whole=0.5)) as courier:
        assert await courier.carry(MAIL) == Again("the relay did not answer in time")


@pytest.mark.parametrize(
    ("extensions", "mail", "expected"),
    [
        (("SMTPUTF8", "8BITMIME"), replace(MAIL, rcpt="王@mail.example"), "BODY=8BITMIME SMTPUTF8"),
        (("SMTPUTF8", "8BITMIME"), replace(MAIL, rcpt="wang@例子.example"), ""),
        (("SMTPUTF8", "8BITMIME"), replace(MAIL, smtputf8=True), "BODY=8BITMIME SMTPUTF8"),
        (("SMTPUTF8", "8BITMIME"), MAIL, ""),
        (("8BITMIME",), replace(MAIL, data="Subject: x\r\n\r\n您好\r\n".encode()), "BODY=8BITMIME"),
        ((), replace(MAIL, rcpt="wang@例子.example"), ""),
    ],
)
async def test_extensions_are_used_only_where_needed(extensions: tuple[str, ...], mail: Mail, expected: str) -> None:
    """RFC 6531 and RFC 6152: a plain mail stays plain, so that any relay takes it on."""
    with SmtpSink(extensions=extensions) as sink:
        async with to(sink) as courier:
            assert isinstance(await courier.carry(mail), Sent)
        assert [caught.options for caught in sink.mails] == [expected]


@pytest.mark.parametrize("mail", [replace(MAIL, rcpt="王@mail.example"), replace(MAIL, data="您好\r\n".encode())])
async def test_what_the_relay_cannot_take_is_refused_before_it_is_asked(mail: Mail) -> None:
    """RFC 6531 §3.5: without the extension the mail is undeliverable; nothing garbled is sent."""
    with SmtpSink(extensions=()) as sink:
        async with to(sink) as courier:
            assert isinstance(await courier.carry(mail), Refused)
        assert "MAIL" not in sink.verbs()
