"""Templates by name: read from memory, compiled once, checked before use, rendered under caps.

A variable without a value refuses to be printed, so no letter leaves with a hole in it. The sandbox stands behind the
grammar: what slips through one is stopped by the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from time import monotonic

from jinja2 import DictLoader, StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_referenced_templates
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from responders.errors import LetterError
from responders.grammar import FILTERS, faults

OUTPUT_CHARACTERS = 262_144
"""A letter longer than this is a mistake: the longest shipped one has about 4,000 characters."""
RENDER_SECONDS = 1.0
"""A letter is written in a tenth of a millisecond; whatever takes this long would hold up all others."""

_ONLY_TAGS = re.compile(r"\s*(?:\{%[^%]*%\}\s*)+")


class Unknown(StrictUndefined):
    """A fact we do not have: ``{% if fact %}`` may ask for it, anything else refuses and names it."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]  # the strict class forbids even to ask; we allow it
        return False

    @property
    def _undefined_message(self) -> str:
        name = self._undefined_name
        return f"the variable {name!r} has no value; give it, or write {{% if {name} %}} around its sentence"


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja without globals, with few filters, escaping HTML; every binary operator is refused."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, sources: Mapping[str, str]) -> None:
        super().__init__(
            loader=DictLoader(sources),
            undefined=Unknown,
            autoescape=lambda name: name is None or name.endswith(".html"),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.globals.clear()
        self.filters["lines"] = lines
        self.filters = {name: self.filters[name] for name in FILTERS}

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
        """Refuse: ``'a' * 10**9`` is a gigabyte."""
        raise LetterError(f"a template cannot calculate with {operator!r}")


class Templates:
    """A set of template files that may speak of the variables in ``known``."""

    def __init__(self, sources: Mapping[str, str], known: Iterable[str]) -> None:
        self.sources = {name: _kept_line_ends(source) for name, source in sources.items()}
        self._known = frozenset(known)
        self._sandbox = Sandbox(self.sources)
        self._compiled: dict[str, Template] = {}

    def render(self, name: str, facts: Mapping[str, object]) -> str:
        """Write the template ``name`` with ``facts``. Raise LetterError with what to change."""
        template = self._compiled.get(name) or self._compile(name)
        try:
            return _capped(template.generate(facts))
        except LetterError as error:
            raise LetterError(f"{name}: {error.sentence}") from error
        except (TemplateError, TypeError, ValueError) as error:
            raise LetterError(f"{name}: {error}") from error

    def _compile(self, name: str) -> Template:
        try:
            problems = [*self._faults(name)]
            if problems:
                raise LetterError("\n".join(problems))
            return self._compiled.setdefault(name, self._sandbox.get_template(name))
        except (TemplateError, SyntaxError, RecursionError) as error:  # what Python itself cannot nest so deep
            raise LetterError(f"{name}: the template is nested too deep or malformed; simplify it") from error

    def _faults(self, name: str) -> Iterable[str]:
        tree = self._parse(name)
        yield from faults(tree, name, self._known)
        for part in find_referenced_templates(tree):
            if part is not None:
                yield from faults(self._parse(part), part, self._known)

    def _parse(self, name: str) -> nodes.Template:
        if name not in self.sources:
            raise LetterError(f"there is no template {name!r}; write that file")
        try:
            return self._sandbox.parse(self.sources[name], name)
        except TemplateSyntaxError as error:
            raise LetterError(f"{name}, line {error.lineno}: {error.message}") from error


def lines(value: object) -> Markup:
    """Escape a text of several lines for HTML and keep its line breaks."""
    return Markup("<br>\n").join(escape(line) for line in str(value).splitlines())


def _kept_line_ends(source: str) -> str:
    """Let a line of only tags vanish, and a line of text that ends with a tag keep its end: ``%}`` becomes ``+%}``."""
    return "\n".join(_kept_line_end(line) for line in source.split("\n"))


def _kept_line_end(line: str) -> str:
    if not line.endswith("%}") or line[-3:-2] in ("+", "-") or _ONLY_TAGS.fullmatch(line):
        return line
    return f"{line[:-2]}+%}}"


def _capped(chunks: Iterable[str]) -> str:
    deadline = monotonic() + RENDER_SECONDS
    written: list[str] = []
    length = 0
    for chunk in chunks:
        written.append(chunk)
        length += len(chunk)
        if length > OUTPUT_CHARACTERS:
            raise LetterError(f"the letter is longer than {OUTPUT_CHARACTERS} characters; shorten it")
        if monotonic() > deadline:
            raise LetterError(f"the letter took more than {RENDER_SECONDS:g} s to write; simplify it")
    return "".join(written)
