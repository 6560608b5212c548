"""``parse``: raw messages in, records out, in order; no message and no missing file ends the run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from doubles.terminal import command, write_mail

from ingestd.cli import exits

SAMPLES = Path(__file__).parents[2] / "samples" / "mail"
BOMB = b"From: a@x.cn\r\nSubject: bomb\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\nbody\r\n"


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """One ordinary mail in a file."""
    path = tmp_path / "mail.eml"
    path.write_bytes(write_mail())
    return path


def test_a_file_becomes_its_record(mail: Path) -> None:
    """What is printed is the whole public record, as JSON."""
    record = json.loads(command("parse", str(mail)).stdout)
    assert record["subject"] == "订单没到"
    assert record["sender"] == {"name": "王芳", "email": "w@x.cn"}
    assert record["automatic"] == {"kind": None, "evidence": []}


def test_it_reads_as_the_samples_say() -> None:
    """The command gives the very record that the parser's samples expect."""
    sample = SAMPLES / "webmail" / "quoted-printable-gbk-text.eml"
    expected = json.loads(sample.with_suffix(".json").read_text(encoding="utf-8"))
    record = json.loads(command("parse", str(sample)).stdout)
    assert {key: record[key] for key in ("subject", "text") if key in expected} == {
        key: expected[key] for key in ("subject", "text") if key in expected
    }


def test_a_dash_is_standard_input(mail: Path) -> None:
    """A mail can be piped in."""
    assert json.loads(command("parse", "-", given=mail.read_bytes()).stdout)["subject"] == "订单没到"


def test_jsonl_answers_each_line_in_order_and_stops_for_nothing(mail: Path, tmp_path: Path) -> None:
    """One line in, one line out: a bomb, a folder, an empty line and a missing file have their answers, too."""
    bomb = tmp_path / "bomb.eml"
    bomb.write_bytes(BOMB)
    names = [mail, tmp_path / "missing.eml", bomb, tmp_path, "", mail]
    result = command("parse", "--jsonl", given="".join(f"{name}\n" for name in names))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer.get("subject") for answer in answers] == ["订单没到", None, "bomb", None, None, "订单没到"]
    assert [answer.get("error", {}).get("code") for answer in answers] == [
        None,
        "unread",
        None,
        "unread",
        "unread",
        None,
    ]
    assert result.exit_code == exits.BAD_INPUT


def test_jsonl_flushes_each_answer(mail: Path) -> None:
    """A program may ask, wait for the answer, and only then ask again."""
    words = [sys.executable, "-m", "ingestd", "parse", "--jsonl"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for _ in range(2):
            child.stdin.write(f"{mail}\n")
            child.stdin.flush()
            assert json.loads(child.stdout.readline())["subject"] == "订单没到"
        child.stdin.close()
        assert child.wait(30) == exits.DONE


def test_a_missing_file_is_bad_input_and_the_others_are_read(mail: Path, tmp_path: Path) -> None:
    """A wrong name costs its own answer and no other."""
    result = command("parse", str(tmp_path / "no.eml"), str(mail))
    assert result.exit_code == exits.BAD_INPUT
    assert "no.eml: No such file" in result.stderr
    assert json.loads(result.stdout)["subject"] == "订单没到"


def test_escapes_in_a_mail_do_not_reach_the_terminal(tmp_path: Path) -> None:
    """The record is whole for a program, and harmless for whoever looks at it (EX5)."""
    path = tmp_path / "mail.eml"
    path.write_bytes("From: a@x.cn\r\n\r\n\x1b]52;c;AAAA\x07 \x9b31m \u202e\r\n".encode())
    result = command("parse", str(path))
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(result.stdout)
    assert "\u202e" in json.loads(result.stdout)["text"]


def test_it_needs_no_config(mail: Path, tmp_path: Path) -> None:
    """A broken config beside it is none of its business."""
    assert command("parse", str(mail), "--config", str(tmp_path / "none.yaml")).exit_code == exits.DONE
