"""Reading YAML so that every key knows its line, and every fault in the notation is told in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml
from yaml.constructor import SafeConstructor

from ingestd.config.problems import KeyPath, Problem

MAX_DEPTH = 20
"""Levels. No settings are deeper than five; an anchor that holds itself would have no end."""


@dataclass(frozen=True)
class Document:
    """A file as read: its data, the line of each key path, and the faults found on the way."""

    data: object
    lines: Mapping[KeyPath, int]
    problems: tuple[Problem, ...] = ()

    def line_of(self, path: KeyPath) -> int:
        """Return the line of a key, or of the nearest one above it that is written; lines count from 1."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str) -> Document:
    """Read a config. A fault in the notation leaves no data; duplicate keys are problems."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None:
            return Document({}, {})
        marks = list(_walk(root, ()))
        return Document(SafeConstructor().construct_document(root), dict(marks), tuple(_repeated(marks)))
    except yaml.MarkedYAMLError as error:
        return Document(None, {}, (_notation_problem(error, text),))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Document(None, {}, (Problem((), f"this is not YAML that can be read: {_harmless(str(error))}", 1),))


Mark = tuple[KeyPath, int]


def _walk(node: yaml.Node, path: KeyPath) -> Iterator[Mark]:
    if len(path) > MAX_DEPTH:
        raise ValueError(f"it is nested more than {MAX_DEPTH} levels deep")
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _walk(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*path, index), value.start_mark.line + 1
            yield from _walk(value, (*path, index))


def _repeated(marks: list[Mark]) -> Iterator[Problem]:
    first: dict[KeyPath, int] = {}
    outer: KeyPath | None = None
    for path, line in marks:
        if path in first and path[: len(outer or ())] != outer:
            outer = path
            yield Problem(path, f"is written twice, first in line {first[path]}; keep one of the two", line)
        first.setdefault(path, line)


def _notation_problem(error: yaml.MarkedYAMLError, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    shown = text.splitlines()[line - 1] if line <= len(text.splitlines()) else ""
    if "\t" in shown[: len(shown) - len(shown.lstrip())]:
        return Problem((), "this line is indented with a tab; YAML wants spaces", line)
    if re.search("alias|anchor", f"{error.context} {error.problem}"):
        return Problem((), 'a value that begins with * or & must be put in quotes, like "*this"', line)
    column = mark.column + 1 if mark else 1
    return Problem(
        (), f"the YAML cannot be read at column {column}: {_harmless(error.problem or 'unknown fault')}", line
    )


def _harmless(problem: str) -> str:
    """Leave out what YAML's own messages quote from the file, but for signs and tokens: it might be a secret."""
    return re.sub(r"'(?!<)[^']{2,}'|('[^']*')", lambda quoted: quoted[1] or "…", problem)
