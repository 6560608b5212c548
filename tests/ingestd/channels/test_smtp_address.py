"""Addresses in SMTP commands: what they say, and whether mail is taken for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.channels.smtp_address import MAX_ADDRESS, Recipients, check_recipient, read_listen, read_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<w@x.cn>", ("w@x.cn", [])),
        (" <w@x.cn>", ("w@x.cn", [])),
        ("w@x.cn", ("w@x.cn", [])),
        ("<>", ("", [])),
        ("<> BODY=8BITMIME", ("", ["BODY=8BITMIME"])),
        ("<w@x.cn> SIZE=100  SMTPUTF8", ("w@x.cn", ["SIZE=100", "SMTPUTF8"])),
        ("<postmaster>", ("postmaster", [])),
        ("<@a.cn,@b.cn:w@x.cn>", ("w@x.cn", [])),
        ('<"two words"@x.cn>', ('"two words"@x.cn', [])),
        ('<"a@b"@x.cn>', ('"a@b"@x.cn', [])),
        ("<w@[192.0.2.1]>", ("w@[192.0.2.1]", [])),
        ("<王芳@例子.中国>", ("王芳@例子.中国", [])),
        ("<a%b.cn@x.cn>", ("a%b.cn@x.cn", [])),
        ("<b!a@x.cn>", ("b!a@x.cn", [])),
        ("", None),
        ("<w@x.cn", None),
        ("<w@@x.cn>", None),
        ("<w x@x.cn>", None),
        ("<w@x.cn>>", None),
        ("<w@x.cn>SIZE=1", None),
        ("<w@x.cn\x00>", None),
        ("w", None),
    ],
)
def test_a_path_is_read_literally(text: str, expected: tuple[str, list[str]] | None) -> None:
    """An address is what stands between the brackets; nothing in it is a route to elsewhere (AD14)."""
    assert read_path(text) == expected


def test_an_address_has_a_largest_length() -> None:
    """An address too long for any honest use is none (AD10)."""
    fits = "a" * (MAX_ADDRESS - len("@x.cn")) + "@x.cn"
    assert read_path(f"<{fits}>") == (fits, [])
    assert read_path(f"<a{fits}>") is None


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    """Whatever a client writes after FROM: has an answer."""
    for written in (text, f"<{text}>", f"<{text}@x.cn> {text}"):
        path = read_path(written)
        assert path is None or "\n" not in path[0]


def recipients(*, plus_addressing: bool = True) -> Recipients:
    return Recipients(
        ["Support@Example.com", "hilfe@example.de"],
        plus_addressing=plus_addressing,
        with_tags=["bounces@example.com"],
    )


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("support@example.com", True),
        ("SUPPORT@EXAMPLE.COM", True),
        ("Support+t-42@example.com", True),
        ("support+a+b@example.com", True),
        ("hilfe@example.de", True),
        ("bounces+token@example.com", True),
        ("bounces@example.com", True),
        ("postmaster@example.com", True),
        ("Postmaster@example.de", True),
        ("postmaster+x@example.com", False),
        ("support@example.de", False),
        ("support@example.com.evil.cn", False),
        ("support@sub.example.com", False),
        ("+support@example.com", False),
        ("someone@gmail.com", False),
        ("support%gmail.com@example.com", False),
        ("gmail.com!support@example.com", False),
        ('"support"@example.com', False),
        ("support", False),
        ("@example.com", False),
        ("", False),
    ],
)
def test_mail_is_taken_for_configured_addresses_only(address: str, taken: bool) -> None:
    """Exactly the configured addresses, their tagged variants and postmaster; never a relay (SM15, AD14)."""
    assert recipients().find(address) == (address if taken else None)


def test_tags_can_be_turned_off_but_not_for_bounces() -> None:
    """Without plus addressing only exact addresses count, while bounces still carry their token."""
    found = recipients(plus_addressing=False)
    assert found.find("support+1@example.com") is None
    assert found.find("support@example.com") == "support@example.com"
    assert found.find("bounces+1@example.com") == "bounces+1@example.com"


def test_postmaster_without_a_domain_is_given_one() -> None:
    """RFC 5321 §4.5.1: postmaster must be reachable with no domain; the envelope still holds a whole address."""
    assert recipients().find("PostMaster") == "postmaster@example.com"


def test_a_configured_recipient_is_checked() -> None:
    """A recipient that is no address is refused with what to write instead."""
    assert check_recipient("Support@Example.com") == "support@example.com"
    for wrong in ("support", "@example.com", "a b@example.com", "Support <s@example.com>", "s@example.com\n", ""):
        with pytest.raises(ValueError, match="write it as local@domain"):
            check_recipient(wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:2525", ("127.0.0.1", 2525)),
        ("[::1]:25", ("::1", 25)),
        (":25", (None, 25)),
        ("*:25", (None, 25)),
        ("mail.example.com:0", ("mail.example.com", 0)),
    ],
)
def test_an_address_to_listen_on_is_split(text: str, expected: tuple[str | None, int]) -> None:
    """Host and port, IPv6 in brackets, no host for all interfaces."""
    assert read_listen(text) == expected


@pytest.mark.parametrize("text", ["25", "::1:25", "127.0.0.1", "127.0.0.1:99999", "a b:25", "127.0.0.1:"])
def test_a_wrong_address_to_listen_on_says_what_to_write(text: str) -> None:
    """The sentence names an example."""
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:2525"):
        read_listen(text)
