"""Tickets over HTTP: pages of a list, the whole file, the verbs, and doing each write once."""

from __future__ import annotations

from typing import Any

import pytest
from doubles.office import ADMIN, Office, raw_mail
from starlette.testclient import TestClient

TICKETS = "/api/v1/tickets"


@pytest.fixture
def client(each_office: Office) -> TestClient:
    """A member of the department ``order``."""
    return each_office.client(each_office.token("李四", "order"))


def entries(office: Office, number: str) -> list[str]:
    return [entry.kind for entry in office.desk.show(ADMIN, number).entries]


def test_a_list_is_walked_page_by_page(each_office: Office, client: TestClient) -> None:
    """The cursor leads through all tickets, newest first, each once; the last page has none."""
    numbers = [each_office.ticket("order") for _ in range(5)]
    seen, after = [], ""
    while after is not None:
        page = client.get(TICKETS, params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [ticket["ticket_no"] for ticket in page["items"]]
        after = page["next"]
    assert seen == numbers[::-1]


@pytest.mark.parametrize(
    ("asked", "found"),
    [({}, 2), ({"department": "order"}, 1), ({"department": "legal"}, 1), ({"state": "resolved"}, 0),
     ({"customer_email": "anna@y.cn"}, 1), ({"customer_email": "nobody@y.cn"}, 0), ({"state": "no such state"}, 0)],
)  # fmt: skip
def test_filters_narrow_the_list(each_office: Office, client: TestClient, asked: dict[str, str], found: int) -> None:
    """By department, state and customer, within what the token sees."""
    each_office.ticket("order", mail=raw_mail("订单没到", "请帮我看一下我的订单", "anna@y.cn"))
    each_office.ticket("legal", "order")
    each_office.ticket("quality")
    assert len(client.get(TICKETS, params=asked).json()["items"]) == found


def test_the_whole_file_tells_what_was_read_decided_and_written(each_office: Office, client: TestClient) -> None:
    """Ticket, history, letters, and each message with its record and its decision."""
    number = each_office.ticket("order", mail=raw_mail("订单没到", "订单号 20261101123456 还没到，电话 13900000001"))
    file = client.get(f"{TICKETS}/{number}").json()
    assert set(file) == {"ticket", "entries", "letters", "messages"}
    assert file["messages"][0]["record"]["fields"]["order_nos"][0]["value"] == "20261101123456"
    assert file["messages"][0]["decision"]["route"]["rules"]
    assert file["letters"][0]["kind"].startswith("ack")
    assert file["entries"][0]["data"]["from"] == "w@x.cn"


VERBS: list[tuple[str, dict[str, Any] | None, str, str]] = [
    ("take", None, "in_progress", "taken"),
    ("reply", {"text": "已经寄出"}, "in_progress", "reply"),
    ("reply", {"text": "请重启", "solution": True}, "awaiting_confirm", "solution"),
    ("note", {"text": "已核实"}, "assigned", "note"),
    ("resolve", {"note": "已补寄"}, "awaiting_confirm", "resolution"),
    ("resolve", {"note": "已补寄", "confirmed": True}, "resolved", "resolution"),
    ("transfer", {"department": "quality", "contact": "赵六", "note": "请查"}, "assigned", "transferred"),
]


@pytest.mark.parametrize(("verb", "body", "state", "entry"), VERBS)
def test_each_verb_changes_the_ticket_and_writes_its_history(
    each_office: Office, client: TestClient, verb: str, body: dict[str, Any] | None, state: str, entry: str
) -> None:
    """The answer is the ticket as it is now; the history names the person of the token."""
    number = each_office.ticket("order", "legal")
    answer = client.post(f"{TICKETS}/{number}/{verb}", json=body)
    assert (answer.status_code, answer.json()["state"]) == (200, state), answer.text
    last = each_office.desk.show(ADMIN, number).entries[-1]
    assert (last.kind, last.actor) == (entry, "李四")


def test_a_closed_ticket_is_reopened_with_a_reason(each_office: Office, client: TestClient) -> None:
    """It waits in its queue again."""
    number = each_office.ticket("order", "legal")
    client.post(f"{TICKETS}/{number}/resolve", json={"note": "已补寄", "confirmed": True})
    answer = client.post(f"{TICKETS}/{number}/reopen", json={"reason": "客户说没有收到"})
    assert (answer.json()["state"], answer.json()["reopened"]) == ("in_progress", 1)
    assert client.post("/api/v1/queues/order/pull", json={}).json()["items"][0]["why"] == "reopened"


REFUSED = [
    ("note", {}, 422, "invalid", "text"),
    ("note", {"text": "a", "colour": "red"}, 422, "invalid", "colour"),
    ("note", {"text": 7}, 422, "invalid", "text"),
    ("note", {"text": "  "}, 422, "missing", None),
    ("note", None, 422, "invalid", "body"),
    ("resolve", {"note": ""}, 422, "missing", None),
    ("transfer", {"department": "quality"}, 422, "invalid", "contact"),
    ("transfer", {"department": "nowhere", "contact": "a", "note": "b"}, 422, "no-department", None),
    ("transfer", {"department": "order", "contact": "a", "note": "b"}, 409, "same-department", None),
    ("reopen", {"reason": "a"}, 409, "state", None),
    ("reopen", {"reason": " "}, 422, "missing", None),
]


@pytest.mark.parametrize(("verb", "body", "status", "code", "field"), REFUSED)
def test_a_refusal_has_a_stable_code_and_names_the_field(
    office: Office, verb: str, body: dict[str, Any] | None, status: int, code: str, field: str | None
) -> None:
    """A program can act on it, and nothing was changed."""
    number = office.ticket("order", "legal")
    before = entries(office, number)
    answer = office.client(office.token("李四", "order")).post(f"{TICKETS}/{number}/{verb}", json=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["status"]) == (status, code, status)
    assert field in (None, *(fault["field"] for fault in problem.get("errors", ())))
    assert entries(office, number) == before


def test_the_same_key_is_done_once_and_answered_as_before(each_office: Office, client: TestClient) -> None:
    """A caller that lost the answer asks again: one note, the very same answer."""
    number = each_office.ticket("order")
    url, key = f"{TICKETS}/{number}/note", {"Idempotency-Key": "k1"}
    first, second = (client.post(url, json={"text": "已核实"}, headers=key) for _ in range(2))
    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert entries(each_office, number).count("note") == 1


def test_a_key_pulls_the_same_leases_again(each_office: Office, client: TestClient) -> None:
    """A pull whose answer was lost gives the same leases, not the next tickets."""
    each_office.ticket("order")
    each_office.ticket("order")
    first, second = (
        client.post("/api/v1/queues/order/pull", json={"max": 1}, headers={"Idempotency-Key": "p"}) for _ in range(2)
    )
    assert first.json() == second.json()


def test_an_empty_pull_is_not_remembered(each_office: Office, client: TestClient) -> None:
    """It changed nothing: with the same key, work that came since is found."""
    ask = {"url": "/api/v1/queues/order/pull", "json": {}, "headers": {"Idempotency-Key": "p"}}
    assert client.post(**ask).json()["items"] == []
    each_office.ticket("order")
    assert len(client.post(**ask).json()["items"]) == 1


@pytest.mark.parametrize("other", [("note", {"text": "别的"}), ("reply", {"text": "已核实"})])
def test_a_key_used_for_something_else_is_refused(
    each_office: Office, client: TestClient, other: tuple[str, dict[str, str]]
) -> None:
    """422, and the other request is not done."""
    number, key = each_office.ticket("order"), {"Idempotency-Key": "k1"}
    client.post(f"{TICKETS}/{number}/note", json={"text": "已核实"}, headers=key)
    before = entries(each_office, number)
    answer = client.post(f"{TICKETS}/{number}/{other[0]}", json=other[1], headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key")
    assert entries(each_office, number) == before


def test_a_key_belongs_to_its_token(each_office: Office, client: TestClient) -> None:
    """Two people who chose the same key do not see each other's answers."""
    number, key = each_office.ticket("order"), {"Idempotency-Key": "k1"}
    other = each_office.client(each_office.token("王五", "order"))
    for one in (client, other):
        assert one.post(f"{TICKETS}/{number}/note", json={"text": "已核实"}, headers=key).status_code == 200
    assert entries(each_office, number).count("note") == 2
