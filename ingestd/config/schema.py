"""The JSON Schema of the config, for editors that complete and check as one types."""

from __future__ import annotations

from typing import Any

from ingestd.config.sections import Config

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the schema. A section may be empty: its keys are then all at their defaults."""
    built = Config.model_json_schema(mode="validation")
    for name, section in built["properties"].items():
        if "$ref" in section or section.get("type") in ("object", "array"):
            built["properties"][name] = _or_empty(section)
    return {"$schema": DIALECT, **built, "title": "The configuration of ingestd"}


def _or_empty(section: dict[str, Any]) -> dict[str, Any]:
    notes: dict[str, Any] = {key: section[key] for key in ("description", "default") if key in section}
    shape = {key: value for key, value in section.items() if key not in notes}
    return {**notes, "anyOf": [shape, {"type": "null"}]}
