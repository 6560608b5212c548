"""What the customer told us about the matter: name, phones, numbers, error code, time of occurrence.

Each sort has a finder of its own; here they are asked in turn. The body counts before the subject, and the signature
last; the quoted mail and the display name of others are never asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import TypeVar

from parsers.fields import dates, error_codes, names, numbers, phones
from parsers.fields.passages import passage
from parsers.folding import fold, lower, without_invisible
from parsers.record import Fields, FoundNumber, Mailbox, OtherNumber

__all__ = ["extract", "wants_no_reply"]

Number = TypeVar("Number", FoundNumber, OtherNumber)

WISH_CAP = 20_000  # characters in which a wish about the answer is looked for

_NO_REPLY = re.compile(
    r"(?:不用|不必|无需|无须|毋需|毋须|毋須|不需要?|無需|不須|唔使|勿|别)(?:再|给我|再给我|麻烦|特意|你们)?"
    r"(?:回复|回覆|答复|答覆|回信|回邮件|回邮|回電|回电话?|複信|回我)"
    r"|no (?:need|necessity) (?:to|for an?) (?:reply|respond|answer|response)"
    r"|no (?:reply|response|answer) (?:is )?(?:needed|necessary|required|expected)"
    r"|(?:please )?(?:do not|don't|don’t) (?:reply|respond|answer)\b"
)
_REPLY_WORDS = ("repl", "respon", "answer", "回", "答", "複")  # no wish without one of these
_NOT_MEANT = re.compile(
    r"(?:是不是|是否|怎么|怎麼|为什么|為什麼|凭什么|难道|不能|不要|说|說|以为|写着|why|said|told)[^,。.!;\n]{0,12}$"
)
_QUESTION = re.compile(r"[^,。.!;\n]{0,12}(?:吗|嗎|么|[?])")


def extract(
    own_text: str,
    signature_text: str | None,
    subject: str,
    sender: Mailbox | None,
    sent_at: datetime | None,
) -> Fields:
    """Find what is stated; unknown stays None or empty. Never raises, in time that grows with the text only.

    ``sent_at`` is the mail's Date with its offset, from which 昨天 is reckoned. Sources: B own text, H subject and
    display name, S signature.
    """
    body, head, tail = passage(own_text, "B"), passage(subject, "H"), passage(signature_text or "", "S")
    found = [numbers.find(place) for place in (body, head, tail) if place.text]
    stated = names.stated_name(body, tail)
    return Fields(
        name=stated or names.shown_name(sender),
        honorific=names.honorific(stated, body, tail),
        phones=_distinct(phones.find(part.rest) for part in found),
        order_nos=_distinct(part.order_nos for part in found),
        other_nos=_distinct(part.other_nos for part in found),
        customer_no=next(iter(_distinct(part.customer_nos for part in found)), None),
        occurred_at=dates.find(body, sent_at) or dates.find(head, sent_at),
        error_code=error_codes.find(body) or error_codes.find(head),
    )


def wants_no_reply(own_text: str) -> bool:
    """Tell whether the customer asks for no answer (不用回复, no need to reply). A question or a quote does not."""
    lowered = lower(fold(without_invisible(own_text[:WISH_CAP])))
    for match in _NO_REPLY.finditer(lowered) if any(map(lowered.__contains__, _REPLY_WORDS)) else ():
        before = lowered[max(0, match.start() - 20) : match.start()]
        if not _NOT_MEANT.search(before) and not _QUESTION.match(lowered, match.end()):
            return True
    return False


def _distinct(places: Iterable[Iterable[Number]]) -> tuple[Number, ...]:
    """Keep the first of equal values, in the order of the places."""
    by_value: dict[str, Number] = {}
    for one in chain.from_iterable(places):
        by_value.setdefault(one.value, one)
    return tuple(by_value.values())
