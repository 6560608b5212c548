"""The profiles: a whole set of windows for each manual, and the checks a set of windows must pass.

Every value a manual names stands in its profile; what it does not name comes from ``default``. The config's
``windows`` override single values of the chosen profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from ingestd.notices.settings import COMMON_WORDS, PriorityWords, WindowSettings, WorkingDays, durations
from ingestd.settings import print_duration

SEND_RETRY_BASE = timedelta(seconds=5)
"""The first wait after a failed delivery (P15): a window must leave room for one retry."""

Profile = Literal["default", "daily", "process", "hotline", "complaints", "quick"]
_M30, _H24, _H48 = timedelta(minutes=30), timedelta(hours=24), timedelta(hours=48)

PROFILES: Mapping[Profile, WindowSettings] = MappingProxyType(
    {
        "default": WindowSettings(),
        "daily": WindowSettings(promise=_M30),
        "process": WindowSettings(
            priority_words=PriorityWords(P0="紧急", P1="重要", P2="一般"),
            ack=durations("10m", "10m", "10m"),
            poll_interval=timedelta(minutes=2),
            response=durations("1h", "4h", "24h"),
            complaint_result=None,
            supervisor_at_once=("P0", "P1"),
        ),
        "hotline": WindowSettings(
            ack=durations("15m", "15m", "15m"),
            poll_interval=timedelta(minutes=3),
            response=durations("24h", "24h", "24h"),
            preliminary=_M30,
            resolve=_H48,
            promise=_M30,
            csat_floor=85,
            resolution_rate=95,
        ),
        "complaints": WindowSettings(
            preliminary=_M30,
            promise=_M30,
            shipping_step=_H24,
            follow_up=WorkingDays(1, 2),
            follow_up_complaint=WorkingDays(1, 2),
        ),
        "quick": WindowSettings(
            priority_words=COMMON_WORDS,
            ack=durations("2m", "5m", "5m"),
            poll_interval=timedelta(seconds=30),
            preliminary=_M30,
            complaint_result=_H24,
            promise=timedelta(hours=2),
            supervisor_at_once=("complaint",),
            follow_up=None,
            follow_up_complaint=_H24,
        ),
    }
)
"""One set of windows for each manual; ``default`` meets all of them where they can be met together."""

MANUALS: Mapping[str, Profile] = MappingProxyType(
    {"000": "daily", "001": "process", "002": "hotline", "003": "complaints", "004": "quick"}
)


def over_profile(profile: Profile, stated: object) -> object:
    """Lay what the config states over the profile's values, key by key. What is no mapping is left to validation."""
    return _laid_over(PROFILES[profile].model_dump(mode="json"), {} if stated is None else stated)


def _laid_over(base: object, stated: object) -> object:
    if not isinstance(base, dict) or not isinstance(stated, dict):
        return stated
    return base | {key: _laid_over(base.get(key), value) for key, value in stated.items()}


def reproduced_manuals(windows: WindowSettings) -> dict[str, tuple[str, ...]]:
    """Say for each window which manuals name exactly this value; empty where none does."""
    return {
        name: tuple(manual for manual, profile in MANUALS.items() if _names(PROFILES[profile], name, windows))
        for name in WindowSettings.model_fields
    }


def _names(profile: WindowSettings, name: str, windows: WindowSettings) -> bool:
    return name in profile.model_fields_set and getattr(profile, name) == getattr(windows, name)


def too_tight(windows: WindowSettings) -> str | None:
    """Return a sentence when the tightest ack window leaves no time to look, fail once and send; None when it does."""
    tightest = min(windows.ack.P0, windows.ack.P1, windows.ack.P2)
    if tightest > windows.poll_interval + SEND_RETRY_BASE:
        return None
    return (
        f"the tightest window of {print_duration(tightest)} is not longer than windows.poll_interval "
        f"({print_duration(windows.poll_interval)}) and one retry of sending ({print_duration(SEND_RETRY_BASE)}) "
        "together; write a longer window or a shorter poll_interval"
    )


def overlong_promise(windows: WindowSettings) -> str | None:
    """Return a sentence when the usual promise is longer than the response of a priority; None when it is not."""
    shorter = [level for level in ("P0", "P1", "P2") if windows.promise > getattr(windows.response, level)]
    if not shorter:
        return None
    return (
        f"the usual promise of {print_duration(windows.promise)} is longer than the response window of "
        f"{', '.join(shorter)}"
    )
