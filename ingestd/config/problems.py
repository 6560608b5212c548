"""What is wrong with a config, in sentences that say what to write instead.

No sentence repeats a value: a secret that stands in the wrong place must not reach a terminal or a journal (P33).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic_core import ErrorDetails

from ingestd.config import shapes
from ingestd.settings import Secret, Settings

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing to put right: where it stands, and the sentence that follows the key. ``line`` overrules the path's."""

    path: KeyPath
    advice: str
    line: int | None = None

    @property
    def sentence(self) -> str:
        """The key and the advice, as people read them."""
        return f"{written(self.path)} {self.advice}" if self.path else self.advice


def written(path: KeyPath) -> str:
    """Write a key path as people do: ``channels[0].port``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


@dataclass(frozen=True)
class Place:
    """Where an error stands: its key path, the model its last key belongs to, and the shape of the value there."""

    path: KeyPath
    owner: type[Settings] | None
    shape: Any


def find_place(root: type[Settings], location: Iterable[str | int]) -> Place:
    """Follow pydantic's location, which names chosen kinds and branches beside the keys, down from the root model."""
    path: KeyPath = ()
    owner: type[Settings] | None = None
    shape: Any = root
    for part in location:
        choices = shapes.models(shape)
        if part == "[key]":
            break
        if len(choices) > 1:
            shape = next((model for model in choices if shapes.kind_of(model) == part), object)
        elif choices:
            owner, shape, path = choices[0], _field_shape(choices[0], part), (*path, part)
        elif (inner := shapes.element(shape)) is not None:
            owner, shape, path = None, inner, (*path, part)
        else:
            break
    return Place(path, owner, shape)


def _field_shape(model: type[Settings], key: str | int) -> Any:
    return next((f.annotation for name, f in model.model_fields.items() if shapes.key_of(model, name) == key), object)


def explain(root: type[Settings], errors: Iterable[ErrorDetails]) -> list[Problem]:
    """Turn pydantic's errors into problems, one for each key and sentence."""
    found: dict[Problem, None] = {}
    for error in errors:
        place = find_place(root, error["loc"])
        advise = ADVICE.get(error["type"], _own_words)
        found[Problem(place.path, advise(place, error))] = None
    return list(found)


def _own_words(_place: Place, error: ErrorDetails) -> str:
    return f"cannot be used: {error['msg'][:1].lower()}{error['msg'][1:]}"


def _unknown_key(place: Place, error: ErrorDetails) -> str:
    known = [shapes.key_of(place.owner, name) for name in place.owner.model_fields] if place.owner else []
    near = _near(str(error["loc"][-1]), known)
    return f"is not a key of {_owner_words(place)}{'; ' + near if near else '.'} Known keys: {', '.join(known)}"


def _owner_words(place: Place) -> str:
    kind = shapes.kind_of(place.owner) if place.owner else None
    if kind and place.path[0] == "channels":
        return f"{'an' if kind in ('imap', 'lmtp', 'smtp') else 'a'} {kind} channel"
    return written(place.path[:-1]) or "the config"


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word.lower(), list(known), 1)
    return f'did you mean "{near[0]}"?' if near else ""


def _missing(place: Place, _error: ErrorDetails) -> str:
    field = place.owner.model_fields.get(str(place.path[-1])) if place.owner else None
    described = field.description if field else None
    words = shapes.literals(place.shape)
    if words:
        return f"is missing; write one of: {', '.join(words)}"
    return f"is missing: {described[:1].lower()}{described[1:]}" if described else "is missing"


def _one_of(place: Place, error: ErrorDetails) -> str:
    words = shapes.literals(place.shape)
    near = _near(str(error["input"]), words)
    listed = f"must be one of: {', '.join(words)}" if words else f"must be {error['ctx']['expected']}"
    return f"{listed}; {near}" if near else listed


def _unknown_kind(place: Place, error: ErrorDetails) -> str:
    kinds = [kind for model in shapes.models(place.shape) if (kind := shapes.kind_of(model))]
    near = _near(str(error.get("ctx", {}).get("tag", "")), kinds)
    listed = f"needs a kind, one of: {', '.join(kinds)}"
    return f"{listed}; {near}" if near else listed


def _keys_beneath(place: Place, _error: ErrorDetails) -> str:
    if Secret in shapes.models(place.shape):
        return "is a secret and does not belong in this file; write {file: …}, {env: …} or {credential: …}"
    return "must have keys and values beneath it" if place.path else "the file must have sections, such as channels:"


def _refused(_place: Place, error: ErrorDetails) -> str:
    return f"is not usable: {error['ctx']['error']}"


def _bound(words: str, key: str) -> Callable[[Place, ErrorDetails], str]:
    return lambda _place, error: f"must be {words} {_print(error['ctx'][key])}"


def _print(bound: object) -> str:
    return f"{bound:g}" if isinstance(bound, float) else str(bound)


def _pattern(_place: Place, error: ErrorDetails) -> str:
    return f"has characters it may not have; write something that matches {error['ctx']['pattern']}"


def _says(advice: str) -> Callable[[Place, ErrorDetails], str]:
    return lambda _place, _error: advice


_WHOLE_NUMBER = _says("must be a whole number")
_LIST = _says("must be a list: one item a line, each after a dash, or [one, two]")
_TRUE_OR_FALSE = _says("must be true or false")
ADVICE: Mapping[str, Callable[[Place, ErrorDetails], str]] = MappingProxyType(
    {
        "extra_forbidden": _unknown_key,
        "missing": _missing,
        "literal_error": _one_of,
        "union_tag_invalid": _unknown_kind,
        "union_tag_not_found": _unknown_kind,
        "value_error": _refused,
        "model_type": _keys_beneath,
        "model_attributes_type": _keys_beneath,
        "dict_type": _keys_beneath,
        "string_type": _says('must be text; put it in quotes, like "this"'),
        "string_too_short": _says("must not be empty"),
        "string_pattern_mismatch": _pattern,
        "path_type": _says('must be a path; put it in quotes, like "this"'),
        "int_type": _WHOLE_NUMBER,
        "int_parsing": _WHOLE_NUMBER,
        "int_from_float": _WHOLE_NUMBER,
        "float_type": _says("must be a number"),
        "float_parsing": _says("must be a number"),
        "bool_type": _TRUE_OR_FALSE,
        "bool_parsing": _TRUE_OR_FALSE,
        "tuple_type": _LIST,
        "list_type": _LIST,
        "too_short": _says("must not be an empty list"),
        "greater_than": _bound("more than", "gt"),
        "greater_than_equal": _bound("at least", "ge"),
        "less_than": _bound("less than", "lt"),
        "less_than_equal": _bound("at most", "le"),
    }
)
"""Pydantic's error type and the advice that goes with it; any other keeps pydantic's words, which name no value."""
