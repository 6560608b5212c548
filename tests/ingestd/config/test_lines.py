"""Every key knows its line, and faults in the notation are told without repeating the file."""

from __future__ import annotations

import pytest

from ingestd.config import lines

TEXT = """\
# a comment
service:
  name: Help
channels:
  - kind: smtp
    name: one
  -
    # a comment
    kind: smtp
departments: {tech: {name: 技术}}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("service",), 2),
        (("service", "name"), 3),
        (("channels",), 4),
        (("channels", 0), 5),
        (("channels", 0, "name"), 6),
        (("channels", 1), 9),
        (("channels", 1, "kind"), 9),
        (("departments", "tech", "name"), 10),
        (("service", "base_url"), 2),
        (("channels", 1, "tls", "cert"), 9),
        (("log", "level"), 1),
    ],
)
def test_the_line_of_a_key(path: tuple[str | int, ...], line: int) -> None:
    """A key that is not written has the line of the nearest one above it that is."""
    assert lines.read(TEXT).line_of(path) == line


def test_the_data_is_what_yaml_says() -> None:
    """The data is the same a plain YAML reader gives."""
    assert lines.read(TEXT).data == {
        "service": {"name": "Help"},
        "channels": [{"kind": "smtp", "name": "one"}, {"kind": "smtp"}],
        "departments": {"tech": {"name": "技术"}},
    }


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_file_is_an_empty_config(text: str) -> None:
    """Everything has a default, so nothing written is nothing wrong."""
    document = lines.read(text)
    assert not document.data
    assert document.problems == ()


def test_a_repeated_key_names_both_lines() -> None:
    """YAML would silently take the last of two."""
    (problem,) = lines.read("log:\n  level: info\n  level: debug\n").problems
    assert problem.line == 3
    assert problem.sentence == "log.level is written twice, first in line 2; keep one of the two"


def test_a_repeated_section_is_told_once() -> None:
    """What stands inside a repeated section is not counted as repeated, too."""
    found = lines.read("log:\n  level: info\nlog:\n  level: debug\n").problems
    assert [problem.path for problem in found] == [("log",)]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("service:\n\tname: x\n", 2, "tab"),
        ("service:\n  name: [a\n", 3, "cannot be read"),
        ("service:\n  name: *hunter2\n", 2, "in quotes"),
        ("service:\n  name: &hunter2\n  x: &hunter2 y\n", 3, "in quotes"),
        ("service:\n  name: !hunter2 x\n", 2, "…"),
        ("service:\n  name: a: b\n", 2, "not allowed here"),
        ("service: x\n--- \nservice: y\n", 2, "cannot be read"),
        ("? [a]\n: b\n", 1, "key"),
        ("a: 2026-13-45\n", 1, "not YAML"),
        ("a: \x01\n", 1, "not YAML"),
        ("a: &x [*x]\n", 1, "deep"),
        ("a: " + "[" * 5000, 1, "not YAML"),
    ],
)
def test_a_fault_in_the_notation(text: str, line: int, words: str) -> None:
    """A fault is one sentence with its line, leaves no data, and never repeats what stands in the file (P33)."""
    document = lines.read(text)
    (problem,) = document.problems
    assert document.data is None
    assert problem.line == line
    assert words in problem.sentence
    assert "hunter2" not in problem.sentence
