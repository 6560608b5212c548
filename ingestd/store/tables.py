"""The tables. What they promise is in their constraints; what people may rely on are the views (``views.py``)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from ingestd.store.types import CleanText, Moment, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

Serial = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only where the key's type is spelled INTEGER."""

arrival = Table(
    "arrival",
    metadata,
    Column("intake_id", CleanText, primary_key=True),
    Column("delivery_key", CleanText, nullable=False, unique=True),
    Column("door", CleanText, nullable=False),
    Column("account", CleanText, nullable=False),
    Column("mailbox", CleanText),
    Column("uidvalidity", BigInteger),
    Column("uid", BigInteger),
    Column("envelope_id", CleanText),
    Column("webhook_id", CleanText),
    Column("kind", CleanText, nullable=False),
    Column("envelope", CleanText, nullable=False),
    Column("raw_sha256", CleanText, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("outcome", CleanText, nullable=False),
    Column("reason", CleanText),
    Column("ticket_no", CleanText),
    Column("department", CleanText),
    Column("message_id", CleanText),
    Column("message_key", CleanText, unique=True),
    Column("duplicate_of", CleanText),
    Column("sender", CleanText),
    Column("sender_domain", CleanText),
    Column("text_key", CleanText),
    Column("record", CleanText),
    Column("decision", CleanText),
    Column("stage", CleanText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("owner", CleanText),
    Column("finished_at", Moment),
    Index("ix_arrival_pending", "due_at", sqlite_where=text("outcome = 'pending'"),
          postgresql_where=text("outcome = 'pending'")),
    Index("ix_arrival_parked", "finished_at", sqlite_where=text("outcome = 'parked'"),
          postgresql_where=text("outcome = 'parked'")),
    Index("ix_arrival_message_id", "message_id"),
    Index("ix_arrival_ticket_no", "ticket_no"),
    Index("ix_arrival_text_key", "sender_domain", "text_key", "accepted_at"),
)  # fmt: skip

blob = Table(
    "blob",
    metadata,
    Column("sha256", CleanText, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

state = Table(
    "state",
    metadata,
    Column("state", CleanText, primary_key=True),
    Column("chinese", CleanText, nullable=False),
    Column("english", CleanText, nullable=False),
    Column("phase", CleanText),
    Column("status", CleanText),
)

ticket = Table(
    "ticket",
    metadata,
    Column("ticket_no", CleanText, primary_key=True),
    Column("sort_key", BigInteger, nullable=False),
    Column("state", CleanText, ForeignKey("state.state"), nullable=False),
    Column("department", CleanText, nullable=False),
    Column("subject", CleanText, nullable=False),
    Column("customer_email", CleanText),
    Column("contact", CleanText, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("priority", CleanText, nullable=False),
    Column("emotion", CleanText, nullable=False),
    Column("category_l1", CleanText, nullable=False),
    Column("category_l2", CleanText),
    Column("co_departments", Words, nullable=False),
    Column("customer_name", CleanText),
    Column("honorific", CleanText),
    Column("customer_no", CleanText),
    Column("phones", Words, nullable=False),
    Column("order_nos", Words, nullable=False),
    Column("error_code", CleanText),
    Column("occurred_at", CleanText),
    Column("description", CleanText, nullable=False),
    Column("language", CleanText, nullable=False),
    Column("answer_from", CleanText),
    Column("door", CleanText, nullable=False),
    Column("attachments", CleanText, nullable=False),
    Column("escalation", Integer, nullable=False),
    Column("accepted_by", CleanText),
    Column("dept_contact", CleanText),
    Column("transfer_note", CleanText),
    Column("resolution", CleanText),
    Column("response_due", Moment),
    Column("prelim_due", Moment),
    Column("accepted_at", Moment),
    Column("responded_at", Moment),
    Column("resolved_at", Moment),
    Column("followed_up_at", Moment),
    Column("archived_at", Moment),
    Column("reopened", Integer, nullable=False),
    Column("related", Words, nullable=False),
    Column("flags", Words, nullable=False),
    Column("participants", Words, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("ix_ticket_sort_key", "sort_key"),
    Index("ix_ticket_state", "state", "sort_key"),
    Index("ix_ticket_department", "department", "sort_key"),
    Index("ix_ticket_customer_email", "customer_email"),
)

ticket_reader = Table(
    "ticket_reader",
    metadata,
    Column("department", CleanText, primary_key=True),
    Column("ticket_no", CleanText, ForeignKey("ticket.ticket_no"), primary_key=True),
    Column("sort_key", BigInteger, nullable=False),
    Index("ix_ticket_reader_page", "department", "sort_key"),
)
"""Who sees a ticket: its own department and its co-queues (P30)."""

entry = Table(
    "entry",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("ticket_no", CleanText, ForeignKey("ticket.ticket_no"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("actor", CleanText, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("data", CleanText, nullable=False),
    Column("intake_id", CleanText),
    Column("internal", Boolean(create_constraint=False), nullable=False),
    Index("ix_entry_ticket_no", "ticket_no", "id"),
)

message_ref = Table(
    "message_ref",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("message_id", CleanText, nullable=False),
    Column("ticket_no", CleanText, ForeignKey("ticket.ticket_no"), nullable=False),
    Column("direction", CleanText, nullable=False),
    Index("ix_message_ref_message_id", "message_id"),
    Index("ix_message_ref_ticket_no", "ticket_no"),
)

customer = Table(
    "customer",
    metadata,
    Column("email", CleanText, primary_key=True),
    Column("customer_no", CleanText, nullable=False, unique=True),
    Column("proved_at", Moment),
    Column("first_seen_at", Moment, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", CleanText, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("mail_id", CleanText, primary_key=True),
    Column("ticket_no", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("episode", CleanText, nullable=False),
    Column("message_id", CleanText, nullable=False),
    Column("rcpt", CleanText, nullable=False),
    Column("rcpt_key", CleanText, nullable=False),
    Column("rcpt_domain", CleanText, nullable=False),
    Column("sender", CleanText, nullable=False),
    Column("language", CleanText, nullable=False),
    Column("automatic", Boolean(create_constraint=False), nullable=False),
    Column("notice", CleanText, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("deadline", Moment),
    Column("written_at", Moment),
    Column("letter_sha256", CleanText),
    Column("letter_subject", CleanText),
    Column("letter_text", CleanText),
    Column("first_tried_at", Moment),
    Column("sent_at", Moment),
    Column("late", Boolean(create_constraint=False), nullable=False),
    Column("reason", CleanText),
    Column("owner", CleanText),
    UniqueConstraint("ticket_no", "kind", "episode"),
    Index("ix_outbox_due", "due_at", sqlite_where=text("state IN ('pending', 'sending')"),
          postgresql_where=text("state IN ('pending', 'sending')")),
    Index("ix_outbox_rcpt", "rcpt_key", "created_at", sqlite_where=text("state <> 'withheld'"),
          postgresql_where=text("state <> 'withheld'")),
    Index("ix_outbox_domain", "rcpt_domain", "created_at", sqlite_where=text("state <> 'withheld'"),
          postgresql_where=text("state <> 'withheld'")),
)  # fmt: skip

queue_item = Table(
    "queue_item",
    metadata,
    Column("ticket_no", CleanText, ForeignKey("ticket.ticket_no"), primary_key=True),
    Column("department", CleanText, nullable=False),
    Column("why", CleanText, nullable=False),
    Column("priority", CleanText, nullable=False),
    Column("deadline", Moment, nullable=False),
    Column("since", Moment, nullable=False),
    Column("lease_id", CleanText, unique=True),
    Column("leased_by", CleanText),
    Column("lease_expires_at", Moment),
    Column("announced", Boolean(create_constraint=False), nullable=False),
    Index("ix_queue_item_order", "department", "priority", "deadline", "since"),
    Index("ix_queue_item_announced", "since", sqlite_where=text("NOT announced"),
          postgresql_where=text("NOT announced")),
)  # fmt: skip

lease = Table(
    "lease",
    metadata,
    Column("name", CleanText, primary_key=True),
    Column("owner", CleanText, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("token_id", CleanText, primary_key=True),
    Column("secret_sha256", CleanText, nullable=False),
    Column("person", CleanText, nullable=False),
    Column("department", CleanText),
    Column("role", CleanText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("token_id", CleanText, primary_key=True),
    Column("key", CleanText, primary_key=True),
    Column("request_sha256", CleanText, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", CleanText, nullable=False),
    Column("at", Moment, nullable=False),
)

survey = Table(
    "survey",
    metadata,
    Column("survey_id", CleanText, primary_key=True),
    Column("ticket_no", CleanText, ForeignKey("ticket.ticket_no"), nullable=False),
    Column("sent_at", Moment),
    Column("answered_at", Moment),
    Column("score", Integer),
    Column("source", CleanText),
    Column("counted", Boolean(create_constraint=False), nullable=False),
)
