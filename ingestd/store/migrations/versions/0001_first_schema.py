"""The first schema: arrivals, tickets, history, letters, queues, leases, tokens, and the views over them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ingestd.model import STATES
from ingestd.store import types
from ingestd.store.views import HISTORY_GUARDS, VIEWS

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    for make in TABLES:
        make()
    _seed_states()
    for statement in HISTORY_GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")


def downgrade() -> None:
    """There is nothing before the first schema."""


def _seed_states() -> None:
    states = sa.table("state", *(sa.column(name) for name in ("state", "chinese", "english", "phase", "status")))
    rows = [
        {
            "state": state.value,
            "chinese": facts.chinese,
            "english": facts.english,
            "phase": facts.phase,
            "status": facts.status,
        }
        for state, facts in STATES.items()
    ]
    op.bulk_insert(states, rows)


def _arrival() -> None:
    op.create_table(
        "arrival",
        sa.Column("intake_id", types.CleanText(), nullable=False),
        sa.Column("delivery_key", types.CleanText(), nullable=False),
        sa.Column("door", types.CleanText(), nullable=False),
        sa.Column("account", types.CleanText(), nullable=False),
        sa.Column("mailbox", types.CleanText(), nullable=True),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=True),
        sa.Column("uid", sa.BigInteger(), nullable=True),
        sa.Column("envelope_id", types.CleanText(), nullable=True),
        sa.Column("webhook_id", types.CleanText(), nullable=True),
        sa.Column("kind", types.CleanText(), nullable=False),
        sa.Column("envelope", types.CleanText(), nullable=False),
        sa.Column("raw_sha256", types.CleanText(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", types.Moment(), nullable=False),
        sa.Column("accepted_at", types.Moment(), nullable=False),
        sa.Column("outcome", types.CleanText(), nullable=False),
        sa.Column("reason", types.CleanText(), nullable=True),
        sa.Column("ticket_no", types.CleanText(), nullable=True),
        sa.Column("department", types.CleanText(), nullable=True),
        sa.Column("message_id", types.CleanText(), nullable=True),
        sa.Column("message_key", types.CleanText(), nullable=True),
        sa.Column("duplicate_of", types.CleanText(), nullable=True),
        sa.Column("sender", types.CleanText(), nullable=True),
        sa.Column("sender_domain", types.CleanText(), nullable=True),
        sa.Column("text_key", types.CleanText(), nullable=True),
        sa.Column("record", types.CleanText(), nullable=True),
        sa.Column("decision", types.CleanText(), nullable=True),
        sa.Column("stage", types.CleanText(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", types.Moment(), nullable=False),
        sa.Column("owner", types.CleanText(), nullable=True),
        sa.Column("finished_at", types.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("intake_id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("delivery_key", name=op.f("uq_arrival_delivery_key")),
        sa.UniqueConstraint("message_key", name=op.f("uq_arrival_message_key")),
    )
    op.create_index(
        "ix_arrival_parked",
        "arrival",
        ["finished_at"],
        unique=False,
        sqlite_where=sa.text("outcome = 'parked'"),
        postgresql_where=sa.text("outcome = 'parked'"),
    )
    op.create_index("ix_arrival_message_id", "arrival", ["message_id"], unique=False)
    op.create_index(
        "ix_arrival_pending",
        "arrival",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("outcome = 'pending'"),
        postgresql_where=sa.text("outcome = 'pending'"),
    )
    op.create_index("ix_arrival_text_key", "arrival", ["sender_domain", "text_key", "accepted_at"], unique=False)
    op.create_index("ix_arrival_ticket_no", "arrival", ["ticket_no"], unique=False)


def _blob() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", types.CleanText(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", types.CleanText(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )


def _customer() -> None:
    op.create_table(
        "customer",
        sa.Column("email", types.CleanText(), nullable=False),
        sa.Column("customer_no", types.CleanText(), nullable=False),
        sa.Column("proved_at", types.Moment(), nullable=True),
        sa.Column("first_seen_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_customer")),
        sa.UniqueConstraint("customer_no", name=op.f("uq_customer_customer_no")),
    )


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("token_id", types.CleanText(), nullable=False),
        sa.Column("key", types.CleanText(), nullable=False),
        sa.Column("request_sha256", types.CleanText(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", types.CleanText(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("token_id", "key", name=op.f("pk_idempotency")),
    )


def _lease() -> None:
    op.create_table(
        "lease",
        sa.Column("name", types.CleanText(), nullable=False),
        sa.Column("owner", types.CleanText(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("mail_id", types.CleanText(), nullable=False),
        sa.Column("ticket_no", types.CleanText(), nullable=False),
        sa.Column("kind", types.CleanText(), nullable=False),
        sa.Column("episode", types.CleanText(), nullable=False),
        sa.Column("message_id", types.CleanText(), nullable=False),
        sa.Column("rcpt", types.CleanText(), nullable=False),
        sa.Column("rcpt_key", types.CleanText(), nullable=False),
        sa.Column("rcpt_domain", types.CleanText(), nullable=False),
        sa.Column("sender", types.CleanText(), nullable=False),
        sa.Column("language", types.CleanText(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("notice", types.CleanText(), nullable=False),
        sa.Column("state", types.CleanText(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("due_at", types.Moment(), nullable=False),
        sa.Column("deadline", types.Moment(), nullable=True),
        sa.Column("written_at", types.Moment(), nullable=True),
        sa.Column("letter_sha256", types.CleanText(), nullable=True),
        sa.Column("letter_subject", types.CleanText(), nullable=True),
        sa.Column("letter_text", types.CleanText(), nullable=True),
        sa.Column("first_tried_at", types.Moment(), nullable=True),
        sa.Column("sent_at", types.Moment(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("reason", types.CleanText(), nullable=True),
        sa.Column("owner", types.CleanText(), nullable=True),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("ticket_no", "kind", "episode", name=op.f("uq_outbox_ticket_no_kind_episode")),
    )
    op.create_index(
        "ix_outbox_domain",
        "outbox",
        ["rcpt_domain", "created_at"],
        unique=False,
        sqlite_where=sa.text("state <> 'withheld'"),
        postgresql_where=sa.text("state <> 'withheld'"),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index(
        "ix_outbox_rcpt",
        "outbox",
        ["rcpt_key", "created_at"],
        unique=False,
        sqlite_where=sa.text("state <> 'withheld'"),
        postgresql_where=sa.text("state <> 'withheld'"),
    )


def _state() -> None:
    op.create_table(
        "state",
        sa.Column("state", types.CleanText(), nullable=False),
        sa.Column("chinese", types.CleanText(), nullable=False),
        sa.Column("english", types.CleanText(), nullable=False),
        sa.Column("phase", types.CleanText(), nullable=True),
        sa.Column("status", types.CleanText(), nullable=True),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_state")),
    )


def _token() -> None:
    op.create_table(
        "token",
        sa.Column("token_id", types.CleanText(), nullable=False),
        sa.Column("secret_sha256", types.CleanText(), nullable=False),
        sa.Column("person", types.CleanText(), nullable=False),
        sa.Column("department", types.CleanText(), nullable=True),
        sa.Column("role", types.CleanText(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.Column("revoked_at", types.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_token")),
    )


def _ticket() -> None:
    op.create_table(
        "ticket",
        sa.Column("ticket_no", types.CleanText(), nullable=False),
        sa.Column("sort_key", sa.BigInteger(), nullable=False),
        sa.Column("state", types.CleanText(), nullable=False),
        sa.Column("department", types.CleanText(), nullable=False),
        sa.Column("subject", types.CleanText(), nullable=False),
        sa.Column("customer_email", types.CleanText(), nullable=True),
        sa.Column("contact", types.CleanText(), nullable=False),
        sa.Column("received_at", types.Moment(), nullable=False),
        sa.Column("priority", types.CleanText(), nullable=False),
        sa.Column("emotion", types.CleanText(), nullable=False),
        sa.Column("category_l1", types.CleanText(), nullable=False),
        sa.Column("category_l2", types.CleanText(), nullable=True),
        sa.Column("co_departments", types.Words(), nullable=False),
        sa.Column("customer_name", types.CleanText(), nullable=True),
        sa.Column("honorific", types.CleanText(), nullable=True),
        sa.Column("customer_no", types.CleanText(), nullable=True),
        sa.Column("phones", types.Words(), nullable=False),
        sa.Column("order_nos", types.Words(), nullable=False),
        sa.Column("error_code", types.CleanText(), nullable=True),
        sa.Column("occurred_at", types.CleanText(), nullable=True),
        sa.Column("description", types.CleanText(), nullable=False),
        sa.Column("language", types.CleanText(), nullable=False),
        sa.Column("answer_from", types.CleanText(), nullable=True),
        sa.Column("door", types.CleanText(), nullable=False),
        sa.Column("attachments", types.CleanText(), nullable=False),
        sa.Column("escalation", sa.Integer(), nullable=False),
        sa.Column("accepted_by", types.CleanText(), nullable=True),
        sa.Column("dept_contact", types.CleanText(), nullable=True),
        sa.Column("transfer_note", types.CleanText(), nullable=True),
        sa.Column("resolution", types.CleanText(), nullable=True),
        sa.Column("response_due", types.Moment(), nullable=True),
        sa.Column("prelim_due", types.Moment(), nullable=True),
        sa.Column("accepted_at", types.Moment(), nullable=True),
        sa.Column("responded_at", types.Moment(), nullable=True),
        sa.Column("resolved_at", types.Moment(), nullable=True),
        sa.Column("followed_up_at", types.Moment(), nullable=True),
        sa.Column("archived_at", types.Moment(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("related", types.Words(), nullable=False),
        sa.Column("flags", types.Words(), nullable=False),
        sa.Column("participants", types.Words(), nullable=False),
        sa.Column("changed_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["state"], ["state.state"], name=op.f("fk_ticket_state")),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_ticket")),
    )
    op.create_index("ix_ticket_customer_email", "ticket", ["customer_email"], unique=False)
    op.create_index("ix_ticket_department", "ticket", ["department", "sort_key"], unique=False)
    op.create_index("ix_ticket_sort_key", "ticket", ["sort_key"], unique=False)
    op.create_index("ix_ticket_state", "ticket", ["state", "sort_key"], unique=False)


def _entry() -> None:
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_no", types.CleanText(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("kind", types.CleanText(), nullable=False),
        sa.Column("actor", types.CleanText(), nullable=False),
        sa.Column("text", types.CleanText(), nullable=False),
        sa.Column("data", types.CleanText(), nullable=False),
        sa.Column("intake_id", types.CleanText(), nullable=True),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_entry_ticket_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
    )
    op.create_index("ix_entry_ticket_no", "entry", ["ticket_no", "id"], unique=False)


def _message_ref() -> None:
    op.create_table(
        "message_ref",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", types.CleanText(), nullable=False),
        sa.Column("ticket_no", types.CleanText(), nullable=False),
        sa.Column("direction", types.CleanText(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_message_ref_ticket_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_ref")),
    )
    op.create_index("ix_message_ref_message_id", "message_ref", ["message_id"], unique=False)
    op.create_index("ix_message_ref_ticket_no", "message_ref", ["ticket_no"], unique=False)


def _queue_item() -> None:
    op.create_table(
        "queue_item",
        sa.Column("ticket_no", types.CleanText(), nullable=False),
        sa.Column("department", types.CleanText(), nullable=False),
        sa.Column("why", types.CleanText(), nullable=False),
        sa.Column("priority", types.CleanText(), nullable=False),
        sa.Column("deadline", types.Moment(), nullable=False),
        sa.Column("since", types.Moment(), nullable=False),
        sa.Column("lease_id", types.CleanText(), nullable=True),
        sa.Column("leased_by", types.CleanText(), nullable=True),
        sa.Column("lease_expires_at", types.Moment(), nullable=True),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_queue_item_ticket_no")),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_queue_item")),
        sa.UniqueConstraint("lease_id", name=op.f("uq_queue_item_lease_id")),
    )
    op.create_index(
        "ix_queue_item_announced",
        "queue_item",
        ["since"],
        unique=False,
        sqlite_where=sa.text("NOT announced"),
        postgresql_where=sa.text("NOT announced"),
    )
    op.create_index("ix_queue_item_order", "queue_item", ["department", "priority", "deadline", "since"], unique=False)


def _survey() -> None:
    op.create_table(
        "survey",
        sa.Column("survey_id", types.CleanText(), nullable=False),
        sa.Column("ticket_no", types.CleanText(), nullable=False),
        sa.Column("sent_at", types.Moment(), nullable=True),
        sa.Column("answered_at", types.Moment(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("source", types.CleanText(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_survey_ticket_no")),
        sa.PrimaryKeyConstraint("survey_id", name=op.f("pk_survey")),
    )


def _ticket_reader() -> None:
    op.create_table(
        "ticket_reader",
        sa.Column("department", types.CleanText(), nullable=False),
        sa.Column("ticket_no", types.CleanText(), nullable=False),
        sa.Column("sort_key", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_ticket_reader_ticket_no")),
        sa.PrimaryKeyConstraint("department", "ticket_no", name=op.f("pk_ticket_reader")),
    )
    op.create_index("ix_ticket_reader_page", "ticket_reader", ["department", "sort_key"], unique=False)


TABLES = (
    _arrival,
    _blob,
    _counter,
    _customer,
    _idempotency,
    _lease,
    _outbox,
    _state,
    _token,
    _ticket,
    _entry,
    _message_ref,
    _queue_item,
    _survey,
    _ticket_reader,
)
