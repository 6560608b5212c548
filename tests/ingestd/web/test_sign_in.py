"""Signing in at the desk, staying in, and being out again (AU5, WH13, P32)."""

from __future__ import annotations

import pytest
from doubles.office import SAME_SITE, Office
from starlette.testclient import TestClient

from ingestd.service_settings import ServiceSettings
from ingestd.web import sessions, sign_in
from ingestd.web.sessions import Sessions

WRONG = "ingestd_0123456789_" + "A" * 43


def post(client: TestClient, token: str, **headers: str) -> tuple[int, str]:
    """Send the sign-in form; return the status and the cookie."""
    answer = client.post("/desk/login", data={"token": token}, headers=headers or SAME_SITE, follow_redirects=False)
    return answer.status_code, answer.headers.get("set-cookie", "")


def test_who_has_a_token_gets_in_and_out_again(office: Office) -> None:
    """The board after signing in; after signing out the old cookie opens nothing, also not when sent again."""
    client = office.reader("李四", "order")
    assert client.get("/desk/").status_code == 200
    cookie = client.cookies[sign_in.COOKIE]
    assert client.post("/desk/logout", headers=SAME_SITE, follow_redirects=False).status_code == 303
    assert sign_in.COOKIE not in client.cookies
    client.cookies.set(sign_in.COOKIE, cookie)
    assert client.get("/desk/", follow_redirects=False).headers["location"] == "/desk/login"


def test_each_sign_in_has_a_fresh_session(office: Office) -> None:
    """A session that somebody planted is not taken over: the id is new, the old one is closed."""
    token, client = office.token("李四", "order"), office.client()
    client.cookies.set(sign_in.COOKIE, "planted", domain="desk.test", path="/desk/")
    assert post(client, token)[0] == 303
    first = next(cookie.value for cookie in client.cookies.jar if cookie.value != "planted")
    assert post(client, token)[0] == 303
    assert first not in {cookie.value for cookie in client.cookies.jar}


def test_the_cookie_holds_nothing_of_the_token(office: Office) -> None:
    """Not the token, and no part of it (AU2)."""
    token = office.token("李四", "order")
    _, cookie = post(office.client(), token)
    assert all(part not in cookie for part in (token[8:18], token[19:]))


def test_revoking_the_token_ends_the_session(office: Office) -> None:
    """Each page asks whether the token still lives."""
    token, client = office.token("李四", "order"), office.client()
    post(client, token)
    assert client.get("/desk/", follow_redirects=False).status_code == 200
    office.revoke(token)
    assert client.get("/desk/", follow_redirects=False).status_code == 303


def test_a_wrong_token_shows_the_form_again(office: Office) -> None:
    """401 with a sentence in the reader's language; after ten of them 429."""
    client = office.client()
    for _ in range(10):
        answer = client.post("/desk/login", data={"token": WRONG}, headers=SAME_SITE | {"accept-language": "en"})
        assert (answer.status_code, "opens nothing" in answer.text) == (401, True)
        assert WRONG not in answer.text
    answer = client.post("/desk/login", data={"token": WRONG}, headers=SAME_SITE)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://desk.test"}, 403),
        ({"origin": "http://desk.test"}, 303),
        ({"origin": "https://help.example.com"}, 303),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"x": "neither"}, 403),
    ],
)
def test_only_a_form_of_our_own_page_signs_in_or_out(office: Office, headers: dict[str, str], status: int) -> None:
    """WH13: another site can neither sign somebody in nor out."""
    client = office.client(service=ServiceSettings(base_url="https://help.example.com"))
    assert post(client, office.token("李四", "order"), **headers)[0] == status
    assert client.post("/desk/logout", headers=headers, follow_redirects=False).status_code == status


@pytest.mark.parametrize(
    "body", [b"", b"token", b"x" * 5000, b"&".join([b"a=1"] * 50), b"token=\xff\xfe", b"token=%00"]
)
def test_a_form_that_is_none_is_refused(office: Office, body: bytes) -> None:
    """401 and the form again, whatever was sent."""
    answer = office.client().post("/desk/login", content=body, headers=SAME_SITE)
    assert answer.status_code == 401


def test_a_session_lasts_a_working_day() -> None:
    """Then the token is asked for again."""
    now = [0.0]
    opened = Sessions(lambda: now[0])
    session = opened.begin("t1")
    now[0] = sessions.LONGEST_S - 1
    assert opened.token_id(session) == "t1"
    now[0] += 1
    assert opened.token_id(session) is None


def test_sessions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest goes first."""
    monkeypatch.setattr(sessions, "MOST_SESSIONS", 2)
    opened = Sessions()
    ids = [opened.begin(f"t{n}") for n in range(3)]
    assert [opened.token_id(one) for one in ids] == [None, "t1", "t2"]
    opened.end(ids[1])
    assert opened.token_id(ids[1]) is None
