"""Writes a commented config from the models: every key with its meaning, its default, and an answer where one is given.

A line ``#key: value`` is a key left at its default. Taking all these marks away gives a config that loads, too.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from pydantic.fields import FieldInfo

from ingestd.channels.smtp_settings import TlsFiles
from ingestd.config import shapes
from ingestd.config.sections import Config
from ingestd.limits import AckBudget
from ingestd.notices.settings import Durations, PriorityWords
from ingestd.settings import DURATION_UNITS, SIZE_UNITS, Secret, Settings

HEADER = f"""\
# The configuration of ingestd. "ingestd check" lists everything that is wrong with it.
#
# A line such as "#key: value" is not in force. It shows the default, or an example where nothing is set by default;
# take away the # to set the key.
# Durations have a unit ({", ".join(DURATION_UNITS)}), sizes too ({", ".join(SIZE_UNITS)}).
# Secrets never stand here: write {{file: PATH}}, {{env: VARIABLE}} or {{credential: NAME}}. Paths start at this file's
# folder unless their comment says otherwise.
"""

EXAMPLE: Mapping[str, Any] = MappingProxyType(
    {
        "service.base_url": "https://help.example.com",
        "operators.alerts_to": ["postmaster@corp.example.com"],
        "channels": [{"kind": "smtp", "name": "support", "recipients": ["support@example.com"]}],
        "departments": {"tech": {"supervisor": "tech-lead@corp.example.com", "notify": "tech@corp.example.com"}},
        "outbound.courier": "smtp",
    }
)
"""The answers of ``config.example.yaml``; also the items shown, switched off, where none are answered."""

SAMPLES: Mapping[str, Any] = MappingProxyType(
    {"username": "ingestd", "helo_name": "mail.example.com", "bounce_address": "bounces@example.com"}
)
"""Values shown for keys that have no default and bring no example of their own."""

_WIDTH = 100
ONE_LINERS: tuple[type[Settings], ...] = (Secret, AckBudget, Durations, PriorityWords, TlsFiles)
"""Models that are written on one line: {cert: …, key: …}."""


def render(answers: Mapping[str, object]) -> str:
    """Write a config with these answers, by dotted key (``service.name``) or nested; what is not answered stays off.

    ``channels`` is a list of mappings, ``departments`` a mapping of mappings. Raise KeyError when a key is unknown or a
    needed one has no answer.
    """
    body = _model(Config, _nested(answers), "")
    return HEADER + "\n".join(body) + "\n"


def _nested(answers: Mapping[str, object]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for key, value in answers.items():
        *above, last = key.split(".")
        place = nested
        for part in above:
            place = place.setdefault(part, {})
        place[last] = value
    return nested


def _model(model: type[Settings], answers: Mapping[str, Any], indent: str) -> list[str]:
    if unknown := answers.keys() - {shapes.key_of(model, name) for name in model.model_fields}:
        raise KeyError(f"{model.__name__} has no key {', '.join(sorted(unknown))}")
    written: list[str] = []
    for name, field in model.model_fields.items():
        key = shapes.key_of(model, name)
        written += [] if indent else [""]
        written += _comment(field, indent)
        written += _entry(key, field, answers.get(key), indent)
    return written


def _comment(field: FieldInfo, indent: str) -> list[str]:
    words = (field.description or "The kind of this item").rstrip(".")
    beneath = [f"{name}: {inner.description}" for name, inner in _flow_fields(field) if inner.description]
    sentences = [_capitalised(words, field), "; ".join(beneath), _default_words(field)]
    text = " ".join(f"{sentence}." for sentence in sentences if sentence)
    return textwrap.wrap(
        text, _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ", break_on_hyphens=False
    )


def _capitalised(words: str, field: FieldInfo) -> str:
    first = re.split(r"\W", words)[0]
    is_value = first in (*shapes.literals(field.annotation), "true", "false")
    return words if is_value else words[:1].upper() + words[1:]


def _flow_fields(field: FieldInfo) -> list[tuple[str, FieldInfo]]:
    found = shapes.models(field.annotation)
    return list(found[0].model_fields.items()) if found and found[0] is not Secret and not _is_block(field) else []


def _default_words(field: FieldInfo) -> str:
    if _is_block(field):
        return ""
    allowed = shapes.literals(field.annotation)
    listed = f"One of: {', '.join(allowed)}. " if allowed else ""
    if field.is_required():
        return listed + "Needed"
    default = field.get_default(call_default_factory=True)
    return listed + ("Not set by default" if default is None else f"Default: {_flow(shapes.plain(field, default))}")


def _is_block(field: FieldInfo) -> bool:
    """Say whether a key has lines of its own beneath it: a section, a list of items or a mapping by name."""
    inner = shapes.element(field.annotation)
    found = shapes.models(field.annotation if inner is None else inner)
    return bool(found) and (inner is not None or found[0] not in ONE_LINERS)


def _entry(key: str, field: FieldInfo, answer: Any, indent: str) -> list[str]:
    if not _is_block(field):
        return [_leaf(key, field, answer, indent)]
    inner = shapes.element(field.annotation)
    if inner is None:
        return [f"{indent}{key}:", *_model(shapes.models(field.annotation)[0], answer or {}, indent + "  ")]
    beneath = _named if shapes.is_mapping(field.annotation) else _items
    shown: list[str] = beneath(inner, EXAMPLE[key] if answer is None else answer, indent + "  ")
    return [f"{indent}{key}:", *(map(_off, shown) if answer is None else shown)]


def _leaf(key: str, field: FieldInfo, answer: Any, indent: str) -> str:
    if answer is not None:
        return f"{indent}{key}: {_flow(shapes.plain(field, answer))}"
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    return f"{indent}#{key}: {_flow(_sample(key, field) if default is None else shapes.plain(field, default))}"


def _named(inner: Any, entries: Mapping[str, Mapping[str, Any]], indent: str) -> list[str]:
    written: list[str] = []
    for number, (name, answers) in enumerate(entries.items()):
        beneath = _model(shapes.models(inner)[0], answers, indent + "  ")
        written += [f"{indent}{_flow(name)}:", *(_without_comments(beneath) if number else beneath)]
    return written


def _items(inner: Any, entries: Sequence[Mapping[str, Any]], indent: str) -> list[str]:
    written: list[str] = []
    for number, answers in enumerate(entries):
        model = next(m for m in shapes.models(inner) if shapes.kind_of(m) == answers["kind"])
        beneath = _model(model, answers, indent + "  ")
        written += [f"{indent}-", *(_without_comments(beneath) if number else beneath)]
    return written


def _without_comments(lines: list[str]) -> list[str]:
    """Later items say only what is set: the meaning of each key stands at the first."""
    return [line for line in lines if not line.lstrip().startswith("#")]


def _off(line: str) -> str:
    return line if line.lstrip().startswith("#") else re.sub(r"^(\s*)", r"\1#", line)


def _sample(key: str, field: FieldInfo) -> object:
    """Return a value to show for a key without a default: its own example, or one that fits its shape."""
    if field.examples:
        return field.examples[0]
    found = shapes.models(field.annotation)
    if found:
        return {"credential": key.replace("_", "-")} if found[0] is Secret else _samples(found[0])
    return f"/etc/ingestd/{key}.pem" if shapes.bare(field.annotation) is Path else SAMPLES[key]


def _samples(model: type[Settings]) -> dict[str, object]:
    return {shapes.key_of(model, name): _sample(name, field) for name, field in model.model_fields.items()}


def _flow(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False)
    return text.removesuffix("...\n").strip()
