"""Alembic's entry: run the steps on the connection that ``schema.migrate`` holds."""

from __future__ import annotations

from alembic import context

from ingestd.store import tables

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=tables.metadata, transactional_ddl=True)
context.run_migrations()
