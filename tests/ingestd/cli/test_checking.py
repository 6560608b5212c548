"""``check``: all that is wrong, at once, with lines; no secret is shown and nothing is started."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from doubles.terminal import command, write_config

from ingestd.cli import exits

BAD = Path(__file__).parents[2] / "badconfigs"
TEN = next(folder for folder in BAD.iterdir() if "ten-mistakes" in folder.name)


def test_ten_mistakes_are_ten_lines_of_data() -> None:
    """Each mistake has its sentence with file and line on standard output, and the code is 78."""
    result = command("check", "--config", str(TEN / "config.yaml"))
    expected = (TEN / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert [line.replace(f"{TEN}/", "") for line in result.stdout.splitlines()] == expected
    assert result.exit_code == exits.CONFIGURATION
    assert "10 problems" in result.stderr


def test_a_good_config_is_ok_with_counts(tmp_path: Path) -> None:
    """An operator sees that his departments and channels were counted in."""
    result = command("check", "--config", str(write_config(tmp_path)))
    assert result.exit_code == exits.DONE
    assert "config.yaml: ok (1 channels, 17 departments, " in result.stdout


def test_the_same_for_programs(tmp_path: Path) -> None:
    """A program need not read sentences to know."""
    good = json.loads(command("check", "--json", "-c", str(write_config(tmp_path))).stdout)
    bad = json.loads(command("check", "--json", "-c", str(TEN / "config.yaml")).stdout)
    assert (good["ok"], good["problems"], good["counts"]["channels"]) == (True, [], 1)
    assert (bad["ok"], len(bad["problems"])) == (False, 10)


def test_warnings_are_told_beside_the_data(tmp_path: Path) -> None:
    """What is allowed but unwise does not fail the check."""
    result = command("check", "-c", str(write_config(tmp_path, channels=[])))
    assert result.exit_code == exits.DONE
    assert "warning: " in result.stderr
    assert "no mail comes in" in result.stderr


def test_every_own_letter_is_written_once(tmp_path: Path) -> None:
    """A template that cannot be filled is found before a customer would have got it."""
    own = tmp_path / "letters" / "ack" / "zh-CN"
    own.mkdir(parents=True)
    (own / "body.txt").write_text("{{ no_such_fact }}\n", encoding="utf-8")
    result = command("check", "-c", str(write_config(tmp_path, **{"letters.directory": "letters"})))
    assert result.exit_code == exits.CONFIGURATION
    assert result.stdout.startswith("letters: ")
    assert "no_such_fact" in result.stdout


def test_nothing_is_made_by_a_check(tmp_path: Path) -> None:
    """It neither opens the store nor makes its folders."""
    command("check", "-c", str(write_config(tmp_path)))
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


@pytest.mark.parametrize("answers", [{"outbound.username": "u", "outbound.password": {"env": "INGESTD_CANARY"},
                                      "outbound.tls": "tls"}])  # fmt: skip
def test_no_secret_is_printed(tmp_path: Path, answers: dict[str, Any]) -> None:
    """A secret is looked for, and its value goes nowhere (P33)."""
    config = str(write_config(tmp_path, **answers))
    missing = command("check", "-c", config)
    found = command("check", "-c", config, INGESTD_CANARY="hunter2-canary")
    assert (missing.exit_code, found.exit_code) == (exits.CONFIGURATION, exits.DONE)
    assert "INGESTD_CANARY" in missing.stdout
    assert "hunter2" not in found.output
