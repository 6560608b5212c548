"""What our own mail servers found out about the sender (RFC 8601). Nothing is checked here; no server, no verdict.

Anybody can write an Authentication-Results header, so only those of the servers we name are read, and of these the
topmost, which was written last.
"""

from __future__ import annotations

import re
from typing import Literal

from parsers.headers import Headers

Verdict = Literal["pass", "fail", "none", "rejected"]

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*(dmarc|dkim|spf)\s*=\s*(\w+)", re.IGNORECASE)
_DOMAIN = re.compile(r"\b(?:header\.[di]|smtp\.mailfrom)\s*=\s*\"?(?:[^\s;\"@]*@)?([^\s;\"]+)", re.IGNORECASE)
_FAILURES = frozenset({"fail", "hardfail"})  # softfail, neutral, temperror say nothing for sure
# Where servers write the domain's published policy: Google in a comment (p=REJECT sp=…), RFC 8601 as policy.dmarc,
# Microsoft as the action it took (oreject: the policy said reject). A policy of "none" asks for nothing.
_POLICY = re.compile(
    r"(?<![\w.-])(?:p|action|policy\.(?:dmarc|published-domain-policy))\s*=\s*\"?(?:o\.?)?(?:quarantine|reject)\b",
    re.IGNORECASE,
)


def verdict(headers: Headers, trusted_authserv: tuple[str, ...], from_domain: str | None) -> Verdict:
    """Say whether the From domain is proved (``pass``), disproved (``fail``) or neither (``none``).

    DMARC decides where it spoke; a failure is ``rejected`` where the domain's policy is quarantine or reject. Else an
    SPF or DKIM pass for the same or a related domain proves, and a failure with no pass beside it disproves.
    """
    results = _results(_trusted(headers, trusted_authserv))
    dmarc = {result for method, result, _ in results if method == "dmarc"}
    if "rejected" in dmarc and "pass" not in dmarc:
        return "rejected"
    if dmarc:
        return _said(passed="pass" in dmarc, failed=bool(dmarc & _FAILURES))
    passed = any(result == "pass" and _is_related(domain, from_domain) for _, result, domain in results)
    return _said(passed=passed, failed=any(result in _FAILURES for _, result, _ in results))


def _said(*, passed: bool, failed: bool) -> Verdict:
    if passed:
        return "pass"
    return "fail" if failed else "none"


def _trusted(headers: Headers, trusted_authserv: tuple[str, ...]) -> str:
    """Give the topmost header of a server that we trust, of its comments only the policy, or nothing."""
    for value in headers.all("authentication-results") if trusted_authserv else ():
        plain = _COMMENT.sub(_policy_in, value)
        if plain.split(";")[0].lower().split()[:1] in [[name.lower()] for name in trusted_authserv]:
            return plain
    return ""


def _policy_in(comment: re.Match[str]) -> str:
    """Keep of a comment the policy alone; the rest may quote what the sender wrote."""
    policy = _POLICY.search(comment[0])
    return f" {policy[0]} " if policy else " "


def _results(text: str) -> list[tuple[str, str, str | None]]:
    """Give (method, result, domain) of each statement."""
    found = []
    for statement in text.split(";")[1:]:
        result, domain = _RESULT.match(statement), _DOMAIN.search(statement)
        if result:
            method, word = result[1].lower(), _word(result, statement)
            found.append((method, word, domain[1].lower() if domain else None))
    return found


def _word(result: re.Match[str], statement: str) -> str:
    """Give the result's word; a failed DMARC under a policy that asks for it is ``rejected``."""
    failed = result[1].lower() == "dmarc" and result[2].lower() in _FAILURES
    return "rejected" if failed and _POLICY.search(statement) else result[2].lower()


def _is_related(domain: str | None, from_domain: str | None) -> bool:
    """Say whether one domain is the other or lies below it (relaxed alignment, RFC 7489 §3.1.1)."""
    if not domain or not from_domain:
        return False
    return domain == from_domain or domain.endswith("." + from_domain) or from_domain.endswith("." + domain)
