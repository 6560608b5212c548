"""Tokens at the API's door (P32): looked up at each request, guessed at most ten times a minute."""

from __future__ import annotations

from datetime import timedelta

import pytest
from doubles.office import Office
from starlette.testclient import TestClient

from ingestd.web.settings import WebSettings

QUEUES = "/api/v1/queues"
WRONG = "ingestd_0123456789_" + "A" * 43


def ask(client: TestClient, token: str | None, forwarded: str | None = None) -> int:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    headers |= {"x-forwarded-for": forwarded} if forwarded else {}
    return client.get(QUEUES, headers=headers).status_code


def test_no_token_is_told_how_to_send_one(office: Office) -> None:
    """401 with the scheme, as HTTP wants it."""
    answer = office.client().get(QUEUES)
    assert (answer.status_code, answer.headers["www-authenticate"], answer.json()["code"]) == (
        401,
        "Bearer",
        "no-token",
    )


@pytest.mark.parametrize("text", [WRONG, "", "x", WRONG + "\t", "' OR 1=1 --", "ingestd_", "\u00e9" * 9])
def test_what_is_no_token_opens_nothing(office: Office, text: str) -> None:
    """Always the same 401, whatever it is."""
    headers = {"authorization": f"Bearer {text}".encode()}
    assert office.client().get(QUEUES, headers=headers).status_code == 401


@pytest.mark.parametrize("place", ["token", "access_token", "authorization"])
def test_a_token_in_the_address_opens_nothing(office: Office, place: str) -> None:
    """AU2: there it would stand in logs and histories."""
    token = office.token("李四", "order")
    assert office.client().get(QUEUES, params={place: token}).status_code == 401


def test_a_token_ends_at_once_when_revoked(each_office: Office) -> None:
    """Every request asks anew, so no node remembers it."""
    token, client = each_office.token("李四", "order"), each_office.client()
    assert ask(client, token) == 200
    each_office.revoke(token)
    assert ask(client, token) == 401


def test_a_token_ends_with_its_time(office: Office) -> None:
    """An expired token opens nothing."""
    assert ask(office.client(), office.token("李四", "order", timedelta(seconds=-1))) == 401


def test_the_right_id_with_another_secret_opens_nothing(office: Office) -> None:
    """The id alone proves nothing."""
    token = office.token("李四", "order")
    assert ask(office.client(), token[:-43] + "A" * 43) == 401


def test_after_ten_wrong_tokens_the_address_waits(office: Office) -> None:
    """429 with the seconds to wait; even a right token is not looked at meanwhile."""
    token, client = office.token("李四", "order"), office.client()
    assert [ask(client, WRONG) for _ in range(11)] == [401] * 10 + [429]
    answer = client.get(QUEUES, headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_an_invented_forwarding_does_not_escape_the_throttle(office: Office) -> None:
    """WH18: without a trusted proxy the header is a stranger's word."""
    client = office.client()
    assert [ask(client, WRONG, f"198.51.100.{n}") for n in range(11)][-1] == 429


def test_behind_a_trusted_proxy_each_client_has_its_own_count(office: Office) -> None:
    """One who guesses does not lock out the others behind the same proxy."""
    client = TestClient(
        office.client(settings=WebSettings(trusted_proxies=("10.0.0.0/8",))).app,
        client=("10.0.0.1", 1),
        base_url="http://desk.test",
    )
    assert [ask(client, WRONG, "198.51.100.1") for _ in range(11)][-1] == 429
    assert ask(client, office.token("李四", "order"), "198.51.100.2") == 200
