"""What the port itself decides, whatever courier stands behind it: addresses, lines and reasons."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd.outbox.courier import REASON_LIMIT, Mail, envelope_address, has_clean_lines, one_line

UNSAFE = re.compile(r"[\x00-\x20\x7f<>()\[\],;:\\\"]")


@settings(max_examples=300)
@given(address=st.text(max_size=60) | st.builds("{}@{}".format, st.text(max_size=20), st.text(max_size=20)))
def test_any_address_is_none_or_safe_on_a_command_line(address: str) -> None:
    """AD9: total, and what comes out has one at sign, an ASCII domain and no character that SMTP would read."""
    safe = envelope_address(address)
    if safe is None:
        return
    local, _, domain = safe.rpartition("@")
    assert not UNSAFE.search(safe)
    assert domain.isascii()
    assert local
    assert local[0] not in "-|/"
    assert "@" not in local


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("a@b.example", "a@b.example"),
        ("A.B+tag@B.Example", "A.B+tag@B.Example"),
        ("bounces+k1=x@b.example", "bounces+k1=x@b.example"),
        ("a@localhost", "a@localhost"),
        ("a/b@c.example", "a/b@c.example"),
        ("用户@例え.example", "用户@xn--r8jz45g.example"),
        ("/a@b.example", None),
        ("a.@b.example", None),
        ("a@-b.example", None),
        ("a@b_c.example", None),
        ("a@" + ".".join(["b" * 63] * 4), None),
        (" a@b.example", None),
    ],
)
def test_addresses_by_table(address: str, expected: str | None) -> None:
    """Upper case and tags stay as written: only the receiving house knows what they mean."""
    assert envelope_address(address) == expected


@pytest.mark.parametrize(
    ("data", "clean"),
    [
        (b"a\r\nb\r\n", True),
        (b"", True),
        (b"a\nb", False),
        (b"a\rb", False),
        (b"a\r\r\nb", False),
        (b"a\n\rb", False),
        (b"a\r\n\0", False),
    ],
)
def test_lines_by_table(data: bytes, clean: bool) -> None:
    """RFC 5321 §2.3.8: CR and LF only together."""
    assert has_clean_lines(data) is clean


@given(text=st.text(max_size=2000))
def test_a_reason_is_one_short_printable_line(text: str) -> None:
    """P37: a server's words cannot start a line, colour a terminal or fill a page."""
    line = one_line(text)
    assert len(line) <= REASON_LIMIT
    assert len(line.splitlines()) <= 1
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", line)


def test_a_long_reason_says_that_it_was_cut() -> None:
    """A reader sees that there was more."""
    assert one_line("x" * 5000) == "x" * (REASON_LIMIT - 1) + "…"


def test_a_mail_does_not_print_its_message() -> None:
    """A mail in an error or a log shows no customer's words."""
    assert "secret words" not in repr(Mail("m", "", "a@b.example", b"secret words"))
