"""Where a person's verb is done: on the server that is named, or else on the store of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestd.cli.work import Work


@contextmanager
def at_work(config: Path | None, server: str | None, token_file: Path | None) -> Iterator[Work]:
    """Open the server that is named, or else the store on this machine."""
    if server:
        from ingestd.cli.remote import Remote, connected

        with connected(server, token_file) as client:
            yield Remote(client)
        return
    from ingestd.cli.local import Local
    from ingestd.cli.opening import admin, opened

    with opened(config) as installation:
        yield Local(installation.desk, admin())
