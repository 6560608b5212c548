"""What our own mail servers found out about the sender (RFC 8601). Nothing is checked here; no server, no verdict.

Anybody can write an Authentication-Results header, so only those of the servers we name are read, and of these the
topmost, which was written last.
"""

from __future__ import annotations

import re
from typing import Literal

from parsers.headers import Headers

Verdict = Literal["pass", "fail", "none"]

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*(dmarc|dkim|spf)\s*=\s*(\w+)", re.IGNORECASE)
_DOMAIN = re.compile(r"\b(?:header\.[di]|smtp\.mailfrom)\s*=\s*\"?(?:[^\s;\"@]*@)?([^\s;\"]+)", re.IGNORECASE)
_FAILURES = frozenset({"fail", "hardfail"})  # softfail, neutral, temperror say nothing for sure


def verdict(headers: Headers, trusted_authserv: tuple[str, ...], from_domain: str | None) -> Verdict:
    """Say whether the From domain is proved (``pass``), disproved (``fail``) or neither (``none``).

    DMARC decides where it spoke. Else an SPF or DKIM pass for the same or a related domain proves, and a failure with
    no pass beside it disproves.
    """
    results = _results(_trusted(headers, trusted_authserv))
    dmarc = {result for method, result, _ in results if method == "dmarc"}
    if dmarc:
        return _said(passed="pass" in dmarc, failed=bool(dmarc & _FAILURES))
    passed = any(result == "pass" and _is_related(domain, from_domain) for _, result, domain in results)
    return _said(passed=passed, failed=any(result in _FAILURES for _, result, _ in results))


def _said(*, passed: bool, failed: bool) -> Verdict:
    if passed:
        return "pass"
    return "fail" if failed else "none"


def _trusted(headers: Headers, trusted_authserv: tuple[str, ...]) -> str:
    """Give the topmost header of a server that we trust, comments off, or nothing."""
    for value in headers.all("authentication-results") if trusted_authserv else ():
        plain = _COMMENT.sub(" ", value)
        if plain.split(";")[0].lower().split()[:1] in [[name.lower()] for name in trusted_authserv]:
            return plain
    return ""


def _results(text: str) -> list[tuple[str, str, str | None]]:
    """Give (method, result, domain) of each statement."""
    found = []
    for statement in text.split(";")[1:]:
        result, domain = _RESULT.match(statement), _DOMAIN.search(statement)
        if result:
            found.append((result[1].lower(), result[2].lower(), domain[1].lower() if domain else None))
    return found


def _is_related(domain: str | None, from_domain: str | None) -> bool:
    """Say whether one domain is the other or lies below it (relaxed alignment, RFC 7489 §3.1.1)."""
    if not domain or not from_domain:
        return False
    return domain == from_domain or domain.endswith("." + from_domain) or from_domain.endswith("." + domain)
