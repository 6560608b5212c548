"""The JSON Schema describes the same config that is loaded, for editors."""

from __future__ import annotations

import json
from typing import Any

from ingestd.config.schema import schema
from ingestd.config.sections import Config


def models_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every model the schema describes."""
    return [found, *(part for part in found["$defs"].values() if "properties" in part)]


def test_every_section_is_described() -> None:
    """An editor completes each section, and shows what it is for."""
    found = schema()
    assert found["properties"].keys() == Config.model_fields.keys()
    assert all(section.get("description") for section in found["properties"].values())


def test_unknown_keys_are_marked_at_every_depth() -> None:
    """An editor marks a misspelt key as the daemon would refuse it."""
    assert [part["title"] for part in models_of(schema()) if part.get("additionalProperties") is not False] == []


def test_a_section_may_be_empty() -> None:
    """A section whose keys are all off is not marked."""
    shape = schema()["properties"]["limits"]["anyOf"]
    assert {"type": "null"} in shape
    assert {"type": "null"} in schema()["properties"]["channels"]["anyOf"]
    assert "anyOf" not in schema()["properties"]["profile"]


def test_durations_and_sizes_are_text_with_a_unit() -> None:
    """A bare number is marked before the daemon refuses it."""
    limits = schema()["$defs"]["LimitsSettings"]["properties"]
    assert limits["parse_cpu"]["type"] == limits["parse_memory"]["type"] == "string"
    assert (limits["parse_cpu"]["default"], limits["parse_memory"]["default"]) == ("20s", "512MiB")


def test_it_is_json() -> None:
    """It can be written to a file as it is."""
    assert json.loads(json.dumps(schema()))["$schema"].startswith("https://json-schema.org/")
