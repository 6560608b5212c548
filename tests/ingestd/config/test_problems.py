"""Pydantic's errors become sentences: the key as people write it, and what to write instead."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from ingestd.config.problems import explain, find_place, written
from ingestd.settings import Duration, Secret, Settings, Size


class Lamp(Settings):
    """A kind of item, for these tests."""

    kind: Literal["lamp"]
    watts: int = Field(default=5, gt=0, le=100)
    key: Secret | None = None


class Clock(Settings):
    """Another kind of item."""

    kind: Literal["clock"]
    tick: Duration = Field(default=timedelta(seconds=1), ge=timedelta(seconds=1))
    source: int | bool = 1


class House(Settings):
    """The root of these tests."""

    items: tuple[Annotated[Lamp | Clock, Field(discriminator="kind")], ...] = ()
    rooms: dict[str, Lamp] = Field(default={})
    door: Path = Path("door")
    label: str = Field(default="x", min_length=1, max_length=3, pattern="^x+$")
    weight: float = Field(default=1, lt=10)
    size: Size = 1
    words: tuple[str, ...] = Field(default=("a",), min_length=1)
    owner: str = Field(default="me", alias="from")


def told(data: object) -> list[str]:
    """Return the sentences for this data."""
    with pytest.raises(ValidationError) as caught:
        House.model_validate(data)
    return [problem.sentence for problem in explain(House, caught.value.errors(include_url=False))]


LAMP = {"kind": "lamp"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            {"item": []},
            'item is not a key of the config; did you mean "items"? Known keys: items, rooms, door, label, '
            "weight, size, words, from",
        ),
        (
            {"zzz": 1},
            "zzz is not a key of the config. Known keys: items, rooms, door, label, weight, size, words, from",
        ),
        (
            {"items": [{**LAMP, "wats": 1}]},
            'items[0].wats is not a key of items[0]; did you mean "watts"? Known keys: kind, watts, key',
        ),
        (
            {"items": [{**LAMP, "key": {"evn": "A"}}]},
            'items[0].key.evn is not a key of items[0].key; did you mean "env"? Known keys: file, env, credential',
        ),
        ({"items": [{"kind": "lampp"}]}, 'items[0] needs a kind, one of: lamp, clock; did you mean "lamp"?'),
        ({"items": [{}]}, "items[0] needs a kind, one of: lamp, clock"),
        ({"items": ["lamp"]}, "items[0] must have keys and values beneath it"),
        ({"items": "lamp"}, "items must be a list: one item a line, each after a dash, or [one, two]"),
        ({"items": [{**LAMP, "watts": "many"}]}, "items[0].watts must be a whole number"),
        ({"items": [{**LAMP, "watts": 1.5}]}, "items[0].watts must be a whole number"),
        ({"items": [{**LAMP, "watts": 0}]}, "items[0].watts must be more than 0"),
        ({"items": [{**LAMP, "watts": 101}]}, "items[0].watts must be at most 100"),
        (
            {"items": [{**LAMP, "key": "hunter2"}]},
            "items[0].key is a secret and does not belong in this file; write {file: …}, {env: …} or {credential: …}",
        ),
        (
            {"items": [{**LAMP, "key": {}}]},
            "items[0].key is not usable: write exactly one of {file: …}, {env: …} or {credential: …}",
        ),
        (
            {"items": [{"kind": "clock", "tick": "1"}]},
            "items[0].tick is not usable: write a number with a unit (ms, s, m, h, d), for example 5m",
        ),
        ({"items": [{"kind": "clock", "tick": "10ms"}]}, "items[0].tick must be at least 1 second"),
        ({"rooms": {"hall": {"kind": "lam"}}}, 'rooms.hall.kind must be one of: lamp; did you mean "lamp"?'),
        ({"rooms": {"hall": {}}}, "rooms.hall.kind is missing; write one of: lamp"),
        ({"rooms": {3: LAMP}}, 'rooms[3] must be text; put it in quotes, like "this"'),
        ({"rooms": []}, "rooms must have keys and values beneath it"),
        ({"door": 5}, 'door must be a path; put it in quotes, like "this"'),
        ({"label": 5}, 'label must be text; put it in quotes, like "this"'),
        ({"label": ""}, "label must not be empty"),
        ({"label": "y"}, "label has characters it may not have; write something that matches ^x+$"),
        ({"label": "xxxx"}, "label cannot be used: string should have at most 3 characters"),
        ({"weight": "heavy"}, "weight must be a number"),
        ({"weight": 10}, "weight must be less than 10"),
        ({"size": "5"}, "size is not usable: write a number with a unit (B, KiB, MiB, GiB), for example 25MiB"),
        ({"words": []}, "words must not be an empty list"),
        ([], "the file must have sections, such as channels:"),
    ],
)
def test_an_error_is_a_sentence(data: object, sentence: str) -> None:
    """Each kind of mistake says what to write instead."""
    assert told(data) == [sentence]


def test_all_mistakes_are_told_at_once() -> None:
    """Never only the first one."""
    assert len(told({"door": 5, "zzz": 1, "items": [{}, {**LAMP, "watts": 0, "wats": 1}]})) == 5


def test_a_value_is_never_repeated() -> None:
    """A secret may stand anywhere by mistake, and must not reach the terminal (P33)."""
    secret = "hunter2-hunter2"
    data = {"items": [{"kind": secret}, {**LAMP, "watts": secret, "key": {"file": secret, "env": secret}}, secret]}
    data |= {"label": secret, "weight": secret, "size": secret, "words": secret}
    assert secret not in "\n".join(told(data))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b"), "a.b"),
        (("a", 0, "b", 1), "a[0].b[1]"),
    ],
)
def test_a_path_is_written_as_people_do(path: tuple[str | int, ...], text: str) -> None:
    """Keys have dots between them, items their number in brackets, counted from 0."""
    assert written(path) == text


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ((), ()),
        (("items", 2, "clock", "tick"), ("items", 2, "tick")),
        (("items", 2, "clock", "source", "int"), ("items", 2, "source")),
        (("rooms", "lamp", "watts"), ("rooms", "lamp", "watts")),
        (("rooms", 3, "[key]"), ("rooms", 3)),
        (("from",), ("from",)),
    ],
)
def test_a_location_becomes_a_key_path(location: tuple[str | int, ...], path: tuple[str | int, ...]) -> None:
    """The kinds and branches that pydantic adds to a location are no keys of the file."""
    assert find_place(House, location).path == path
