"""The schema: one step, the same on both databases, with its promises in the database itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from doubles.mailroom import Mailroom, deciding, mail
from sqlalchemy import delete, inspect, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from ingestd.errors import ConfigError
from ingestd.model import STATES, State
from ingestd.store import schema, tables
from ingestd.store.session import Store, Tx

VIEWS = {
    "audit_delivery_v1": "door account mailbox uidvalidity uid envelope_id webhook_id accepted_at raw_sha256 intake_id",
    "audit_intake_v1": "intake_id outcome ticket_no department reason message_id",
    "audit_outbound_v1": "mail_id ticket_no kind message_id rcpt state attempts due_at sent_at late reason",
    "audit_parked_v1": "intake_id reason stage attempts parked_at raw_sha256",
    "ticket_v1": "ticket_no customer_name contact customer_no occurred_at description category_l1 category_l2 priority "
    "emotion attachments accepted_by department dept_contact state status received_at accepted_at responded_at "
    "resolved_at followed_up_at archived_at",
    "survey_v1": "ticket_no sent_at answered_at score source counted",
}
"""What people may rely on: these names in this order. A line here changes only with a changelog entry."""


def test_the_newest_step_is_the_one_the_code_asks_for() -> None:
    """``schema.HEAD`` stands in the code so that a start need not load the migration tool; it must not lag behind."""
    config = Config()
    config.set_main_option("script_location", "ingestd.store:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_the_steps_lead_to_the_tables_the_code_knows(store: Store) -> None:
    """Tables, columns, indexes and keys in the database are those of ``tables.py``, on both databases."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [d for d in compare_metadata(context, tables.metadata) if not _is_sqlite_type(d)]
    assert differences == []


def _is_sqlite_type(difference: Any) -> bool:
    """SQLite reports the spelled type, which our own types decorate; PostgreSQL's are compared in earnest."""
    return isinstance(difference, list) and all(change[0] == "modify_type" for change in difference)


def test_walking_twice_is_one_walk(store_url: str) -> None:
    """``run`` migrates at each start, and of several nodes one walks."""
    store = Store(store_url)
    with pytest.raises(ConfigError, match="run: ingestd migrate"):
        schema.assert_current(store)
    assert schema.migrate(store) is True
    assert schema.migrate(store) is False
    schema.assert_current(store)
    assert schema.current(store) == schema.HEAD
    store.close()


def test_another_versions_schema_is_refused_with_its_remedy(store: Store) -> None:
    """A daemon never works on a schema it does not know (P17)."""
    store.write(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))).result()
    with pytest.raises(ConfigError, match=r"step 9999, this version needs step"):
        schema.assert_current(store)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_exactly_its_public_columns(store: Store, view: str) -> None:
    """Programs read these views; a ``_v1`` never loses a column and has the same on both databases."""
    with store.engine.connect() as connection:
        names = [column["name"] for column in inspect(connection).get_columns(view)]
        connection.execute(text(f"SELECT * FROM {view}")).all()
    assert names == VIEWS[view].split()


def test_there_is_no_view_that_is_not_public(store: Store) -> None:
    """A view is a promise; none is made by accident."""
    with store.engine.connect() as connection:
        assert set(inspect(connection).get_view_names()) == set(VIEWS)


def test_times_in_views_are_utc_and_sort(store: Store) -> None:
    """timestamptz on PostgreSQL, fixed-width ISO 8601 UTC text on SQLite."""
    room = Mailroom(store, deciding())
    room.join()
    room.arrive(mail())
    moment = store.read(lambda tx: tx.execute(text("SELECT received_at FROM ticket_v1")).scalar_one())
    if store.postgres:
        assert moment.isoformat() == "2026-11-20T04:00:00+00:00"
    else:
        assert moment == "2026-11-20T04:00:00.000000Z"


def test_the_states_table_is_the_models(store: Store) -> None:
    """Column ⑬ of the views is read from the table; it must say what the code says."""
    rows = store.read(lambda tx: tx.execute(select(tables.state)).all())
    found = {State(row.state): (row.chinese, row.english, row.phase, row.status) for row in rows}
    assert found == {s: (f.chinese, f.english, f.phase, f.status) for s, f in STATES.items()}


def test_a_ticket_has_a_state_of_the_table(store: Store) -> None:
    """No code, ours or another's, can write a state that does not exist."""
    room = Mailroom(store, deciding())
    room.join()
    room.arrive(mail())
    answer = store.write(lambda tx: tx.execute(update(tables.ticket).values(state="lost")))
    assert answer.exception(30) is not None


HISTORY_CHANGES: dict[str, Callable[[Tx], object]] = {
    "update": lambda tx: tx.execute(update(tables.entry).values(text="never happened")),
    "delete": lambda tx: tx.execute(delete(tables.entry)),
}


@pytest.mark.parametrize("how", HISTORY_CHANGES)
def test_history_is_append_only_in_the_database_itself(store: Store, how: str) -> None:
    """Not only our code: the database refuses to change or remove a line of history (004-23)."""
    room = Mailroom(store, deciding())
    room.join()
    room.arrive(mail())
    before = store.read(lambda tx: tx.execute(select(tables.entry)).all())
    with pytest.raises(SQLAlchemyError, match="history is append-only"), store.engine.begin() as connection:
        HISTORY_CHANGES[how](Tx(connection))
    assert before
    assert store.read(lambda tx: tx.execute(select(tables.entry)).all()) == before


@pytest.mark.servers
def test_history_cannot_be_truncated(store: Store) -> None:
    """PostgreSQL's TRUNCATE passes by row triggers; the guard stands before it as well."""
    if not store.postgres:
        return
    with pytest.raises(SQLAlchemyError, match="history is append-only"), store.engine.begin() as connection:
        connection.execute(text("TRUNCATE entry"))
