"""The daemon as its own program, for benches: ``python -m bench.daemon_process CONFIG LOOP,LOOP``."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":  # parse workers import this file, and must not start a second daemon
    from ingestd import config
    from ingestd.app.serving import serve

    sys.exit(serve(config.load(Path(sys.argv[1])), frozenset(sys.argv[2].split(","))))
