"""``migrate``, ``schema`` and ``run``: what they say, and what they hand on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubles.terminal import command, write_config

from ingestd.cli import exits, running
from ingestd.config import Loaded


def test_migrate_makes_the_schema_and_is_harmless_when_it_is_there(tmp_path: Path) -> None:
    """It may be run at every deployment."""
    config = str(write_config(tmp_path, **{"store.auto_migrate": False}))
    assert command("audit", "-c", config).exit_code == exits.CONFIGURATION
    for _ in range(2):
        result = command("migrate", "-c", config)
        assert (result.exit_code, "up to date" in result.stdout) == (exits.DONE, True)
    assert command("audit", "-c", config).exit_code == exits.DONE


def test_a_store_without_schema_says_what_to_run(tmp_path: Path) -> None:
    """The remedy stands in the sentence."""
    result = command("audit", "-c", str(write_config(tmp_path)))
    assert "ingestd migrate" in result.stderr


def test_schema_is_json_schema() -> None:
    """An editor can use what is printed."""
    schema = json.loads(command("schema").stdout)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert {"service", "store", "channels", "departments"} <= set(schema["properties"])


@pytest.mark.parametrize(
    ("words", "loops"),
    [((), set(running.LOOPS)), (("--only", "web"), {"web"}), (("--only", "process, deliver"), {"process", "deliver"})],
)
def test_run_starts_the_loops_that_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], loops: set[str]
) -> None:
    """Nodes can share the work; the daemon's own exit code is the program's."""
    started: list[frozenset[str]] = []

    def serve(_loaded: Loaded, only: frozenset[str]) -> int:
        started.append(only)
        return 1

    monkeypatch.setattr(running, "serve", serve)
    assert command("run", *words, "-c", str(write_config(tmp_path))).exit_code == 1
    assert started == [loops]


def test_run_refuses_a_broken_config(tmp_path: Path) -> None:
    """A service manager must not start it again: the code is 78."""
    path = tmp_path / "config.yaml"
    path.write_text("services: {}\n")
    result = command("run", "-c", str(path))
    assert result.exit_code == exits.CONFIGURATION
    assert f"{path}:1: " in result.stderr
