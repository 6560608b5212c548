"""The journal an operator reads: one function for each event he asks about, one JSON object a line (P37).

A line never waits for whoever reads it: lines go through a bounded queue to one writing thread, and what does not
fit is counted and said later (F45). Arrival and ticket numbers are bound once, not passed along.
"""

from __future__ import annotations

import collections
import json
import logging
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

LINES_WAITING = 5_000
"""About one busy minute; beyond it lines are dropped and counted."""
LOOK_SECONDS = 0.05
LONGEST_VALUE = 2_048
"""Characters of one value: an attacker's 10 MB header does not fill the journal."""
PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}


class _Pipe:
    """A thread that writes lines, so that nobody else ever waits for a full pipe.

    It looks for lines by itself, many times a second: to be woken for each would cost the loops more than the line.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: collections.deque[str] = collections.deque()
        self._closing = threading.Event()
        self.dropped = 0
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._thread.start()

    def put(self, line: str) -> None:
        if len(self._lines) < LINES_WAITING:
            self._lines.append(line)
        else:
            self.dropped += 1

    def close(self, seconds: float) -> None:
        self._closing.set()
        self._thread.join(seconds)

    def _write(self) -> None:
        last = False
        while not last:
            last = self._closing.wait(LOOK_SECONDS)
            while self._lines:
                self._out(self._lines.popleft())
            self._out("")

    def _out(self, line: str) -> None:
        try:
            self._stream.write(line) if line else self._stream.flush()
        except (OSError, ValueError):  # the reader has gone; the daemon has not
            self.dropped += 1 if line else 0


class _Logger:
    """What structlog writes to."""

    def __init__(self, pipe: _Pipe) -> None:
        self._pipe = pipe

    def msg(self, message: str) -> None:
        self._pipe.put(message + "\n")

    debug = info = warning = error = critical = log = msg


_pipe: _Pipe | None = None
_logger: Any = None


def open_journal(
    level: str = "info", *, as_json: bool = True, systemd: bool = False, stream: TextIO | None = None
) -> None:
    """Begin writing. ``systemd`` adds the ``<N>`` priority that journald reads; a terminal gets coloured lines."""
    global _pipe, _logger
    _pipe = _Pipe(stream or sys.stderr)
    logging.root.handlers = [_Library(logging.WARNING)]
    for chatty in ("mail.log", "asyncio", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.ERROR)  # they write peers and paths past this journal
    renderer = _render_json(systemd) if as_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _shorten,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Logger(_require()),
        cache_logger_on_first_use=False,
    )
    _logger = structlog.get_logger().bind()


def close_journal(seconds: float = 2.0) -> None:
    """Write what waits, for at most so many seconds."""
    global _pipe
    if _pipe:
        _pipe.close(seconds)
    _pipe = None
    structlog.reset_defaults()


def dropped() -> int:
    """Return how many lines found no room since the start."""
    return _pipe.dropped if _pipe else 0


def bind(**values: str) -> None:
    """Bind arrival and ticket numbers to every line of this task."""
    structlog.contextvars.bind_contextvars(**values)


def unbind() -> None:
    """Forget what was bound."""
    structlog.contextvars.clear_contextvars()


class _Library(logging.Handler):
    """Takes what libraries log into the same journal: one line, never waiting."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        error = record.exc_info[1] if record.exc_info else None
        _say("error", "library", logger=record.name, message=record.getMessage(), error=repr(error) if error else None)


def _require() -> _Pipe:
    if _pipe is None:
        raise RuntimeError("the journal is not open")
    return _pipe


