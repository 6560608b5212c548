"""The API's description: complete for programs, readable for people."""

from __future__ import annotations

from typing import Any

import pytest
from doubles.office import Office
from fastapi.routing import iter_route_contexts

from ingestd.web.docs_page import type_of

HIDDEN = ("/desk", "/api/docs", "/api/openapi.json")


@pytest.fixture
def schema(office: Office) -> dict[str, Any]:
    """The OpenAPI document, as anybody gets it."""
    return dict(office.client().get("/api/openapi.json").json())


def test_every_route_for_programs_is_described(office: Office, schema: dict[str, Any]) -> None:
    """With a sentence, its answers, and that a token is needed where it is."""
    paths = {str(route.path) for route in iter_route_contexts(office.app.routes)}
    assert set(schema["paths"]) == {path for path in paths if not path.startswith(HIDDEN)}
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            assert operation["description"], path
            assert bool(operation.get("security")) == path.startswith("/api/v1/"), path


def test_writes_tell_of_their_key_and_of_every_refusal(schema: dict[str, Any]) -> None:
    """A caller learns from the document what may come back."""
    for path, methods in schema["paths"].items():
        if "post" in methods:
            names = {parameter["name"] for parameter in methods["post"]["parameters"]}
            assert "idempotency-key" in names, path
            assert {"401", "403", "404", "409", "422", "429", "503"} <= set(methods["post"]["responses"]), path


def test_the_page_shows_every_operation_and_shape(office: Office, schema: dict[str, Any]) -> None:
    """What programs read, people read, too."""
    page = office.client().get("/api/docs").text
    for path in schema["paths"]:
        assert f"<code>{path}</code>" in page
    for name in schema["components"]["schemas"]:
        assert f"<code>{name}</code>" in page


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "date-time"}, "date-time"),
        ({"$ref": "#/components/schemas/TicketShape"}, "TicketShape"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"enum": ["P0", "P1"]}, "P0 | P1"),
        ({"type": "array", "items": {"type": "integer"}}, "list of integer"),
        ({"type": "array"}, "list of octets"),
        ({}, "octets"),
    ],
)
def test_types_are_named_in_a_word_or_two(schema: dict[str, Any], name: str) -> None:
    """No reader has to know JSON Schema."""
    assert type_of(schema) == name
