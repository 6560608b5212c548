"""The SQL views that people may rely on: the same names and columns on SQLite and PostgreSQL.

A view whose name ends in ``_v1`` never loses a column. Times are timestamptz, on SQLite ISO 8601 UTC text.
"""

from __future__ import annotations

VIEWS: dict[str, str] = {
    "audit_delivery_v1": """
        SELECT door, account, mailbox, uidvalidity, uid, envelope_id, webhook_id, accepted_at, raw_sha256, intake_id
        FROM arrival""",
    "audit_intake_v1": """
        SELECT intake_id, outcome, ticket_no, department, reason, message_id
        FROM arrival""",
    "audit_outbound_v1": """
        SELECT mail_id, NULLIF(ticket_no, '') AS ticket_no, kind, message_id, rcpt, state, attempts, due_at, sent_at,
               late, reason
        FROM outbox""",
    "audit_parked_v1": """
        SELECT intake_id, reason, stage, attempts, finished_at AS parked_at, raw_sha256
        FROM arrival
        WHERE outcome = 'parked'""",
    "ticket_v1": """
        SELECT t.ticket_no, t.customer_name, t.contact, t.customer_no, t.occurred_at, t.description, t.category_l1,
               t.category_l2, t.priority, t.emotion, t.attachments, t.accepted_by, t.department, t.dept_contact,
               t.state, s.status, t.received_at, t.accepted_at, t.responded_at, t.resolved_at, t.followed_up_at,
               t.archived_at
        FROM ticket AS t JOIN state AS s ON s.state = t.state""",
    "survey_v1": """
        SELECT ticket_no, sent_at, answered_at, score, source, counted
        FROM survey""",
}
"""Name and query. ``survey`` is filled by surveys; until one is sent the view is empty."""

HISTORY_GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        """CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
           BEGIN SELECT RAISE(ABORT, 'history is append-only'); END""",
        """CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
           BEGIN SELECT RAISE(ABORT, 'history is append-only'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$""",
        """CREATE TRIGGER entry_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
           FOR EACH STATEMENT EXECUTE FUNCTION entry_is_append_only()""",
    ),
}
"""What makes history append-only in the database itself, not only in our code (004-23)."""
