"""``python -m ingestd``: the same as the command ``ingestd``."""

from __future__ import annotations

from ingestd.cli import main

if __name__ == "__main__":
    main()
