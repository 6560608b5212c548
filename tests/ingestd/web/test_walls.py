"""Departments are walls (P30): every route times every role, generated from the route table itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from doubles.office import ADMIN, Office, raw_mail
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from ingestd.store.queues import QueueLease
from ingestd.web.app import build

OWN, READER, FOREIGN = "order", "logistics", "legal"
OPEN = "open to everybody"


@dataclass(frozen=True)
class Row:
    """What a route answers to its own department, to one that reads along, and to a foreign one."""

    own: int
    reader: int
    foreign: int
    body: dict[str, object] | None = None
    code: str | None = None


MOVE = {"department": "quality", "contact": "李四", "note": "请接手"}
TABLE: dict[tuple[str, str], Row | str] = {
    ("GET", "/livez"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/metrics"): OPEN,
    ("GET", "/api/openapi.json"): OPEN,
    ("GET", "/api/docs"): OPEN,
    ("GET", "/desk"): OPEN,
    ("GET", "/desk/login"): OPEN,
    ("POST", "/desk/login"): OPEN,
    ("POST", "/desk/logout"): OPEN,
    ("GET", "/desk/static/desk.css"): OPEN,
    ("GET", "/desk/static/desk.svg"): OPEN,
    ("GET", "/api/v1/queues"): Row(200, 200, 200),
    ("POST", "/api/v1/queues/{department}/pull"): Row(200, 404, 404, {}),
    ("POST", "/api/v1/leases/{lease_id}/extend"): Row(200, 409, 409, {}, "lease"),
    ("POST", "/api/v1/leases/{lease_id}/return"): Row(200, 409, 409, {"reason": "不是我们的"}, "lease"),
    ("POST", "/api/v1/leases/{lease_id}/done"): Row(200, 409, 409, None, "lease"),
    ("GET", "/api/v1/tickets"): Row(200, 200, 200),
    ("GET", "/api/v1/tickets/{ticket_no}"): Row(200, 200, 404),
    ("GET", "/api/v1/tickets/{ticket_no}/raw"): Row(200, 200, 404),
    ("GET", "/api/v1/tickets/{ticket_no}/attachments/{number}"): Row(200, 200, 404),
    ("POST", "/api/v1/tickets/{ticket_no}/take"): Row(200, 403, 404),
    ("POST", "/api/v1/tickets/{ticket_no}/transfer"): Row(200, 403, 404, MOVE),
    ("POST", "/api/v1/tickets/{ticket_no}/reply"): Row(200, 200, 404, {"text": "已经寄出"}),
    ("POST", "/api/v1/tickets/{ticket_no}/note"): Row(200, 200, 404, {"text": "已核实"}),
    ("POST", "/api/v1/tickets/{ticket_no}/resolve"): Row(200, 403, 404, {"note": "已补寄"}),
    ("POST", "/api/v1/tickets/{ticket_no}/reopen"): Row(409, 403, 404, {"reason": "又坏了"}),
    ("GET", "/desk/"): Row(200, 200, 200),
    ("GET", "/desk/tickets"): Row(200, 200, 200),
    ("GET", "/desk/tickets/{ticket_no}"): Row(200, 200, 404),
    ("GET", "/desk/tickets/{ticket_no}/raw"): Row(200, 200, 404),
    ("GET", "/desk/tickets/{ticket_no}/attachments/{number}"): Row(200, 200, 404),
}
ROWS = {key: row for key, row in TABLE.items() if isinstance(row, Row)}
ROLES = ("own", "reader", "foreign")
_mails = itertools.count(1)


@dataclass
class Matter:
    """One ticket of OWN with an attachment, read by READER, waiting in its queue; and who asks about it."""

    office: Office
    number: str
    lease: QueueLease | None = None
    clients: dict[str, TestClient] = field(default_factory=dict)

    def path(self, pattern: str) -> str:
        if "{lease_id}" in pattern and self.lease is None:
            (self.lease,) = self.office.desk.pull(ADMIN, OWN)
        names = {"department": OWN, "ticket_no": self.number, "number": 1}
        return pattern.format(**names, lease_id=self.lease.lease_id if self.lease else "")

    def ask(self, role: str, method: str, pattern: str, body: object = None) -> tuple[int, str, str]:
        answer = self.clients[role].request(method, self.path(pattern), json=body, follow_redirects=False)
        problem = answer.json() if "problem" in answer.headers.get("content-type", "") else {}
        return answer.status_code, answer.text, problem.get("code", "")


def open_matter(office: Office, clients: dict[str, TestClient] | None = None) -> Matter:
    mail = raw_mail("订单没到", f"请帮我看一下我的订单，第 {next(_mails)} 次来信")
    mail.add_attachment(b"picture", maintype="image", subtype="png", filename="a.png")
    return Matter(office, office.ticket(OWN, READER, mail=mail), clients=clients or dict(sign_in(office)))


def sign_in(office: Office) -> Iterator[tuple[str, TestClient]]:
    for role, department in zip(ROLES, (OWN, READER, FOREIGN), strict=True):
        client = office.reader(f"{department}的人", department)
        client.headers["authorization"] = f"Bearer {office.token(f'{department}的人', department)}"
        yield role, client


@pytest.fixture
def matter(each_office: Office) -> Matter:
    """A ticket on either database."""
    return open_matter(each_office)


def routes(office: Office) -> Iterator[tuple[str, str]]:
    """Every method and path that the application has, from the application itself."""
    for route in iter_route_contexts(build(office.services()).routes):
        for method in (route.methods or set()) - {"HEAD"}:
            yield method, str(route.path)


def test_every_route_has_its_row(office: Office) -> None:
    """A new route without a row fails here, before it can leak anything."""
    assert set(routes(office)) == set(TABLE)


@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_each_role_as_the_table_says(matter: Matter, role: str) -> None:
    """A foreign department sees 404 (409 for a lease), one that reads along may reply and note and no more."""
    answered, expected = {}, {}
    for (method, pattern), row in ROWS.items():
        fresh = open_matter(matter.office, matter.clients) if method == "POST" else matter
        status, _, code = fresh.ask(role, method, pattern, row.body)
        answered[method, pattern] = status, "not-your-ticket" if code == "not-your-ticket" else ""
        wanted = getattr(row, role)
        expected[method, pattern] = wanted, "not-your-ticket" if wanted == 403 else ""
    assert answered == expected


def test_without_a_token_nothing_but_the_open_routes_answers(office: Office) -> None:
    """Default deny: 401 from the API, the way to the sign-in page from the desk, whatever stands in the path."""
    nobody = office.client()
    for (method, pattern), row in ROWS.items():
        path = pattern.format(department=OWN, ticket_no="T1", number=1, lease_id="x")
        answer = nobody.request(method, path, json=row.body, follow_redirects=False)
        assert answer.status_code == (303 if path.startswith("/desk/") else 401), path


@pytest.mark.parametrize("verb", [row for row in ROWS if row[0] == "POST"], ids=lambda row: str(row[1]))
def test_a_refused_department_changes_nothing(matter: Matter, verb: tuple[str, str]) -> None:
    """A refusal is decided before anything is written."""
    row = ROWS[verb]
    path = matter.path(verb[1])
    before = matter.office.desk.show(ADMIN, matter.number)
    answer = matter.clients["foreign"].post(path, json=row.body)
    assert answer.status_code == row.foreign
    assert matter.office.desk.show(ADMIN, matter.number) == before


LISTS: tuple[Callable[[TestClient], str], ...] = (
    lambda client: client.get("/api/v1/tickets").text,
    lambda client: client.get("/api/v1/tickets", params={"department": OWN}).text,
    lambda client: client.get("/api/v1/tickets", params={"customer_email": "w@x.cn"}).text,
    lambda client: client.get("/desk/tickets").text,
    lambda client: client.get("/desk/tickets", params={"email": "w@x.cn", "department": OWN}).text,
    lambda client: client.get("/desk/").text,
)


@pytest.mark.parametrize("listed", LISTS)
def test_lists_and_filters_never_show_a_foreign_ticket(matter: Matter, listed: Callable[[TestClient], str]) -> None:
    """Neither a filter nor a guess brings a foreign ticket into a list."""
    assert matter.number not in listed(matter.clients["foreign"])


def test_counts_are_of_the_own_queue_only(matter: Matter) -> None:
    """Another department's numbers are not told; an admin sees them all."""
    seen = matter.clients["foreign"].get("/api/v1/queues").json()["items"]
    assert [(queue["department"], queue["waiting"]) for queue in seen] == [(FOREIGN, 0)]
    every = matter.office.client(matter.office.token("admin")).get("/api/v1/queues").json()["items"]
    assert {queue["department"]: queue["waiting"] for queue in every}[OWN] == 1


def test_a_foreign_ticket_and_none_look_the_same(matter: Matter) -> None:
    """From the answer nobody learns that the number exists."""
    foreign = matter.clients["foreign"]
    theirs, none = (foreign.get(f"/api/v1/tickets/{number}") for number in (matter.number, "T20990101001"))
    assert theirs.text.replace(matter.number, "?") == none.text.replace("T20990101001", "?")
    assert theirs.headers.keys() == none.headers.keys()
