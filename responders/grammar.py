"""What a template may say: show a fact, ask whether it is known, list the rows, borrow a part or the layout.

There is no arithmetic, no call, no assignment and no loop within a loop, so every template ends, and its work is
bounded by its own size and that of the facts. What is not in ``SPEECH`` is refused when the template is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches

from jinja2 import nodes

LAYOUT = "layout.html"
PARTS = "parts/"
LISTS = frozenset({"rows", "items"})
ATTRIBUTES = frozenset({"label", "value", "first", "last", "index"})
FILTERS = frozenset({"default", "e", "escape", "first", "join", "last", "length", "lines", "lower", "trim", "upper"})
TESTS = frozenset({"defined", "undefined", "none"})
MOST: Mapping[type[nodes.Node], int] = {nodes.For: 8, nodes.Include: 16}
"""How often a file may do so. A deadline cannot see a loop that writes nothing, so the number of loops is bounded."""
SPEECH: tuple[type[nodes.Node], ...] = (
    nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name,
    nodes.If, nodes.CondExpr, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand,
    nodes.For, nodes.Getattr, nodes.Filter, nodes.Test,
    nodes.Extends, nodes.Block, nodes.Include,
)  # fmt: skip


def faults(tree: nodes.Template, name: str, known: Collection[str]) -> Iterator[str]:
    """Yield one sentence for everything the template ``name`` may not say, with its line and what to write instead."""
    for node in tree.find_all(nodes.Node):
        sentence = _fault(node, name)
        if sentence:
            yield f"{name}, line {node.lineno}: {sentence}"
    for kind, most in MOST.items():
        if sum(1 for _ in tree.find_all(kind)) > most:
            yield f"{name}: a file may use {kind.__name__} at most {most} times"
    for variable in _unknown(tree, known):
        instead = _instead(variable.name, known)
        yield f"{name}, line {variable.lineno}: there is no variable {variable.name!r}; {instead}"


def _unknown(tree: nodes.Template, known: Collection[str]) -> Iterator[nodes.Name]:
    names = list(tree.find_all(nodes.Name))
    said = {"loop", *known, *(name.name for name in names if name.ctx == "store")}
    yield from (name for name in names if name.name not in said)


def _fault(node: nodes.Node, name: str) -> str | None:
    if not isinstance(node, SPEECH):
        return f"a template cannot use {type(node).__name__}; there are {{{{ name }}}}, {{% if %}} and {{% for %}}"
    check = _CHECKS.get(type(node))
    return check(node, name) if check else None


def _loop(node: nodes.Node, name: str) -> str | None:
    assert isinstance(node, nodes.For)
    if node.recursive or not (isinstance(node.iter, nodes.Name) and node.iter.name in LISTS):
        return f"a loop may only go over {' or '.join(sorted(LISTS))}"
    inner = node.find(nodes.For) or node.find(nodes.Include)
    return "a loop may hold no loop and no include; take it out" if inner else None


def _attribute(node: nodes.Node, name: str) -> str | None:
    assert isinstance(node, nodes.Getattr)
    if node.attr in ATTRIBUTES and isinstance(node.node, nodes.Name):
        return None
    return f"a template cannot reach {node.attr!r}; of a row it may show label and value"


def _filter(node: nodes.Node, name: str) -> str | None:
    assert isinstance(node, nodes.Filter)
    if node.name in FILTERS and not node.kwargs and all(isinstance(arg, nodes.Const) for arg in node.args):
        return None
    return f"a template cannot use the filter {node.name!r} so; there are {', '.join(sorted(FILTERS))}"


def _test(node: nodes.Node, name: str) -> str | None:
    assert isinstance(node, nodes.Test)
    return None if node.name in TESTS else f"a template cannot ask 'is {node.name}'; write {{% if name %}}"


def _extends(node: nodes.Node, name: str) -> str | None:
    assert isinstance(node, nodes.Extends)
    return None if _names(node.template, LAYOUT) and name != LAYOUT else f"a letter may only extend {LAYOUT!r}"


def _include(node: nodes.Node, name: str) -> str | None:
    assert isinstance(node, nodes.Include)
    if _names(node.template, PARTS) and not name.startswith(PARTS) and name != LAYOUT:
        return None
    return f"a letter may only include files under {PARTS!r}, and those include nothing"


def _names(node: nodes.Expr, start: str) -> bool:
    return isinstance(node, nodes.Const) and str(node.value).startswith(start)


def _instead(variable: str, known: Collection[str]) -> str:
    close = get_close_matches(variable, known, n=1)
    return f"write {close[0]!r}" if close else f"there are {', '.join(sorted(known))}"


_CHECKS: Mapping[type[nodes.Node], Callable[[nodes.Node, str], str | None]] = {
    nodes.For: _loop,
    nodes.Getattr: _attribute,
    nodes.Filter: _filter,
    nodes.Test: _test,
    nodes.Extends: _extends,
    nodes.Include: _include,
}
