"""What no single section can know is checked across sections; what is merely doubtful is a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd.config import checks
from ingestd.config.checks import Check, Subject
from ingestd.config.sections import Config


def found(check: Check, folder: Path = Path("."), **sections: object) -> list[tuple[str | int, ...]]:
    """Return the paths a check complains of."""
    return [problem.path for problem in check(Subject(Config.model_validate(sections), folder))]


def channel(name: str, *recipients: str, **more: object) -> dict[str, object]:
    """Return the block of an SMTP channel."""
    return {"kind": "smtp", "name": name, "recipients": list(recipients), **more}


POSTGRES = {"url": "postgresql://ingestd@db.example.com/ingestd"}


@pytest.mark.parametrize(
    ("sections", "complains"),
    [
        ({}, False),
        ({"store": POSTGRES}, True),
        ({"store": POSTGRES, "service": {"signing_key": {"env": "KEY"}}}, False),
    ],
)
def test_nodes_that_share_a_database_share_a_key(sections: dict[str, object], complains: bool) -> None:
    """Otherwise one node would not know the other's reply addresses (P31)."""
    assert bool(found(checks.nodes_share_a_key, **sections)) is complains


def test_channel_names_differ() -> None:
    """Each repetition is told, not the first."""
    same = [channel("a", "a@example.com"), channel("b", "b@example.com"), channel("a", "c@example.com")]
    assert found(checks.channel_names_differ, channels=same) == [("channels", 2, "name")]


@pytest.mark.parametrize(
    ("first", "second", "complains"),
    [
        ("a@example.com", "b@example.com", False),
        ("a@example.com", "A@example.COM", True),
        ("a@example.com", "a+b@example.com", True),
        ("a+b@example.com", "a@example.com", False),
        ("a@example.com", "a@other.example", False),
        ("a@example.com", "postmaster@example.com", False),
    ],
)
def test_an_address_has_one_channel(first: str, second: str, complains: bool) -> None:
    """Plus variants belong to their address, and a domain's postmaster to every channel of it."""
    both = [channel("one", first), channel("two", second)]
    expected = [("channels", 1, "recipients", 0)] if complains else []
    assert found(checks.recipients_have_one_channel, channels=both) == expected


@pytest.mark.parametrize(
    ("address", "complains"),
    [
        ("lead@corp.example", False),
        ("support@example.com", True),
        ("Support+lead@example.com", True),
        ("postmaster@example.com", True),
        ("other@example.com", False),
    ],
)
def test_nobody_is_told_through_ourselves(address: str, complains: bool) -> None:
    """A letter that comes back in as mail would make a ticket, and that a letter (P11)."""
    paths = found(
        checks.nobody_is_told_through_ourselves,
        channels=[channel("one", "support@example.com")],
        departments={"tech": {"supervisor": address, "notify": address}},
        operators={"alerts_to": ["ops@corp.example", address]},
    )
    told = [("departments", "tech", "supervisor"), ("departments", "tech", "notify"), ("operators", "alerts_to", 1)]
    assert paths == (told if complains else [])


def test_certificates_are_looked_for_beside_the_config(tmp_path: Path) -> None:
    """A door that promises TLS has its files."""
    (tmp_path / "cert.pem").touch()
    with_tls = [channel("one", "a@example.com", tls={"cert": "cert.pem", "key": "key.pem"})]
    complaints = found(checks.certificates_can_be_read, tmp_path, channels=with_tls)
    assert complaints == [("channels", 0, "tls", "key")]


def test_authorities_are_looked_for_beside_the_config(tmp_path: Path) -> None:
    """A relay's authorities are there before the first letter leaves."""
    wanted = {"ca_file": "ca.pem"}
    assert found(checks.authorities_can_be_read, tmp_path, outbound=wanted) == [("outbound", "ca_file")]
    (tmp_path / "ca.pem").touch()
    assert found(checks.authorities_can_be_read, tmp_path, outbound=wanted) == []


def test_own_letters_have_their_folder(tmp_path: Path) -> None:
    """Otherwise the shipped letters would be sent without a word."""
    assert found(checks.letters_are_there, tmp_path, letters={"directory": "own"}) == [("letters", "directory")]
    (tmp_path / "own").mkdir()
    assert found(checks.letters_are_there, tmp_path, letters={"directory": "own"}) == []


def test_a_department_is_shipped_or_ruled_or_named(tmp_path: Path) -> None:
    """An id that nobody knows is a misspelt one, unless it comes with a name."""
    rules = "departments: [{id: zoo, name: 动物园, name_en: Zoo, category_l1: consult, priority: P2}]\n"
    (tmp_path / "own.yaml").write_text(rules, encoding="utf-8")
    paths = found(
        checks.departments_are_known,
        tmp_path,
        routing={"rules": ["own.yaml", "not-there.yaml"]},
        departments={"tech": {}, "tecs": {}, "zoo": {}, "museum": {"name": "博物馆"}},
    )
    assert paths == [("departments", "tecs")]


def test_rules_are_checked_with_the_config(tmp_path: Path) -> None:
    """A rule that leads nowhere is found before the daemon starts, and told with the file it stands in."""
    rules = "rules: [{id: own, type: keyword, department: nowhere, words: [虎]}]\n"
    (tmp_path / "own.yaml").write_text(rules, encoding="utf-8")
    config = Config.model_validate({"routing": {"rules": ["own.yaml"]}})
    problems = list(checks.rules_can_be_used(Subject(config, tmp_path)))
    assert problems
    assert all(problem.path[:2] == ("routing", "rules") for problem in problems)
    assert "own.yaml" in problems[0].sentence


@pytest.mark.parametrize(("poll", "complains"), [("114s", False), ("115s", True), ("10m", True)])
def test_acks_can_be_in_time(poll: str, complains: bool) -> None:
    """The tightest window, 2 minutes, is longer than the poll interval and one retry of 5 s."""
    assert bool(found(checks.acks_can_be_in_time, windows={"poll_interval": poll})) is complains


def test_every_secret_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that cannot be had are told, none of those that can."""
    monkeypatch.setenv("THERE", "hunter2")
    paths = found(
        checks.secrets_can_be_read,
        tmp_path,
        service={"signing_key": {"env": "THERE"}},
        store={"password": {"env": "NOT_THERE_AT_ALL"}},
    )
    assert paths == [("store", "password")]


@pytest.mark.parametrize(
    ("check", "quiet", "doubtful"),
    [
        (checks.promises_fit_the_windows, {}, {"windows": {"promise": "2h"}}),
        (checks.mail_comes_in, {"channels": [channel("a", "a@example.com")]}, {}),
        (checks.bounces_are_seen, {"outbound": {"courier": "folder"}}, {"outbound": {"courier": "smtp"}}),
        (checks.power_may_fail, {}, {"store": {"durability": "relaxed"}}),
    ],
)
def test_what_is_doubtful_is_told(check: Check, quiet: dict[str, object], doubtful: dict[str, object]) -> None:
    """Each warning speaks once where it should, and not at all where it should not."""
    assert check in checks.WARNINGS
    assert found(check, **quiet) == []
    assert len(found(check, **doubtful)) == 1


def test_run_gathers_what_all_checks_find() -> None:
    """No check hides another."""
    subject = Subject(Config.model_validate({"store": {**POSTGRES, "durability": "relaxed"}}), Path("."))
    both = (checks.nodes_share_a_key, checks.power_may_fail)
    assert [problem.path[-1] for problem in checks.run(both, subject)] == ["signing_key", "durability"]
