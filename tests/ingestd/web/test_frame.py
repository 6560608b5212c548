"""Every answer has its headers, every surprise its one sentence, and no exception its text outside (P33, HX)."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from doubles.office import Office
from fastapi import FastAPI
from starlette.testclient import TestClient

from ingestd import journal, metrics
from ingestd.errors import Temporary
from ingestd.service_settings import ServiceSettings
from ingestd.web.app import build
from ingestd.web.services import Health, SourceState
from ingestd.web.settings import WebSettings

SECRET = "host=db.internal password=hunter2"


@pytest.fixture
def journal_text() -> Iterator[io.StringIO]:
    """What an operator reads."""
    text = io.StringIO()
    journal.open_journal(stream=text)
    yield text
    journal.close_journal()


def broken(office: Office, error: Exception) -> TestClient:
    """An application with one route that fails so."""
    app: FastAPI = build(office.services())

    @app.get("/api/v1/broken/{no}")
    def fail(no: str) -> None:
        raise error

    return TestClient(app)


PAGES = ("/api/docs", "/desk/", "/desk/login", "/desk/nothing", "/desk/static/desk.css")


@pytest.mark.parametrize("path", ["/livez", "/metrics", "/nothing", "/api/v1/queues", "/api/openapi.json", *PAGES])
def test_every_answer_carries_the_headers_that_keep_browsers_tame(office: Office, path: str) -> None:
    """Also a refusal and a redirect; no page may be framed, sniffed, or load anything from elsewhere."""
    headers = office.client().get(path, follow_redirects=False).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in ("no-referrer", "same-origin")
    assert headers["cache-control"] == ("public, max-age=86400" if "static" in path else "no-store")


def test_a_surprise_is_told_to_the_operator_and_not_to_the_caller(office: Office, journal_text: io.StringIO) -> None:
    """500 with one public sentence; the journal has the cause and the route, without the ticket's number."""
    answer = broken(office, RuntimeError(SECRET)).get("/api/v1/broken/T20261121001")
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert SECRET not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    journal.close_journal()
    told = journal_text.getvalue()
    assert "request_failed" in told
    assert f"RuntimeError: {SECRET}" in told
    assert "/api/v1/broken/{no}" in told
    assert "T20261121001" not in told


def test_an_unreachable_store_is_503_with_a_time_to_come_back(office: Office) -> None:
    """The private cause of an error stays private."""
    error = Temporary("the store cannot be read right now", code="store")
    error.__cause__ = RuntimeError(SECRET)
    answer = broken(office, error).get("/api/v1/broken/1")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    "path", ["//api/v1/queues", "/api/v1/queues/", "/API/v1/queues", "/api/v1/queues;x", "/api//v1/queues",
             "/desk//", "/livez/", "/desk/static/..%2f..%2frendering.py"],
)  # fmt: skip
def test_one_spelling_of_a_path_leads_somewhere(office: Office, path: str) -> None:
    """WH16: no double stroke, case, dot or parameter finds a second way in."""
    client = office.client(office.token("admin"))
    assert client.get(path, follow_redirects=False).status_code == 404


def test_a_method_in_a_header_is_not_one(office: Office) -> None:
    """WH16: what is asked is what the request line says."""
    client = office.client(office.token("admin"))
    answer = client.post("/api/v1/queues", headers={"X-HTTP-Method-Override": "GET"})
    assert (answer.status_code, answer.json()["code"]) == (405, "wrong-method")


@pytest.mark.parametrize("prefix", ["", "/support"])
def test_under_a_proxys_path_all_links_stay_under_it(office: Office, prefix: str) -> None:
    """Whether the proxy takes its prefix off or leaves it; and the Host header makes no link (WH17)."""
    client = office.client(settings=WebSettings(base="/support"))
    page = client.get(f"{prefix}/desk/login", headers={"host": "evil.example"})
    assert page.status_code == 200
    assert 'href="/support/desk/static/desk.css' in page.text
    assert 'action="/support/desk/login"' in page.text
    assert "evil.example" not in page.text
    assert client.get(f"{prefix}/desk/", follow_redirects=False).headers["location"] == "/support/desk/login"


def test_metrics_count_by_the_pattern_of_the_route(office: Office) -> None:
    """AU10: a path holds ticket numbers, so it is never a label."""
    office.client(office.token("admin")).get("/api/v1/tickets/T20261121777")
    text = metrics.exposition().decode()
    assert 'route="/api/v1/tickets/{ticket_no}",status="404"' in text
    assert "T20261121777" not in text


def test_health_says_which_source_is_away_and_nothing_more(office: Office) -> None:
    """503 while a node is not ready, with stable words for programs."""
    office.health = Health(False, (SourceState("main", "smtp", False, None, "closed"),))
    answer = office.client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["sources"] == [
        {"name": "main", "kind": "smtp", "ok": False, "since": None, "detail_code": "closed"}
    ]
    office.health = Health(True)
    assert office.client().get("/readyz").status_code == 200
    assert office.client(alive=lambda: False).get("/livez").status_code == 503


def test_cookies_are_secure_where_people_come_by_https(office: Office) -> None:
    """AU5: HttpOnly, SameSite=Strict, only for the desk, and with https never without it."""
    for base_url, secure in (("https://help.example.com", True), ("http://127.0.0.1:8080", False)):
        client = office.client(service=ServiceSettings(base_url=base_url))
        form = {"data": {"token": office.token("李四", "order")}, "headers": {"sec-fetch-site": "same-origin"}}
        cookie = client.post("/desk/login", follow_redirects=False, **form).headers["set-cookie"]
        assert ("Secure" in cookie) == secure
        assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/desk/"))
