"""The settings of the SMTP door."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ingestd.channels import CHANNELS
from ingestd.channels.smtp import SmtpChannel

SMALLEST = {"kind": "smtp", "name": "main", "recipients": ["Support@Example.com"]}


def test_a_name_and_one_recipient_are_enough() -> None:
    """Everything else has a default that is safe on one machine."""
    settings = SmtpChannel.model_validate(SMALLEST)
    assert settings.listen == "127.0.0.1:2525"
    assert settings.recipients == ("support@example.com",)
    assert (settings.max_size, settings.max_recipients) == (25 * 2**20, 100)
    assert settings.idle_timeout.total_seconds() == 300
    assert settings.bare_newlines == "normalise"
    assert not settings.require_tls


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"recipients": []}, "at least 1"),
        ({"recipients": ["support"]}, "write it as local@domain"),
        ({"listen": "2525"}, "write host:port"),
        ({"require_tls": True}, "require_tls needs tls"),
        ({"tls": {"cert": "a.pem"}}, "Field required"),
        ({"max_size": "25"}, "number with a unit"),
        ({"idle_timeout": 300}, "number with a unit"),
        ({"name": "../x"}, "pattern"),
        ({"hostname": "a\r\nb"}, "pattern"),
        ({"bare_newlines": "keep"}, "normalise"),
        ({"max_connections": 0}, "greater than or equal to 1"),
        ({"recipient": "x"}, "not permitted"),
    ],
)
def test_a_wrong_setting_says_what_is_wrong(change: dict[str, Any], sentence: str) -> None:
    """Every mistake is refused before the door opens, with a sentence that helps."""
    with pytest.raises(ValidationError, match=sentence):
        SmtpChannel.model_validate(SMALLEST | change)


def test_every_key_is_described() -> None:
    """Whoever reads the schema learns what each key means."""
    fields = SmtpChannel.model_fields.items()
    assert [name for name, field in fields if name != "kind" and not field.description] == []


def test_the_table_knows_the_kind() -> None:
    """The kind in the configuration and the name in the table are the same word."""
    for kind, entry in CHANNELS.items():
        assert kind in str(entry.settings.model_fields["kind"].annotation)
