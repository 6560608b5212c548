"""What may be sent to the API: one small model for each write. An unknown key is refused by name."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LONGEST_TEXT = 100_000
"""Characters of a reply or note: more than any letter, less than what a page can show."""
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
Name = Annotated[str, StringConstraints(max_length=200)]


class Body(BaseModel):
    """The base of all bodies: frozen, strict about types, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Term(Body):
    """How long a lease shall last."""

    lease_s: int = Field(default=600, ge=1, le=28800, description="seconds, up to 8 hours")

    @property
    def term(self) -> timedelta:
        """The same as a duration."""
        return timedelta(seconds=self.lease_s)


class Pull(Term):
    """What to pull, and how long to wait for it."""

    max: int = Field(default=1, ge=1, le=50, description="tickets at most")
    wait_s: int = Field(default=0, ge=0, le=60, description="seconds to wait while the queue is empty")


class Return(Body):
    """Why the ticket goes back into its queue."""

    reason: Text


class Transfer(Body):
    """Where the ticket goes; all three are needed."""

    department: Name
    contact: Name = Field(description="who takes it there")
    note: Text


class Reply(Body):
    """What the customer is written. A solution waits for the customer's word."""

    text: Text
    solution: bool = False


class Note(Body):
    """An internal note."""

    text: Text


class Resolve(Body):
    """How the matter ended. ``confirmed``: the customer has already said yes and is not asked."""

    note: Text
    confirmed: bool = False


class Reopen(Body):
    """Why the matter is taken up again."""

    reason: Text
