"""A broken config is used as far as it goes, so that every other check can still be made."""

from __future__ import annotations

import pytest

from ingestd.config.salvage import original, validate

CHANNEL = {"kind": "smtp", "recipients": ["a@example.com"]}


def test_a_sound_config_is_left_whole() -> None:
    """Nothing is left out where nothing is wrong."""
    result = validate({"service": {"name": "Help"}, "channels": [{**CHANNEL, "name": "a"}]})
    assert result.config is not None
    assert result.config.service.name == "Help"
    assert (result.problems, result.left_out, result.blamed) == ((), frozenset(), frozenset())


def test_a_wrong_value_is_left_out_and_blamed() -> None:
    """Its default stands in; a check that finds something there would only repeat itself."""
    result = validate({"limits": {"max_tries": "x", "parse_workers": 4}})
    assert result.config is not None
    assert (result.config.limits.max_tries, result.config.limits.parse_workers) == (3, 4)
    assert result.blamed == {("limits", "max_tries")}


def test_an_unknown_key_is_left_out_and_not_blamed() -> None:
    """No value is missing because of it."""
    result = validate({"limits": {"max_tris": 5}})
    assert result.config is not None
    assert result.left_out == {("limits", "max_tris")}
    assert result.blamed == frozenset()


def test_an_item_without_a_needed_key_is_left_out_whole() -> None:
    """The others stay, and their problems are told under the numbers they have in the file."""
    result = validate({"channels": [CHANNEL, {**CHANNEL, "name": "b"}]})
    assert result.config is not None
    assert [channel.name for channel in result.config.channels] == ["b"]
    assert original(("channels", 0, "name"), result.left_out) == ("channels", 1, "name")


def test_problems_are_told_once_however_many_rounds_it_takes() -> None:
    """Leaving a value out may make its whole unusable: that is no second mistake."""
    result = validate({"limits": {"ack_address": {"hour": "x", "day": 3}}})
    assert [problem.path for problem in result.problems] == [("limits", "ack_address", "hour")]
    assert result.config is not None
    assert result.config.limits.ack_address.hour == 5


@pytest.mark.parametrize("data", [[], "text", 5])
def test_what_is_no_mapping_gives_no_config(data: object) -> None:
    """There is one problem and nothing to check further."""
    result = validate(data)
    assert result.config is None
    assert len(result.problems) == 1


@pytest.mark.parametrize(
    ("path", "left_out", "in_the_file"),
    [
        (("a", 0), (), ("a", 0)),
        (("a", 0), (("a", 0),), ("a", 1)),
        (("a", 1), (("a", 0), ("a", 2)), ("a", 3)),
        (("a", 0, "b", 0), (("a", 0), ("a", 1, "b", 0)), ("a", 1, "b", 1)),
        (("a", 0, "b", 0), (("a", 1),), ("a", 0, "b", 0)),
        (("c", 1), (("a", 0),), ("c", 1)),
    ],
)
def test_numbers_are_those_of_the_file(
    path: tuple[str | int, ...], left_out: tuple[tuple[str | int, ...], ...], in_the_file: tuple[str | int, ...]
) -> None:
    """Items move up where others were left out; the sentence names the place where people look."""
    assert original(path, frozenset(left_out)) == in_the_file
