"""The installation that every test of the command line works on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from doubles.terminal import Terminal

from ingestd import routing
from ingestd.config import rules
from responders import Letters

_problems = Letters.problems
_load_shipped = cache(routing.load_shipped)


def _of_own_letters_only(letters: Letters) -> tuple[str, ...]:
    return () if letters._current is letters._shipped else _problems(letters)


@pytest.fixture(autouse=True)
def what_is_shipped_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the shipped rules once for all commands, and write no shipped letter on trial: both have their own tests."""
    monkeypatch.setattr(Letters, "problems", _of_own_letters_only)
    for module in (routing, rules):
        monkeypatch.setattr(module, "load_shipped", _load_shipped)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal beside an open installation on SQLite."""
    opened = Terminal(tmp_path)
    yield opened
    opened.close()
