"""The rules every letter obeys, one function each: it returns what to change, or None.

They are run on letters written with sample facts, by the check of a configuration and by tests, never on the way out.
Rules about words judge our own words only, and only in the languages of ``lint_words``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from responders import lint_words as words
from responders.context import context
from responders.letter import Facts, Letter

Rule = Callable[[Letter, Facts], str | None]
LONGEST_ACK_HAN = 300
"""Chinese characters in an acknowledgement (002-20)."""
LONGEST_ACK_WORDS = 200
"""English words in an acknowledgement: what 300 Chinese characters come to."""
_REMOTE = re.compile(
    r"""<(?:script|link|img|iframe|object|embed|form|base)\b|@import|url\(|\bon\w+\s*=|\bsrc\s*=""", re.I
)
_HOLE = re.compile(r"\{\{|\}\}|\{%|%\}|\{\w+\}|\bNone\b|\bundefined\b")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SENTENCE_END = re.compile(r"[。！？；!?;\n]|\.\s")


def lint(letter: Letter, facts: Facts, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return what to change in a letter, one sentence for each rule it breaks."""
    return tuple(sentence for rule in rules if (sentence := rule(letter, facts)))


def is_filled(letter: Letter, facts: Facts) -> str | None:
    """No variable is left unfilled (000-03)."""
    hole = _HOLE.search("\n".join((letter.subject, letter.text, letter.html or "")))
    return f"{hole[0]!r} stands unfilled in the letter; write a variable as {{{{ name }}}}" if hole else None


def has_subject(letter: Letter, facts: Facts) -> str | None:
    """The subject says something."""
    return None if letter.subject.strip() else "the subject is empty; say what the letter is about"


def greets(letter: Letter, facts: Facts) -> str | None:
    """The first line addresses the customer, by honorific or as 客户 (000-07, 003-10)."""
    greeting = str(context(facts, letter.language)["greeting"])
    return None if greeting in _first_line(letter) else "the first line does not greet; open with {{ greeting }}"


def names_writer(letter: Letter, facts: Facts) -> str | None:
    """The letter says who writes: the team, or the person (000-09, 001-05)."""
    if any(name and name in letter.text for name in (facts.team, facts.agent)):
        return None
    return "the letter does not say who writes; add {{ team }} or {{ agent }}"


def names_ticket(letter: Letter, facts: Facts) -> str | None:
    """Subject and text carry the ticket number."""
    number = facts.ticket_no or ""
    if f"[{number}]" in letter.subject and number in letter.text:
        return None
    return "the ticket number is missing; write [{{ ticket_no }}] in the subject and {{ ticket_no }} in the body"


def closes(letter: Letter, facts: Facts) -> str | None:
    """The letter ends with a closing line and the name under it."""
    paragraphs = letter.text.strip().split("\n\n")
    if len(paragraphs) > 2 and any(name and name in paragraphs[-1] for name in (facts.team, facts.agent)):
        return None
    return "the letter does not close; end with a closing line and {{ team }} or {{ agent }} under it"


def asks_one_thing(letter: Letter, facts: Facts) -> str | None:
    """One letter has one purpose: it asks at most one question."""
    questions = len(re.findall(r"[？?]", _own_words(letter, facts)))
    return None if questions <= 1 else f"the letter asks {questions} questions; ask one"


def asks_no_secret(letter: Letter, facts: Facts) -> str | None:
    """Passwords and codes are named only to say that nobody asks for them (004-42)."""
    for sentence in _sentences(letter, facts):
        if words.SECRET.search(sentence) and not words.NEVER.search(sentence):
            return f"never ask for a password or code; leave out or negate: {sentence.strip()!r}"
    return None


def promises_a_time(letter: Letter, facts: Facts) -> str | None:
    """尽快 and ASAP are no promise: the sentence names a time, too (000-23)."""
    for sentence in _sentences(letter, facts):
        if words.SOON.search(sentence) and not words.TIME.search(sentence):
            return f"say by when, not only soon: {sentence.strip()!r}"
    return None


def blames_nobody(letter: Letter, facts: Facts) -> str | None:
    """No word puts the fault on the customer, and Chinese letters say 您 (000-30)."""
    hit = words.BLAME.search(_own_words(letter, facts))
    return f"{hit[0]!r} blames or slights the customer; say what can be done" if hit else None


def is_short(letter: Letter, facts: Facts) -> str | None:
    """An acknowledgement has at most 300 Chinese characters, or 200 English words (002-20)."""
    han = len(_HAN.findall(letter.text))
    if han > LONGEST_ACK_HAN:
        return f"the letter has {han} Chinese characters; keep it to {LONGEST_ACK_HAN}"
    count = len(letter.text.split())
    return f"the letter has {count} words; keep it to {LONGEST_ACK_WORDS}" if count > LONGEST_ACK_WORDS else None


def restates(letter: Letter, facts: Facts) -> str | None:
    """The acknowledgement says what was understood, when it came, and the customer's words if they may be said."""
    for name in ("category", "summary", "received_at", "occurred_at", "customer_words"):
        value = getattr(facts, name)
        if value and value not in letter.text:
            return f"the restatement lacks {name}; write {{{{ {name} }}}}"
    return None


def says_how_it_goes_on(letter: Letter, facts: Facts) -> str | None:
    """The acknowledgement says by when an answer comes, and that a reply corrects it (000-16, 002-18)."""
    if facts.response_due and facts.response_due not in letter.text:
        return "the letter does not say by when an answer comes; write {{ response_due }}"
    if words.missing(words.REPLY, letter):
        return "the letter does not say how to correct it; ask to reply to this mail if anything is wrong"
    return None


def says_it_is_late(letter: Letter, facts: Facts) -> str | None:
    """A late letter says what was promised, when the message came, when this one leaves; another does not (P13)."""
    times = (facts.late_promised, facts.late_received, facts.late_sent)
    if all(times):
        missing = any(time not in letter.text for time in times if time)
        return "a late letter does not own up; include parts/LANGUAGE/late.txt" if missing else None
    return None


def empathy_first(letter: Letter, facts: Facts) -> str | None:
    """Empathy comes before the ticket number (003-11)."""
    if facts.empathy_line and facts.empathy_line in _empathy_block(letter, facts):
        return None
    return "empathy does not come first; write {{ empathy_line }} under the greeting, before the ticket number"


def empathy_without_turn(letter: Letter, facts: Facts) -> str | None:
    """No "but" follows the empathy (003-12)."""
    turn = words.TURN.search(_empathy_block(letter, facts))
    return f"{turn[0]!r} takes the empathy back; leave it out" if turn else None


def apologises(letter: Letter, facts: Facts) -> str | None:
    """The letter says sorry."""
    return "the letter does not apologise; say sorry" if words.missing(words.SORRY, letter) else None


def thanks(letter: Letter, facts: Facts) -> str | None:
    """The letter says thank you (000-34)."""
    return "the letter does not thank; say thank you" if words.missing(words.THANKS, letter) else None


def promises_first_feedback(letter: Letter, facts: Facts) -> str | None:
    """An emergency hears by when the first feedback comes (004-44)."""
    if facts.prelim_due and facts.prelim_due in letter.text:
        return None
    return "the letter does not say when the first feedback comes; write {{ prelim_due }}"


def warns_of_password(letter: Letter, facts: Facts) -> str | None:
    """An emergency letter says that we never ask for a password or code (004-42)."""
    missing = words.missing(words.SECRET, letter)
    return "the letter does not say that nobody asks for a password or code; say it" if missing else None


def asks_whether_solved(letter: Letter, facts: Facts) -> str | None:
    """The result comes with its question, and with what to do if the answer is no (004-24)."""
    if facts.result and facts.result not in letter.text:
        return "the letter does not say what was done; write {{ result }}"
    asked = re.search(r"[？?]", letter.text) and not words.missing(words.REPLY, letter)
    return None if asked else "the letter does not ask whether it works now; ask, and say how to answer"


def html_is_plain(letter: Letter, facts: Facts) -> str | None:
    """The HTML names its language, fetches nothing and runs nothing."""
    if letter.html is None:
        return None
    if f'lang="{letter.language}"' not in letter.html:
        return 'the HTML does not name its language; write <html lang="{{ language }}">'
    remote = _REMOTE.search(letter.html)
    return f"the HTML may neither fetch nor run anything; remove {remote[0]!r}" if remote else None


def html_says_the_same(letter: Letter, facts: Facts) -> str | None:
    """What the text says of the facts, the HTML says too."""
    for name, value in facts.__dict__.items():
        said = isinstance(value, str) and "\n" not in value and value in letter.text
        if letter.html is not None and said and value not in letter.html:
            return f"the HTML leaves out what the text says; write {{{{ {name} }}}} in body.html, too"
    return None


def _first_line(letter: Letter) -> str:
    return letter.text.lstrip().partition("\n")[0]


def _empathy_block(letter: Letter, facts: Facts) -> str:
    _, _, rest = letter.text.lstrip().partition("\n")
    return rest.partition(facts.ticket_no or "\0")[0].rpartition("\n")[0]


def _own_words(letter: Letter, facts: Facts) -> str:
    text = letter.text
    for theirs in (facts.customer_words, facts.reply_text, facts.result):
        text = text.replace(theirs, "") if theirs else text
    return text


def _sentences(letter: Letter, facts: Facts) -> list[str]:
    return _SENTENCE_END.split(_own_words(letter, facts))


EVERY: tuple[Rule, ...] = (is_filled, has_subject, asks_no_secret, promises_a_time)
CUSTOMER: tuple[Rule, ...] = (
    *EVERY, greets, names_writer, names_ticket, closes, asks_one_thing, blames_nobody,
    html_is_plain, html_says_the_same,
)  # fmt: skip
ACK: tuple[Rule, ...] = (*CUSTOMER, is_short, restates, says_how_it_goes_on, says_it_is_late)
