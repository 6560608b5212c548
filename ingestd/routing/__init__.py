"""Routing decides who answers a message, how urgent it is, how the customer feels, and what is missing.

It is pure: a record and compiled rules in, a ``Routing`` out, the same for the same input. Which ticket a message
belongs to is the business of conversations; which letters go out is that of notices.
"""

from __future__ import annotations

from ingestd.routing.compiling import compile_rules
from ingestd.routing.deciding import decide
from ingestd.routing.rules import RULE_TYPES, DepartmentRule
from ingestd.routing.rules_file import RulesFile, parse_rules
from ingestd.routing.ruleset import RuleSet
from ingestd.routing.settings import RoutingSettings
from ingestd.routing.shipped import load_shipped

__all__ = [
    "RULE_TYPES",
    "DepartmentRule",
    "RoutingSettings",
    "RuleSet",
    "RulesFile",
    "compile_rules",
    "decide",
    "load_shipped",
    "parse_rules",
]
