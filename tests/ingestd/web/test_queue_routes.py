"""The queues over HTTP: pulling, waiting for work, and what becomes of a lease."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from doubles.mailroom import WAIT
from doubles.office import ADMIN, Office, raw_mail
from starlette.testclient import TestClient

from ingestd import clock
from ingestd.web import queue_routes
from ingestd.web.services import Bell

PULL = "/api/v1/queues/order/pull"


@pytest.fixture
def client(each_office: Office) -> TestClient:
    """A member of the department ``order``."""
    return each_office.client(each_office.token("李四", "order"))


def pulled(client: TestClient, **body: Any) -> list[dict[str, Any]]:
    answer = client.post(PULL, json=body)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_pulling_leases_a_ticket_with_the_reason_why_it_waits(each_office: Office, client: TestClient) -> None:
    """Who pulls gets the ticket, a lease on it, and why it waits; nobody else gets it meanwhile."""
    number = each_office.ticket("order", "legal")
    (item,) = pulled(client)
    assert (item["ticket"]["ticket_no"], item["why"]) == (number, "transfer")
    assert datetime.fromisoformat(item["lease"]["expires_at"]) > clock.now()
    assert pulled(client) == []


def test_the_urgent_come_first(each_office: Office, client: TestClient) -> None:
    """The order is priority, then deadline, then age."""
    usual = each_office.ticket("order")
    urgent = each_office.ticket("order", mail=raw_mail("Production is down at all sites", "outage at all sites"))
    assert [item["ticket"]["ticket_no"] for item in pulled(client, max=5)] == [urgent, usual]


def test_done_takes_the_ticket_over(each_office: Office, client: TestClient) -> None:
    """``done``: out of the queue, accepted by the token's person, in progress."""
    each_office.ticket("order")
    (item,) = pulled(client)
    ticket = client.post(f"/api/v1/leases/{item['lease']['id']}/done").json()
    assert (ticket["state"], ticket["accepted_by"]) == ("in_progress", "李四")
    assert client.get("/api/v1/queues").json()["items"][0]["leased"] == 0


def test_return_puts_the_ticket_back_with_its_reason(each_office: Office, client: TestClient) -> None:
    """``return``: the next who pulls sees that it came back; the history says why."""
    number = each_office.ticket("order")
    (item,) = pulled(client)
    answer = client.post(f"/api/v1/leases/{item['lease']['id']}/return", json={"reason": "不归我们管"})
    assert answer.json() == {"ticket_no": number}
    assert [again["why"] for again in pulled(client)] == ["returned"]
    assert each_office.desk.show(ADMIN, number).entries[-1].text == "不归我们管"


def test_extend_prolongs_a_lease(each_office: Office, client: TestClient) -> None:
    """A lease may be prolonged from now on, by default by ten minutes."""
    each_office.ticket("order")
    (item,) = pulled(client, lease_s=5)
    answer = client.post(f"/api/v1/leases/{item['lease']['id']}/extend", json={"lease_s": 3600}).json()
    left = datetime.fromisoformat(answer["lease"]["expires_at"]) - clock.now()
    assert timedelta(minutes=59) < left < timedelta(minutes=61)
    assert client.post(f"/api/v1/leases/{item['lease']['id']}/extend").status_code == 200


@pytest.mark.parametrize(("verb", "body"), [("extend", {}), ("return", {"reason": "晚了"}), ("done", None)])
def test_a_late_caller_gets_409_and_changes_nothing(
    each_office: Office, client: TestClient, verb: str, body: dict[str, str] | None
) -> None:
    """An ended lease is nobody's: 409, and the ticket is as it was."""
    number = each_office.ticket("order")
    (item,) = pulled(client)
    each_office.desk.give_back(ADMIN, item["lease"]["id"], "先放回")
    before = each_office.desk.show(ADMIN, number)
    answer = client.post(f"/api/v1/leases/{item['lease']['id']}/{verb}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert each_office.desk.show(ADMIN, number) == before


@pytest.mark.parametrize("body", [{"max": 0}, {"max": 51}, {"wait_s": 61}, {"lease_s": 0}, {"max": "1"}, {"now": 1}])
def test_a_pull_beyond_its_limits_names_the_field(office: Office, body: dict[str, Any]) -> None:
    """422 with the name of what cannot be used; the types are taken at their word."""
    answer = office.client(office.token("李四", "order")).post(PULL, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, next(iter(body)))


def test_a_waiting_pull_answers_as_soon_as_work_comes(office: Office) -> None:
    """A long poll is woken by the change of a queue, long before it would look again by itself."""
    bell = Bell()
    office.store.on_signal(lambda name: bell.ring() if name == "queue" else None)
    token = office.token("李四", "order")
    with office.client(token, bell=bell) as client, ThreadPoolExecutor() as pool:
        began = time.monotonic()
        waiting = pool.submit(pulled, client, wait_s=30)
        number = office.ticket("order")
        assert [item["ticket"]["ticket_no"] for item in waiting.result(WAIT)] == [number]
        assert time.monotonic() - began < queue_routes.RECHECK_S


def test_a_waiting_pull_returns_empty_handed_when_its_time_is_over(office: Office) -> None:
    """``wait_s`` is kept: an empty list, not an error."""
    with office.client(office.token("李四", "order")) as client:
        began = time.monotonic()
        assert pulled(client, wait_s=1) == []
        assert 0.9 < time.monotonic() - began < WAIT


def test_waiting_polls_hold_no_thread(office: Office) -> None:
    """A hundred who wait cost no thread: others are served meanwhile (the pool has forty)."""
    bell = Bell()
    token = office.token("李四", "order")
    with office.client(token, bell=bell) as client, ThreadPoolExecutor(100) as pool:
        waiting = [pool.submit(pulled, client, wait_s=50) for _ in range(100)]
        while bell.listeners < 100:
            assert client.get("/livez").status_code == 200
        assert client.get("/api/v1/queues").status_code == 200
        bell.close()
        assert all(one.result(WAIT) == [] for one in waiting)


def test_a_revoked_token_ends_a_waiting_pull(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """P32, AU4: a stream closes within seconds of the revocation, here at its next look."""
    monkeypatch.setattr(queue_routes, "RECHECK_S", 0.05)
    bell, token = Bell(), office.token("李四", "order")
    with office.client(token, bell=bell) as client, ThreadPoolExecutor() as pool:
        waiting = pool.submit(client.post, PULL, json={"wait_s": 60})
        while not bell.listeners:
            assert client.get("/livez").status_code == 200
        office.revoke(token)
        assert waiting.result(WAIT).status_code == 401


def test_pulling_an_unknown_queue_is_404(office: Office) -> None:
    """Also for an admin: a queue that is configured nowhere does not exist."""
    answer = office.client(office.token("admin")).post("/api/v1/queues/nowhere/pull", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "no-queue")
