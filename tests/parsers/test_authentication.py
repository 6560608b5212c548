"""Verdicts on the sender are taken from our own servers only."""

from __future__ import annotations

import pytest

from parsers.authentication import verdict
from parsers.headers import Headers

OURS = ("mx.example.com",)


def judged(*values: str, trusted: tuple[str, ...] = OURS, domain: str | None = "b.cn") -> str:
    return verdict(Headers(tuple(("authentication-results", value.encode()) for value in values)), trusted, domain)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("mx.example.com; dmarc=pass header.from=b.cn", "pass"),
        ("MX.example.com 1; dmarc=pass", "pass"),
        ("mx.example.com (ours); dmarc = fail (p=none); spf=pass smtp.mailfrom=x@b.cn", "fail"),
        ("mx.example.com; dmarc=fail (p=reject dis=none) header.from=b.cn", "rejected"),
        ("mx.example.com; spf=pass smtp.mailfrom=x@b.cn; dmarc=fail (p=QUARANTINE sp=NONE dis=NONE)", "rejected"),
        ("mx.example.com; dmarc=fail policy.dmarc=reject header.from=b.cn", "rejected"),
        ("mx.example.com; dmarc=fail header.from=b.cn p=quarantine", "rejected"),
        ("mx.example.com; dmarc=fail action=oreject header.from=b.cn", "rejected"),
        ("mx.example.com; dmarc=fail (p=NONE sp=REJECT dis=NONE) header.from=b.cn", "fail"),
        ("mx.example.com; dmarc=fail policy.dmarc=none header.from=reject.b.cn", "fail"),
        ("mx.example.com; dmarc=fail; spf=fail (p=reject) smtp.mailfrom=x@b.cn", "fail"),
        ("mx.example.com; dmarc=pass (p=reject) header.from=b.cn", "pass"),
        ("mx.example.com; dmarc=fail (p=reject); dmarc=pass", "pass"),
        ("mx.example.com; dmarc=temperror (p=reject)", "none"),
        ("mx.example.com; dkim=fail (p=reject) header.d=b.cn", "fail"),
        ("evil.example; dmarc=fail (p=reject)", "none"),
        ("mx.example.com; dmarc=none; dkim=pass header.d=b.cn", "none"),
        ("mx.example.com; dkim=pass header.d=b.cn", "pass"),
        ("mx.example.com; dkim=pass header.i=@mail.b.cn", "pass"),
        ("mx.example.com; spf=pass smtp.mailfrom=x@b.cn", "pass"),
        ("mx.example.com; spf=pass smtp.mailfrom=x@evil.example", "none"),
        ("mx.example.com; dkim=pass header.d=evilb.cn", "none"),
        ("mx.example.com; dkim=fail header.d=b.cn; spf=pass smtp.mailfrom=x@b.cn", "pass"),
        ("mx.example.com; dkim=fail header.d=b.cn; spf=neutral", "fail"),
        ("mx.example.com; spf=softfail", "none"),
        ("mx.example.com; none", "none"),
        ("mx.example.com", "none"),
        ("evil.example; dmarc=pass", "none"),
        ("", "none"),
        ("mx.example.com.evil.example; dmarc=pass", "none"),
    ],
)
def test_a_header_gives_a_verdict(value: str, expected: str) -> None:
    """DMARC decides where it spoke, a failure with the domain's policy (P12).

    Else an aligned pass proves and a lone failure disproves.
    """
    assert judged(value) == expected


def test_nobody_is_trusted_by_default() -> None:
    """Without a list of own servers every header is the sender's word."""
    assert judged("mx.example.com; dmarc=pass", trusted=()) == "none"


def test_the_topmost_trusted_header_speaks() -> None:
    """A forged header below ours, or a stranger's above it, changes nothing."""
    assert judged("x.example; dmarc=pass", "mx.example.com; dmarc=fail", "mx.example.com; dmarc=pass") == "fail"


def test_no_sender_is_never_proved() -> None:
    """A pass for a domain that sent nothing proves nobody."""
    assert judged("mx.example.com; spf=pass smtp.mailfrom=x@b.cn", domain=None) == "none"
