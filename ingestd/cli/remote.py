"""The verbs of people through a server's API, for departments that have neither config nor database."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from ingestd.cli.exits import Unavailable
from ingestd.cli.work import Json
from ingestd.errors import ConfigError, Conflict, IngestdError, NotFound, Permanent, Temporary

ANSWER_SECONDS = 30.0
"""Beyond the time a pull asks the server to wait; a healthy server answers within one."""
REFUSALS: Mapping[int, type[IngestdError]] = {404: NotFound, 409: Conflict, 429: Temporary}
"""What a status means; other 4xx are permanent, 5xx temporary."""


@contextmanager
def connected(server: str, token_file: Path | None) -> Iterator[httpx2.Client]:
    """Open a client that carries the token. Raise ConfigError when there is none, or the server's name is none."""
    headers = {"Authorization": f"Bearer {_token(token_file)}"}
    try:
        client = httpx2.Client(base_url=server.rstrip("/") + "/api/v1/", headers=headers, timeout=ANSWER_SECONDS)
    except httpx2.InvalidURL:
        raise ConfigError(("--server: write an address such as https://help.example.com",)) from None
    with client:
        yield client


def _token(path: Path | None) -> str:
    if path is None:
        raise ConfigError(("--server needs --token-file: a file that holds the token and nothing else",))
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError((f"--token-file: {path} cannot be read ({error.strerror}); correct the path",)) from None
    except UnicodeError:
        text = ""
    if not text.isprintable() or not text:
        raise ConfigError((f"--token-file: {path} holds no token; write the token into it and nothing else",))
    return text


class Remote:
    """See ``Work``."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client

    def queues(self) -> Json:
        """Ask for the queues that the token sees."""
        return self._ask("GET", "queues")

    def pull(self, department: str, most: int, wait: timedelta, lease: timedelta) -> Json:
        """Long-poll for work."""
        body = {"max": most, "wait_s": _seconds(wait), "lease_s": _seconds(lease)}
        return self._ask("POST", f"queues/{_part(department)}/pull", body, wait.total_seconds())

    def extend(self, lease_id: str, lease: timedelta) -> Json:
        """Prolong a lease."""
        return self._ask("POST", f"leases/{_part(lease_id)}/extend", {"lease_s": _seconds(lease)})

    def give_back(self, lease_id: str, reason: str) -> Json:
        """Put a leased ticket back."""
        return self._ask("POST", f"leases/{_part(lease_id)}/return", {"reason": reason})

    def done(self, lease_id: str) -> Json:
        """Take a leased ticket over."""
        return self._ask("POST", f"leases/{_part(lease_id)}/done")

    def show(self, number: str) -> Json:
        """Ask for the whole file."""
        return self._ask("GET", f"tickets/{_part(number)}")

    def act(self, number: str, verb: str, body: Mapping[str, Any]) -> Json:
        """Do a verb."""
        return self._ask("POST", f"tickets/{_part(number)}/{verb}", dict(body) or None)

    def _ask(self, method: str, path: str, body: Json | None = None, wait_seconds: float = 0.0) -> Json:
        keyed = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        patience = ANSWER_SECONDS + wait_seconds
        try:
            answer = self._client.request(method, path, json=body, headers=keyed, timeout=patience)
        except (httpx2.TransportError, httpx2.UnsupportedProtocol) as error:
            kind = type(error).__name__
            raise Unavailable(f"the server does not answer ({kind}); check --server, or try again later") from error
        if not answer.is_success:
            raise _refusal(answer)
        return _json(answer)


def _part(text: str) -> str:
    return quote(text, safe="")


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _json(answer: httpx2.Response) -> Json:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unavailable("the server's answer is not ingestd's; check --server")
    return found


def _refusal(answer: httpx2.Response) -> IngestdError:
    """Return the error that a refusal tells of, with the server's own sentence where it gives one."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    said = problem if isinstance(problem, dict) else {}
    sentence = str(said.get("detail") or f"the server refused with status {answer.status_code}; check --server")
    kind = REFUSALS.get(answer.status_code, Temporary if answer.status_code >= 500 else Permanent)
    return kind(sentence, code=str(said.get("code") or "refused"))
