"""The rules that come with ingestd: departments, words, negation, priority, emotion and what a ticket needs.

They are plain YAML beside this file, written to be read and copied by admins.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ingestd.routing.rules_file import RulesFile, parse_rules

NAMES = (
    "departments.yaml", "keywords.yaml", "negation.yaml", "priority.yaml", "emotion.yaml", "required.yaml",
)  # fmt: skip


@cache
def load_shipped() -> tuple[RulesFile, ...]:
    """Read the shipped rules from the package. The only place in routing that touches a disk, once at start."""
    folder = files(__name__)
    return tuple(parse_rules((folder / name).read_text(encoding="utf-8"), name) for name in NAMES)
