"""Errors that may cross a door. Each has one public sentence and keeps its private cause to itself.

An unknown failure is temporary: whoever sent us something is told to try again. Permanent needs proof.
"""

from __future__ import annotations


class IngestdError(Exception):
    """The base of all errors with a sentence fit for outsiders: no host, path, setting or exception text in it."""

    def __init__(self, sentence: str, *, code: str = "error") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class Temporary(IngestdError):
    """It may work later: SMTP 451, HTTP 503, exit 75."""


class Permanent(IngestdError):
    """It will never work as asked: SMTP 5xx, HTTP 4xx, exit 65."""


class NotFound(Permanent):
    """There is no such thing, or it is not yours: both look the same from outside (P30)."""


class Conflict(Permanent):
    """The thing has changed since you looked: an expired lease, a state that does not allow this."""


class ConfigError(IngestdError):
    """The configuration cannot be used; ``problems`` are sentences with file, line, key and what to write instead."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems), code="config")
        self.problems = problems
