"""The words people read at the desk: one file for each language, the same keys in all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("zh-CN", "en")
Words = Mapping[str, Any]


@cache
def load() -> dict[str, Words]:
    """Read the words of every language, once."""
    folder = Path(__file__).parent
    return {language: yaml.safe_load((folder / f"{language}.yaml").read_text("utf-8")) for language in LANGUAGES}


def choose(wanted: str | None, accepted: str, first: str) -> str:
    """Return the language asked for, else the best one of an Accept-Language header (RFC 9110 §12.5.4), else first."""
    if wanted in LANGUAGES:
        return wanted
    weighed = sorted((_weigh(part) for part in accepted[:1000].split(",")), key=lambda pair: -pair[0])
    known = (_known(tag) for weight, tag in weighed if weight > 0)
    return next((language for language in known if language), first)


def _weigh(part: str) -> tuple[float, str]:
    tag, _, parameters = part.partition(";")
    weight = parameters.strip().removeprefix("q=")
    try:
        return (float(weight) if weight else 1.0), tag.strip().lower()
    except ValueError:
        return 0.0, ""


def _known(tag: str) -> str | None:
    return next((language for language in LANGUAGES if tag.partition("-")[0] == language.partition("-")[0]), None)
