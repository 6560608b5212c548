"""``/api/docs``: the API's description as one plain page, made here of our own OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from ingestd.web.sign_in import renderer_of

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Line:
    """One parameter, one field of a body, or one answer: its name, its type, and what it is."""

    name: str
    type: str
    text: str
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One thing the API can do."""

    method: str
    path: str
    text: str
    parameters: tuple[Line, ...]
    body: tuple[Line, ...]
    answers: tuple[Line, ...]


@router.get("/api/docs")
def docs(request: Request) -> Response:
    """The API for readers."""
    schema = request.app.openapi()
    return renderer_of(request).page(
        request,
        "docs.html",
        title=schema["info"]["title"],
        api_version=schema["info"]["version"],
        operations=list(operations(schema)),
        shapes=shapes(schema),
    )


def operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    """Give every operation of an OpenAPI document, in its order."""
    for path, methods in schema["paths"].items():
        for method, found in methods.items():
            yield Operation(
                method.upper(),
                path,
                found.get("description", ""),
                tuple(_parameter(parameter) for parameter in found.get("parameters", ())),
                tuple(_body(schema, found.get("requestBody", {}))),
                tuple(_answer(status, answer) for status, answer in found["responses"].items()),
            )


def shapes(schema: Mapping[str, Any]) -> dict[str, tuple[Line, ...]]:
    """Return the fields of every shape that the document names."""
    found = schema.get("components", {}).get("schemas", {})
    return {name: tuple(_fields(shape)) or (Line("", type_of(shape), ""),) for name, shape in found.items()}


def _parameter(parameter: Mapping[str, Any]) -> Line:
    text = parameter.get("description", "")
    name = f"{parameter['name']} ({parameter['in']})"
    return Line(name, type_of(parameter["schema"]), text, parameter.get("required", False))


def _body(schema: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Line]:
    for content in body.get("content", {}).values():
        name = type_of(content["schema"]).partition(" or ")[0]
        yield from _fields(schema["components"]["schemas"].get(name, {}))


def _fields(shape: Mapping[str, Any]) -> Iterator[Line]:
    for name, field in shape.get("properties", {}).items():
        yield Line(name, type_of(field), field.get("description", ""), name in shape.get("required", ()))


def _answer(status: str, answer: Mapping[str, Any]) -> Line:
    kinds = [type_of(content.get("schema", {})) for content in answer.get("content", {}).values()]
    return Line(status, ", ".join(kinds), answer.get("description", ""))


def type_of(schema: Mapping[str, Any]) -> str:
    """Name the type of a JSON schema in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(type_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "octets")
