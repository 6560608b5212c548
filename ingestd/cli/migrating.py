"""``ingestd migrate``: brings the schema up to date."""

from __future__ import annotations

from ingestd.cli.opening import opened
from ingestd.cli.options import Config, verb
from ingestd.store import schema

app = verb()


@app.command()
def migrate(config: Config = None) -> None:
    """Bring the schema of the database up to date; harmless when it is."""
    with opened(config, migrate=True):
        print(f"the schema is up to date, step {schema.HEAD}")
