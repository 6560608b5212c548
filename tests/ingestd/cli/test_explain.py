"""``explain``: what was or would be decided, and why, for people and programs; it changes nothing."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from doubles.terminal import Terminal, command, write_config, write_mail

from ingestd.cli import exits
from ingestd.store import tables

PARTS = ["record", "outcome", "conversation", "route", "priority", "emotion", "missing", "ack"]
ABSENCE = write_mail("自动回复:外出", "我在休假", Message_ID="<absence@x.cn>", Auto_Submitted="auto-replied")


def saved(folder: Path, raw: bytes) -> str:
    """Put a mail into a file and return its name."""
    path = folder / "mail.eml"
    path.write_bytes(raw)
    return str(path)


def test_without_a_config_the_shipped_rules_decide(tmp_path: Path) -> None:
    """A message can be explained on a machine that has nothing but the program."""
    answer = json.loads(command("explain", saved(tmp_path, write_mail()), "--offline", "--json").stdout)
    assert [part for part in PARTS if part not in answer] == []
    assert answer["route"]["department"] == "logistics"
    assert answer["route"]["rules"][0]["words"]
    assert answer["ack"] == {"owed": True, "template": "ack", "language": "zh-CN", "reason": None, "sentence": None}


def test_the_page_names_the_words_that_spoke_and_the_answer(tmp_path: Path) -> None:
    """A person sees why the message goes where it goes."""
    page = command("explain", saved(tmp_path, write_mail()), "--offline").stdout
    assert "department    logistics" in page
    assert "快递" in page.split("  rule")[1]
    assert "answer        ack in zh-CN" in page


def test_the_page_says_why_nobody_answers(tmp_path: Path) -> None:
    """A suppressed answer has its sentence and its code (P38)."""
    page = command("explain", saved(tmp_path, ABSENCE), "--offline").stdout
    assert "none: this is an automatic reply (auto-reply)" in page
    assert "Auto-Submitted: auto-replied" in page
    assert "conversation" not in page


def test_escapes_of_the_customer_are_not_on_the_page(tmp_path: Path) -> None:
    """A subject cannot colour or move anything (EX5)."""
    hostile = b"From: a@x.cn\r\nSubject: =?utf-8?q?=1B[31mred=1B]0;x=07?=\r\n\r\nhello\r\n"
    assert "\x1b" not in command("explain", saved(tmp_path, hostile), "--offline").stdout


def test_an_installation_that_never_ran_is_not_made_by_looking_at_it(tmp_path: Path) -> None:
    """With a config but no store yet, the config's rules speak and no folder appears."""
    config = write_config(tmp_path)
    assert command("explain", saved(tmp_path, write_mail()), "-c", str(config)).exit_code == exits.DONE
    assert not (tmp_path / "state").exists()


@pytest.mark.heavy
def test_a_reader_that_has_had_enough_is_no_fault_of_the_message(tmp_path: Path) -> None:
    """``| head`` ends the verb quietly."""
    words = shlex.join([sys.executable, "-m", "ingestd", "explain", str(saved(tmp_path, write_mail()))])
    done = subprocess.run(["bash", "-c", f"{words} | true"], capture_output=True, text=True)
    assert done.stderr == ""


def test_a_broken_config_is_told_and_not_passed_over(tmp_path: Path) -> None:
    """Whoever names a config wants its rules, not others."""
    config = tmp_path / "config.yaml"
    config.write_text("servise: {}\n", encoding="utf-8")
    result = command("explain", saved(tmp_path, write_mail()), "-c", str(config))
    assert result.exit_code == exits.CONFIGURATION
    assert "servise" in result.stderr


def test_a_reply_is_explained_with_its_conversation(terminal: Terminal) -> None:
    """With an installation, tickets and participants are the real ones; nothing of it is written."""
    number = terminal.receive(write_mail())
    before = terminal.count((tables.arrival, tables.ticket, tables.outbox, tables.entry))
    reply = write_mail(f"回复: [{number}] 订单没到", "什么时候能送到?", Message_ID="<r@x.cn>")
    answer = terminal.read("explain", saved(terminal.folder, reply))
    assert answer["conversation"]["ticket"] == number
    assert answer["conversation"]["how"] == "tag"
    assert answer["ack"]["reason"] == "reply-in-open-ticket"
    assert terminal.count((tables.arrival, tables.ticket, tables.outbox, tables.entry)) == before


def test_a_mark_that_only_looks_like_ours_is_told(terminal: Terminal) -> None:
    """Somebody made up a Message-ID of our shape: it opens nobody's ticket, and the page says so."""
    number = terminal.receive(write_mail()).lower()
    forged = f"<{'a' * 26}.{number}.{'b' * 8}.{'c' * 16}@example.com>"
    reply = saved(terminal.folder, write_mail("回复: 订单没到", In_Reply_To=forged, Message_ID="<r@x.cn>"))
    found = terminal.read("explain", reply)["conversation"]
    page = terminal.run("explain", reply).stdout
    assert found["forged_token"] is True
    assert "a mark shaped like ours" in page


def test_a_message_that_is_in_already_is_called_a_duplicate(terminal: Terminal) -> None:
    """Sent again it would change nothing, and explain says so."""
    terminal.receive(write_mail())
    assert terminal.read("explain", saved(terminal.folder, write_mail()))["outcome"] == "duplicate"


def test_what_came_in_is_found_by_ticket_message_id_and_arrival(terminal: Terminal) -> None:
    """The stored decision is shown as it was made, by whichever name an operator has at hand."""
    number = terminal.receive(write_mail(Message_ID="<m1@x.cn>"))
    assert number is not None
    by_ticket = terminal.read("explain", number)
    assert by_ticket["outcome"] == "created"
    assert by_ticket["route"]["department"] == "logistics"
    for name in ("m1@x.cn", "<m1@x.cn>", by_ticket["intake_id"]):
        assert terminal.read("explain", name) == by_ticket


def test_why_there_is_no_ticket_can_be_looked_up_by_message_id(terminal: Terminal) -> None:
    """A suppressed message has no number; its Message-ID finds the reason (P38)."""
    assert terminal.receive(ABSENCE) is None
    page = terminal.run("explain", "absence@x.cn").stdout
    assert "suppressed: this is an automatic reply (auto-reply)" in page


def test_a_parked_arrival_is_explained_by_its_reason(terminal: Terminal) -> None:
    """What was never decided says at least why it waits for a person."""
    intake_id = terminal.park(write_mail(), "ValueError: odd")
    assert "parked: ValueError: odd" in terminal.run("explain", intake_id).stdout


@pytest.mark.parametrize("name", ["T20261121001", "no@such.id", "01M802XXG3HAF95HCZYPA0C2SZ", "no/such/file"])
def test_an_unknown_name_is_bad_input(terminal: Terminal, name: str) -> None:
    """Nobody mistakes a wrong number for a message without a decision."""
    result = terminal.run("explain", name)
    assert result.exit_code == exits.BAD_INPUT
    assert "there is no file, ticket, Message-ID or arrival of that name" in result.stderr


def test_jsonl_answers_files_and_names_in_order(terminal: Terminal) -> None:
    """A program asks about many, a line each, and a wrong one costs only its own line."""
    number = terminal.receive(write_mail())
    path = saved(terminal.folder, write_mail("发票", "请给我开发票,抬头如下"))
    result = terminal.run("explain", "--jsonl", given=f"{path}\nnothing\n{number}\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer.get("outcome") for answer in answers] == ["created", None, "created"]
    assert [answer["record"]["subject"] for answer in (answers[0], answers[2])] == ["发票", "订单没到"]
