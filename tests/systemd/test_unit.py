"""The shipped unit: systemd understands every line of it, and it leaves the daemon next to nothing it might break."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from doubles.programs import require

UNIT = Path(__file__).parents[2] / "systemd" / "ingestd.service"
TIGHTEST = "12"
"""Tenths of the exposure score that may be reached: 0 is tight, 100 open; a bare unit has 96."""
pytestmark = pytest.mark.servers


@pytest.fixture
def analyze() -> Path:
    """systemd's own judge, which needs no running systemd."""
    return require("systemd-analyze")


def test_systemd_understands_every_line(analyze: Path, tmp_path: Path) -> None:
    """No unknown key, no bad value; lines about other units of the machine are not ours to judge."""
    program = tmp_path / "ingestd"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(
        re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={program}", UNIT.read_text(encoding="utf-8")), encoding="utf-8"
    )
    said = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, timeout=60)
    assert [line for line in said.stderr.splitlines() if UNIT.name in line] == []


def test_the_judge_would_have_found_a_mistake(analyze: Path, tmp_path: Path) -> None:
    """A misspelt key is reported under the unit's name, so the silence above means something."""
    unit = tmp_path / UNIT.name
    unit.write_text("[Service]\nType=notify\nExecStart=/bin/true\nProtectHomes=yes\n", encoding="utf-8")
    said = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, timeout=60)
    assert any(UNIT.name in line and "ProtectHomes" in line for line in said.stderr.splitlines())


def test_its_exposure_is_twelve_tenths_at_most(analyze: Path) -> None:
    """Judged offline, as a gate in CI: every sandbox option that the daemon can bear is on."""
    said = subprocess.run(
        [analyze, "security", "--offline=yes", f"--threshold={TIGHTEST}", "--no-pager", UNIT],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 0, said.stdout[-2000:] + said.stderr


def test_a_wrong_config_does_not_start_again_and_a_crash_does() -> None:
    """78 is no accident; everything else is tried again after two seconds (P17)."""
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    assert {"RestartPreventExitStatus=78", "Restart=on-failure", "Type=notify", "OOMPolicy=continue"} <= set(lines)
