"""The SMTP courier's TLS and login: verified, never stripped, and the password in no place but the AUTH (F26, P33)."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from doubles.certificates import Certificate, make_certificate
from doubles.smtp_sink import Act, SmtpSink

from ingestd.outbox.courier import Again, Ending, Mail, Sent
from ingestd.outbox.settings import OutboundSettings
from ingestd.outbox.smtp import SmtpCourier
from ingestd.outbox.smtp_answers import LOGIN_WAIT

pytestmark = pytest.mark.anyio
SECRET = "planted-relay-secret"
MAIL = Mail("m1", "", "wang@mail.example", b"Subject: x\r\n\r\nhello\r\n")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for the address that the courier is told to reach."""
    return make_certificate(tmp_path_factory.mktemp("good"), "DNS:localhost", "IP:127.0.0.1")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for another machine."""
    return make_certificate(tmp_path_factory.mktemp("other"), "DNS:elsewhere.example")


async def carry(sink: SmtpSink, trusted: Path | None, *, password: str = SECRET, **written: object) -> Ending:
    """Carry one mail with a login, and close."""
    login = {"username": "desk", "password": {"env": "UNUSED"}}
    settings = OutboundSettings.model_validate(
        {"courier": "smtp", "port": sink.port, "ca_file": trusted, **login, **written}
    )
    courier = SmtpCourier(settings, password=password)
    ending = await courier.carry(MAIL)
    assert SECRET not in repr(courier)
    await courier.close()
    return ending


def assert_no_password_was_sent(sink: SmtpSink) -> None:
    assert "AUTH" not in sink.verbs()
    assert sink.mails == []


@pytest.mark.parametrize("mode", ["starttls", "tls"])
async def test_mail_goes_over_verified_tls_with_login(good: Certificate, mode: str) -> None:
    """Both ways to TLS end in a secured, logged-in session."""
    with SmtpSink(tls=good.server_context(), tls_from_start=mode == "tls", login=("desk", SECRET)) as sink:
        assert isinstance(await carry(sink, good.cert, tls=mode), Sent)
    assert [(mail.tls, mail.user) for mail in sink.mails] == [(True, "desk")]


@pytest.mark.parametrize("mode", ["starttls", "tls"])
async def test_a_certificate_for_another_name_is_not_accepted(other: Certificate, mode: str) -> None:
    """F26: the password stays here, the mail waits, and the reason says which trouble it is."""
    with SmtpSink(tls=other.server_context(), tls_from_start=mode == "tls", login=("desk", SECRET)) as sink:
        ending = await carry(sink, other.cert, tls=mode)
    assert isinstance(ending, Again)
    assert ending.reason.startswith("the relay's certificate was not accepted: ")
    assert_no_password_was_sent(sink)


@pytest.mark.parametrize("mode", ["starttls", "tls"])
async def test_a_certificate_of_a_stranger_is_not_accepted(good: Certificate, mode: str) -> None:
    """Without ``ca_file`` only the system's authorities count."""
    with SmtpSink(tls=good.server_context(), tls_from_start=mode == "tls", login=("desk", SECRET)) as sink:
        ending = await carry(sink, None, tls=mode)
    assert isinstance(ending, Again)
    assert ending.reason.startswith("the relay's certificate was not accepted: ")
    assert_no_password_was_sent(sink)


async def test_a_stripped_starttls_is_not_gone_without() -> None:
    """F26: whoever takes the offer out of the answer gets neither password nor mail."""
    with SmtpSink(login=("desk", SECRET)) as sink:
        ending = await carry(sink, None, tls="starttls")
    assert ending == Again("the relay does not offer STARTTLS, and nothing is sent in clear")
    assert_no_password_was_sent(sink)


@pytest.mark.parametrize("act", [Act("454 4.7.0 no TLS now"), Act("554 5.7.0 never"), Act("220 go", close=True)])
async def test_a_refused_starttls_is_again(good: Certificate, act: Act) -> None:
    """The relay's trouble with its TLS says nothing about the letter, whatever the code."""
    with SmtpSink(tls=good.server_context(), login=("desk", SECRET)) as sink:
        sink.once("STARTTLS", act)
        assert isinstance(await carry(sink, good.cert, tls="starttls"), Again)
        assert_no_password_was_sent(sink)


async def test_words_said_before_tls_are_not_believed(good: Certificate) -> None:
    """F26: what a man in the middle puts behind the 220 in clear is not read as an answer under TLS."""
    with SmtpSink(tls=good.server_context(), login=("desk", SECRET)) as sink:
        sink.once("STARTTLS", Act("220 go ahead\r\n250-evil\r\n250 AUTH PLAIN"))
        assert isinstance(await carry(sink, good.cert, tls="starttls"), Sent)
    assert [mail.tls for mail in sink.mails] == [True]


async def test_plain_words_where_tls_is_expected_are_again() -> None:
    """A wrong port is an operator's mistake, not a letter's end."""
    with SmtpSink() as sink:
        ending = await carry(sink, None, tls="tls")
    assert isinstance(ending, Again)
    assert ending.reason.startswith("no TLS with the relay: ")


async def test_a_wrong_password_waits_before_the_next_login() -> None:
    """A refused login is Again, and rare enough not to lock the account."""
    with SmtpSink(login=("desk", SECRET)) as sink:
        ending = await carry(sink, None, password="not-this-one")
    assert ending == Again("535 5.7.8 wrong name or password (AUTH)", LOGIN_WAIT)


@pytest.mark.parametrize("said", [SECRET, b64encode(SECRET.encode()).decode()])
async def test_a_relay_that_says_the_password_back_is_not_quoted(said: str) -> None:
    """P33: the reason stands on a ticket that many people read."""
    with SmtpSink(login=("desk", SECRET)) as sink:
        sink.once("AUTH", Act(f"535 5.7.8 {said} is wrong"))
        ending = await carry(sink, None)
    assert isinstance(ending, Again)
    assert ending.reason == "535 5.7.8 ••• is wrong (AUTH)"


async def test_a_relay_without_login_gets_no_mail_in_its_place() -> None:
    """Where a login is set and none is offered, the mail waits for the operator."""
    with SmtpSink() as sink:
        assert isinstance(await carry(sink, None), Again)
    assert_no_password_was_sent(sink)
