"""The decision about one record: who answers, what about, how urgent, how the customer feels, what is missing.

Only the customer's own new words and his subject count. Quoted history, signatures and display names never do;
what was forwarded, or stands below a divider that hides it, counts a little, and only when nothing else has a topic.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ingestd.model import Emotion, Route, Routing, RuleHit
from ingestd.routing.emotion import feel
from ingestd.routing.missing import missing
from ingestd.routing.normalise import ascii_lower
from ingestd.routing.priority import prioritise
from ingestd.routing.reading import Reading, read
from ingestd.routing.rules import Outside
from ingestd.routing.ruleset import RuleSet
from ingestd.routing.scoring import choose, reaches, score
from parsers.record import IntakeRecord

SUBJECT, OWN, FORWARDED = 1.5, 1.0, 0.3
"""What a word weighs by where it stands."""

OUR_TAG = re.compile(r"\[T\d{9,}\]")
"""A ticket number in brackets marks a subject of ours."""

_OUR_NUMBER = re.compile(r"\bT\d{9,}\b")
_FORWARD = re.compile(r"\s*(?:fwd?|fw|wg|tr|转发|轉發|转寄|轉寄)\s*[:：]", re.IGNORECASE)


def decide(
    record: IntakeRecord,
    rules: RuleSet,
    recipients: tuple[str, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Routing:
    """Decide about one record. ``recipients`` keep their plus-tags, ``headers`` have lower-case names. Never fails."""
    readings = _own_readings(record, rules)
    emotion = feel(readings, rules)
    outside = _outside(record, recipients, headers)
    route = _explicit(outside, rules) or _weighed(record, readings, emotion, rules)
    return Routing(
        route,
        prioritise(readings, route.department, rules),
        emotion,
        missing(record, rules.required, route.department, route.category_l1),
    )


def _own_readings(record: IntakeRecord, rules: RuleSet) -> list[Reading]:
    readings = []
    if record.subject and not OUR_TAG.search(record.subject):
        readings.append(read(record.subject_base or record.subject, "subject", SUBJECT, rules))
    if record.own_text:
        readings.append(read(record.own_text, "text", OWN, rules))
    return readings


def _outside(record: IntakeRecord, recipients: Sequence[str], headers: Mapping[str, str] | None) -> Outside:
    sender = ascii_lower(record.sender.email) if record.sender else ""
    return Outside(sender, tuple(ascii_lower(one) for one in recipients), headers or {})


def _explicit(outside: Outside, rules: RuleSet) -> Route | None:
    for rule in rules.explicit:
        if spoken := rule.speaks(outside):
            where, word = spoken
            category = rule.category_l1 or rules.departments[rule.department].category_l1
            return Route(rule.department, (), category, rule.category_l2, (RuleHit(rule.id, (word,), (where,)),))
    return None


def _weighed(record: IntakeRecord, readings: list[Reading], emotion: Emotion, rules: RuleSet) -> Route:
    scores = score(readings, rules)
    if not reaches(scores, rules) and _is_foreign(record):
        readings = [*readings, read(record.quoted_text or "", "forwarded", FORWARDED, rules)]
        scores = score(readings, rules)
    return choose(scores, readings, emotion, rules)


def _is_foreign(record: IntakeRecord) -> bool:
    """Whether the quoted text is news to us: no number of ours is in it, and it was forwarded or answers nobody."""
    quoted = record.quoted_text or ""
    ours = _OUR_NUMBER.search(quoted) or OUR_TAG.search(record.subject)
    return bool(quoted) and not ours and (record.in_reply_to is None or bool(_FORWARD.match(record.subject)))
