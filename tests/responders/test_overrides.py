"""An admin's own letters: what they replace, and what happens when they are broken."""

from __future__ import annotations

from pathlib import Path

import pytest

import responders
from responders import LetterError, folder
from responders.samples import CHINESE, ENGLISH, LATENESS

GOOD_TEXT = """{{ greeting }}, hello from {{ team }}.

{% include "parts/en/late.txt" %}

{{ category }}: {{ summary }} (ticket {{ ticket_no }}, {{ received_at }}, {{ response_due }}). Reply if it is wrong.
{% include "parts/en/details.txt" %}

Regards,
{{ team }}
"""


def override(directory: Path, **files: str) -> Path:
    for name, source in files.items():
        path = directory / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return directory


def test_a_file_replaces_the_shipped_one_and_only_that(tmp_path: Path) -> None:
    """The admin writes one file; subject and HTML stay as shipped."""
    letters = responders.load(override(tmp_path, ack__en__body_txt=GOOD_TEXT))
    letter, shipped = letters.write("ack", "en", ENGLISH), responders.write("ack", "en", ENGLISH)
    assert letter.text.startswith("Dear Ms Smith, hello from Example Store Support.")
    assert (letter.subject, letter.html, letter.problem) == (shipped.subject, shipped.html, None)
    assert letters.write("ack", "zh-CN", CHINESE) == responders.write("ack", "zh-CN", CHINESE)
    assert letters.problems() == ()


def test_a_shared_part_is_replaced_in_all_letters(tmp_path: Path) -> None:
    """Parts and layout can be overridden like letters."""
    directory = override(tmp_path, parts__en__late_txt="{% if late %}\nLATE {{ late_sent }}\n{% endif %}\n")
    letters = responders.load(directory)
    assert all("LATE 16:10 today" in letters.write(kind, "en", ENGLISH).text for kind in ("ack", "ack_soothe"))
    assert any("does not own up" in problem for problem in letters.problems())


def test_a_new_language_is_written_when_it_is_whole(tmp_path: Path) -> None:
    """A directory of a new language adds it; other kinds stay in English for its readers."""
    files = {
        "ack__ja__subject_txt": "[{{ ticket_no }}] 受付",
        "ack__ja__body_txt": GOOD_TEXT,
        "ack__ja__body_html": '<html lang="{{ language }}"><p>' + GOOD_TEXT.replace(".txt", ".html"),
    }
    letters = responders.load(override(tmp_path, **files))
    assert letters.write("ack", "ja-JP", ENGLISH).language == "ja"
    assert letters.write("ack_soothe", "ja", ENGLISH).language == "en"
    assert letters.languages("ack") == ("en", "ja", "zh-CN")
    assert letters.problems() == ()


def test_a_language_that_lacks_a_file_is_a_problem_and_english_is_sent(tmp_path: Path) -> None:
    """Half a language is named by the check, and its readers still get a letter."""
    letters = responders.load(override(tmp_path, ack__ja__body_txt=GOOD_TEXT))
    letter = letters.write("ack", "ja", ENGLISH)
    assert (letter.language, letter.problem) == ("en", "there is no template 'ack/ja/subject.txt'; write that file")
    assert letters.problems() == ("there is no template 'ack/ja/subject.txt'; write that file",)


BROKEN = [
    ("{{ tickt_no }}", "there is no variable 'tickt_no'; write 'ticket_no'"),
    ("{{ 'a' * 10**9 }}", "Mul"),
    ("{{ link }}", "'link' has no value"),
    ("{% if %}", "line 1"),
    ("{% for r in rows %}{% for s in rows %}{% endfor %}{% endfor %}", "no loop and no include"),
    ("x" * 300_000, "octets"),
]


@pytest.mark.parametrize(("source", "named"), BROKEN)
def test_where_an_override_fails_the_shipped_letter_speaks(tmp_path: Path, source: str, named: str) -> None:
    """A customer is never left without an ack because of a template, and the operator learns why (TI5)."""
    letters = responders.load(override(tmp_path, ack__en__body_txt=source))
    facts = ENGLISH.model_copy(update={"link": None})
    letter, shipped = letters.write("ack", "en", facts), responders.write("ack", "en", facts)
    assert (letter.subject, letter.text, letter.html) == (shipped.subject, shipped.text, shipped.html)
    assert named in " ".join((letter.problem or "", *letters.problems()))
    assert any(named in problem for problem in letters.problems())


def test_a_huge_letter_falls_back(tmp_path: Path) -> None:
    """An override that multiplies the facts ends at the limit, and the shipped letter goes out (TI5)."""
    letters = responders.load(override(tmp_path, reply__en__body_txt="{{ reply_text }}" * 4000))
    letter = letters.write("reply", "en", ENGLISH.model_copy(update={"reply_text": "word " * 2000}))
    assert "shorten it" in (letter.problem or "")
    assert letter.text.count("word") == 2000


