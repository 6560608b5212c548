"""How tickets and customers are numbered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Naming:
    """The prefixes, and the timezone whose day is in a number."""

    prefix: str = "T"
    timezone: str = "Asia/Shanghai"
    customer_prefix: str = "C"
