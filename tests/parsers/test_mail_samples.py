"""Whole messages, each beside what must be understood of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import parsers

SAMPLES = Path(__file__).parents[1] / "samples" / "mail"
NAMED = sorted(path for path in SAMPLES.rglob("*.eml") if path.with_suffix(".json").exists())


def differences(want: Any, got: Any, place: str = "") -> list[str]:
    """Compare only what is wanted: keys of objects, and every item of lists."""
    if isinstance(want, dict) and isinstance(got, dict):
        return [line for key, value in want.items() for line in differences(value, got.get(key), f"{place}.{key}")]
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        pairs = enumerate(zip(want, got, strict=True))
        return [line for at, (one, other) in pairs for line in differences(one, other, f"{place}[{at}]")]
    return [] if want == got else [f"{place}: wanted {want!r}, got {got!r}"]


@pytest.mark.parametrize("path", NAMED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_sample_is_understood(path: Path) -> None:
    """What people send is read as they meant it."""
    record = parsers.parse(path.read_bytes())
    assert (
        differences(json.loads(path.with_suffix(".json").read_text("utf-8")), json.loads(record.model_dump_json()))
        == []
    )


def test_there_are_samples() -> None:
    """The samples are found where this file looks for them."""
    assert len(NAMED) > 30
