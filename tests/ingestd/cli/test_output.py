"""What reaches a terminal is data only: nothing in it is obeyed, and its columns stand."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.cli import output

HOSTILE = ["\x1b[31mred\x1b[0m", "\x1b]8;;http://evil\x07link\x1b]8;;\x07", "\x1b]52;c;AAAA\x1b\\x", "\x9b31m",
           "a\u2028b", "a\u202eb", "\x07", "\x1bc", "\x1bPq\x1b\\", "\ud800"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x07", "link"),
        ("\x1b]52;c;AAAA\x1b\\ok", "ok"),
        ("\x1bPq#0\x1b\\ok", "ok"),
        ("\x1bcreset", "reset"),
        ("\x9b31mx", "31mx"),
        ("\x1b]0;never ended 投诉", "0;never ended 投诉"),
        ("abc\u202etxt.exe", "abctxt.exe"),
        ("a\u2028b", "ab"),
        ("line\r\nline", "line line"),
        ("tab\tbed", "tab bed"),
        ("\ud800half", "half"),
        ("王芳 <w@x.cn>", "王芳 <w@x.cn>"),
    ],
)
def test_a_cell_has_no_escapes_and_one_line(text: str, shown: str) -> None:
    """Escapes, control characters and turned directions never reach a terminal; what can be read stays (EX5)."""
    assert output.plain(text) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (2.5, "2.5"),
        (["a", "b"], "a, b"),
        ((), ""),
        (["\x1b[1mx"], "x"),
    ],
)
def test_values_are_written_as_people_read_them(value: object, shown: str) -> None:
    """No None, True or [] stands in a table."""
    assert output.plain(value) == shown


@given(st.text())
def test_no_text_leaves_a_control_character_in_a_line(text: str) -> None:
    """Whatever a customer writes, one line stays one line that is harmless (EX5)."""
    shown = output.plain(text)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u2028\u2029\u202e" for c in shown)


@given(st.text())
def test_several_lines_keep_nothing_but_line_feeds_and_tabs(text: str) -> None:
    """Own words of several lines stay lines, and nothing else of them moves the cursor."""
    assert not any(ord(c) < 32 and c not in "\n\t" for c in output.plain_lines(text))


@given(st.dictionaries(st.text(), st.text()))
def test_json_is_harmless_on_a_terminal_and_whole_for_a_program(value: dict[str, str]) -> None:
    """A program reads back what was there; a terminal sees no control character."""
    text = output.json_text(value)
    assert json.loads(text) == value
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in text)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_json_of_hostile_text_can_be_encoded(hostile: str) -> None:
    """Half a character does not stop a run, nor does an escape get through."""
    text = output.json_text([hostile])
    assert b"\x1b" not in text.encode()
    assert json.loads(text) == [hostile]


def test_a_table_of_chinese_words_has_straight_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """A Chinese character is as wide as two cells; what stands behind it still begins in one column."""
    output.print_table(("name", "number"), [("物流部", 1), ("abc", 22)], "none")
    lines = [line for line in capsys.readouterr().out.splitlines() if line[-1:] in "12"]
    ends = [sum(2 if ord(c) > 0x2E80 else 1 for c in line.rstrip("12")) for line in lines]
    assert len(ends) == 2
    assert ends[0] == ends[1]


def test_an_empty_table_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody has to guess whether nothing was found or nothing was printed."""
    output.print_table(("a",), [], "nothing waits")
    assert capsys.readouterr().out == "nothing waits\n"


def test_what_is_not_a_terminal_gets_no_colour_and_no_trailing_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    """Output in a file or a pipe is text, and its long lines are not folded at 80 cells."""
    output.print_fields([("subject", "长" * 60), ("empty", None)])
    out = capsys.readouterr().out
    assert out == f"subject{' ' * 7}{'长' * 60}\n"


def test_markup_in_data_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Square brackets of a customer colour nothing and hide nothing."""
    output.print_table(("subject",), [("[bold red]紧急[/] [link=x]y",)], "")
    assert "[bold red]紧急[/] [link=x]y" in capsys.readouterr().out


def test_somebodys_words_are_indented_so_that_they_cannot_pass_for_ours(capsys: pytest.CaptureFixture[str]) -> None:
    """A mail cannot print a line that looks like one of our own."""
    output.print_quoted("one\n  answer        ack in zh-CN\r\n\x1b[2Jthree")
    assert capsys.readouterr().out == "    one\n      answer        ack in zh-CN\n    three\n"


def test_complaints_go_to_standard_error_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Data and trouble do not mix."""
    output.complain("first\nsecond")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "ingestd: first\ningestd: second\n")


def test_times_are_of_this_machine() -> None:
    """The same moment is the same words, from the store or from a server."""
    text = output.clock_time("2026-11-20T09:12:00+08:00")
    assert text == output.clock_time("2026-11-20T01:12:00Z")
    assert output.clock_time(None) == ""
