"""``python -m parsers mail.eml``: print the IntakeRecord of one file (or of standard input, ``-``) as JSON."""

from __future__ import annotations

import sys
from pathlib import Path

from parsers import parse


def main(arguments: list[str]) -> int:
    """Print the record of each file named. Gives 0, 2 for wrong usage, or 65 where a file cannot be read."""
    if not arguments:
        print("usage: python -m parsers FILE... (or - for standard input)", file=sys.stderr)
        return 2
    for name in arguments:
        try:
            raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            print(f"{name}: {error.strerror}", file=sys.stderr)
            return 65
        print(parse(raw).model_dump_json(by_alias=True, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
