"""How settings models are built, read off their annotations: for finding keys, for the example, for the secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from ingestd.settings import Secret, Settings


def bare(annotation: Any) -> Any:
    """Return the annotation without ``Annotated`` and without ``| None``."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    rest = [part for part in get_args(annotation) if part is not NoneType]
    return bare(rest[0]) if len(rest) == 1 else annotation


def models(annotation: Any) -> tuple[type[Settings], ...]:
    """Return the models a value may be: none for a plain value, several where ``kind`` chooses."""
    annotation = bare(annotation)
    if get_origin(annotation) in (Union, UnionType):
        return tuple(model for part in get_args(annotation) for model in models(part))
    return (annotation,) if isinstance(annotation, type) and issubclass(annotation, Settings) else ()


def element(annotation: Any) -> Any | None:
    """Return what a list or a mapping holds; None when the annotation is neither."""
    annotation = bare(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (tuple, list, frozenset):
        return arguments[0]
    return arguments[1] if is_mapping(annotation) and arguments else None


def is_mapping(annotation: Any) -> bool:
    """Say whether the annotation is a mapping from names of the admin's choice."""
    origin = get_origin(bare(annotation))
    return isinstance(origin, type) and issubclass(origin, Mapping)


def literals(annotation: Any) -> tuple[str, ...]:
    """Return the words a value may be; none when it is free."""
    annotation = bare(annotation)
    return tuple(map(str, get_args(annotation))) if get_origin(annotation) is Literal else ()


def kind_of(model: type[Settings]) -> str | None:
    """Return the word under ``kind`` that chooses this model; None when it has no such key."""
    field = model.model_fields.get("kind")
    words = literals(field.annotation) if field else ()
    return words[0] if len(words) == 1 else None


def key_of(model: type[Settings], name: str) -> str:
    """Return the word a field is written as in the file."""
    return model.model_fields[name].alias or name


def plain(field: FieldInfo, value: object) -> object:
    """Return a field's value as it is written in the file, units included; it may be in that form already."""
    adapter: TypeAdapter[object] = TypeAdapter(field.rebuild_annotation())
    return adapter.dump_python(adapter.validate_python(value), mode="json", exclude_none=True, by_alias=True)


def secrets_in(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Secret]]:
    """Yield every secret that is referred to anywhere inside, with its key path."""
    if isinstance(value, Secret):
        yield path, value
        return
    for key, inner in _inside(value):
        yield from secrets_in(inner, (*path, key))


def _inside(value: object) -> list[tuple[str | int, object]]:
    if isinstance(value, Settings):
        return [(key_of(type(value), name), getattr(value, name)) for name in type(value).model_fields]
    if isinstance(value, Mapping):
        return [(str(key), inner) for key, inner in value.items()]
    return list(enumerate(value)) if isinstance(value, (tuple, list)) else []
