"""The test ground itself: a missing program is a skip with a sentence, and a failure where services are required."""

from __future__ import annotations

from pathlib import Path

import pytest
from doubles import programs

pytest_plugins = ["pytester"]


@pytest.fixture
def absent_program(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a program that is nowhere."""
    monkeypatch.setitem(programs.PROGRAMS, "ghost", programs.Program(("/nowhere/ghost",), "ghost-package"))
    return "ghost"


def test_a_missing_program_skips_with_the_package_that_brings_it(
    absent_program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of the skip knows what to install."""
    monkeypatch.delenv("INGESTD_REQUIRE_SERVICES", raising=False)
    with pytest.raises(pytest.skip.Exception, match="ghost is not installed; apt-get install ghost-package"):
        programs.require(absent_program)


def test_a_missing_program_fails_where_services_are_required(
    absent_program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A green CI means that everything was tried."""
    monkeypatch.setenv("INGESTD_REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception, match="ghost is not installed"):
        programs.require(absent_program)


def test_an_unknown_program_is_a_mistake_not_a_skip() -> None:
    """A typo in a test must not read as a machine that lacks something."""
    with pytest.raises(KeyError):
        programs.require("postgressql")


def test_the_newest_of_several_versions_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian keeps several PostgreSQL versions side by side."""
    for version in ("15", "17"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "postgres").touch()
    monkeypatch.setitem(programs.PROGRAMS, "pg", programs.Program((f"{tmp_path}/*/postgres",), "postgresql"))
    assert programs.find("pg") == tmp_path / "17" / "postgres"


SKIPS = """
import pytest

def test_skips():
    pytest.skip("for a reason")

@pytest.mark.skip(reason="marked")
def test_marked():
    pass

@pytest.mark.xfail
def test_expected():
    assert False

def test_passes():
    pass
"""


@pytest.mark.parametrize(("required", "expected"), [("0", {"skipped": 2}), ("1", {"failed": 1, "errors": 1})])
def test_every_skip_is_a_failure_where_services_are_required(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, required: str, expected: dict[str, int]
) -> None:
    """No kind of skip slips through, and an expected failure stays one."""
    copy_conftest(pytester, monkeypatch)
    monkeypatch.setenv("INGESTD_REQUIRE_SERVICES", required)
    pytester.makepyfile(SKIPS)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1, xfailed=1, **expected)


def test_a_module_that_skips_itself_is_a_failure_too(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing optional package must not hide a whole file of tests."""
    copy_conftest(pytester, monkeypatch)
    monkeypatch.setenv("INGESTD_REQUIRE_SERVICES", "1")
    pytester.makepyfile("import pytest\npytest.skip('whole file', allow_module_level=True)")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*allows no skipped test*whole file*"])


def copy_conftest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the inner run this project's hooks."""
    tests = Path(programs.__file__).parent.parent
    pytester.makeconftest((tests / "conftest.py").read_text(encoding="utf-8"))
    monkeypatch.setenv("PYTHONPATH", str(tests))
