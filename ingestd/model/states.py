"""The life cycle of a ticket: its states, what each means, and which may follow which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands in its life."""

    SUPPRESSED = "suppressed"
    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    NEED_INFO = "need_info"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    AWAITING_CONFIRM = "awaiting_confirm"
    RESOLVED = "resolved"
    FOLLOWED_UP = "followed_up"
    ARCHIVED = "archived"
    MERGED = "merged"


@dataclass(frozen=True)
class StateFacts:
    """What a state means: its Chinese and English name, its phase of the closed loop, its word in column ⑬."""

    chinese: str
    english: str
    phase: str | None
    status: str | None


STATES: dict[State, StateFacts] = {
    State.SUPPRESSED: StateFacts("已抑制", "suppressed", None, None),
    State.NEW: StateFacts("待受理", "new", "受理", "处理中"),
    State.ACKNOWLEDGED: StateFacts("已受理", "acknowledged", "受理", "处理中"),
    State.NEED_INFO: StateFacts("待补充", "waiting for details", "受理", "处理中"),
    State.ASSIGNED: StateFacts("已转派", "assigned", "处理", "处理中"),
    State.IN_PROGRESS: StateFacts("处理中", "in progress", "处理", "处理中"),
    State.AWAITING_CONFIRM: StateFacts("待确认", "waiting for confirmation", "反馈", "处理中"),
    State.RESOLVED: StateFacts("已解决", "resolved", "反馈", "已解决"),
    State.FOLLOWED_UP: StateFacts("已回访", "followed up", "反馈", "已解决"),
    State.ARCHIVED: StateFacts("已归档", "archived", "归档", "已解决"),
    State.MERGED: StateFacts("已合并", "merged", "归档", "已解决"),
}

_WORK = {State.IN_PROGRESS, State.AWAITING_CONFIRM, State.RESOLVED, State.MERGED, State.SUPPRESSED}
MOVES: dict[State, frozenset[State]] = {
    State.SUPPRESSED: frozenset({State.NEW}),
    State.NEW: frozenset({State.ACKNOWLEDGED, State.ASSIGNED, *_WORK}),
    State.ACKNOWLEDGED: frozenset({State.NEED_INFO, State.ASSIGNED, *_WORK}),
    State.NEED_INFO: frozenset({State.ASSIGNED, *_WORK}),
    State.ASSIGNED: frozenset({State.NEED_INFO, *_WORK}),
    State.IN_PROGRESS: frozenset({State.ASSIGNED, State.NEED_INFO, *_WORK}),
    State.AWAITING_CONFIRM: frozenset({State.ASSIGNED, *_WORK}),
    State.RESOLVED: frozenset({State.FOLLOWED_UP, State.IN_PROGRESS, State.ARCHIVED, State.MERGED}),
    State.FOLLOWED_UP: frozenset({State.IN_PROGRESS, State.ARCHIVED, State.MERGED}),
    State.ARCHIVED: frozenset({State.IN_PROGRESS}),
    State.MERGED: frozenset({State.IN_PROGRESS}),
}
CLOSED = frozenset({State.RESOLVED, State.FOLLOWED_UP, State.ARCHIVED})
"""States that a new mail of the customer ends: the ticket is reopened."""
