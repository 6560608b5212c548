"""The windows of each manual stand in its profile, and windows nobody can keep are named."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from pydantic import ValidationError

from ingestd.notices.profiles import (
    MANUALS,
    PROFILES,
    Profile,
    over_profile,
    overlong_promise,
    reproduced_manuals,
    too_tight,
)
from ingestd.notices.settings import LettersSettings, WindowSettings, WorkingDays, split_quiet_hours


def minutes(window: timedelta | None) -> float | None:
    """Return a window in minutes."""
    return None if window is None else window.total_seconds() / 60


@pytest.mark.parametrize(
    ("profile", "ack", "poll", "response", "complaint"),
    [
        ("default", (2, 5, 5), 0.5, (60, 240, 1440), 1440),
        ("daily", (2, 5, 5), 0.5, (60, 240, 1440), 1440),
        ("process", (10, 10, 10), 2, (60, 240, 1440), None),
        ("hotline", (15, 15, 15), 3, (1440, 1440, 1440), 1440),
        ("complaints", (2, 5, 5), 0.5, (60, 240, 1440), 1440),
        ("quick", (2, 5, 5), 0.5, (60, 240, 1440), 1440),
    ],
)
def test_each_profile_has_its_manuals_windows(
    profile: Profile, ack: tuple[int, ...], poll: float, response: tuple[int, ...], complaint: int | None
) -> None:
    """The clocks a customer feels are those the manual names, in minutes."""
    windows = PROFILES[profile]
    assert (minutes(windows.ack.P0), minutes(windows.ack.P1), minutes(windows.ack.P2)) == ack
    assert minutes(windows.poll_interval) == poll
    assert tuple(minutes(getattr(windows.response, level)) for level in ("P0", "P1", "P2")) == response
    assert minutes(windows.complaint_result) == complaint


@pytest.mark.parametrize(
    ("profile", "follow_up", "after_complaint", "supervisor", "promise"),
    [
        ("default", WorkingDays(1, 2), timedelta(hours=24), ("P0", "P1", "complaint"), 30),
        ("process", WorkingDays(1, 2), timedelta(hours=24), ("P0", "P1"), 30),
        ("complaints", WorkingDays(1, 2), WorkingDays(1, 2), ("P0", "P1", "complaint"), 30),
        ("quick", None, timedelta(hours=24), ("complaint",), 120),
    ],
)
def test_each_profile_follows_up_as_its_manual_does(
    profile: Profile, follow_up: object, after_complaint: object, supervisor: tuple[str, ...], promise: int
) -> None:
    """Who is told at once, what is promised, and when the customer is asked again."""
    windows = PROFILES[profile]
    assert (windows.follow_up, windows.follow_up_complaint) == (follow_up, after_complaint)
    assert windows.supervisor_at_once == supervisor
    assert minutes(windows.promise) == promise


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_every_profile_can_be_kept_and_written_down(profile: Profile) -> None:
    """No shipped profile is refused, and reading it back gives the same."""
    assert too_tight(PROFILES[profile]) is None
    assert WindowSettings.model_validate(over_profile(profile, None)) == PROFILES[profile]


def test_only_quick_promises_more_than_it_answers() -> None:
    """Manual 004 promises a fix in 2 h, which is longer than the first hour of a P0: worth a warning."""
    assert [profile for profile, windows in PROFILES.items() if overlong_promise(windows)] == ["quick"]


def test_single_values_replace_those_of_the_profile() -> None:
    """Down to one priority; all else stays the profile's."""
    stated = {"ack": {"P0": "6m"}, "follow_up": "none", "info_reminders": ["12h"]}
    windows = WindowSettings.model_validate(over_profile("process", stated))
    assert (minutes(windows.ack.P0), minutes(windows.ack.P1)) == (6, 10)
    assert windows.follow_up is None
    assert windows.info_reminders == (timedelta(hours=12),)
    assert windows.priority_words.P0 == "紧急"


@pytest.mark.parametrize("stated", ["5m", ["ack"], {"ack": "5m"}, {"ack": None, "akc": {}}])
def test_what_is_no_window_is_left_to_validation(stated: object) -> None:
    """Laying over never hides a mistake."""
    with pytest.raises(ValidationError):
        WindowSettings.model_validate(over_profile("default", stated))


def test_it_is_known_which_manual_names_a_value() -> None:
    """The check tells which manual each value reproduces."""
    manuals = reproduced_manuals(PROFILES["default"])
    assert manuals.keys() == WindowSettings.model_fields.keys()
    assert (manuals["ack"], manuals["response"], manuals["promise"]) == (("004",), ("001",), ("000", "002", "003"))
    assert manuals["archive"] == ()
    assert set(MANUALS.values()) == set(PROFILES) - {"default"}


@pytest.mark.parametrize(("p1", "refused"), [("35s", True), ("36s", False)])
def test_the_tightest_window_counts(p1: str, refused: bool) -> None:
    """One poll of 30 s and one retry of 5 s must fit, whichever priority is the tightest."""
    windows = WindowSettings.model_validate(over_profile("default", {"ack": {"P1": p1}}))
    assert (too_tight(windows) is not None) is refused


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("24h", timedelta(hours=24)),
        ("1-2wd", WorkingDays(1, 2)),
        ("3-3wd", WorkingDays(3, 3)),
        ("none", None),
    ],
)
def test_a_follow_up_is_wall_time_or_working_days(text: str, window: object) -> None:
    """Each is read, and written as it was read."""
    windows = WindowSettings.model_validate({"follow_up": text})
    assert windows.follow_up == window
    again = WindowSettings.model_validate(windows.model_dump(mode="json"))
    assert again == windows


@pytest.mark.parametrize("text", ["2-1wd", "0-1wd", "1wd", "soon", "24", 24, ""])
def test_a_follow_up_that_is_neither_is_refused(text: object) -> None:
    """The sentence names all three ways to write one."""
    with pytest.raises(ValidationError, match=r"5m, or 1-2wd or none"):
        WindowSettings.model_validate({"follow_up": text})


@pytest.mark.parametrize(
    ("text", "span"),
    [("21:00-08:00", (time(21), time(8))), ("00:00-23:59", (time(0), time(23, 59))), ("none", None)],
)
def test_quiet_hours_are_two_times_of_the_day(text: str, span: tuple[time, time] | None) -> None:
    """They may go over midnight."""
    assert LettersSettings(quiet_hours=text).quiet == span


@pytest.mark.parametrize("text", ["21-8", "24:00-08:00", "21:00-21:00", "21:60-08:00", "", "21:00"])
def test_quiet_hours_that_are_none_are_refused(text: str) -> None:
    """Half an hour range would silence letters for ever, or never."""
    with pytest.raises(ValueError, match="21:00-08:00"):
        split_quiet_hours(text)