def test_a_subject_without_the_tag_falls_back(tmp_path: Path) -> None:
    """The tag by which replies find their ticket cannot be forgotten."""
    letters = responders.load(override(tmp_path, ack__en__subject_txt="We have it"))
    letter = letters.write("ack", "en", ENGLISH)
    assert letter.subject.startswith("[T20260501001]")
    assert letter.problem == "ack/en/subject.txt: write [{{ ticket_no }}] into the subject"
    assert letters.problems() == (letter.problem,)


def test_a_missing_fact_is_refused_with_an_override_too(tmp_path: Path) -> None:
    """Where the shipped letter lacks the fact as well, nothing is written."""
    letters = responders.load(override(tmp_path, ack__en__body_txt=GOOD_TEXT))
    with pytest.raises(LetterError, match="response_due"):
        letters.write("ack", "en", ENGLISH.model_copy(update={"response_due": None}))


def test_problems_find_the_optional_fact_that_is_taken_for_granted(tmp_path: Path) -> None:
    """The check tries the letter with the fewest facts, not only with all: no surprise at night."""
    letters = responders.load(override(tmp_path, ack__en__body_txt=GOOD_TEXT + "{{ hotline }}, {{ team }}\n"))
    assert letters.problems() == (
        "ack/en/body.txt: the variable 'hotline' has no value; give it, or write {% if hotline %} around its sentence",
    )


def test_problems_lint_an_override(tmp_path: Path) -> None:
    """An admin's wording obeys the same rules as ours."""
    letters = responders.load(override(tmp_path, ack__en__body_txt=GOOD_TEXT.replace("Reply", "Send your password")))
    assert [problem.partition(":")[0] for problem in letters.problems()] == ["ack/en", "ack/en"]
    assert any("never ask for a password" in problem for problem in letters.problems())


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("akc/en/body.txt", b"x", "KIND one of ack,"),
        ("ack/en/body.md", b"x", "KIND/LANGUAGE/body.txt"),
        ("ack/body.txt", b"x", "KIND/LANGUAGE/body.txt"),
        ("ack/en/body.txt", "您好".encode("gb18030"), "save it as UTF-8"),
        ("ack/en/body.txt", b"x" * (folder.LARGEST_FILE + 1), "more than 65536 octets"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str, content: bytes, named: str) -> None:
    """A misplaced or unreadable file is a problem, and the shipped letter stays."""
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    letters = responders.load(tmp_path)
    (problem,) = letters.problems()
    assert problem.startswith(f"{name}: ")
    assert named in problem
    assert letters.write("ack", "en", ENGLISH) == responders.write("ack", "en", ENGLISH)


def test_a_file_that_vanishes_while_it_is_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk error is a problem of one file, not of the daemon."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    override(tmp_path, ack__en__body_txt=GOOD_TEXT)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    (problem,) = responders.load(tmp_path).problems()
    assert problem == "ack/en/body.txt: it cannot be read (Permission denied); make it readable to the daemon"


def test_a_directory_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    """A wrong path is not taken for 'no overrides'."""
    letters = responders.load(tmp_path / "gone")
    assert "does not exist" in letters.problems()[0]
    assert letters.write("ack", "en", ENGLISH).problem is None


def test_editor_leftovers_and_windows_files_are_no_trouble(tmp_path: Path) -> None:
    """Hidden files are skipped; a byte-order mark and CRLF are taken off."""
    override(tmp_path, ack__en__body_txt=GOOD_TEXT)
    plain = responders.load(tmp_path).write("ack", "en", ENGLISH)
    path = tmp_path / "ack/en/body.txt"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD_TEXT.replace("\n", "\r\n").encode())
    (tmp_path / "ack/en/.body.txt.swp").write_bytes(b"\xff\x00")
    letters = responders.load(tmp_path)
    assert letters.problems() == ()
    assert letters.write("ack", "en", ENGLISH) == plain


def test_letters_do_not_change_until_they_are_loaded_again(tmp_path: Path) -> None:
    """An admin may edit files while the daemon runs; they count from the next reload."""
    override(tmp_path, ack__en__body_txt=GOOD_TEXT)
    letters = responders.load(tmp_path)
    override(tmp_path, ack__en__body_txt=GOOD_TEXT.replace("hello", "HELLO"), ack__zh_CN__body_txt="{{ oops }}")
    facts = ENGLISH.model_copy(update=dict(LATENESS))
    assert "hello" in letters.write("ack", "en", facts).text
    assert "HELLO" in responders.load(tmp_path).write("ack", "en", facts).text


def test_write_takes_an_override_directory(tmp_path: Path) -> None:
    """The one-shot door reads the directory it is given."""
    override(tmp_path, ack__en__body_txt=GOOD_TEXT)
    assert "hello from" in responders.write("ack", "en", ENGLISH, templates=tmp_path).text
