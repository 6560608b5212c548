"""A responder: the writer of one kind of letter, from the templates of one language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from responders.context import context, one_line
from responders.errors import LetterError
from responders.letter import Facts, Letter
from responders.lint import Rule
from responders.template import Templates

LONGEST_SUBJECT = 200
"""Characters. Longer ones are cut: a subject is a signpost, and the letter says the rest."""
_EMPTY_LINES = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")


@dataclass(frozen=True)
class Responder:
    """One kind of letter: the facts it can count on, the rules its words obey, and who reads it.

    A letter to a customer has an HTML side; ``about_ticket`` letters carry ``[ticket_no]`` in the subject.
    """

    kind: str
    needs: frozenset[str]
    rules: tuple[Rule, ...]
    to_customer: bool = True
    about_ticket: bool = True

    @property
    def files(self) -> tuple[str, ...]:
        """The template files of this kind."""
        return ("subject.txt", "body.txt", "body.html") if self.to_customer else ("subject.txt", "body.txt")

    def write(self, templates: Templates, language: str, facts: Facts) -> Letter:
        """Write the letter. Raise LetterError with what to change."""
        folder, words = f"{self.kind}/{language}", context(facts, language)
        subject = one_line(templates.render(f"{folder}/subject.txt", words))[:LONGEST_SUBJECT]
        if self.about_ticket and f"[{words.get('ticket_no')}]" not in subject:
            raise LetterError(f"{folder}/subject.txt: write [{{{{ ticket_no }}}}] into the subject")
        text = _EMPTY_LINES.sub("\n\n", templates.render(f"{folder}/body.txt", words)).strip() + "\n"
        html = templates.render(f"{folder}/body.html", words) if self.to_customer else None
        return Letter(kind=self.kind, language=language, subject=subject, text=text, html=html)
