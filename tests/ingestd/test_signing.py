"""Marks that only this installation can make: bound to their purpose, ticket and recipient (P31, TI10)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.signing import LOCAL_PART_LIMIT, Signer

SIGNER = Signer(b"k" * 32)
NUMBER, CUSTOMER = "T20261120001", "w@x.cn"
TOKEN = SIGNER.thread_token(NUMBER, CUSTOMER)
OWN_ID = SIGNER.message_id(NUMBER, "ack", "first", CUSTOMER, "example.com")
REPLY_TO = SIGNER.reply_address("support@example.com", NUMBER, CUSTOMER)


def test_a_token_comes_back_in_a_reply_address_and_in_our_message_id() -> None:
    """Both ways a mail client answers lead to the ticket."""
    for text in (OWN_ID, OWN_ID.strip("<>"), REPLY_TO, f" {OWN_ID} "):
        token = SIGNER.read_token(text)
        assert token is not None
        assert token.ticket_no == NUMBER
        assert token.is_for(CUSTOMER)
        assert not token.is_for("thief@evil.example")


@pytest.mark.parametrize("shout", [str.upper, str.lower, str.swapcase])
def test_a_token_survives_servers_that_change_case(shout: object) -> None:
    """Local parts are case-sensitive by the standard and not in the world."""
    token = SIGNER.read_token(shout(REPLY_TO))  # type: ignore[operator] # str methods
    assert token is not None
    assert token.ticket_no == NUMBER
    assert token.is_for(CUSTOMER.upper())


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567.0189"))
def test_a_changed_token_is_none(place: int, letter: str) -> None:
    """One character changed anywhere, and the mark is not ours."""
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if changed == TOKEN:
        return
    assert SIGNER.read_token(REPLY_TO.replace(TOKEN, changed)) is None
    assert SIGNER.read_token(OWN_ID.replace(TOKEN, changed)) is None


@given(st.text(max_size=120))
def test_no_text_of_a_stranger_raises_or_passes(text: str) -> None:
    """Every header and address may be handed in as it is."""
    assert SIGNER.read_token(text) is None


@pytest.mark.parametrize(
    "text",
    ["", "<>", "@", "+t.@x", TOKEN, f"<{TOKEN}>", f"support+{TOKEN}@example.com", "a" * 100_000, f"{OWN_ID} {OWN_ID}"],
)
def test_a_bare_token_is_no_proof(text: str) -> None:
    """A token counts where only we put it: not in a subject, a body or another address form (TH12)."""
    assert SIGNER.read_token(text) is None


def test_another_installation_cannot_make_our_tokens() -> None:
    """The key is all the difference."""
    assert Signer(b"K" * 32).read_token(REPLY_TO) is None


def test_no_purpose_passes_for_another() -> None:
    """The loop mark, the bounce address and the thread token share a key and nothing else (TK5)."""
    bounce = SIGNER.bounce_address("bounces@example.com", "01ABC")
    assert SIGNER.read_token(bounce) is None
    assert SIGNER.loop_mark(OWN_ID) not in OWN_ID
    assert bounce != SIGNER.bounce_address("bounces@example.com", "01ABD")


BOUNCES, MAIL_ID = "bounces@example.com", "01KB5Q0000ABCDEFGHJKMNPQRS"


@pytest.mark.parametrize("base", [BOUNCES, "Return+path@Example.com"])
@pytest.mark.parametrize("shout", [str, str.upper, str.swapcase])
def test_a_return_path_names_its_mail(base: str, shout: Any) -> None:
    """What comes back to it speaks for that letter, however servers write it (TH14)."""
    assert SIGNER.read_bounce(shout(SIGNER.bounce_address(base, MAIL_ID)), base) == MAIL_ID


RETURN_PATH = SIGNER.bounce_address(BOUNCES, MAIL_ID)


@pytest.mark.parametrize(
    "address",
    [
        "",
        BOUNCES,
        "bounces+01abc.zzz@example.com",
        RETURN_PATH.replace("01kb", "01kc"),
        RETURN_PATH[:-13] + "a" + RETURN_PATH[-12:] if RETURN_PATH[-13] != "a" else RETURN_PATH[:-13] + "b@example.com",
        RETURN_PATH.replace("bounces", "support"),
        RETURN_PATH.replace("example.com", "evil.example"),
        SIGNER.reply_address(BOUNCES, NUMBER, CUSTOMER),
        Signer(b"K" * 32).bounce_address(BOUNCES, MAIL_ID),
        "+" * 100_000,
        "\ud800+é.é@example.com",
    ],
)
def test_a_forged_return_path_names_none(address: str) -> None:
    """Another id, mark, address, domain, purpose or key."""
    assert SIGNER.read_bounce(address, BOUNCES) is None


def test_a_loop_mark_is_ours_for_its_own_message_only() -> None:
    """With and without brackets, among the ids that a mail answers; never for another id or by another key."""
    mark = SIGNER.loop_mark(OWN_ID)
    assert SIGNER.made_loop_mark(mark, [OWN_ID])
    assert SIGNER.made_loop_mark(mark, ["other@x.cn", f"<{OWN_ID}>"])
    assert not SIGNER.made_loop_mark(mark, ["other@x.cn"])
    assert not SIGNER.made_loop_mark(mark, [])
    assert not SIGNER.made_loop_mark(Signer(b"K" * 32).loop_mark(OWN_ID), [OWN_ID])
    assert not SIGNER.made_loop_mark("é\ud800", [OWN_ID, "\ud800@é"])


def test_what_is_shaped_like_a_token_and_signed_by_nobody_is_forged() -> None:
    """TH3: told from what is genuine, and from what never meant to be one."""
    other = Signer(b"K" * 32)
    assert SIGNER.is_forged(other.message_id(NUMBER, "ack", "first", CUSTOMER, "example.com"))
    assert SIGNER.is_forged(other.reply_address("support@example.com", NUMBER, CUSTOMER))
    assert not any(map(SIGNER.is_forged, (OWN_ID, REPLY_TO, TOKEN, "", "support+t.x@example.com", "a.b@example.com")))


def test_the_same_letter_has_the_same_message_id_and_no_other_has_it() -> None:
    """Fixed by what the letter is (P5), told apart by each part of it."""
    same = SIGNER.message_id(NUMBER, "ack", "first", CUSTOMER, "example.com")
    others = {
        SIGNER.message_id("T20261120002", "ack", "first", CUSTOMER, "example.com"),
        SIGNER.message_id(NUMBER, "reply", "first", CUSTOMER, "example.com"),
        SIGNER.message_id(NUMBER, "ack", "second", CUSTOMER, "example.com"),
        SIGNER.message_id(NUMBER, "ack", "first", "li@x.cn", "example.com"),
        SIGNER.message_id(NUMBER, "ackf", "irst", CUSTOMER, "example.com"),
    }
    assert same == OWN_ID
    assert len(others | {OWN_ID}) == 6


def test_a_message_id_is_one_by_the_standard() -> None:
    """dot-atom@domain, short enough for one line; the angle brackets come with the header (RFC 5322 §3.6.4)."""
    for number in (NUMBER, "", "KFAB20261120123456789"):
        made = SIGNER.message_id(number, "ack", "first", CUSTOMER, "example.com")
        assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9]+)*@example\.com", made)
        assert len(made) < 130


@pytest.mark.parametrize("number", ["T20261120001", "KFAB20261120123456789"])
@pytest.mark.parametrize("address", ["support@example.com", "kundendienst-und-verkauf@example.com"])
def test_a_reply_address_is_never_too_long(number: str, address: str) -> None:
    """A local part has at most 64 octets (RFC 5321 §4.5.3.1.1); where the token does not fit, the address is plain."""
    made = SIGNER.reply_address(address, number, CUSTOMER)
    assert len(made.partition("@")[0]) <= LOCAL_PART_LIMIT
    token = SIGNER.read_token(made)
    assert made == address or (token is not None and token.ticket_no == number)


def test_an_address_mark_does_not_reveal_the_address() -> None:
    """What is in a header of ours tells nobody whom else we write to."""
    assert "w" not in SIGNER.address_mark(CUSTOMER).replace("w", "", 1) or len(SIGNER.address_mark(CUSTOMER)) == 8
    assert SIGNER.address_mark(CUSTOMER) != Signer(b"K" * 32).address_mark(CUSTOMER)
