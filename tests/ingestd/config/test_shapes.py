"""How a model is built is read off its annotations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from ingestd.config import shapes
from ingestd.settings import Secret, Settings


class Lamp(Settings):
    """A model with a kind."""

    kind: Literal["lamp"]
    key: Secret | None = None


class Room(Settings):
    """A model that holds others."""

    lamps: tuple[Lamp, ...] = ()
    named: dict[str, Lamp] = Field(default={})
    door_key: Secret | None = Field(default=None, alias="key")
    width: int = 1


@pytest.mark.parametrize(
    ("annotation", "found"),
    [
        (int, int),
        (int | None, int),
        (Annotated[int, "x"], int),
        (Annotated[int | None, "x"], int),
        (int | str, int | str),
    ],
)
def test_the_bare_annotation(annotation: Any, found: Any) -> None:
    """Metadata and the possibility of nothing do not matter to the shape."""
    assert shapes.bare(annotation) == found


@pytest.mark.parametrize(
    ("annotation", "found"),
    [(int, ()), (Lamp, (Lamp,)), (Lamp | None, (Lamp,)), (Lamp | Room, (Lamp, Room)), (tuple[Lamp, ...], ())],
)
def test_the_models_of_an_annotation(annotation: Any, found: tuple[type[Settings], ...]) -> None:
    """A section is one model, a choice of kinds several, a plain value none."""
    assert shapes.models(annotation) == found


@pytest.mark.parametrize(
    ("annotation", "found", "by_name"),
    [
        (tuple[int, ...], int, False),
        (list[str] | None, str, False),
        (dict[str, int], int, True),
        (Path, None, False),
        (Lamp, None, False),
    ],
)
def test_the_element_of_an_annotation(annotation: Any, found: Any, by_name: bool) -> None:
    """Lists and mappings have elements, nothing else has."""
    assert shapes.element(annotation) == found
    assert shapes.is_mapping(annotation) is by_name


def test_the_kind_of_a_model() -> None:
    """The word that chooses it, where there is one."""
    assert shapes.kind_of(Lamp) == "lamp"
    assert shapes.kind_of(Room) is None


def test_secrets_are_found_wherever_they_are() -> None:
    """In sections, lists and mappings, under the key they are written as."""
    secret = {"env": "A"}
    lamp = {"kind": "lamp", "key": secret}
    room = Room.model_validate({"lamps": [{"kind": "lamp"}, lamp], "named": {"hall": lamp}, "key": secret})
    paths = [path for path, _secret in shapes.secrets_in(room)]
    assert paths == [("lamps", 1, "key"), ("named", "hall", "key"), ("key",)]
