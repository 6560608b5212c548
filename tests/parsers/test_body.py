"""What of a message is read, and what is a file."""

from __future__ import annotations

import hashlib

import pytest

import parsers
from parsers.attachments import facts, records
from parsers.body import Body, choose, read
from parsers.mime import read_tree

PLAIN = b"Content-Type: text/plain; charset=utf-8\n\nplain"
HTML = b"Content-Type: text/html; charset=utf-8\n\n<p>html</p>"
IMAGE = b"Content-Type: image/png\nContent-ID: <i1>\nContent-Transfer-Encoding: base64\n\nQUJD"
BLANK = b"Content-Type: text/plain\n\n \n"
NAMED = b"Content-Type: text/plain; name=notes.txt\n\nnotes"
APART = b"Content-Type: text/html\nContent-Disposition: attachment\n\n<p>apart</p>"
INVITE = b"Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR"
REPORT = b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x"
SEALED = b"Content-Type: application/pgp-encrypted\n\nVersion: 1"
STUB = "Content-Type: text/plain; charset=utf-8\n\n您的邮件客户端不支持HTML，请更换。".encode()


def multipart(kind: str, *parts: bytes) -> bytes:
    boundary = f"{kind}{len(parts)}{hashlib.md5(b''.join(parts)).hexdigest()[:6]}".encode()
    body = b"".join(b"--" + boundary + b"\n" + part + b"\n" for part in parts)
    return (
        b"Content-Type: multipart/"
        + kind.encode()
        + b"; boundary="
        + boundary
        + b"\n\n"
        + body
        + b"--"
        + boundary
        + b"--"
    )


def understood(raw: bytes) -> tuple[Body, list[str]]:
    chosen = choose(read_tree(raw).root)
    return read(chosen), [f"{file.part} {file.content_type}" for file in records(chosen.files)]


@pytest.mark.parametrize(
    ("raw", "text", "html", "files"),
    [
        (PLAIN, "plain", None, []),
        (HTML, "html", "<p>html</p>", []),
        (b"no header line\n\nat all", "no header line\n\nat all", None, []),
        (multipart("alternative", PLAIN, HTML), "plain", "<p>html</p>", []),
        (multipart("alternative", HTML, PLAIN), "plain", "<p>html</p>", []),
        (multipart("alternative", BLANK, HTML), "html", "<p>html</p>", []),
        (multipart("alternative", STUB, HTML), "html", "<p>html</p>", []),
        (multipart("alternative", PLAIN, INVITE), "plain", None, ["2 text/calendar"]),
        (multipart("alternative", PLAIN, multipart("related", HTML, IMAGE)), "plain", "<p>html</p>", ["2.2 image/png"]),
        (multipart("related", HTML, IMAGE), "html", "<p>html</p>", ["2 image/png"]),
        (multipart("related", IMAGE, HTML), "html", "<p>html</p>", ["1 image/png"]),
        (multipart("mixed", PLAIN, IMAGE, PLAIN), "plain\n\nplain", None, ["2 image/png"]),
        (multipart("mixed", PLAIN, NAMED, APART), "plain", None, ["2 text/plain", "3 text/html"]),
        (multipart("mixed", HTML, SEALED, HTML), "html\n\nhtml", "<p>html</p>", ["2 application/pgp-encrypted"]),
        (multipart("signed", PLAIN, b"Content-Type: application/pgp-signature\n\nx"), "plain", None,
         ["2 application/pgp-signature"]),
        (multipart("report", PLAIN, REPORT), "plain", None, ["2 message/delivery-status"]),
        (multipart("alternative", IMAGE), "", None, ["1 image/png"]),
        (IMAGE, "", None, ["1 image/png"]),
    ],
)  # fmt: skip
def test_the_structure_says_what_is_read(raw: bytes, text: str, html: str | None, files: list[str]) -> None:
    """Text that is meant to be read is read once; all else is a file, in the order of the tree."""
    body, found = understood(raw)
    assert (body.text, body.html, found) == (text, html, files)


def test_a_related_group_may_name_its_root() -> None:
    """The start parameter points at the part to read (RFC 2387 §3.2)."""
    raw = (
        b"Content-Type: multipart/related; boundary=R; start=\"<root>\"\n\n--R\nContent-Type: text/html\n\n<p>no</p>\n"
        b"--R\nContent-Type: text/html\nContent-ID: <root>\n\n<p>yes</p>\n--R--"
    )  # fmt: skip
    assert understood(raw)[0].text == "yes"


def test_no_text_is_told() -> None:
    """A message without words is a ticket with a notice, not an empty one without a reason (MB8)."""
    assert ("no-text", "") in understood(IMAGE)[0].defects
    assert understood(PLAIN)[0].defects == ()


def test_text_made_from_html_says_so() -> None:
    """Where quotes begin depends on whether lines come from HTML."""
    assert understood(HTML)[0].is_html
    assert not understood(multipart("alternative", PLAIN, HTML))[0].is_html


def test_html_may_name_its_own_character_set() -> None:
    """A meta element stands in for a missing label, and only for a missing one."""
    page = '<meta http-equiv=Content-Type content="text/html; charset=gb2312"><p>退款</p>'
    assert understood(b"Content-Type: text/html\n\n" + page.encode("gbk"))[0].text == "退款"
    assert understood(b"Content-Type: text/html; charset=utf-8\n\n" + page.encode())[0].text == "退款"


def test_files_are_described_by_their_decoded_octets() -> None:
    """Size and digest are of what the customer attached, not of how it travelled."""
    (file,) = records(choose(read_tree(multipart("mixed", PLAIN, IMAGE)).root).files)
    assert (file.index, file.part, file.size, file.content_id) == (1, "2", 3, "i1")
    assert file.sha256 == hashlib.sha256(b"ABC").hexdigest()
    assert file.inline


@pytest.mark.parametrize(("disposition", "inline"), [("inline", True), ("attachment", False)])
def test_a_disposition_decides_before_a_content_id(disposition: str, inline: bool) -> None:
    """What says that it is an attachment is one, even where the text could show it."""
    part = IMAGE.replace(b"image/png\n", b"image/png\nContent-Disposition: " + disposition.encode() + b"\n")
    (file,) = records(choose(read_tree(multipart("mixed", PLAIN, part)).root).files)
    assert file.inline is inline


def test_octets_of_a_file_are_found_again() -> None:
    """The raw mail yields a file by its section, and nothing for what is not there."""
    raw = multipart("mixed", PLAIN, IMAGE, NAMED)
    assert parsers.attachment(raw, "2") == b"ABC"
    assert parsers.attachment(raw, "3") == b"notes"
    assert parsers.attachment(raw, "") == raw
    assert parsers.attachment(raw, "9.9") is None


def test_judges_of_machine_mail_see_every_node() -> None:
    """Report parts come with their content, other parts without, the root with its parameters."""
    root, plain, report, image = facts(read_tree(multipart("report", PLAIN, REPORT, IMAGE)).root)
    assert root.content_type == "multipart/report"
    assert dict(root.params)["boundary"]
    assert (plain.content_type, plain.payload) == ("text/plain", b"")
    assert report.payload == b"Reporting-MTA: dns; x"
    assert image.payload == b""


def test_a_huge_report_part_is_not_carried_along() -> None:
    """A report of more than 256 KiB is an attack and no report."""
    huge = REPORT + b"x" * 300_000
    assert [part.payload for part in facts(read_tree(multipart("report", PLAIN, huge)).root)] == [b"", b"", b""]
