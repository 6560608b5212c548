"""Octets out of a mail: given away so that nothing ever runs them, under a name that is only a label."""

from __future__ import annotations

from email.message import EmailMessage
from urllib.parse import unquote

import pytest
from doubles.office import ADMIN, Office, raw_mail
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from ingestd.web import downloads
from ingestd.web.downloads import LONGEST_NAME, safe_name

HTML = b"<script>alert(document.domain)</script>"


def mail() -> EmailMessage:
    letter = raw_mail("订单没到", "请帮我看一下我的订单")
    letter.add_attachment(HTML, maintype="text", subtype="html", filename="合同.html")
    letter.add_attachment(b"<svg onload=alert(1)>", maintype="image", subtype="svg+xml")
    return letter


@pytest.fixture
def number(each_office: Office) -> str:
    """A ticket whose mail has two attachments."""
    return each_office.ticket("order", mail=mail())


@pytest.fixture
def client(each_office: Office) -> TestClient:
    """A member of the department, with a token and signed in at the desk."""
    client = each_office.reader("李四", "order")
    client.headers["authorization"] = f"Bearer {each_office.token('李四', 'order')}"
    return client


@pytest.fixture(params=["/api/v1/tickets", "/desk/tickets"])
def place(request: pytest.FixtureRequest, number: str) -> str:
    """Both doors give the same octets in the same way."""
    return f"{request.param}/{number}"


def test_an_attachment_is_plain_octets_in_a_sandbox(client: TestClient, place: str) -> None:
    """P34: whatever it says it is; no browser shows or sniffs it on our origin."""
    answer = client.get(f"{place}/attachments/1")
    headers = answer.headers
    assert (answer.content, headers["content-type"]) == (HTML, "application/octet-stream")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox;")
    assert headers["content-disposition"].startswith("attachment;")
    assert unquote(headers["content-disposition"]).endswith("filename*=UTF-8''合同.html")


def test_the_raw_mail_is_what_came_in(client: TestClient, place: str, number: str, each_office: Office) -> None:
    """Octet for octet, also when it is asked for by its intake id."""
    (message,) = each_office.desk.show(ADMIN, number).messages
    first = client.get(f"{place}/raw")
    named = client.get(f"{place}/raw", params={"intake_id": message.intake_id})
    assert first.content == named.content == each_office.desk.raw(ADMIN, number)
    assert first.headers["content-type"] == "application/octet-stream"
    assert f'filename="{number}.eml"' in first.headers["content-disposition"]


@pytest.mark.parametrize("octets", ["attachments/3", "attachments/1?intake_id=01X", "raw?intake_id=01X"])
def test_what_is_not_there_is_404(client: TestClient, place: str, octets: str) -> None:
    """No such attachment, no such message of this ticket."""
    assert client.get(f"{place}/{octets}").status_code == 404


def test_another_tickets_mail_is_not_reached_through_an_own_one(
    client: TestClient, place: str, each_office: Office
) -> None:
    """AT10: the intake id must belong to the ticket that is asked."""
    foreign = each_office.ticket("legal")
    (message,) = each_office.desk.show(ADMIN, foreign).messages
    for octets in ("raw", "attachments/1"):
        answer = client.get(f"{place}/{octets}", params={"intake_id": message.intake_id})
        assert answer.status_code == 404


@pytest.mark.parametrize("number_", ["0", "-1", "x", "1e3", "100001", "1%2F..%2F2"])
def test_a_number_that_is_none_is_refused(office: Office, number_: str) -> None:
    """Before anything is looked up."""
    ticket = office.ticket("order", mail=mail())
    client = office.client(office.token("李四", "order"))
    assert client.get(f"/api/v1/tickets/{ticket}/attachments/{number_}").status_code in (404, 422)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("截图.png", "截图.png"),
        ("../../etc/passwd", "etcpasswd"),
        ("..\\..\\x.exe", "x.exe"),
        ("C:\\x", "Cx"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ('a"; x=".html', "a x=.html"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie x"),
        ("...", "attachment"),
        ("", "attachment"),
        ("a.png. ", "a.png"),
        ("字" * 100 + ".png", "字" * 48 + ".png"),
        ("x" * 400, "x" * 150),
        ("." + "x" * 400, "x" * 150),
        ("a." + "x" * 400, ("a." + "x" * 400)[:150]),
    ],
)
def test_a_file_name_is_a_label_and_nothing_else(name: str, safe: str) -> None:
    """AT1, AT2, AT4: no path, no control, no quote, no mark; short enough for any disk."""
    assert safe_name(name) == safe


@given(st.text())
def test_any_name_makes_a_header_that_stays_one(name: str) -> None:
    """One line of ASCII, one attachment, whatever the name holds."""
    value = downloads.octets(b"", name).headers["content-disposition"]
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2
    assert len(safe_name(name).encode()) <= LONGEST_NAME