def _shorten(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {key: _cut(value) for key, value in event.items()}


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return value[:LONGEST_VALUE] + "…" if len(value) > LONGEST_VALUE else value
    if isinstance(value, dict):
        return {key: _cut(inner) for key, inner in value.items()}
    return [_cut(inner) for inner in value] if isinstance(value, list | tuple) else value


def _render_json(systemd: bool) -> Any:
    def render(_logger: Any, _name: str, event: Mapping[str, Any]) -> str:
        line = json.dumps(event, ensure_ascii=True, default=str)
        return f"<{PRIORITIES.get(str(event.get('level')), 6)}>{line}" if systemd else line

    return render


def _say(level: str, event: str, **values: Any) -> None:
    if _pipe is not None:
        getattr(_logger, level)(event, **values)


def started(version: str, loops: list[str], addresses: dict[str, str]) -> None:
    """The daemon is ready."""
    _say("info", "started", version=version, loops=loops, addresses=addresses)


def stopping(reason: str) -> None:
    """The daemon begins to drain."""
    _say("info", "stopping", reason=reason)


def stopped(clean: bool) -> None:
    """The daemon has drained, or has given up draining."""
    _say("info" if clean else "warning", "stopped", clean=clean)


def kept(intake_ids: list[str], door: str, account: str, size: int, *, repeated: bool) -> None:
    """A door said yes: octets and arrival are committed."""
    _say("info", "kept", intake_ids=intake_ids, door=door, account=account, size=size, repeated=repeated)


def not_kept(door: str, code: str) -> None:
    """A door had to say: try again later."""
    _say("error", "not_kept", door=door, code=code)


def decided(outcome: str, ticket_no: str | None, department: str | None, reason: str | None) -> None:
    """An arrival has its outcome."""
    _say("info", "decided", outcome=outcome, ticket_no=ticket_no, department=department, reason=reason)


def tried_in_vain(stage: str, attempts: int, error: str) -> None:
    """Work on an arrival failed; it will be tried again."""
    _say("warning", "tried_in_vain", stage=stage, attempts=attempts, error=error)


def parked(stage: str, reason: str) -> None:
    """An arrival was set aside; somebody should look."""
    _say("error", "parked", stage=stage, reason=reason)


def degraded(defects: list[str]) -> None:
    """A message could only be read in part."""
    _say("warning", "degraded", defects=defects)


def letter_sent(mail_id: str, kind: str, ticket_no: str, *, late: bool, seconds: float) -> None:
    """A letter was handed over."""
    _say("info", "letter_sent", mail_id=mail_id, kind=kind, ticket_no=ticket_no, late=late, seconds=round(seconds, 3))


def letter_delayed(mail_id: str, kind: str, ticket_no: str, reason: str) -> None:
    """A letter was refused for now and will be tried again."""
    _say("warning", "letter_delayed", mail_id=mail_id, kind=kind, ticket_no=ticket_no, reason=reason)


def letter_failed(mail_id: str, kind: str, ticket_no: str, reason: str) -> None:
    """A letter will never arrive; the reason is on its ticket."""
    _say("error", "letter_failed", mail_id=mail_id, kind=kind, ticket_no=ticket_no, reason=reason)


def letter_problem(kind: str, problem: str) -> None:
    """An own template could not be used; the shipped one spoke instead."""
    _say("warning", "letter_problem", kind=kind, problem=problem)


def door_report(event: str, facts: dict[str, object]) -> None:
    """A door reports something of its own: a refused client, a full house."""
    _say("warning", "door", what=event, facts=facts)


def request_failed(route: str, error: BaseException) -> None:
    """An HTTP request met an error that nobody expected; it was answered with 500."""
    where = "".join(traceback.format_tb(error.__traceback__)[-3:])
    _say("error", "request_failed", route=route, error=f"{type(error).__name__}: {error}", where=where)


def loop_failed(loop: str, error: str) -> None:
    """A round of a loop failed; its work is tried again."""
    _say("error", "loop_failed", loop=loop, error=error)


def loop_died(loop: str, error: BaseException | None) -> None:
    """A loop is dead: the daemon stops, loudly."""
    _say("critical", "loop_died", loop=loop, error=repr(error), exc_info=error)


def reloaded() -> None:
    """Rules, letters, windows and departments were read again."""
    _say("info", "reloaded")


def reload_refused(problems: tuple[str, ...]) -> None:
    """The changed configuration is broken; the old one stays."""
    _say("error", "reload_refused", problems=list(problems))


def lease_lost() -> None:
    """This node slept past its lease; it writes nothing until it has a new one."""
    _say("warning", "lease_lost")


def store_lost(error: str) -> None:
    """The store cannot be reached; doors say try again later."""
    _say("error", "store_lost", error=error)
