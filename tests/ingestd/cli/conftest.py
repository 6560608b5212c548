"""The installation that every test of the command line works on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doubles.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal beside an open installation on SQLite."""
    opened = Terminal(tmp_path)
    yield opened
    opened.close()
