"""What a reload may change: rules, letters, windows and departments, built whole before any of it is used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import responders
from ingestd.config import Loaded
from ingestd.config.rules import departments, load_rules
from ingestd.errors import ConfigError
from ingestd.intake import Deciding
from ingestd.notices import Policy
from ingestd.outbox.writing import Desk as WritingDesk
from ingestd.routing import RuleSet
from ingestd.signing import Signer


@dataclass(frozen=True)
class Policies:
    """One consistent set. Replaced as a whole on SIGHUP; whoever works with the old one finishes with it."""

    deciding: Deciding
    writing: WritingDesk

    @property
    def policy(self) -> Policy:
        """The rules letters follow."""
        return self.deciding.policy


def build(loaded: Loaded, signer: Signer) -> Policies:
    """Compile rules and letters. Raise ConfigError with every problem; then the old set stays in use."""
    rules = load_rules(loaded.config.routing, loaded.folder)
    own = _beside(loaded, loaded.config.letters.directory)
    letters = responders.load(own)
    if problems := letters.problems() if own else ():  # the shipped ones are tried by the tests, not at every start
        raise ConfigError(tuple(f"letters: {problem}" for problem in problems))
    policy = policy_of(loaded, rules)
    deciding = Deciding(rules, policy, signer, tuple(loaded.config.operators.alerts_to))
    return Policies(deciding, WritingDesk(letters, policy, signer, plus_addresses(loaded)))


def policy_of(loaded: Loaded, rules: RuleSet) -> Policy:
    """Return the policy that a config and its rules make."""
    config = loaded.config
    written_to = mailboxes(loaded)
    bounce = config.outbound.bounce_address
    return Policy(
        letters=config.letters,
        windows=config.windows,
        limits=config.limits,
        departments=departments(config.departments, rules),
        own_addresses=frozenset(written_to),
        bounce_address=bounce.lower() if bounce else None,
        default_sender=next(iter(written_to), "support@localhost"),
        timezone=config.service.timezone,
        languages=tuple(config.letters.languages or config.service.languages),
    )


def mailboxes(loaded: Loaded) -> tuple[str, ...]:
    """Return every address that customers write to, lower case, in the order of the channels."""
    return tuple(dict.fromkeys(address.lower() for channel in loaded.config.channels for address in channel.recipients))


def own_addresses(loaded: Loaded) -> tuple[str, ...]:
    """Return every address this installation answers for, lower case: the mailboxes, then the return path."""
    bounce = loaded.config.outbound.bounce_address
    return tuple(dict.fromkeys([*mailboxes(loaded), *([bounce.lower()] if bounce else [])]))


def plus_addresses(loaded: Loaded) -> frozenset[str]:
    """Return the addresses that take plus-parts, and so may carry a reply token."""
    taking = [channel for channel in loaded.config.channels if channel.plus_addressing]
    return frozenset(address.casefold() for channel in taking for address in channel.recipients)


def _beside(loaded: Loaded, path: Path | None) -> Path | None:
    return loaded.folder / path if path else None
