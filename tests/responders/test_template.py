"""What a template may not say, and what happens to one that tries."""

from __future__ import annotations

import time

import pytest
from jinja2.runtime import Context

from responders import LetterError, template
from responders.letter import Row
from responders.template import Sandbox, Templates, lines

KNOWN = ("team", "hotline", "ticket_no", "rows", "items", "late")
FACTS: dict[str, object] = {"team": "T<b>", "rows": (Row(label="L", value="V"),), "items": ("a", "b"), "late": False}


def render(source: str, name: str = "ack/en/body.txt", **facts: object) -> str:
    parts = {"parts/en/p.txt": "P {{ team }}", "layout.html": "<i>{% block body %}{% endblock %}</i>"}
    return Templates({name: source, **parts}, KNOWN).render(name, {**FACTS, **facts})


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("{{ team }}", "T<b>"),
        ("{% if hotline %}call {{ hotline }}{% endif %}.", "."),
        ("{% if not hotline %}none{% endif %}", "none"),
        ("{{ hotline or 'none' }}", "none"),
        ("{{ hotline|default('none') }}", "none"),
        ("{% if hotline is defined %}x{% else %}y{% endif %}", "y"),
        ("{% if team == 'T<b>' and 'T' in team %}x{% endif %}", "x"),
        ("{{ 'late' if late else 'in time' }}", "in time"),
        ("{% for row in rows %}{{ row.label }}={{ row.value }}{% endfor %}", "L=V"),
        (
            "{% for item in items %}{{ loop.index }}{{ item|upper }}{% if not loop.last %},{% endif %}{% endfor %}",
            "1A,2B",
        ),
        ("{{ items|join('/') }} {{ items|length }}", "a/b 2"),
        ("{% include 'parts/en/p.txt' %}", "P T<b>"),
        ("{# a remark #}x", "x"),
    ],
)
def test_what_a_template_may_say(source: str, written: str) -> None:
    """Facts, questions whether a fact is known, lists, and shared parts."""
    assert render(source) == written


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("{{ tem }}", "write 'team'"),
        ("{{ mailbox.password }}", "mailbox"),
        ("{{ config }}", "config"),
        ("{{ range(10**9) }}", "Call"),
        ("{{ 'a' * 10**9 }}", "Mul"),
        ("{{ 'a' ~ team }}", "Concat"),
        ("{{ '%s' % team }}", "Mod"),
        ("{{ team.__class__.__mro__ }}", "__mro__"),
        ("{{ team['upper'] }}", "Getitem"),
        ("{{ team.upper() }}", "Call"),
        ("{{ team|center(1000000000) }}", "center"),
        ("{{ team|replace('T', 'TTTT') }}", "replace"),
        ("{{ team|safe }}", "safe"),
        ("{{ items|join(team) }}", "join"),
        ("{{ items|map('upper')|list }}", "map"),
        ("{{ items|join(d=',') }}", "join"),
        ("{% if team is callable %}x{% endif %}", "callable"),
        ("{% set team = 'x' %}", "Assign"),
        ("{% macro m() %}{{ m() }}{% endmacro %}", "Macro"),
        ("{% for c in team %}x{% endfor %}", "items or rows"),
        ("{% for r in rows %}{% for s in rows %}x{% endfor %}{% endfor %}", "no loop and no include"),
        ("{% for r in rows %}{% include 'parts/en/p.txt' %}{% endfor %}", "no loop and no include"),
        ("{% for r in rows %}{% endfor %}" * 9, "For at most 8 times"),
        ("{% include 'parts/en/p.txt' %}" * 17, "Include at most 16 times"),
        ("{% for r in rows recursive %}x{% endfor %}", "items or rows"),
        ("{% include 'ack/en/body.txt' %}", "parts/"),
        ("{% include team %}", "parts/"),
        ("{% include 'parts/en/gone.txt' %}", "no template 'parts/en/gone.txt'"),
        ("{% extends 'ack/en/body.txt' %}", "layout.html"),
        ("{% import 'parts/en/p.txt' as p %}", "Import"),
        ("{% if team %}", "line 1"),
        ("\n{{ team", "line 2"),
        ("{% call team() %}{% endcall %}", "CallBlock"),
        ("{% filter upper %}x{% endfilter %}", "FilterBlock"),
        ("{{ self.body() }}", "Call"),
    ],
)
def test_what_a_template_may_not_say(source: str, named: str) -> None:
    """The rest is refused before anything is rendered, by file and by name (TI4, TI5)."""
    with pytest.raises(LetterError) as refused:
        render(source)
    assert refused.value.sentence.startswith(("ack/en/body.txt", "there is no template"))
    assert named in refused.value.sentence


