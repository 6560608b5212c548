"""All letters of a service: the shipped ones, an admin's own over them, and what is wrong with either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from responders import folder
from responders.context import KNOWN
from responders.errors import LetterError
from responders.letter import Facts, Letter
from responders.lint import lint
from responders.responder import Responder
from responders.samples import samples
from responders.template import Templates


class Letters:
    """The letters ready to be written. Reading files ends with the constructor; each template is compiled once."""

    def __init__(self, responders: Mapping[str, Responder], directory: Path | None = None) -> None:
        own, self._unusable = folder.read(directory, responders) if directory else ({}, ())
        self._responders = responders
        self._shipped = Templates(folder.shipped(), KNOWN)
        self._current = Templates({**self._shipped.sources, **own}, KNOWN) if own else self._shipped

    def write(self, kind: str, language: str, facts: Facts) -> Letter:
        """Write a letter in the nearest language there is: the exact one, its base, English.

        Where an admin's template fails, the shipped one speaks and ``problem`` says why (a customer is never left
        without an answer for a typo). Raise LetterError if the shipped letter, too, lacks a fact.
        """
        responder = find(self._responders, kind)
        try:
            return self._written(self._current, responder, language, facts)
        except LetterError as error:
            if self._current is self._shipped:
                raise
            letter = self._written(self._shipped, responder, language, facts)
            return letter.model_copy(update={"problem": error.sentence})

    def problems(self) -> tuple[str, ...]:
        """Write every letter with sample facts and return what is wrong, one sentence each; none is perfection."""
        return (*self._unusable, *dict.fromkeys(self._faults()))

    def languages(self, kind: str) -> tuple[str, ...]:
        """Return the languages a kind is written in."""
        return tuple(sorted({name.split("/")[1] for name in self._current.sources if name.startswith(f"{kind}/")}))

    def _written(self, templates: Templates, responder: Responder, language: str, facts: Facts) -> Letter:
        return responder.write(templates, nearest(templates, responder.kind, language), facts)

    def _faults(self) -> Iterator[str]:
        for kind, responder in self._responders.items():
            for language in self.languages(kind):
                yield from self._faults_of(responder, language)

    def _faults_of(self, responder: Responder, language: str) -> Iterator[str]:
        for facts in samples(responder.needs, language):
            try:
                letter = responder.write(self._current, language, facts)
            except LetterError as error:
                yield from error.sentence.splitlines()
                continue
            yield from (f"{responder.kind}/{language}: {fault}" for fault in lint(letter, facts, responder.rules))


def find(responders: Mapping[str, Responder], kind: str) -> Responder:
    """Return the writer of a kind. Raise LetterError with the known ones."""
    if kind not in responders:
        raise LetterError(f"there is no letter {kind!r}; there are {', '.join(sorted(responders))}")
    return responders[kind]


def nearest(templates: Templates, kind: str, language: str) -> str:
    """Return the language to write in: as asked, its base (any Chinese is ``zh-CN``), else ``en``."""
    base = language.partition("-")[0].lower()
    for candidate in (language, "zh-CN" if base == "zh" else base):
        if f"{kind}/{candidate}/body.txt" in templates.sources:
            return candidate
    return "en"
