"""``queue`` and ``ticket``: the same verbs, the same rules and the same words, on the store and through a server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from doubles.office import attachment
from doubles.terminal import Terminal, command, write_mail
from starlette.testclient import TestClient
from typer.testing import Result

from ingestd.cli import exits, local, remote
from ingestd.web.app import build
from ingestd.web.services import Health, Services

Run = Callable[..., Result]


class InProcess(TestClient):
    """The API in this process; no time can run out there."""

    def request(self, method: str, url: Any, *, timeout: object = None, **values: Any) -> httpx2.Response:
        """Do the request at once."""
        return super().request(method, url, **values)


@pytest.fixture(params=["local", "remote"])
def run(request: pytest.FixtureRequest, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command on the store, or through the real API with an admin's token; each test runs once on each."""
    if request.param == "local":
        yield terminal.run
        return
    token_file = terminal.folder / "token"
    token_file.write_text(terminal.run("token", "create", "--person", "root").stdout)
    services = Services(terminal.it.desk, terminal.it.store, attachment, lambda: Health(True))

    @contextmanager
    def connected(server: str, path: Path | None) -> Iterator[TestClient]:
        assert server == "http://desk.test"
        headers = {"Authorization": f"Bearer {remote._token(path)}"}
        yield InProcess(build(services), base_url=f"{server}/api/v1/", headers=headers)

    monkeypatch.setattr(remote, "connected", connected)
    yield lambda *words, given=None: command(
        *words, "--server", "http://desk.test", "--token-file", str(token_file), given=given
    )


def said(result: Result) -> Any:
    """Return the JSON of a verb that must be done."""
    assert result.exit_code == exits.DONE, result.output
    return json.loads(result.stdout)


def test_queues_are_counted(terminal: Terminal, run: Run) -> None:
    """An operator sees where work waits, by the departments' own names."""
    terminal.receive(write_mail())
    counts = {queue["department"]: queue["waiting"] for queue in said(run("queue", "list", "--json"))["items"]}
    assert counts["logistics"] == 1
    assert sum(counts.values()) == 1
    line = next(line for line in run("queue", "list").stdout.splitlines() if line.startswith("logistics"))
    assert line.split()[1:4] == ["物流部", "1", "0"]


def test_a_pulled_ticket_is_taken_over(terminal: Terminal, run: Run) -> None:
    """Pull, extend, done: out of the queue, in progress, accepted by whoever asked."""
    number = terminal.receive(write_mail())
    (item,) = said(run("queue", "pull", "logistics", "--lease", "5m", "--json"))["items"]
    assert (item["ticket"]["ticket_no"], item["why"]) == (number, "new")
    lease = item["lease"]["id"]
    assert said(run("queue", "extend", lease, "--json"))["lease"]["expires_at"] > item["lease"]["expires_at"]
    assert run("queue", "pull", "logistics").stdout == "nothing waits for logistics\n"
    assert said(run("queue", "done", lease, "--json"))["state"] == "in_progress"


def test_a_returned_ticket_waits_again_with_its_reason(terminal: Terminal, run: Run) -> None:
    """What goes back is pulled by somebody else, and why is on record."""
    number = terminal.receive(write_mail())
    (item,) = said(run("queue", "pull", "logistics", "--json"))["items"]
    assert number in run("queue", "return", item["lease"]["id"], "--reason", "不归我们").stdout
    page = run("queue", "pull", "logistics").stdout
    assert number is not None
    assert number in page
    assert "returned" in page
    assert "不归我们" in run("ticket", "show", number).stdout


def test_a_lease_that_ended_is_refused(terminal: Terminal, run: Run) -> None:
    """A late caller changes nothing and is told so."""
    terminal.receive(write_mail())
    result = run("queue", "done", "no-such-lease")
    assert result.exit_code == exits.BAD_INPUT
    assert result.stderr == "ingestd: this lease has ended; pull again\n"


def test_the_page_of_a_ticket_shows_why_what_and_who(terminal: Terminal, run: Run) -> None:
    """State, the words that spoke, the customer's own words and the letter stand on one page."""
    number = terminal.receive(write_mail(text="快递三天没有更新,我的包裹还没有收到\n  answer        forged"))
    page = run("ticket", "show", number).stdout
    assert page.splitlines()[1] == f"{number}  订单没到"
    assert "department    logistics" in page
    assert "快递" in page.split("  rule")[1]
    assert "ack to w@x.cn, pending" in page
    assert "\nanswer        forged" not in page


def test_a_ticket_goes_its_way_from_the_terminal(terminal: Terminal, run: Run) -> None:
    """Every verb changes the state as the desk does, and each leaves its line in the history."""
    number = terminal.receive(write_mail())
    steps = [
        (("take",), "in_progress"),
        (("note", "--text", "打过电话"), "in_progress"),
        (("transfer", "--department", "tech", "--contact", "张三", "--note", "系统问题"), "assigned"),
        (("reply", "--text", "我们在查", "--solution"), "awaiting_confirm"),
        (("resolve", "--note", "已送达", "--confirmed"), "resolved"),
        (("reopen", "--reason", "又来信"), "in_progress"),
    ]
    for words, state in steps:
        assert said(run("ticket", words[0], str(number), *words[1:], "--json"))["state"] == state
    kinds = [entry["kind"] for entry in said(run("ticket", "show", str(number), "--json"))["entries"]]
    assert kinds == ["message", "taken", "note", "transferred", "solution", "resolution", "reopened"]


