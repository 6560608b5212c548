"""An installation: the open store and blobs, the key, and the policies, out of one config."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from ingestd import config
from ingestd.app import policies
from ingestd.app.policies import Policies
from ingestd.config import Loaded, Secrets
from ingestd.desk import Desk
from ingestd.errors import ConfigError
from ingestd.signing import Signer
from ingestd.store import schema
from ingestd.store.blobs import Blobs, DatabaseBlobs, DirectoryBlobs
from ingestd.store.naming import Naming
from ingestd.store.outbox import Writer
from ingestd.store.session import Store

SHORTEST_KEY = 32
RELOADED = ("departments", "routing", "profile", "windows", "letters", "operators")
"""What SIGHUP reads again; doors, store and relay stay as they were opened."""


@dataclass
class Installation:
    """What every verb on this machine works with. ``close`` it at the end."""

    loaded: Loaded
    secrets: Secrets
    store: Store
    blobs: Blobs
    signer: Signer
    policies: Policies

    @property
    def writer(self) -> Writer:
        """How tickets and letters are numbered and signed."""
        service = self.loaded.config.service
        return Writer(self.signer, Naming(service.ticket_prefix, service.timezone))

    @property
    def desk(self) -> Desk:
        """The verbs of people."""
        return Desk(self.store, self.blobs, self.writer, lambda: self.policies.policy)

    @property
    def scratch(self) -> Path:
        """The folder of files that need not survive a crash."""
        return self.loaded.state_dir / "scratch"

    def clear_scratch(self) -> None:
        """Remove what a crash left behind. Only for whoever holds the lock of the whole state directory."""
        for leftover in self.scratch.glob("*.eml"):
            leftover.unlink(missing_ok=True)

    def reload(self, source: Path) -> None:
        """Read rules, letters, windows and departments again. Raise ConfigError; then the old ones stay."""
        fresh = config.load(source).config
        changed = {section: getattr(fresh, section) for section in RELOADED}
        loaded = replace(self.loaded, config=self.loaded.config.model_copy(update=changed))
        self.policies = policies.build(loaded, self.signer)

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def open_installation(loaded: Loaded, *, migrate: bool | None = None) -> Installation:
    """Open everything a config names. Raise ConfigError with what to change, Temporary where the store is away.

    ``migrate`` None does as ``store.auto_migrate`` says.
    """
    known = config.secrets(loaded)
    settings = loaded.config.store
    loaded.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    signer = Signer(_key(loaded, known))
    policy = policies.build(loaded, signer)
    store = Store(settings.complete_url(loaded.state_dir, known.get("store.password")), settings.durability)
    try:
        _prepare(store, settings.auto_migrate if migrate is None else migrate)
        return Installation(loaded, known, store, _blobs(loaded), signer, policy)
    except BaseException:
        store.close()
        raise


def _prepare(store: Store, migrate: bool) -> None:
    store.assert_durable()
    if migrate:
        schema.migrate(store)
    schema.assert_current(store)


def _blobs(loaded: Loaded) -> Blobs:
    settings, store = loaded.config.blobs, loaded.config.store
    (loaded.state_dir / "scratch").mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.place == "database" or (settings.place == "auto" and store.is_postgresql):
        return DatabaseBlobs()
    return DirectoryBlobs(loaded.state_dir / settings.directory, settings.inline_below)


def _key(loaded: Loaded, known: Secrets) -> bytes:
    stated = known.get("service.signing_key")
    if stated is None:
        return _own_key(loaded.state_dir / "signing-key")
    if len(stated) < SHORTEST_KEY:
        raise ConfigError(
            (f"service.signing_key: the key has {len(stated)} characters; write at least {SHORTEST_KEY} of chance",)
        )
    return stated.encode()


def _own_key(path: Path) -> bytes:
    """Return the key made at first start. Losing it makes old reply tokens worthless, nothing more."""
    if not path.exists():
        draft = path.with_name(f".signing-key-{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    return path.read_text().strip().encode()
