"""The programs that tests use as real peers, and what a missing one means: a skip here, a failure in CI.

``INGESTD_REQUIRE_SERVICES=1`` turns every skip of the run into a failure, so that a green run on the project's own
machines means that everything was tried.
"""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest


@dataclass(frozen=True)
class Program:
    """Where a program may be found, best place first, and the Debian package that brings it."""

    places: tuple[str, ...]
    package: str


PROGRAMS: dict[str, Program] = {
    "postgresql": Program(("/usr/lib/postgresql/*/bin/postgres",), "postgresql"),
    "postfix": Program(("/usr/sbin/postfix",), "postfix"),
    "chromium": Program(("/usr/bin/chromium",), "chromium"),
    "strace": Program(("/usr/bin/strace",), "strace"),
    "faketime": Program(("/usr/lib/*/faketime/libfaketime.so.1",), "libfaketime"),
    "systemd-analyze": Program(("/usr/bin/systemd-analyze",), "systemd"),
}


def find(name: str) -> Path | None:
    """Return the newest installed file of that program, or None. An unknown name raises KeyError."""
    for pattern in PROGRAMS[name].places:
        if found := sorted(glob.glob(pattern)):
            return Path(found[-1])
    return None


def require(name: str) -> Path:
    """Return where the program is; where it is missing, end the test with one sentence that says how to get it."""
    path = find(name)
    if path is None:
        absent(f"{name} is not installed; apt-get install {PROGRAMS[name].package} brings it.")
    return path


def services_required() -> bool:
    """Is a skipped test a failed one in this run?"""
    return os.environ.get("INGESTD_REQUIRE_SERVICES") == "1"


def absent(sentence: str) -> NoReturn:
    """End the running test because its machine lacks something: a skip, or a failure where services are required."""
    if services_required():
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
