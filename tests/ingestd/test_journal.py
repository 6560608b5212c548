"""The journal: a line is data, whatever is in it, and nobody ever waits for its reader (P37, F45)."""

from __future__ import annotations

import io
import json
import os
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd import journal

HOSTILE = 'x\n\r\u2028\u2029\x85\x1b]8;;http://evil\x07\x1b[2J","level":"critical","a":"\udcff\0'


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    journal.close_journal()


def lines(**how: Any) -> list[str]:
    """What one hostile decision and one hostile door report look like in the journal."""
    stream = io.StringIO()
    journal.open_journal(stream=stream, **how)
    journal.decided("created", "T1", HOSTILE, HOSTILE)
    journal.door_report(HOSTILE, {"helo": HOSTILE, "many": [HOSTILE]})
    journal.close_journal()
    return stream.getvalue().split("\n")


def test_one_json_object_a_line_whatever_the_input() -> None:
    """No byte of a stranger begins a line, forges a field or moves a terminal's cursor."""
    *written, last = lines()
    assert last == ""
    first, second = (json.loads(line) for line in written)
    assert (first["event"], first["level"], first["reason"]) == ("decided", "info", HOSTILE)
    assert (second["event"], second["facts"]["helo"]) == ("door", HOSTILE)
    assert all(line.isascii() and line.isprintable() for line in written)


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=50))
def test_any_text_is_one_line(text: str) -> None:
    """Every code point there is."""
    stream = io.StringIO()
    journal.open_journal(stream=stream)
    journal.parked("record", text)
    journal.close_journal()
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["reason"] == text


def test_a_terminal_gets_no_escape_of_a_stranger() -> None:
    """Coloured lines for people: the only escapes in them are colours."""
    *written, last = lines(as_json=False)
    assert last == ""
    assert len(written) == 2
    for line in written:
        plain = re.sub(r"\x1b\[\d+m", "", line)
        assert plain.isprintable()


def test_journald_reads_the_level() -> None:
    """Under systemd each line begins with its priority (sd-daemon(3))."""
    first, second, _ = lines(systemd=True)
    assert first.startswith("<6>{")
    assert second.startswith("<4>{")


def test_a_value_is_cut_wherever_it_stands() -> None:
    """A 10 MB header does not fill the disk, not inside a list or a mapping either (EX7)."""
    stream = io.StringIO()
    journal.open_journal(stream=stream)
    journal.parked("record", "x" * 10**6)
    journal.door_report("refused", {"helo": "x" * 10**6, "list": ["x" * 10**6]})
    journal.close_journal()
    first, second = stream.getvalue().splitlines()
    assert len(first) < journal.LONGEST_VALUE + 300
    assert len(second) < 2 * journal.LONGEST_VALUE + 300


def test_a_death_is_told_with_its_error_however_deep() -> None:
    """The operator reads what killed a loop, also where the traceback is cut."""

    def deep(level: int) -> None:
        if level == 0:
            raise LookupError("the very cause")
        deep(level - 1)

    stream = io.StringIO()
    journal.open_journal(stream=stream)
    try:
        deep(100)
    except LookupError as error:
        journal.loop_died("process", error)
    journal.close_journal()
    (line,) = stream.getvalue().splitlines()
    assert "the very cause" in line
    assert json.loads(line)["level"] == "critical"


def test_a_reader_that_does_not_read_blocks_nobody() -> None:
    """The pipe is full and stays full: every call returns, what finds no room is counted."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        journal.open_journal(stream=stream)
        many = journal.LINES_WAITING + 5_000
        done = threading.Event()

        def talk() -> None:
            for _ in range(many):
                journal.parked("record", "x" * 200)
            done.set()

        threading.Thread(target=talk, daemon=True).start()
        assert done.wait(60)
        assert journal.dropped() > 0
        drain = threading.Thread(target=_drain, args=(reading,), daemon=True)
        drain.start()
        journal.close_journal(10)
    drain.join(10)


def _drain(descriptor: int) -> None:
    while os.read(descriptor, 1 << 16):
        pass
    os.close(descriptor)


def test_a_reader_that_is_gone_stops_nobody() -> None:
    """A broken pipe costs lines, not the daemon."""
    reading, writing = os.pipe()
    os.close(reading)
    stream = open(writing, "w", buffering=1)  # noqa: SIM115 - closing a broken pipe raises
    journal.open_journal(stream=stream)
    journal.parked("record", "x")
    journal.parked("record", "y")
    journal.close_journal()
    with pytest.raises(BrokenPipeError):
        stream.close()


def test_numbers_are_bound_once() -> None:
    """Every line of an arrival's road bears its number, and no line after it."""
    stream = io.StringIO()
    journal.open_journal(stream=stream)
    journal.bind(intake_id="01ABC")
    journal.parked("record", "x")
    journal.unbind()
    journal.reloaded()
    journal.close_journal()
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first["intake_id"] == "01ABC"
    assert "intake_id" not in second


def test_without_a_journal_events_are_silent() -> None:
    """Commands that keep no journal call the same functions."""
    journal.decided("created", "T1", "triage", None)
    assert journal.dropped() == 0


def test_every_event_writes_its_line() -> None:
    """Each function is one event an operator asks about; none raises for its values."""
    stream = io.StringIO()
    journal.open_journal("debug", stream=stream)
    calls: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
        (journal.started, ("0.1", ["web"], {"web": "127.0.0.1:1"}), {}),
        (journal.stopping, ("SIGTERM",), {}),
        (journal.stopped, (False,), {}),
        (journal.kept, (["a"], "smtp", "main", 5), {"repeated": False}),
        (journal.not_kept, ("smtp", "store"), {}),
        (journal.tried_in_vain, ("record", 1, "e"), {}),
        (journal.degraded, (["unreadable"],), {}),
        (journal.letter_sent, ("m", "ack", "T1"), {"late": True, "seconds": 1.23456}),
        (journal.letter_delayed, ("m", "ack", "T1", "451"), {}),
        (journal.letter_failed, ("m", "ack", "T1", "550"), {}),
        (journal.letter_problem, ("ack", "x"), {}),
        (journal.loop_failed, ("deliver", "x"), {}),
        (journal.reloaded, (), {}),
        (journal.reload_refused, (("a", "b"),), {}),
        (journal.lease_lost, (), {}),
        (journal.store_lost, ("x",), {}),
    ]
    for call, values, named in calls:
        call(*values, **named)
    journal.close_journal()
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == [
        call.__name__ for call, _, _ in calls
    ]
