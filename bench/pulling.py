"""Pulling from a queue over HTTP while 200,000 tickets wait in 20 departments; beside a request that does nothing."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from bench import seed
from bench.daemon import daemon
from bench.installations import Place, installation
from bench.report import Figure
from bench.smtp_load import percentile
from ingestd import clock, config
from ingestd.app import open_installation
from ingestd.store import tokens

FULL, QUICK = 200_000, 20_000
DEPARTMENTS = 20
PULLS = 400
P99_FLOOR_MS = 200


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the median and the 99th percentile of a pull."""
    count = QUICK if quick else FULL
    with installation(departments=_own_departments()) as place:
        token, departments = _fill(place, count)
        with daemon(place.config, "web"):
            pulls = _timed(place, _pulls(token, departments))
            bare = _timed(place, _nothings())
    for percent, floor in ((50, None), (99, P99_FLOOR_MS)):
        name, value = f"pull among {count:,} tickets, p{percent}", percentile(pulls, percent)
        yield Figure("queue", name, value, "ms", floor, bare=percentile(bare, percent), most=True)


def _own_departments() -> dict[str, dict[str, str]]:
    return {f"own{number}": {"name": f"部门{number}"} for number in range(DEPARTMENTS)}


def _fill(place: Place, count: int) -> tuple[str, Sequence[str]]:
    it = open_installation(config.load(place.config))
    try:
        departments = sorted(it.policies.policy.departments)[:DEPARTMENTS]
        seed.open_tickets(it, count, departments)
        now = clock.now()
        until = now + timedelta(days=1)
        return it.store.write(lambda tx: tokens.create(tx, "bench", None, until, now)).result(), departments
    finally:
        it.close()


Ask = Callable[[http.client.HTTPConnection, int], None]


def _pulls(token: str, departments: Sequence[str]) -> Ask:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(server: http.client.HTTPConnection, number: int) -> None:
        department = departments[number % len(departments)]
        server.request("POST", f"/api/v1/queues/{department}/pull", json.dumps({"max": 1}), headers)
        answer = server.getresponse()
        body = answer.read()
        if answer.status != 200 or len(json.loads(body)["items"]) != 1:
            raise RuntimeError(f"a pull was answered {answer.status}: {body[:300]!r}")

    return ask


def _nothings() -> Ask:
    def ask(server: http.client.HTTPConnection, _number: int) -> None:
        server.request("GET", "/livez")
        server.getresponse().read()

    return ask


def _timed(place: Place, ask: Ask) -> list[float]:
    server = http.client.HTTPConnection("127.0.0.1", place.web_port, timeout=30)
    ask(server, 0)
    taken = []
    for number in range(PULLS):
        began = time.perf_counter()
        ask(server, number)
        taken.append(1000 * (time.perf_counter() - began))
    server.close()
    return taken
