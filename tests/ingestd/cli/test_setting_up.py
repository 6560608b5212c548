"""``init``: a few questions, a commented config that works, and nothing overwritten by accident."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from doubles.terminal import command

from ingestd import config as configuration
from ingestd.cli import exits, setting_up

ANSWERS = ["星河客服", "en", "help@star.example", "127.0.0.1:2626", "relay.star.example:587",
           "postgresql://ingestd@db/ingestd", "state", "ops@corp.example"]  # fmt: skip


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the config shall be."""
    return tmp_path / "new" / "config.yaml"


def test_yes_asks_nothing_and_the_result_passes_the_check(target: Path) -> None:
    """The shortest way to a config that works."""
    assert command("init", "--yes", "--config", str(target)).exit_code == exits.DONE
    assert command("check", "--config", str(target)).exit_code == exits.DONE
    assert "# The address and port of the HTTP server." in target.read_text(encoding="utf-8")


def test_the_answers_stand_in_the_config(target: Path) -> None:
    """Every question is asked once and its answer is in force."""
    result = command("init", "-c", str(target), given="\n".join(ANSWERS) + "\n")
    assert result.exit_code == exits.DONE, result.stderr
    loaded = configuration.load(target).config
    assert loaded.service.name == "星河客服"
    assert loaded.service.languages[0] == "en"
    assert (loaded.channels[0].recipients, loaded.channels[0].listen) == (("help@star.example",), "127.0.0.1:2626")
    assert (loaded.outbound.courier, loaded.outbound.host, loaded.outbound.port) == ("smtp", "relay.star.example", 587)
    assert loaded.operators.alerts_to == ("ops@corp.example",)
    assert len(ANSWERS) == len(setting_up.QUESTIONS)


def test_a_shared_database_gets_a_private_key(target: Path) -> None:
    """Nodes that share a database need one key; it is made for the first, readable by nobody else."""
    command("init", "-c", str(target), given="\n".join(ANSWERS) + "\n")
    key = target.parent / "credentials" / "signing-key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) >= 32
    assert configuration.problems(target) == ()


def test_an_existing_key_stays(target: Path) -> None:
    """A second init does not make reply addresses worthless that are out in the world."""
    given = "\n".join(ANSWERS) + "\n"
    command("init", "-c", str(target), given=given)
    key = (target.parent / "credentials" / "signing-key").read_text()
    result = command("init", "-c", str(target), "--force", given=given)
    assert result.exit_code == exits.DONE
    assert (target.parent / "credentials" / "signing-key").read_text() == key
    assert key not in result.output


def test_a_config_is_not_overwritten(target: Path) -> None:
    """An hour of somebody's work is not lost by a second init."""
    command("init", "--yes", "-c", str(target))
    target.write_text("mine: true\n", encoding="utf-8")
    result = command("init", "--yes", "-c", str(target))
    assert result.exit_code == exits.BAD_INPUT
    assert "--force" in result.stderr
    assert target.read_text(encoding="utf-8") == "mine: true\n"


@pytest.mark.parametrize(
    ("place", "wrong", "says"),
    [(2, "not an address", "local@domain"), (3, "port 2525", "127.0.0.1"), (5, "mysql://db", "sqlite:///")],
)
def test_an_answer_that_cannot_be_used_is_asked_again(target: Path, place: int, wrong: str, says: str) -> None:
    """What is wrong is said while the question still stands there; the file gets the right answer."""
    given = [*ANSWERS[:place], wrong, *ANSWERS[place:]]
    result = command("init", "-c", str(target), given="\n".join(given) + "\n")
    assert result.exit_code == exits.DONE
    assert says in result.stderr
    assert wrong not in target.read_text(encoding="utf-8").split("channels:")[1].split("departments:")[0]


def test_an_answer_of_the_terminal_that_ends_writes_nothing(target: Path) -> None:
    """Whoever leaves in the middle has no half config."""
    assert command("init", "-c", str(target), given="x\n").exit_code == 1
    assert not target.exists()


def test_the_language_decides_which_comes_first(target: Path) -> None:
    """Without an answer, Chinese is the first language."""
    command("init", "--yes", "-c", str(target))
    assert configuration.load(target).config.service.languages == ("zh-CN", "en")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The remedy is named: another place."""
    (tmp_path / "file").write_text("")
    result = command("init", "--yes", "-c", str(tmp_path / "file" / "config.yaml"))
    assert result.exit_code == exits.CONFIGURATION
    assert "--config" in result.stderr
