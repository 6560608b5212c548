"""Deciding without an installation: shipped rules, an empty store, a key of the moment. For ``explain`` and tests."""

from __future__ import annotations

import os

from ingestd import routing
from ingestd.config.rules import departments
from ingestd.intake import Deciding
from ingestd.notices import Policy
from ingestd.signing import Signer


def offline_deciding() -> Deciding:
    """Return what an installation without any settings decides by."""
    rules = routing.compile_rules(routing.load_shipped())
    return Deciding(rules, Policy(departments=departments({}, rules)), Signer(os.urandom(32)))
