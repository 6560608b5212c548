"""Notices: which letters a moment owes, when, or why they are withheld. Pure: no clock, no store, no journal."""

from ingestd.notices.acks import ack_reason, owed
from ingestd.notices.case import Case, Policy
from ingestd.notices.results import reply_owed, result_owed

__all__ = ["Case", "Policy", "ack_reason", "owed", "reply_owed", "result_owed"]
