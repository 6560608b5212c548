"""The one error that leaves this package."""

from __future__ import annotations


class LetterError(Exception):
    """A letter cannot be written. ``sentence`` says where, why, and what to change; it is fit for an operator."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
