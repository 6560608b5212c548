"""The JSON Schema of the config, for editors that complete and check as one types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingestd.config import shapes
from ingestd.config.sections import Config
from ingestd.settings import Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the schema. A section may be empty: its keys are then all at their defaults."""
    built = Config.model_json_schema(mode="validation")
    for model in _models_within(Config):
        _write_defaults(model, built["$defs"][model.__name__]["properties"])
    sections = {name: _section(name, shape) for name, shape in built["properties"].items()}
    return {"$schema": DIALECT, **built, "title": "The configuration of ingestd", "properties": sections}


def _models_within(model: type[Settings]) -> Iterator[type[Settings]]:
    for field in model.model_fields.values():
        inner = shapes.element(field.annotation)
        for found in shapes.models(field.annotation if inner is None else inner):
            yield found
            yield from _models_within(found)


def _write_defaults(model: type[Settings], properties: dict[str, Any]) -> None:
    """Write defaults with their units, as people would."""
    for name, field in model.model_fields.items():
        if not field.is_required() and field.default is not None:
            properties[shapes.key_of(model, name)]["default"] = shapes.plain(field, field.default)


def _section(name: str, shape: dict[str, Any]) -> dict[str, Any]:
    """Describe a section once more at its key, and let it be empty; its defaults stand at its own keys."""
    if name == "profile":
        return shape
    inner = {key: value for key, value in shape.items() if key not in ("description", "default")}
    return {"description": Config.model_fields[name].description, "anyOf": [inner, {"type": "null"}]}
