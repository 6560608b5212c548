"""Names, addresses and clocks of the installation are such as exist."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ingestd.limits import AckBudget, LimitsSettings
from ingestd.log_settings import LogSettings
from ingestd.service_settings import DepartmentSettings, OperatorSettings, ServiceSettings


@pytest.mark.parametrize("name", ["Asia/Shanghai", "UTC", "America/New_York"])
def test_a_timezone(name: str) -> None:
    """Any name of the zone database."""
    assert ServiceSettings(timezone=name).timezone == name


@pytest.mark.parametrize(
    ("name", "offer"), [("Asia/Shangai", "Asia/Shanghai"), ("", "Asia/Shanghai"), ("Europe/Berln", "Europe/Berlin")]
)
def test_no_timezone(name: str, offer: str) -> None:
    """The nearest one is offered."""
    with pytest.raises(ValidationError, match=offer):
        ServiceSettings(timezone=name)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://help.example.com", "https://help.example.com"),
        ("https://help.example.com/desk/", "https://help.example.com/desk"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_an_absolute_address(text: str, url: str) -> None:
    """It has no slash at its end, so that paths can be put behind it."""
    assert ServiceSettings(base_url=text).base_url == url


@pytest.mark.parametrize("text", ["", "help.example.com", "/desk", "ftp://x.example", "https://", "https://x/?a=b"])
def test_no_absolute_address(text: str) -> None:
    """A link in a letter must work anywhere."""
    with pytest.raises(ValidationError, match=r"https://help\.example\.com"):
        ServiceSettings(base_url=text)


@pytest.mark.parametrize("address", ["a@example.com", "a@corp.local", "a+b@localhost", "王@例子.中国"])
def test_an_address(address: str) -> None:
    """Domains inside a house are addresses, too."""
    assert DepartmentSettings(notify=address).notify == address


@pytest.mark.parametrize(
    "address", ["", "a", "a@", "@x", "A <a@example.com>", "a@example.com, b@example.com", "a@x\n", "a@x..y", "a b@x"]
)
def test_no_address(address: str) -> None:
    """One plain address, no list and no name before it."""
    with pytest.raises(ValidationError, match="one plain mail address"):
        OperatorSettings(alerts_to=(address,))


@pytest.mark.parametrize("prefix", ["", "t", "TOOLONG", "T1", "T-"])
def test_no_ticket_prefix(prefix: str) -> None:
    """A ticket number is found again in a subject, so its letters are plain."""
    with pytest.raises(ValidationError):
        ServiceSettings(ticket_prefix=prefix)


def test_the_limits_are_those_promised() -> None:
    """Any mail address 5 an hour and 20 a day, an unproven one 1 and 3 (P11, P12)."""
    limits = LimitsSettings()
    assert limits.ack_address == AckBudget(hour=5, day=20)
    assert limits.ack_unproven == AckBudget(hour=1, day=3)
    assert limits.ack_domain == AckBudget(hour=5, day=20)
    assert limits.ack_global_per_hour == 20000
    assert (limits.parse_cpu.total_seconds(), limits.parse_wall.total_seconds()) == (20, 60)
    assert (limits.parse_memory, limits.parse_workers, limits.max_tries) == (512 * 2**20, 2, 3)


@pytest.mark.parametrize(
    "limit", [{"parse_cpu": "0s"}, {"parse_memory": "1MiB"}, {"parse_workers": 0}, {"max_tries": 0}]
)
def test_limits_that_stop_everything_are_refused(limit: dict[str, object]) -> None:
    """A limit of nothing would park every message."""
    with pytest.raises(ValidationError):
        LimitsSettings.model_validate(limit)


def test_the_journal_is_quiet_and_for_programs_by_default() -> None:
    """On a terminal it is for people."""
    assert (LogSettings().level, LogSettings().format) == ("info", "auto")
