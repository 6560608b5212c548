"""Mailboxes: read by structure, decoded afterwards, and never guessed."""

from __future__ import annotations

import pytest

from parsers import limits
from parsers.addresses import LONGEST_ADDRESS, address, read_addresses


def pairs(*values: str) -> list[tuple[str | None, str]]:
    return [(mailbox.name, mailbox.email) for mailbox in read_addresses(values).mailboxes]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b.cn", [(None, "a@b.cn")]),
        ("<a@b.cn>", [(None, "a@b.cn")]),
        ("Wang <a@b.cn>", [("Wang", "a@b.cn")]),
        ('"Wang, Fang" <a@b.cn>', [("Wang, Fang", "a@b.cn")]),
        ("Wang, Fang <a@b.cn>", [("Wang, Fang", "a@b.cn")]),
        ("王芳 <a@b.cn>", [("王芳", "a@b.cn")]),
        ("=?gb2312?B?zfW3vA==?= <a@b.cn>", [("王芳", "a@b.cn")]),
        ('"=?gb2312?B?zfW3vA==?=" <a@b.cn>', [("王芳", "a@b.cn")]),
        ("=?utf-8?q?Wang,_F@x:?= <a@b.cn>", [("Wang, F@x:", "a@b.cn")]),
        ("a@b.cn (Wang (Fang))", [("Wang Fang", "a@b.cn")]),
        ("'Wang' <a@b.cn>", [("Wang", "a@b.cn")]),
        ("a@b.cn <A@b.cn>", [(None, "A@b.cn")]),
        ("'a@b.cn' <a@b.cn>", [(None, "a@b.cn")]),
        ("a@b.cn, c@d.cn; e@f.cn", [(None, "a@b.cn"), (None, "c@d.cn"), (None, "e@f.cn")]),
        ("Team: a@b.cn, c@d.cn;", [(None, "a@b.cn"), (None, "c@d.cn")]),
        ("undisclosed-recipients:;", []),
        ("<@relay,@other:a@b.cn>", [(None, "a@b.cn")]),
        ('"a b@c"@d.cn', [(None, '"a b@c"@d.cn')]),
        ("a @ b . cn", [(None, "a@b.cn")]),
        ("a@[127.0.0.1]", [(None, "a@[127.0.0.1]")]),
        ("Wang", []),
        ("<>", []),
        ("", []),
        ('"unclosed <a@b.cn>', [("unclosed", "a@b.cn")]),
        ("(" * 1000 + "a@b.cn", []),
        ("x\x00y <a@b.cn>", [("xy", "a@b.cn")]),
    ],
)
def test_a_header_gives_its_mailboxes(value: str, expected: list[tuple[str | None, str]]) -> None:
    """Names are decoded after the structure is known; what has no address is no mailbox."""
    assert pairs(value) == expected


@pytest.mark.parametrize(
    "value",
    ["support@corp.example <x@evil.example>", "<a@b.cn> <c@d.cn>", "a@b@c", '"x" a@b', "=?utf-8?q?a?=@evil.example"],
)
def test_what_can_be_read_in_two_ways_is_doubtful(value: str) -> None:
    """No reader of ours chooses between two readings (AD2)."""
    assert read_addresses([value]).doubtful


@pytest.mark.parametrize(
    "value", ["a@b.cn", "Wang <a@b.cn>", '"x@y" <a@b.cn>', "=?utf-8?q?x=40y?= <a@b.cn>", "", "Wang"]
)
def test_what_has_one_reading_is_not(value: str) -> None:
    """A quoted or encoded @ is part of a name and no second reading."""
    assert not read_addresses([value]).doubtful


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A.B+tag@Example.COM", "A.B+tag@example.com"),
        ("a@example.com.", "a@example.com"),
        ("a@例子.中国", "a@xn--fsqu00a.xn--fiqs8s"),
        ("a@b", "a@b"),
        ("a%b@c.cn", "a%b@c.cn"),
        ("", None),
        ("a", None),
        ("a@", None),
        ("@b", None),
        ("a@b..cn", None),
        ("a@b@c", None),
        ("a b@c.cn", None),
        ("a\r\nRCPT TO:<x>@c.cn", None),
        ("a\0@c.cn", None),
        ("a@c\0.cn", None),
        ("a＠b.cn", None),
        ("=?utf-8?q?a?=@b.cn", None),
        ("a@" + "中" * 70 + ".cn", None),
        ("a" * LONGEST_ADDRESS + "@b.cn", None),
    ],
)
def test_a_bare_address(text: str, expected: str | None) -> None:
    """The local part stays exactly as written, the domain is lower-case ASCII, and nothing else is an address."""
    assert address(text) == expected


def test_only_so_many_addresses_are_read() -> None:
    """Beyond the limit of P9 the rest is not read, and the cut is told (HB5)."""
    found = read_addresses([",".join(f"a{n}@b.cn" for n in range(limits.ADDRESSES + 5))])
    assert len(found.mailboxes) == limits.ADDRESSES
    assert found.cut


def test_a_name_is_cut() -> None:
    """A name of many thousand characters is no name for a letter."""
    assert len(pairs("x" * 5000 + " <a@b.cn>")[0][0] or "") == 256
