"""``ingestd schema``: the JSON Schema of the config."""

from __future__ import annotations

from ingestd.cli.options import Config, verb
from ingestd.cli.output import print_json
from ingestd.config.schema import schema as config_schema

app = verb()


@app.command()
def schema(config: Config = None) -> None:
    """Print the JSON Schema of the config, for editors that complete and check as one types."""
    print_json(config_schema())
