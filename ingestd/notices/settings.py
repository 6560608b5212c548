"""What letters may say and when, and the windows of time the service keeps."""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from ingestd.service_settings import Language
from ingestd.settings import Duration, Settings, parse_duration, print_duration

_QUIET_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_WORKING_DAYS = re.compile(r"(\d{1,3})-(\d{1,3})wd")


def split_quiet_hours(text: str) -> tuple[time, time]:
    """Split ``21:00-08:00`` into its first and its last moment. Raise ValueError with what to write instead."""
    match = _QUIET_HOURS.fullmatch(text)
    if not match or match[1] + match[2] == match[3] + match[4]:
        raise ValueError('write two different times of the day, such as "21:00-08:00", or "none"')
    return time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))


def _quiet_hours(text: str) -> str:
    if text != "none":
        split_quiet_hours(text)
    return text


class LettersSettings(Settings):
    """What the letters say about us, to whom they echo, and when they keep still."""

    directory: Path | None = Field(
        default=None,
        description="A folder of your own letters, KIND/LANGUAGE/body.txt and so on, that go before the shipped ones; "
        "relative to this file",
        examples=["letters"],
    )
    languages: tuple[Language, ...] | None = Field(
        default=None,
        min_length=1,
        description="The languages letters are written in; those of service.languages when not set",
        examples=[["zh-CN", "en"]],
    )
    echo: Literal["proven", "mail", "never"] = Field(
        default="mail",
        description="To whom the customer's own words are repeated: proven addresses only, mail unless its "
        "authentication failed, or nobody",
    )
    max_age: Duration = Field(
        default=timedelta(days=3),
        description="Mail that was older when it was first fetched gets no letter; the ticket comes all the same",
    )
    quiet_hours: Annotated[str, AfterValidator(_quiet_hours)] = Field(
        default="21:00-08:00",
        description="When follow-ups and surveys wait for the morning, in service.timezone; acknowledgements never "
        "wait; none for no such hours",
    )
    team: str = Field(default="客户服务团队", min_length=1, description="Who signs a Chinese letter")
    team_en: str = Field(default="Customer Service Team", min_length=1, description="Who signs an English letter")
    hotline: str | None = Field(
        default=None,
        min_length=1,
        description="The telephone number letters give for urgent matters",
        examples=["400-000-0000"],
    )

    @property
    def quiet(self) -> tuple[time, time] | None:
        """The first and the last moment of the quiet hours, local time; None when there are none."""
        return None if self.quiet_hours == "none" else split_quiet_hours(self.quiet_hours)


class WorkingDays(NamedTuple):
    """A window in working days after the matter was settled: not before ``earliest``, not after ``latest``."""

    earliest: int
    latest: int


FollowUp = timedelta | WorkingDays | None


def parse_follow_up(value: object) -> FollowUp:
    """Read ``"24h"``, ``"1-2wd"`` or ``"none"``. Raise ValueError with what to write instead."""
    if value is None or value == "none":
        return None
    match = _WORKING_DAYS.fullmatch(value) if isinstance(value, str) else None
    if match and 0 < int(match[1]) <= int(match[2]):
        return WorkingDays(int(match[1]), int(match[2]))
    return value if isinstance(value, WorkingDays) else _duration_or(value, "1-2wd or none")


def _duration_or(value: object, others: str) -> timedelta:
    try:
        return parse_duration(value)
    except ValueError as error:
        raise ValueError(f"{error}, or {others}") from None


def _print_follow_up(value: FollowUp) -> str:
    if isinstance(value, WorkingDays):
        return f"{value.earliest}-{value.latest}wd"
    return "none" if value is None else print_duration(value)


def _parse_optional(value: object) -> timedelta | None:
    return None if value is None or value == "none" else _duration_or(value, "none")


FollowUpWindow = Annotated[
    FollowUp,
    BeforeValidator(parse_follow_up),
    PlainSerializer(_print_follow_up),
    WithJsonSchema({"type": "string", "examples": ["24h", "1-2wd", "none"]}),
]
OptionalDuration = Annotated[
    timedelta | None,
    BeforeValidator(_parse_optional),
    PlainSerializer(_print_follow_up),
    WithJsonSchema({"type": "string", "examples": ["24h", "none"]}),
]