def test_all_faults_of_a_template_are_listed_with_their_lines() -> None:
    """An admin mends a file in one go."""
    with pytest.raises(LetterError) as refused:
        render("{{ tem }}\n{{ 1 + 1 }}\n{% set x = 1 %}")
    first, second, third = refused.value.sentence.splitlines()
    assert first.startswith("ack/en/body.txt, line 2: a template cannot use Add")
    assert second.startswith("ack/en/body.txt, line 3: a template cannot use Assign")
    assert third == "ack/en/body.txt, line 1: there is no variable 'tem'; write 'team'"


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 20_000 + "team" + ")" * 20_000 + " }}",
        "{{ " + "not " * 15_000 + "team }}",
        "{% if team %}" * 150 + "x" + "{% endif %}" * 150,
    ],
)
def test_a_template_nested_out_of_reason_is_refused(source: str) -> None:
    """What the interpreter cannot nest is a fault of the file, not of the daemon."""
    with pytest.raises(LetterError, match="simplify it"):
        render(source)


def test_a_part_includes_nothing() -> None:
    """Parts cannot include each other for ever."""
    sources = {"ack/en/body.txt": "{% include 'parts/a' %}", "parts/a": "{% include 'parts/a' %}"}
    with pytest.raises(LetterError, match="those include nothing"):
        Templates(sources, KNOWN).render("ack/en/body.txt", {})


@pytest.mark.parametrize(
    "source",
    ["{{ hotline }}", "{{ hotline|upper }}", "{{ hotline|length }}", "{% if hotline == '1' %}x{% endif %}"],
)
def test_a_fact_without_a_value_refuses(source: str) -> None:
    """No letter leaves with a hole: the sentence names the variable and how to make it optional (000-03)."""
    with pytest.raises(LetterError) as refused:
        render(source)
    assert "'hotline' has no value" in refused.value.sentence
    assert "{% if hotline %}" in refused.value.sentence


def test_a_template_that_names_nothing_known_lists_what_there_is() -> None:
    """Where nothing is similar, all variables are listed."""
    with pytest.raises(LetterError, match="there are hotline, items, late, rows, team, ticket_no"):
        render("{{ zzzzzz }}")


def test_html_is_escaped_and_text_is_not() -> None:
    """A fact cannot become markup (P34); a plain text shows it as it is."""
    body = "{% extends 'layout.html' %}{% block body %}{{ team }}{% endblock %}"
    assert render(body, name="ack/en/body.html") == "<i>T&lt;b&gt;</i>"
    assert lines("a<\nb") == "a&lt;<br>\nb"


def test_the_idlest_template_ends_soon() -> None:
    """As many loops as are allowed, over far more rows than there are, writing nothing, still end at once (TI5)."""
    source = "{% for r in rows %}{% if r.label %}{% endif %}{% endfor %}" * 8
    started = time.perf_counter()
    assert render(source, rows=(Row(label="L", value="V"),) * 2000) == ""
    assert time.perf_counter() - started < 2


def test_output_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter of any size ends at the limit (TI5)."""
    monkeypatch.setattr(template, "OUTPUT_CHARACTERS", 100)
    assert len(render("{{ team }}", team="x" * 100)) == 100
    with pytest.raises(LetterError, match="longer than 100 characters"):
        render("{{ team }}", team="x" * 101)


def test_rendering_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter that takes too long is given up (TI5)."""
    monkeypatch.setattr(template, "RENDER_SECONDS", -1.0)
    with pytest.raises(LetterError, match="simplify"):
        render("{{ team }}")


@pytest.mark.parametrize("source", ["{{ 2 * n }}", "{{ n ** 9 }}", "{{ n % 2 }}", "{{ n + 1 }}"])
def test_the_sandbox_refuses_to_calculate_by_itself(source: str) -> None:
    """Behind the grammar stands the sandbox: no operator works in it, so none can make a gigabyte."""
    with pytest.raises(LetterError, match="cannot calculate"):
        Sandbox({}).from_string(source).render(n=10)


def test_the_sandbox_has_no_globals() -> None:
    """``range`` and its kin are not there at all."""
    sandbox = Sandbox({})
    assert not sandbox.globals
    assert isinstance(sandbox.from_string("x").new_context({}), Context)


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("a\n{% if team %}\nb\n{% endif %}\nc", "a\nb\nc"),
        ("a\n  {% if hotline %}\nb\n  {% endif %}\nc", "a\nc"),
        ("a{% if hotline %}b{% endif %}\nc", "a\nc"),
        ("a{% if team %}b{% endif %}\nc", "ab\nc"),
        ("{% if team %}{% endif %}\nc", "c"),
        ("{% if team %}b{% endif %}\nc", "b\nc"),
        ("a{% if team %}b{% endif -%}\nc", "abc"),
    ],
)
def test_line_ends_are_where_one_sees_them(source: str, written: str) -> None:
    """A line of tags alone vanishes; a line of text that ends with a tag keeps its end."""
    assert render(source) == written
