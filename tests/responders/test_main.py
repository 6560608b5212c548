"""``python -m responders``: one letter from one file."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from responders.__main__ import BAD_INPUT, main
from responders.samples import CHINESE, ENGLISH


@pytest.fixture
def facts(tmp_path: Path) -> str:
    path = tmp_path / "facts.json"
    path.write_text(CHINESE.model_dump_json(), encoding="utf-8")
    return str(path)


def test_it_prints_subject_and_text(facts: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The subject, an empty line, the letter; Chinese unless asked otherwise."""
    assert main(["ack", facts]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("[T20260501001] 已收到您的来信\n\n王女士，您好！\n")
    assert err == ""


def test_it_prints_html(facts: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With --html, the page to open in a browser."""
    assert main(["ack", facts, "--html", "--language", "en"]) == 0
    assert capsys.readouterr().out.startswith('<!doctype html>\n<html lang="en">')


def test_it_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A dash stands for standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ENGLISH.model_dump_json().encode())))
    assert main(["ack", "-", "--language", "en"]) == 0
    assert "Dear Ms Smith," in capsys.readouterr().out


def test_a_broken_override_is_said_on_stderr(facts: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The shipped letter goes to stdout, the reason to stderr."""
    (tmp_path / "own/ack/zh-CN").mkdir(parents=True)
    (tmp_path / "own/ack/zh-CN/body.txt").write_text("{{ nobody_knows }}", encoding="utf-8")
    assert main(["ack", facts, "--templates", str(tmp_path / "own")]) == 0
    out, err = capsys.readouterr()
    assert "您好" in out
    assert "shipped letter was used" in err
    assert "nobody_knows" in err


@pytest.mark.parametrize(
    ("kind", "content", "named"),
    [
        ("akc", "{}", "there is no letter 'akc'; there are ack,"),
        ("ack", "{}", "'ticket_no' has no value"),
        ("ack", '{"tickt_no": "T1"}', "tickt_no"),
        ("ack", "not json", "JSON"),
    ],
)
def test_bad_facts_exit_65(
    tmp_path: Path, kind: str, content: str, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Facts that make no letter are refused with a reason and exit code 65."""
    path = tmp_path / "facts.json"
    path.write_text(content, encoding="utf-8")
    assert main([kind, str(path)]) == BAD_INPUT
    out, err = capsys.readouterr()
    assert named in err
    assert out == ""


def test_a_missing_file_exits_65(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No file, no letter, and the file's name in the message."""
    assert main(["ack", str(tmp_path / "gone.json")]) == BAD_INPUT
    assert "gone.json" in capsys.readouterr().err


def test_it_runs_as_a_module(facts: str) -> None:
    """The command that the documentation names works as it stands."""
    done = subprocess.run(
        [sys.executable, "-m", "responders", "ack", facts], capture_output=True, timeout=60, check=True
    )
    assert "王女士" in done.stdout.decode("utf-8")