def test_a_long_reply_comes_in_on_standard_input(terminal: Terminal, run: Run) -> None:
    """Nobody has to quote a letter for a shell."""
    number = terminal.receive(write_mail())
    run("ticket", "reply", str(number), "--text", "-", given="第一行\n第二行\n")
    entries = said(run("ticket", "show", str(number), "--json"))["entries"]
    assert entries[-1]["text"].splitlines() == ["第一行", "第二行"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "T20261121999"), "there is no ticket T20261121999"),
        (("resolve", "T20261121999", "--note", "x"), "there is no ticket T20261121999"),
        (("show", "../../etc"), "there is no ticket"),
    ],
)
def test_a_ticket_that_is_not_there_is_bad_input(run: Run, words: tuple[str, ...], says: str) -> None:
    """A wrong number changes nothing, whatever characters are in it."""
    result = run("ticket", *words)
    assert result.exit_code == exits.BAD_INPUT
    assert says in result.stderr or "Not" in result.stderr or "not" in result.stderr


def test_an_empty_reason_is_refused(terminal: Terminal, run: Run) -> None:
    """A verb that needs a word says which."""
    number = terminal.receive(write_mail())
    result = run("ticket", "note", str(number), "--text", " ")
    assert result.exit_code == exits.BAD_INPUT
    assert "text" in result.stderr


def test_escapes_of_a_customer_are_on_no_page(terminal: Terminal, run: Run) -> None:
    """Neither in a table nor on a page does a subject move the cursor (EX5)."""
    raw = write_mail().replace(b"Subject: ", b"Subject: =?utf-8?q?=1B=5B2J=9B?= ")
    number = terminal.receive(raw)
    shown = run("ticket", "show", str(number)).stdout + run("ticket", "take", str(number)).stdout
    assert not {"\x1b", "\x9b"} & set(shown)


def test_a_pull_on_the_store_waits_for_work(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --wait it looks again until something comes, and not after."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            terminal.receive(write_mail())

    monkeypatch.setattr(local.time, "sleep", sleep)
    (item,) = said(terminal.run("queue", "pull", "logistics", "--wait", "30s", "--json"))["items"]
    assert (item["why"], slept) == ("new", [local.POLL_SECONDS] * 2)
    assert said(terminal.run("queue", "pull", "logistics", "--json"))["items"] == []
    assert len(slept) == 2


def client(answer: Callable[[httpx2.Request], httpx2.Response]) -> remote.Remote:
    """Return the remote verbs before a server that answers so."""
    return remote.Remote(httpx2.Client(transport=httpx2.MockTransport(answer), base_url="http://desk.test/api/v1/"))


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (404, {"detail": "there is no ticket X", "code": "no-ticket"}, "NotFound", "there is no ticket X"),
        (409, {"detail": "this lease has ended"}, "Conflict", "this lease has ended"),
        (401, {"detail": "this token opens nothing"}, "Permanent", "this token opens nothing"),
        (429, {"detail": "too fast"}, "Temporary", "too fast"),
        (503, {"detail": "the store is away"}, "Temporary", "the store is away"),
        (502, "<html>", "Temporary", "status 502"),
        (403, ["odd"], "Permanent", "status 403"),
        (200, "<html>", "Unavailable", "not ingestd's"),
        (200, ["odd"], "Unavailable", "not ingestd's"),
    ],
)
def test_every_answer_of_a_server_has_its_meaning(status: int, body: Any, kind: str, says: str) -> None:
    """Whatever stands at the address, a program learns whether to correct itself or to try later."""
    response = {"text": body} if isinstance(body, str) else {"json": body}
    with pytest.raises(exits.IngestdError, match=says) as refused:
        client(lambda _: httpx2.Response(status, **response)).show("T1")
    assert type(refused.value).__name__ == kind


def test_a_write_bears_a_key_of_its_own_and_a_name_is_one_part_of_the_path() -> None:
    """A repeated request is done once; no ticket number leads to another address."""
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={})

    work = client(answer)
    work.act("../x?y", "take", {})
    work.act("T1", "take", {})
    assert seen[0].url.raw_path == b"/api/v1/tickets/..%2Fx%3Fy/take"
    assert seen[0].headers["Idempotency-Key"] != seen[1].headers["Idempotency-Key"]


def test_a_server_that_is_not_there_is_exit_69(tmp_path: Path) -> None:
    """A peer that is away is told apart from a refusal."""
    token = tmp_path / "token"
    token.write_text("ingestd_x\n")
    result = command("queue", "list", "--server", "http://127.0.0.1:1", "--token-file", str(token))
    assert result.exit_code == exits.UNAVAILABLE
    assert "check --server" in result.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot be read"), ("", "holds no token"), ("密钥", "holds no token"), ("a\nb", "holds no token")],
)
def test_a_token_file_that_cannot_be_used_is_told_without_its_content(
    tmp_path: Path, content: str | None, says: str
) -> None:
    """The sentence names the file and never what is in it (P33)."""
    path = tmp_path / "token"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    result = command("queue", "list", INGESTD_SERVER="http://127.0.0.1:1", INGESTD_TOKEN_FILE=str(path))
    assert result.exit_code == exits.CONFIGURATION
    assert says in result.stderr
    assert "密钥" not in result.output


def test_a_server_needs_a_token() -> None:
    """The option that is missing is named."""
    result = command("queue", "list", "--server", "http://127.0.0.1:1")
    assert result.exit_code == exits.CONFIGURATION
    assert "--token-file" in result.stderr
