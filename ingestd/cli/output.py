"""What reaches a terminal or a program: tables, pages and JSON, with nothing in the data that a terminal would obey.

Data goes to standard output, everything else to standard error. Widths count 汉字 as two cells; colour is for
terminals only.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

WIDTH_WITHOUT_TERMINAL = 160
"""Cells of a line that goes to a file or a pipe: no terminal says how many there are."""
NAME_WIDTH = 12
_SEQUENCES = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\|\x1b\[[0-?]*[ -/]*[@-~]|\x1b.")
"""OSC, DCS and its kin, CSI, and the two-character escapes (ECMA-48). One that never ends hides nothing behind it."""
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, and those that turn the direction of the text around them; tab and line feed stay."""
_SPACES = re.compile(r"[\t\n\r]+")


def plain(value: object) -> str:
    """Return a value as one line of text without escapes and control characters (EX5)."""
    return _SPACES.sub(" ", plain_lines(_word(value)))


def plain_lines(text: str) -> str:
    """Return a text of several lines without escapes and control characters (EX5)."""
    return _CONTROLS.sub("", _SEQUENCES.sub("", text.replace("\r\n", "\n")))


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(_word(item) for item in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def clock_time(moment: str | datetime | None) -> str:
    """Return a moment in the time of this machine, to the second."""
    if moment is None:
        return ""
    known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{known.astimezone():%Y-%m-%d %H:%M:%S}"


def json_text(value: Any, indent: int | None = None) -> str:
    """Return JSON in which no character can do anything to a terminal; programs read the same data back."""
    return harmless(json.dumps(value, ensure_ascii=False, indent=indent, default=str))


def harmless(text: str) -> str:
    """Escape in a JSON text what a terminal might obey; such characters stand inside its strings only."""
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def print_json(value: Any) -> None:
    """Print a JSON value, indented."""
    print(json_text(value, 2))


def print_jsonl(value: Any) -> None:
    """Print a JSON value on one line, and let it go at once."""
    print(json_text(value), flush=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Print a table with a head, or the sentence ``empty`` when it has no rows."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    if table.row_count:
        _print(table)
    else:
        print(empty)


def print_fields(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and values side by side; what is empty is left out."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=NAME_WIDTH)
    table.add_column()
    for name, value in pairs:
        if text := plain(value):
            table.add_row(Text(name, style="bold"), Text(text))
    _print(table)


def print_heading(text: str) -> None:
    """Print a line above a part of a page."""
    from rich.text import Text

    print()
    _print(Text(plain(text), style="bold"))


def print_quoted(text: str, indent: str = "    ") -> None:
    """Print somebody's own words, indented so that they cannot pass for ours."""
    for line in plain_lines(text).splitlines():
        print(f"{indent}{line}".rstrip())


def _print(thing: Any) -> None:
    from rich.console import Console

    width = None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL
    console = Console(file=sys.stdout, width=width, highlight=False)
    with console.capture() as captured:
        console.print(thing)
    for line in captured.get().splitlines():
        print(line.rstrip())


def complain(sentences: str) -> None:
    """Print why something was not done, on standard error."""
    for line in plain_lines(sentences).splitlines():
        print(f"ingestd: {line}", file=sys.stderr)


def remark(sentence: str) -> None:
    """Print what a person should know beside the data, on standard error."""
    print(plain(sentence), file=sys.stderr)
