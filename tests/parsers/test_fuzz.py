"""No bytes raise out of a parser, and no reading comes out that a database would refuse."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import parsers
from parsers import Arrival, IntakeRecord
from parsers.addresses import address, read_addresses
from parsers.arrival import Envelope
from parsers.charset import clean, decode
from parsers.encoded_words import decode_value
from parsers.filenames import safe_label
from parsers.html_text import to_text
from parsers.parameters import read_value

SAMPLES = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "samples" / "mail").rglob("*.eml"))]
ARRIVAL = Arrival(envelope=Envelope(mail_from="path@b.cn", rcpt_to="support@example.com"))
UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
SPICES = st.sampled_from(
    [
        b"=?", b"?=", b"=?utf-8?b?", b"=?gb2312?q?=", b"\r\n", b"\n\n", b"\0", b"\xff", b"(", b'"', b"<", b">", b"--",
        b";", b"boundary=", b"charset=", b"charset=hex", b"filename*0*=", b"Content-Type: ", b"multipart/mixed",
        b"message/rfc822", b"Message-ID: <>", b"From: ", b"Date: ", b"\x1b$B", b"~{", b"<div style=display:none>",
        b"base64", b"\xef\xbb\xbf", b"<<<<", b"@", b"\\", b"%00", b"1" * 30, "于2024年1月1日 写道：".encode(),
        "\u202e".encode(), b"\xed\xa0\x80",
    ]
)  # fmt: skip
MARKUP = st.sampled_from(
    [
        "<div>", "</div>", "<p style='display:none'>", "<script>", "<b", "&", "x", "<table><tr>", "<!--", "<svg>",
        "<template>", "\0", "<br>", "</body>", "<html>", "订单", "<p hidden>", "<style>",
    ]
)  # fmt: skip
LABELS = st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["gb2312", "hz", "utf-7", "utf-16"]))
CHANGES = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.one_of(SPICES, st.binary(max_size=8))), min_size=1, max_size=6
)

quick = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])


def mutated(raw: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for place, length, spice in changes:
        at = int(place * len(raw))
        raw = raw[:at] + spice + raw[at + length :]
    return raw


def assert_sound(record: IntakeRecord) -> None:
    """Hold a record against what every database and every reader of JSON can take."""
    assert "degraded" not in [defect.code for defect in record.defects], record.defects
    text = record.model_dump_json(by_alias=True)
    text.encode("utf-8")
    assert IntakeRecord.model_validate_json(text) == record
    strings = (json.dumps(value, ensure_ascii=False) for value in json.loads(text).values())
    assert not any(UNCLEAN.search(value) or re.search(r"\\u00[01]|\\u007f", value) for value in strings)
    assert [file.index for file in record.attachments] == list(range(1, len(record.attachments) + 1))


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SAMPLES), CHANGES)
def test_a_damaged_mail_is_still_read_whole(raw: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    """Damage anywhere is read around, without falling back to a plainer depth."""
    assert_sound(parsers.parse(mutated(raw, changes), ARRIVAL))


@quick
@given(st.lists(st.one_of(SPICES, st.binary(max_size=20)), max_size=30).map(b"".join))
def test_no_bytes_at_all_are_trouble(raw: bytes) -> None:
    """Bytes that never were a mail make a sound record too, and the same one each time."""
    record = parsers.parse(raw, ARRIVAL)
    assert_sound(record)
    assert parsers.parse(raw, ARRIVAL) == record


@quick
@given(st.sampled_from(SAMPLES), CHANGES)
def test_every_listed_file_is_found_again(raw: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    """A file in the record can always be fetched by its section, with the size that was told."""
    raw = mutated(raw, changes)
    for file in parsers.parse(raw, ARRIVAL).attachments:
        octets = parsers.attachment(raw, file.part)
        assert octets is not None
        assert len(octets) == file.size


@quick
@given(
    st.binary(max_size=60),
    st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["gb2312", "hz", "utf-7", "utf-16"])),
)
def test_any_octets_are_text_under_any_label(data: bytes, label: str | None) -> None:
    """Decoding is total, and what it gives is clean after cleaning."""
    assert not UNCLEAN.search(clean(decode(data, label).text))


@quick
@given(st.one_of(st.binary(max_size=80), st.lists(SPICES, max_size=10).map(b"".join)))
def test_any_header_value_is_read(value: bytes) -> None:
    """Header text has no line end and no control, whatever was in it."""
    text = decode_value(value)
    assert not UNCLEAN.search(text)
    assert "\n" not in text
    read_value(text)
    for mailbox in read_addresses([text]).mailboxes:
        assert address(mailbox.email) == mailbox.email


@quick
@given(st.text(max_size=80))
def test_any_name_makes_a_harmless_label(name: str) -> None:
    """No label leads anywhere."""
    label = safe_label(name)
    assert not set(label) & {"/", "\\", "\0", "\n", '"'}
    assert label not in (".", "..")
    assert len(label.encode()) <= 200


@quick
@given(st.lists(MARKUP, max_size=25))
def test_any_markup_has_some_text(pieces: list[str]) -> None:
    """HTML of any shape gives a string and never an exception."""
    assert isinstance(to_text("".join(pieces)), str)