class Durations(Settings):
    """One duration for each priority."""

    P0: Duration = Field(gt=timedelta(0))
    P1: Duration = Field(gt=timedelta(0))
    P2: Duration = Field(gt=timedelta(0))


class PriorityWords(Settings):
    """The word people read for each priority."""

    P0: str = Field(min_length=1)
    P1: str = Field(min_length=1)
    P2: str = Field(min_length=1)


def durations(p0: str, p1: str, p2: str) -> Durations:
    """Write one duration for each priority."""
    return Durations(P0=parse_duration(p0), P1=parse_duration(p1), P2=parse_duration(p2))


COMMON_WORDS = PriorityWords(P0="特急", P1="紧急", P2="普通")
_M30, _H24, _H48 = timedelta(minutes=30), timedelta(hours=24), timedelta(hours=48)


class WindowSettings(Settings):
    """Every timer of a ticket's life. Wall time, but for follow-ups in working days (wd)."""

    priority_words: PriorityWords = Field(default=COMMON_WORDS, description="The words people read for the priorities")
    ack: Durations = Field(
        default=durations("2m", "5m", "5m"),
        description="From arrival to the acknowledgement; after it the letter says it is late",
    )
    poll_interval: Duration = Field(
        default=timedelta(seconds=30), gt=timedelta(0), description="How often a polled mailbox is looked at, at most"
    )
    response: Durations = Field(
        default=durations("1h", "4h", "24h"), description="From arrival to the first answer of a person"
    )
    response_warning: int = Field(
        default=75, ge=1, le=100, description="When the queue is warned, in percent of the response window"
    )
    preliminary: OptionalDuration = Field(default=_M30, description="From arrival of a P0 to the first feedback")
    complaint_result: OptionalDuration = Field(
        default=_H24, description="From arrival of a complaint to its result; none leaves it to the priority"
    )
    resolve: OptionalDuration = Field(default=_H48, description="From the flag complex to resolved")
    promise: Duration = Field(default=_M30, description="What is promised when nobody says another time")
    promise_lead: int = Field(
        default=20,
        ge=0,
        le=100,
        description="How long before a promise is due its owner is warned, in percent of its span",
    )
    promise_lead_min: Duration = Field(default=timedelta(minutes=10), description="The least time of that warning")
    supervisor_at_once: tuple[Literal["P0", "P1", "complaint"], ...] = Field(
        default=("P0", "P1", "complaint"), description="What a supervisor is told of at once"
    )
    shipping_step: Duration = Field(default=_H24, description="The longest time between two steps of a shipment")
    follow_up: FollowUpWindow = Field(
        default=WorkingDays(1, 2), description="After a consult, fault or after-sales matter was settled, the follow-up"
    )
    follow_up_complaint: FollowUpWindow = Field(
        default=_H24, description="After a complaint or suggestion was settled, the follow-up"
    )
    csat_floor: int = Field(
        default=85, ge=0, le=100, description="The least satisfaction, of 100, before a report warns"
    )
    resolution_rate: int = Field(
        default=95, ge=0, le=100, description="The least share of matters resolved, in percent, before a report warns"
    )
    progress: Durations = Field(
        default=durations("30m", "4h", "24h"), description="The longest silence towards the customer of an open ticket"
    )
    info_reminders: tuple[Duration, ...] = Field(
        default=(_H24, timedelta(hours=72)),
        description="When the customer is reminded of details we asked for; after the last we go on without",
    )
    confirm_silence: Duration = Field(
        default=timedelta(hours=72), description="After this silence upon a result the ticket counts as resolved"
    )
    survey_reminder: Duration = Field(
        default=timedelta(days=3), description="When an unanswered survey is sent once more"
    )
    survey_gap: Duration = Field(
        default=timedelta(days=30), description="The least time between two surveys to one address"
    )
    suggestion_progress: Duration = Field(
        default=timedelta(days=14), description="How often the author of an accepted suggestion hears of it"
    )
    archive: Duration = Field(default=timedelta(days=7), description="From the follow-up to the archive")
