"""Fresh installations to measure: a folder, a config, and on request a PostgreSQL of their own."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.daemon import ROOT

ALL_LOOPS = "receive,process,deliver,schedule,web"
MAX_ACKS = 1_000_000
"""A bench sends more within an hour than any budget ought to allow."""


@dataclass(frozen=True)
class Place:
    """Where an installation under measurement stands."""

    config: Path
    smtp_port: int
    web_port: int


@contextmanager
def installation(
    *, relay_port: int = 25, url: str = "sqlite:///ingestd.db", **sections: Mapping[str, Any]
) -> Iterator[Place]:
    """Write a config into a new folder and remove both at the end. ``sections`` are added to it, or to its sections."""
    with tempfile.TemporaryDirectory(prefix="ingestd-bench-") as folder:
        place = Place(Path(folder, "config.yaml"), _free_port(), _free_port())
        content = settings(place, relay_port, url)
        for name, values in sections.items():
            content[name] = {**content.get(name, {}), **values}
        place.config.write_text(json.dumps(content))  # YAML contains JSON
        Path(folder, "signing-key").write_text("k" * 48)
        yield place


def settings(place: Place, relay_port: int, url: str) -> dict[str, Any]:
    """Return the config: defaults but for addresses, and for the budget of all acknowledgements."""
    return {
        "service": {"state_dir": "state", "node": "bench", "signing_key": {"file": "signing-key"}},
        "store": {"url": url},
        "channels": [
            {
                "kind": "smtp",
                "name": "support",
                "listen": f"127.0.0.1:{place.smtp_port}",
                "recipients": ["support@example.com"],
            }
        ],
        "outbound": {"courier": "smtp", "host": "127.0.0.1", "port": relay_port},
        "web": {"listen": f"127.0.0.1:{place.web_port}"},
        "limits": {"ack_global_per_hour": MAX_ACKS},
        "operators": {"alerts_to": ["operator@example.com"]},
    }


@contextmanager
def postgres_url() -> Iterator[str]:
    """Start a real PostgreSQL with durable commits and return the address of an empty database in it."""
    _know_the_doubles()
    from doubles.postgres import PostgresServer
    from doubles.programs import find

    binary = find("postgresql")
    if binary is None:
        raise RuntimeError("PostgreSQL is not installed; apt-get install postgresql brings it")
    with PostgresServer(binary) as server:
        yield server.url(server.create())


def _free_port() -> int:
    _know_the_doubles()
    from doubles.ports import free_port

    return int(free_port())


def _know_the_doubles() -> None:
    tests = str(ROOT / "tests")
    if tests not in sys.path:
        sys.path.append(tests)
