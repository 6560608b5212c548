"""The section ``outbound``: what is refused, and that a sentence says what to write instead."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from ingestd.errors import ConfigError
from ingestd.outbox import COURIERS, Surroundings, open_courier
from ingestd.outbox.settings import OutboundSettings

SECRET = {"env": "RELAY_PASSWORD"}


def test_nothing_written_means_a_folder_and_no_network() -> None:
    """A new installation sends nothing to anybody until it is told to."""
    settings = OutboundSettings()
    assert (settings.courier, settings.hold, settings.give_up) == ("folder", False, timedelta(days=5))


def test_the_words_of_the_setting_are_the_couriers_there_are() -> None:
    """No courier without a word, no word without a courier."""
    assert set(get_args(OutboundSettings.model_fields["courier"].annotation)) == set(COURIERS)


def test_every_key_says_what_it_means() -> None:
    """The example config and the schema are made of these descriptions."""
    assert [name for name, field in OutboundSettings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"courier": "pigeon"}, "'smtp' or 'folder'"),
        ({"prot": 25}, "Extra inputs are not permitted"),
        ({"port": 0}, "greater than or equal to 1"),
        ({"connections": 5}, "less than or equal to 4"),
        ({"connections": 0}, "greater than or equal to 1"),
        ({"give_up": 5}, "write a number with a unit"),
        ({"bounce_address": "Bounces <b@corp.example>"}, "write a plain address"),
        ({"bounce_address": "b@corp.example\r\n"}, "write a plain address"),
        ({"helo_name": "two words"}, "should match pattern"),
        ({"helo_name": "a\r\nMAIL"}, "should match pattern"),
        ({"username": "desk"}, "username and password belong together"),
        ({"password": SECRET}, "username and password belong together"),
        ({"username": "desk", "password": SECRET, "host": "relay.example"}, "set tls to starttls or tls"),
        ({"username": "desk", "password": "open sesame"}, "valid dictionary or instance of Secret"),
    ],
)
def test_a_mistake_is_refused_with_what_to_write(written: dict[str, Any], sentence: str) -> None:
    """An operator can act on the sentence without reading code."""
    with pytest.raises(ValidationError, match=sentence):
        OutboundSettings.model_validate(written)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_login_over_tls_is_taken(tls: str) -> None:
    """The usual relay of a provider."""
    written = {"courier": "smtp", "host": "relay.example", "username": "desk", "password": SECRET, "tls": tls}
    assert OutboundSettings.model_validate(written).username == "desk"


def test_a_useless_ca_file_is_a_configuration_error(tmp_path: Path) -> None:
    """Said at the start with the key's name, not at the first letter."""
    (tmp_path / "ca.pem").write_text("no certificate")
    settings = OutboundSettings(courier="smtp", tls="tls", ca_file=Path("ca.pem"))
    with pytest.raises(ConfigError, match=r"outbound\.ca_file .*ca\.pem"):
        open_courier(settings, Surroundings(tmp_path, tmp_path))
    with pytest.raises(ConfigError, match="No such file"):
        open_courier(settings, Surroundings(tmp_path / "elsewhere", tmp_path))


def test_the_password_is_in_no_representation(tmp_path: Path) -> None:
    """P33: what is printed by accident holds no secret."""
    around = Surroundings(tmp_path, tmp_path, "planted-secret-1")
    assert "planted" not in repr(around)
    assert "planted" not in repr(vars(open_courier(OutboundSettings(), around)))
