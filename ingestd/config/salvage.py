"""The best of a broken config: without the parts already told of, so that the other checks can still be made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import count, islice

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ingestd.config.problems import KeyPath, Problem, explain, find_place
from ingestd.config.sections import Config

_ROUNDS = 10
"""Leaving out a part may make its whole unusable; no settings are nested deeper than this."""

FROM_FILE = {"written": True}
"""Tells the settings that people wrote these values: sizes need their unit."""


@dataclass(frozen=True)
class Salvaged:
    """What validation left: the config (None when nothing is usable), its problems, and the paths left out for them.

    ``blamed`` are the paths whose value is unknown now: a check that finds something there would only repeat itself.
    """

    config: Config | None
    problems: tuple[Problem, ...] = ()
    left_out: frozenset[KeyPath] = frozenset()
    blamed: frozenset[KeyPath] = frozenset()


def validate(data: object) -> Salvaged:
    """Validate as much of the config as can be used, and return every problem of the rest."""
    result = Salvaged(None)
    for _ in range(_ROUNDS):
        try:
            return replace(result, config=Config.model_validate(_without(data, result.left_out), context=FROM_FILE))
        except ValidationError as error:
            result = _with_faults(result, error.errors(include_url=False))
    return result


def _with_faults(result: Salvaged, errors: list[ErrorDetails]) -> Salvaged:
    faults = {(original(path, result.left_out), kind) for path, kind in map(_fault, errors)}
    return Salvaged(
        None,
        result.problems or tuple(explain(Config, errors)),
        result.left_out | {path for path, _kind in faults},
        result.blamed | {path for path, kind in faults if kind != "extra_forbidden"},
    )


def _fault(error: ErrorDetails) -> tuple[KeyPath, str]:
    path = find_place(Config, error["loc"]).path
    return (path[:-1] if error["type"] == "missing" else path), error["type"]


def _without(data: object, left_out: Collection[KeyPath], path: KeyPath = ()) -> object:
    if isinstance(data, dict):
        return {k: _without(v, left_out, (*path, k)) for k, v in data.items() if (*path, k) not in left_out}
    if isinstance(data, list):
        return [_without(v, left_out, (*path, i)) for i, v in enumerate(data) if (*path, i) not in left_out]
    return data


def original(path: KeyPath, left_out: Collection[KeyPath]) -> KeyPath:
    """Return the path in the file of a path in what is left: list items have moved up where others were left out."""
    found: KeyPath = ()
    for part in path:
        if isinstance(part, int):
            stayed = (i for i in count() if (*found, i) not in left_out)
            part = next(islice(stayed, part, None))
        found = (*found, part)
    return found
