"""A figure beside what is owed, what is hoped for and what a bare path does in the same run; tables of figures.

Absolute rates depend on the machine and on who else uses it. The ratio to a bare path measured in the same run, and the
processor time per message, are the figures to trust.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEADINGS = ("bench", "figure", "value", "unit", "floor", "target", "bare path", "× bare", "floor kept")


@dataclass(frozen=True)
class Figure:
    """One measured figure. ``floor`` is owed, ``target`` is what the design must not bar; None where nothing is set.

    ``bare`` is the same quantity on a bare path in the same run. With ``most`` the floor is the most that is allowed
    (times, memory); without it the floor is the least (rates, counts).
    """

    bench: str
    name: str
    value: float
    unit: str
    floor: float | None = None
    target: float | None = None
    bare: float | None = None
    most: bool = False

    @property
    def ratio(self) -> float | None:
        """Return how many times the bare path's figure this is; None without a bare path."""
        return self.value / self.bare if self.bare else None

    @property
    def keeps_floor(self) -> bool | None:
        """Say whether the floor is kept; None where none is owed. No figure (nan) keeps no floor."""
        if self.floor is None:
            return None
        return self.value <= self.floor if self.most else self.value >= self.floor


def all_kept(figures: Iterable[Figure]) -> bool:
    """Say whether every floor that is owed is kept."""
    return all(figure.keeps_floor is not False for figure in figures)


def table(figures: Sequence[Figure]) -> str:
    """Return aligned lines: words to the left, numbers to the right."""
    lines = [HEADINGS, *(cells(figure) for figure in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    return "\n".join(_aligned(line, widths) for line in lines)


def markdown(figures: Sequence[Figure]) -> str:
    """Return the same as a Markdown table."""
    rule = ["---" if column in _WORDS else "---:" for column in range(len(HEADINGS))]
    lines = [HEADINGS, rule, *(cells(figure) for figure in figures)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cells(figure: Figure) -> tuple[str, ...]:
    """Return a figure's row; what there is none of is a dash."""
    limit = "≤ " if figure.most else "≥ "
    verdict = {True: "yes", False: "NO", None: "–"}[figure.keeps_floor]
    return (
        figure.bench,
        figure.name,
        number(figure.value),
        figure.unit,
        _limited(limit, figure.floor),
        _limited(limit, figure.target),
        "–" if figure.bare is None else number(figure.bare),
        "–" if figure.ratio is None else f"{figure.ratio:.2f}",
        verdict,
    )


def number(value: float) -> str:
    """Return three figures that count: ``1,920``, ``361``, ``24.1``, ``0.83``."""
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


_WORDS = (0, 1, 3, 8)
"""The columns that hold words."""


def _limited(limit: str, value: float | None) -> str:
    return "–" if value is None else f"{limit}{number(value)}"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell.ljust(width) if column in _WORDS else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    )
    return "  ".join(padded).rstrip()
