"""Figures decide whether a release keeps its promises, so their arithmetic and their page must not flatter."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from bench import __main__ as program
from bench import page, plain, road
from bench.report import Figure, all_kept, cells, markdown, number, table
from bench.sink import Sink, Taken

RATE = Figure("road", "submission to last ack", 361.2, "mails/s", 180, 400, 722.4)
WAIT = Figure("latency", "p95", 1200.0, "ms", 1000, most=True)
PLAIN = Figure("road", "CPU", 2.5, "ms/mail", most=True)


@pytest.mark.parametrize(
    ("value", "floor", "most", "kept"),
    [
        (200, 180, False, True),
        (180, 180, False, True),
        (179.9, 180, False, False),
        (90, 100, True, True),
        (100, 100, True, True),
        (100.1, 100, True, False),
        (0, 0, True, True),
        (1, 0, True, False),
        (5, None, False, None),
        (math.nan, 180, False, False),
        (math.nan, 1000, True, False),
    ],
)
def test_a_floor_is_kept_only_on_its_own_side(value: float, floor: float | None, most: bool, kept: bool | None) -> None:
    """A rate below its floor, a time above it, and no figure at all are failures; without a floor nothing is judged."""
    assert Figure("b", "f", value, "u", floor, most=most).keeps_floor is kept


def test_the_ratio_is_ours_to_the_bare_paths() -> None:
    """Half the bare rate reads 0.5, and without a bare path (or with one of nothing) there is no ratio."""
    assert RATE.ratio == 0.5
    assert PLAIN.ratio is None
    assert Figure("b", "f", 1, "u", bare=0).ratio is None


def test_one_broken_floor_breaks_the_run() -> None:
    """The command's exit code is that of the worst figure; figures without a floor do not count."""
    assert all_kept([RATE, PLAIN])
    assert not all_kept([RATE, WAIT, PLAIN])
    assert all_kept([])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1920, "1,920"),
        (361.2, "361"),
        (24.06, "24.1"),
        (0.826, "0.83"),
        (0, "0"),
        (5.0, "5"),
        (1234567.8, "1,234,568"),
        (-0.5, "-0.50"),
        (math.nan, "nan"),
    ],
)
def test_numbers_show_what_counts(value: float, text: str) -> None:
    """No figure pretends to more digits than a bench can mean."""
    assert number(value) == text


def test_a_row_says_which_way_its_limits_point() -> None:
    """Least and most are told apart, and what there is none of is a dash."""
    assert cells(RATE) == ("road", "submission to last ack", "361", "mails/s", "≥ 180", "≥ 400", "722", "0.50", "yes")
    assert cells(WAIT) == ("latency", "p95", "1,200", "ms", "≤ 1,000", "–", "–", "–", "NO")
    assert cells(PLAIN)[4:] == ("–", "–", "–", "–", "–")


def test_the_table_is_aligned() -> None:
    """Every column begins in the same place on each line, with the numbers flush right."""
    heading, rate, wait = table([RATE, WAIT]).splitlines()
    assert rate.index("mails/s") == heading.index("unit") == wait.index("ms")
    assert rate.index("361") + 3 == heading.index("value") + 5 == wait.index("1,200") + 5


def test_the_markdown_has_a_line_for_each_figure() -> None:
    """Heading, rule and one line each, with as many cells as headings."""
    lines = markdown([RATE, WAIT, PLAIN]).splitlines()
    assert len(lines) == 5
    assert {line.count("|") for line in lines} == {10}


def test_the_page_names_the_run_and_no_place() -> None:
    """The page says on what and how it was measured, and neither a host's name nor a path of the machine."""
    text = page.written([RATE], page.describe(), page.command(["road"], quick=True))
    assert "`python -m bench road --quick`" in text
    assert "cores" in text
    assert "| road | submission to last ack | 361 |" in text
    assert str(Path.cwd()) not in text
    assert str(Path.home()) not in text


def test_an_unknown_bench_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """There is no silent default: a typo measures nothing and exits 2."""
    with pytest.raises(SystemExit) as ended:
        program.main(["raod"])
    assert ended.value.code == 2
    assert "raod; known: keywords, parse" in capsys.readouterr().err


def test_the_run_fails_with_a_floor_and_writes_its_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 where a floor is broken; the page is written all the same."""
    monkeypatch.setattr(program, "BENCHES", {"road": lambda quick: iter([RATE, WAIT] if quick else [RATE])})
    written = tmp_path / "performance.md"
    assert program.main(["road"]) == 0
    assert program.main(["--quick", "--markdown", str(written)]) == 1
    assert "| latency | p95 | 1,200 |" in written.read_text()
    assert "NO" in capsys.readouterr().out


def test_acks_of_other_mails_are_waited_past_and_second_ones_kept() -> None:
    """Waiting ends when every mail is answered; what came twice is still there to be counted."""
    took = [Taken(1.0, ("c@x",), {"in-reply-to": f"<{name}>"}) for name in ("a", "b", "a")]
    letters = Sink(taken=[*took, Taken(2.0, ("supervisor@x",), {})])
    assert [ack.in_reply_to for ack in road.await_acks(letters, {"a", "b"})] == ["a", "b", "a"]


def test_the_bare_road_reads_what_it_answers() -> None:
    """The comparison would be idle if the script misread its mails."""
    raw = (
        b"Message-ID: <m@x>\r\nFrom: =?gb18030?B?zfW3vA==?= <w@x.cn>\r\nSubject: =?utf-8?B?5oqV6K+J?=\r\n"
        b"Content-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n\r\nzfW3vA==\r\n"
    )
    assert plain.read(raw) == plain.Read("<m@x>", "w@x.cn", "投诉", "王芳", automatic=False)
    assert plain.read(b"Auto-Submitted: auto-replied\r\n" + raw).automatic
