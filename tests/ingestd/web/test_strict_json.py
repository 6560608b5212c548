"""What is sent to the API is read strictly, before any route sees it (hostile input WH7, WH8, WH13)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from doubles.office import Office
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from ingestd.web import strict_json
from ingestd.web.strict_json import StrictJson

JSON = {"content-type": "application/json"}
BAD = {
    "not JSON": b"{",
    "trailing junk": b'{"text": "a"} x',
    "NaN": b'{"text": NaN}',
    "Infinity": b'{"text": -Infinity}',
    "a key twice": b'{"text": "a", "text": "b"}',
    "half a surrogate pair": rb'{"text": "\ud800"}',
    "UTF-16": '{"text": "a"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"text": "a"}',
    "no UTF-8": b'{"text": "\xff"}',
    "a number of 5,000 digits": b'{"text": ' + b"9" * 5000 + b"}",
    "33 levels": b'{"text": ' + b"[" * 33 + b"]" * 33 + b"}",
    "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
}


@pytest.fixture
def client(office: Office) -> Iterator[TestClient]:
    """Somebody with a token, so that only the body can be wrong."""
    with office.client(office.token("李四", "order")) as client:
        yield client


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_what_is_no_plain_json_is_400(client: TestClient, body: bytes) -> None:
    """Always the same refusal, never a 500, and never the value itself."""
    answer = client.post("/api/v1/tickets/T1/note", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-json")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"content-type": "text/plain"}, 415, "not-json"),
        ({"content-type": "application/x-www-form-urlencoded"}, 415, "not-json"),
        ({}, 415, "not-json"),
        (JSON | {"content-encoding": "gzip"}, 415, "compressed"),
        (JSON | {"content-encoding": "br"}, 415, "compressed"),
    ],
)
def test_only_uncompressed_json_is_read(client: TestClient, headers: dict[str, str], status: int, code: str) -> None:
    """A form of another site cannot send this kind; a bomb is not unpacked."""
    answer = client.post("/api/v1/tickets/T1/note", content=b'{"text": "a"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_body_of_more_than_a_mebibyte_is_413_however_it_comes(client: TestClient) -> None:
    """Announced or in pieces, it is not kept in memory."""

    def pieces() -> Iterator[bytes]:
        for _ in range(5):
            yield b" " * 2**18

    for content in (b" " * (2**20 + 1), pieces()):
        answer = client.post("/api/v1/tickets/T1/note", content=content, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize("charset", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_ordinary_json_passes_untouched(client: TestClient, charset: str) -> None:
    """The route answers, here that there is no such ticket."""
    content = '{"text": "已核实 🙂"}'.encode()
    answer = client.post("/api/v1/tickets/T1/note", content=content, headers={"content-type": charset})
    assert answer.json()["code"] == "no-ticket"


@pytest.mark.anyio
async def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """408 after a while: a silent client does not hold a connection for ever."""
    monkeypatch.setattr(strict_json, "SLOWEST_S", 0.01)
    sent = await served(lambda: asyncio.sleep(60, {"type": "http.request"}))
    assert sent[0]["status"] == 408


@pytest.mark.anyio
async def test_a_client_that_leaves_is_noticed_behind_the_body() -> None:
    """What comes after the body is handed on as it comes."""
    messages = iter([{"type": "http.request", "body": b""}, {"type": "http.disconnect"}])
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend([(await receive())["type"], (await receive())["type"]])

    async def receive() -> Message:
        return next(messages)

    await StrictJson(app)(scope("POST"), receive, nowhere)
    assert seen == ["http.request", "http.disconnect"]


async def served(receive: Receive) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await StrictJson(never)(scope("POST"), receive, send)
    return sent


def scope(method: str) -> Scope:
    return {"type": "http", "method": method, "path": "/api/v1/x", "headers": []}


async def never(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("the request should not have come through")


async def nowhere(message: Message) -> None:
    raise AssertionError("nothing should have been answered")
