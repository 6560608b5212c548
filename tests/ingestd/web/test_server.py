"""The HTTP server as a door of the daemon: it opens, answers, hurries the slow, and stops in order (P16)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable

import httpx2
import pytest
from doubles.office import Office

from ingestd.errors import Temporary
from ingestd.web import protocol
from ingestd.web.server import WebServer
from ingestd.web.settings import WebSettings

pytestmark = pytest.mark.anyio
ANY_PORT = WebSettings(listen="127.0.0.1:0")
LIMIT = 10.0


@pytest.fixture
async def server(office: Office) -> AsyncIterator[WebServer]:
    """An open server on a free port."""
    server = WebServer(office.services(settings=ANY_PORT))
    await server.start()
    yield server
    await server.stop(LIMIT)


def client(server: WebServer, token: str | None = None) -> httpx2.AsyncClient:
    host, port = server.addresses[0]
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx2.AsyncClient(base_url=f"http://{host}:{port}", headers=headers, timeout=30)


@contextlib.asynccontextmanager
async def connected(server: WebServer) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(*server.addresses[0])
    yield reader, writer
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def until(question: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not question():
            await asyncio.sleep(0.01)


async def test_it_listens_once_started_and_says_where(server: WebServer) -> None:
    """``addresses`` are what an operator can open; no header tells what serves."""
    async with client(server) as http:
        answer = await http.get("/livez")
    assert (answer.status_code, "server" in answer.headers) == (200, False)


async def test_an_address_that_is_taken_is_said_at_once(server: WebServer, office: Office) -> None:
    """Temporary, with the key to change."""
    taken = WebSettings(listen=f"127.0.0.1:{server.addresses[0][1]}")
    with pytest.raises(Temporary, match=r"web\.listen"):
        await WebServer(office.services(settings=taken)).start()


async def test_sockets_may_be_handed_in(office: Office) -> None:
    """As systemd does with socket activation."""
    handed = socket.create_server(("127.0.0.1", 0))
    server = WebServer(office.services(), [handed])
    await server.start()
    assert server.addresses == (handed.getsockname(),)
    async with client(server) as http:
        assert (await http.get("/livez")).status_code == 200
    await server.stop(LIMIT)


async def test_stopping_wakes_the_long_polls(office: Office) -> None:
    """Who waits for work is answered at once, with nothing, and does not hold up the stop."""
    services = office.services(settings=ANY_PORT)
    server = WebServer(services)
    await server.start()
    async with client(server, office.token("李四", "order")) as http:
        waiting = asyncio.create_task(http.post("/api/v1/queues/order/pull", json={"wait_s": 60}))
        await until(lambda: services.bell.listeners == 1)
        began = time.monotonic()
        await server.stop(LIMIT)
        answer = await waiting
    assert (answer.status_code, answer.json()) == (200, {"items": []})
    assert time.monotonic() - began < LIMIT / 2


async def test_a_request_under_way_ends_in_peace(office: Office) -> None:
    """What has begun when the server stops is answered in full."""
    begun, going_on = threading.Event(), threading.Event()

    def alive() -> bool:
        begun.set()
        return going_on.wait(LIMIT)

    server = WebServer(office.services(settings=ANY_PORT, alive=alive))
    await server.start()
    async with client(server) as http:
        waiting = asyncio.create_task(http.get("/livez"))
        await until(begun.is_set)
        stopping = asyncio.create_task(server.stop(LIMIT))
        await until(lambda: not server.addresses)
        going_on.set()
        assert (await waiting).json() == {"alive": True}
        await stopping


async def test_stopping_ends_in_time_whatever_hangs(office: Office) -> None:
    """A request that never ends does not keep the daemon."""
    going_on = threading.Event()
    server = WebServer(office.services(settings=ANY_PORT, alive=lambda: going_on.wait(LIMIT)))
    await server.start()
    async with client(server) as http:
        waiting = asyncio.create_task(http.get("/livez"))
        await asyncio.sleep(0)
        began = time.monotonic()
        await server.stop(0.5)
        assert time.monotonic() - began < LIMIT / 2
        going_on.set()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_server_that_dies_is_noticed(office: Office) -> None:
    """``watch`` ends with it, for the daemon's watcher."""
    server = WebServer(office.services(settings=ANY_PORT))
    await server.start()
    watched = asyncio.create_task(server.watch())
    await server.stop(LIMIT)
    await asyncio.wait_for(watched, LIMIT)


async def test_stopping_what_never_started_is_nothing(office: Office) -> None:
    """The daemon may stop in any order."""
    server = WebServer(office.services())
    await server.stop(LIMIT)
    await server.watch()
    assert server.addresses == ()


@pytest.mark.parametrize("head", [b"", b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_client_that_dawdles_over_its_head_is_sent_away(
    office: Office, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    """Silent, or a byte now and then: the connection is closed, and others find room (WH8)."""
    monkeypatch.setattr(protocol, "PATIENCE_S", 0.05)
    server = WebServer(office.services(settings=ANY_PORT))
    await server.start()
    async with connected(server) as (reader, writer):
        writer.write(head)
        assert await asyncio.wait_for(reader.read(), LIMIT) == b""
    await server.stop(LIMIT)


async def test_a_second_request_has_its_own_patience(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kept connection is closed in the same way when the next head does not come."""
    monkeypatch.setattr(protocol, "PATIENCE_S", 0.3)
    server = WebServer(office.services(settings=ANY_PORT))
    await server.start()
    async with connected(server) as (reader, writer):
        writer.write(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /li")
        answer = await asyncio.wait_for(reader.read(), LIMIT)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b'{"alive":true}')
    await server.stop(LIMIT)


async def test_an_answer_leaves_at_once(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Head and body are two writes; the second never waits for the other side to acknowledge the first."""
    seen: list[int] = []
    begin = protocol.PunctualProtocol.connection_made

    def connection_made(self: protocol.PunctualProtocol, transport: asyncio.BaseTransport) -> None:
        begin(self, transport)
        seen.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(protocol.PunctualProtocol, "connection_made", connection_made)
    async with client(server) as http:
        await http.get("/livez")
    assert seen == [1]


RAW = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
    "a head of 100 KB": (b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", b"431"),
    "two lengths": (
        b"POST /api/v1/tickets/T1/note HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"400",
    ),
}


@pytest.mark.parametrize(("octets", "status"), RAW.values(), ids=RAW)
async def test_what_is_no_good_request_is_refused(server: WebServer, octets: bytes, status: bytes) -> None:
    """WH8: no second reading of one stream, no endless head, and no line on the operator's terminal."""
    async with connected(server) as (reader, writer):
        writer.write(octets)
        first = await asyncio.wait_for(reader.readline(), LIMIT)
    assert first.split()[1] == status
