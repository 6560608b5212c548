"""The example shows every key, is what its writer writes, loads, and loads with every key switched on, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from ingestd import config
from ingestd.config import lines, shapes
from ingestd.config.example import EXAMPLE, render
from ingestd.config.sections import Config
from ingestd.settings import Secret, Settings

FILE = Path(__file__).parents[3] / "config.example.yaml"
Pattern = tuple[str, ...]


def switched_on(text: str) -> str:
    """Take away the mark before every key that is off; comments have a space after theirs."""
    return re.sub(r"(?m)^(\s*)#(?=[^\s#])", r"\1", text)


def fields_of(model: type[Settings], above: Pattern = ()) -> Iterator[tuple[Pattern, FieldInfo]]:
    """Yield every field of the model and of those inside it; ``*`` stands for an item's number or name."""
    for name, field in model.model_fields.items():
        path = (*above, shapes.key_of(model, name))
        yield path, field
        inner = shapes.element(field.annotation)
        beneath = path if inner is None else (*path, "*")
        for chosen in shapes.models(field.annotation if inner is None else inner):
            yield from () if chosen is Secret else fields_of(chosen, beneath)


def shown(text: str) -> set[Pattern]:
    """Return the key paths a config has, in the same form."""
    found = {tuple("*" if isinstance(part, int) else part for part in path) for path in lines.read(text).lines}
    return {tuple("*" if path[:i] == ("departments",) else part for i, part in enumerate(path)) for path in found}


def test_the_committed_example_is_what_the_writer_writes() -> None:
    """Regenerate it with ``render(EXAMPLE)`` when a model has changed."""
    assert FILE.read_text(encoding="utf-8") == render(EXAMPLE)


def test_the_example_has_no_problems() -> None:
    """What we ship as an example works as it stands, and needs no secret."""
    assert config.problems(FILE) == ()


def test_every_field_of_every_model_is_shown() -> None:
    """A key nobody can read about does not exist."""
    missing = {path for path, _field in fields_of(Config)} - shown(switched_on(FILE.read_text(encoding="utf-8")))
    assert missing == set()


def test_a_field_that_is_not_shown_would_be_noticed() -> None:
    """The test above can fail."""
    without = FILE.read_text(encoding="utf-8").replace("#idle_timeout:", "# idle_timeout:")
    missing = {path for path, _field in fields_of(Config)} - shown(switched_on(without))
    assert missing == {("channels", "*", "idle_timeout")}


def test_every_key_may_be_switched_on() -> None:
    """The defaults and the examples that are shown are values one may write."""
    data = lines.read(switched_on(FILE.read_text(encoding="utf-8"))).data
    Config.model_validate(data, context={"written": True})


def test_what_is_shown_as_the_default_is_the_default() -> None:
    """Switching a key on without changing it changes nothing."""
    text = FILE.read_text(encoding="utf-8")
    off = Config.model_validate(lines.read(text).data)
    on = Config.model_validate(lines.read(switched_on(text)).data, context={"written": True})
    for path, field in fields_of(Config):
        inner = shapes.element(field.annotation)
        is_leaf = not shapes.models(field.annotation if inner is None else inner)
        if is_leaf and not field.is_required() and field.default is not None:
            assert value_at(on, path) == value_at(off, path), path


def value_at(value: object, path: Pattern) -> object:
    """Return the value at a path; the first item stands for all of a list or a mapping."""
    for part in path:
        if isinstance(value, dict):
            value = next(iter(value.values()))
        elif isinstance(value, tuple):
            value = value[0]
        else:
            value = getattr(value, part)
    return value


def test_every_field_has_a_meaning() -> None:
    """Only the keys that choose a kind, and the three priorities, explain themselves."""
    silent = {path[-1] for path, field in fields_of(Config) if not field.description}
    assert silent <= {"kind", "P0", "P1", "P2"}


def test_answers_are_written_and_read_back(tmp_path: Path) -> None:
    """What ``init`` is told stands in the file, whether by dotted key or nested; all else stays at its default."""
    answers = {
        "service.name": "帮助: 中心 # 1",
        "store": {"url": "postgresql://ingestd@db.example.com/ingestd", "password": {"file": "db-password"}},
        "service.signing_key": {"env": "KEY"},
        "service.state_dir": "./var",
        "limits.parse_memory": "1GiB",
        "channels": [
            {"kind": "smtp", "name": "a", "recipients": ["a@example.com"]},
            {"kind": "smtp", "name": "b", "recipients": ["b@example.com"], "listen": "127.0.0.1:2526"},
        ],
        "departments": {"tech": {"notify": "t@corp.example"}, "museum": {"name": "博物馆"}},
    }
    file = tmp_path / "config.yaml"
    file.write_text(render(answers), encoding="utf-8")
    loaded = config.load(file).config
    assert loaded.service.name == "帮助: 中心 # 1"
    assert loaded.service.state_dir == Path("var")
    assert loaded.limits.parse_memory == 2**30
    assert [channel.listen for channel in loaded.channels] == ["127.0.0.1:2525", "127.0.0.1:2526"]
    assert list(loaded.departments) == ["tech", "museum"]
    assert loaded.web == Config().web


def test_without_answers_channels_are_shown_but_off(tmp_path: Path) -> None:
    """A config nobody answered for opens no door, and warns of it."""
    file = tmp_path / "config.yaml"
    file.write_text(render({}), encoding="utf-8")
    loaded = config.load(file)
    assert loaded.config == Config()
    assert [w for w in loaded.warnings if "no mail comes in" in w]


@pytest.mark.parametrize(
    "answers",
    [{"service.nam": "x"}, {"servce": {"name": "x"}}, {"channels": [{"kind": "smtp", "nam": "x"}]}],
)
def test_an_unknown_answer_is_refused(answers: dict[str, object]) -> None:
    """A misspelt answer is a fault of the program that asks, not to be swallowed."""
    with pytest.raises(KeyError, match="has no key"):
        render(answers)


def test_lines_stay_readable() -> None:
    """Comments are wrapped, so that the file can be read in a terminal."""
    comments = [line for line in render(EXAMPLE).splitlines() if line.lstrip().startswith("# ")]
    assert max(map(len, comments)) <= 120
