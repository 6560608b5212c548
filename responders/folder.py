"""Template files on disk: the shipped ones, and an admin's directory whose files replace them one by one."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path

SHIPPED = Path(__file__).parent / "templates"
LARGEST_FILE = 65_536
"""Octets. A template is a page of text."""


@cache
def shipped() -> dict[str, str]:
    """Return the shipped template files by name (``ack/zh-CN/body.txt``)."""
    return {name: path.read_text(encoding="utf-8") for name, path in _files(SHIPPED)}


def read(folder: Path, kinds: Collection[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Read an admin's directory: its files by name, and a sentence for each one that cannot be used."""
    if not folder.is_dir():
        return {}, (f"the letters' directory {folder} does not exist; create it, or leave letters.directory out",)
    sources: dict[str, str] = {}
    problems: list[str] = []
    for name, path in _files(folder):
        try:
            sources[name] = _read(name, path, kinds)
        except ValueError as error:
            problems.append(f"{name}: {error}")
    return sources, tuple(problems)


def _files(folder: Path) -> list[tuple[str, Path]]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return [(path.relative_to(folder).as_posix(), path) for path in paths]


def _read(name: str, path: Path, kinds: Collection[str]) -> str:
    if not _belongs(name, kinds):
        known = ", ".join(sorted(kinds))
        raise ValueError(f"no letter reads this file; write KIND/LANGUAGE/body.txt, with KIND one of {known}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"it cannot be read ({error.strerror}); make it readable to the daemon") from None
    if len(content) > LARGEST_FILE:
        raise ValueError(f"it has more than {LARGEST_FILE} octets; a template is a page of text")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8; save it as UTF-8") from None


def _belongs(name: str, kinds: Collection[str]) -> bool:
    parts = name.split("/")
    if len(parts) != 3:
        return name == "layout.html"
    kind, _, file = parts
    return kind == "parts" or (kind in kinds and file in ("subject.txt", "body.txt", "body.html"))
