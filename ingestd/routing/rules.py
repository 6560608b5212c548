"""The rule types: how a department says which messages are its own.

To add a type, write a model here and one line in ``RULE_TYPES``. Explicit rules speak about the envelope and decide
outright, in the order of the table; keyword rules are weighed against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from ingestd.model import CategoryL1, PriorityLevel
from ingestd.routing.normalise import ascii_lower, fold
from ingestd.settings import Settings

Words = Annotated[tuple[str, ...], Field(description="plain words; no wildcards")]


class DepartmentRule(Settings):
    """A department as the rules know it. Its place in the list decides ties."""

    id: str = Field(min_length=1, description="what config, API and reports call it")
    name: str = Field(min_length=1, description="the Chinese name")
    name_en: str = Field(min_length=1, description="the English name")
    category_l1: CategoryL1 = Field(default="consult", description="the class of its tickets")
    category_upset: CategoryL1 | None = Field(default=None, description="the class when the customer is upset")
    priority: PriorityLevel = Field(default="P2", description="the least priority of its tickets")


@dataclass(frozen=True)
class Outside:
    """What explicit rules look at: addresses with ASCII letters lower-cased, header names lower-cased."""

    sender: str = ""
    recipients: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class Rule(Settings):
    """What all rules have in common. ``origin`` is where it was written, for messages about it."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str = Field(min_length=1)
    department: str
    category_l1: CategoryL1 | None = None
    category_l2: str | None = None
    origin: str = ""

    def empty(self) -> str | None:
        """Return the name of the list that must not be empty and is, or None."""
        raise NotImplementedError


class KeywordRule(Rule):
    """Words in the customer's own text and subject. See the head of the shipped keywords.yaml."""

    type: Literal["keyword"]
    strong: Words = ()
    words: Words = ()
    state: bool = False
    generic: bool = False

    def empty(self) -> str | None:
        """Both lists empty would be a rule that never speaks."""
        return None if any(fold(word) for word in (*self.strong, *self.words)) else "words"


class ExplicitRule(Rule):
    """A rule that decides outright when it speaks."""

    def speaks(self, message: Outside) -> tuple[str, str] | None:
        """Return where it found what (``("recipient", "support+refund@example.com")``), or None."""
        raise NotImplementedError


class SenderRule(ExplicitRule):
    """Who writes: an address (``a@b.cn``) or a whole domain with all below it (``@b.cn``)."""

    type: Literal["sender"]
    senders: Words

    def speaks(self, message: Outside) -> tuple[str, str] | None:
        """Speak for a listed address or domain."""
        return ("sender", message.sender) if any(_is_at(message.sender, one) for one in self.senders) else None

    def empty(self) -> str | None:
        """A rule for nobody is a mistake."""
        return None if any(self.senders) else "senders"


class RecipientRule(ExplicitRule):
    """Where it was sent: an address, a domain (``@refund.b.cn``) or a plus-tag (``+refund``)."""

    type: Literal["recipient"]
    recipients: Words

    def speaks(self, message: Outside) -> tuple[str, str] | None:
        """Speak for a listed recipient, alias or tag."""
        found = (to for to in message.recipients if any(_is_at(to, one) for one in self.recipients))
        first = next(found, None)
        return ("recipient", first) if first else None

    def empty(self) -> str | None:
        """A rule for no recipient is a mistake."""
        return None if any(self.recipients) else "recipients"


class HeaderRule(ExplicitRule):
    """A header that contains one of these texts; capitals make no difference."""

    type: Literal["header"]
    header: str = Field(min_length=1)
    contains: Words

    def speaks(self, message: Outside) -> tuple[str, str] | None:
        """Speak when the header is there and contains a listed text."""
        value = fold(message.headers.get(ascii_lower(self.header), ""))
        word = next((word for word in self.contains if fold(word) in value), None) if value else None
        return ("header", word) if word else None

    def empty(self) -> str | None:
        """An empty text is in every header."""
        return None if self.contains and all(fold(word) for word in self.contains) else "contains"


def _is_at(address: str, wanted: str) -> bool:
    """Whether the address is the wanted one, has the wanted plus-tag, or lies in the wanted domain."""
    wanted = ascii_lower(wanted.strip())
    local, _, domain = address.rpartition("@")
    if wanted.startswith("+"):
        return local.partition("+")[2] == wanted[1:]
    if wanted.startswith("@"):
        return f".{domain}".endswith(f".{wanted[1:]}")
    return address == wanted


RULE_TYPES: dict[str, type[Rule]] = {
    "sender": SenderRule,
    "recipient": RecipientRule,
    "header": HeaderRule,
    "keyword": KeywordRule,
}
