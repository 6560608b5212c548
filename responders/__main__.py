"""Write one letter from a file of facts: ``python -m responders ack facts.json [--language zh-CN]``.

Prints the subject and the text, or the HTML with ``--html``; ``-`` reads standard input. Exits 65 if the facts cannot
make a letter.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from responders import RESPONDERS, Facts, Letter, LetterError, write

BAD_INPUT = 65


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the letter asked for and return the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        facts = Facts.model_validate_json(_read(asked.facts))
        letter = write(asked.kind, asked.language, facts, templates=asked.templates)
    except (LetterError, OSError, ValidationError) as error:
        print(f"responders: {error}", file=sys.stderr)
        return BAD_INPUT
    _print(letter, html=asked.html)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m responders", description="Write one letter from a file of facts.")
    parser.add_argument("kind", help=f"one of {', '.join(RESPONDERS)}")
    parser.add_argument("facts", help="a JSON file with the facts, or - for standard input")
    parser.add_argument("--language", default="zh-CN", help="zh-CN (default), en, or another there are templates for")
    parser.add_argument("--templates", type=Path, help="a directory whose files replace the shipped templates")
    parser.add_argument("--html", action="store_true", help="print the HTML side of the letter")
    return parser


def _read(path: str) -> bytes:
    return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()


def _print(letter: Letter, *, html: bool) -> None:
    if letter.problem:
        print(f"responders: the shipped letter was used: {letter.problem}", file=sys.stderr)
    if html:
        print(letter.html or "")
    else:
        print(f"{letter.subject}\n\n{letter.text}", end="")


if __name__ == "__main__":
    sys.exit(main())
