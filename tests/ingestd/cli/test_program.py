"""The program around the verbs: every verb is there, nothing is loaded that is not used, errors are sentences."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from doubles.terminal import command, write_config

import ingestd
from ingestd.cli import checking, exits
from ingestd.cli.commands import COMMANDS
from ingestd.errors import ConfigError, Conflict, IngestdError, NotFound, Permanent, Temporary

OWED = ["demo", "init", "check", "run", "migrate", "parse", "explain", "queue", "ticket", "parked", "audit", "token",
        "schema"]  # fmt: skip


def python(code: str) -> str:
    """Run a line of Python in a fresh process and return what it prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_every_verb_is_there_with_its_line() -> None:
    """The verbs that people may rely on are all listed."""
    shown = command("--help").stdout
    assert [verb for verb in OWED if f"  {verb} " not in shown] == []
    assert list(COMMANDS) == OWED


@pytest.mark.parametrize("verb", OWED)
def test_every_verb_explains_itself(verb: str) -> None:
    """Each verb can be loaded, and says what it does."""
    result = command(verb, "--help")
    assert result.exit_code == 0
    assert f"Usage: ingestd {verb}" in result.stdout


def test_the_version_is_printed() -> None:
    """An operator can say what runs."""
    assert command("--version").stdout == f"ingestd {ingestd.__version__}\n"


def test_the_package_of_the_command_line_loads_nothing() -> None:
    """Parse workers load it with the program: it must cost them neither time nor memory."""
    loaded = python(
        "import sys, ingestd.cli; print([m for m in ('typer', 'rich', 'pydantic', 'yaml') if m in sys.modules])"
    )
    assert loaded.strip() == "[]"


def test_help_loads_no_verb() -> None:
    """The list of verbs comes at once, whatever they need."""
    code = "import sys; from ingestd.cli.program import app; app(['--help'], standalone_mode=False)"
    assert python(f"{code}; print('sqlalchemy' in sys.modules)").splitlines()[-1] == "False"


def test_python_m_ingestd_is_the_same_program() -> None:
    """Where no script is on the path, the module runs."""
    done = subprocess.run([sys.executable, "-m", "ingestd", "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"ingestd {ingestd.__version__}\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["prse"], "parse"),
        (["queue", "lst"], "list"),
        (["check", "--konfig", "x"], "--konfig"),
        (["token", "create"], "--person"),
        (["parse"], "standard input"),
        (["run", "--only", "process,recieve"], "receive"),
        (["queue", "pull", "tech", "--lease", "10"], "5m"),
    ],
)
def test_wrong_usage_is_exit_2_and_says_what_is_right(words: list[str], says: str) -> None:
    """A slip of the fingers is told apart from every other trouble."""
    result = command(*words)
    assert result.exit_code == exits.USAGE
    assert says in result.stderr
    assert result.stdout == ""


def test_the_config_may_stand_before_the_verb(tmp_path: Path) -> None:
    """Both places name the same file, and the one behind the verb wins."""
    path = str(write_config(tmp_path))
    assert command("--config", path, "check").exit_code == 0
    assert command("-c", str(tmp_path / "no.yaml"), "check", "-c", path).exit_code == 0
    assert command("-c", str(tmp_path / "no.yaml"), "check").exit_code == exits.CONFIGURATION


def test_the_config_may_stand_in_the_environment(tmp_path: Path) -> None:
    """A service names its config once."""
    assert command("check", INGESTD_CONFIG=str(write_config(tmp_path))).exit_code == 0


def test_a_missing_config_says_how_to_get_one(tmp_path: Path) -> None:
    """The first mistake of a new user has its remedy beside it."""
    result = command("migrate", "--config", str(tmp_path / "config.yaml"))
    assert result.exit_code == exits.CONFIGURATION
    assert "ingestd init" in result.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError(("a", "b")), 78),
        (exits.Unavailable("x"), 69),
        (Temporary("x"), 75),
        (Permanent("x"), 65),
        (NotFound("x"), 65),
        (Conflict("x"), 65),
        (IngestdError("x"), 75),
    ],
)
def test_every_error_has_its_code(error: IngestdError, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Programs tell by the code what to do: correct the input, the config, or try again later."""
    with pytest.raises(SystemExit) as ended, exits.told():
        raise error
    assert ended.value.code == code
    assert capsys.readouterr().err == "".join(f"ingestd: {line}\n" for line in error.sentence.splitlines())


def test_an_unknown_error_shows_no_text_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an exception says may hold a secret; its kind and the remedy are enough (P33)."""

    def fail(_source: Path) -> None:
        raise RuntimeError("password hunter2")

    monkeypatch.setattr(checking.configuration, "problems", fail)
    result = command("check", "--config", __file__)
    assert result.exit_code == exits.AGAIN
    assert "RuntimeError" in result.stderr
    assert "hunter2" not in result.output
