"""The limits that keep one message, one sender or one loop from hurting everybody else (P9, P11, P12)."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from ingestd.settings import Duration, Settings, Size


class AckBudget(Settings):
    """How many acknowledgements may go out within any hour and any day."""

    hour: int = Field(ge=0, le=50, description="within any hour")
    day: int = Field(ge=0, le=50, description="within any 24 hours")


class LimitsSettings(Settings):
    """What a parse may cost, how often a poison message is tried, and how many acknowledgements may leave."""

    parse_cpu: Duration = Field(
        default=timedelta(seconds=20), gt=timedelta(0), description="The CPU time one message may use to be read"
    )
    parse_wall: Duration = Field(
        default=timedelta(seconds=60), gt=timedelta(0), description="The time one message may take to be read"
    )
    parse_memory: Size = Field(
        default=512 * 2**20, ge=64 * 2**20, description="The memory one parse worker may use, 64MiB at least"
    )
    parse_workers: int = Field(
        default=2, ge=1, le=64, description="How many worker processes read messages side by side"
    )
    max_tries: int = Field(
        default=3, ge=1, le=100, description="How often an arrival is tried before it is parked with its reason"
    )
    ack_address: AckBudget = Field(
        default=AckBudget(hour=5, day=20),
        description="Acknowledgements to one mail address; the tickets come in all the same",
    )
    ack_unproven: AckBudget = Field(
        default=AckBudget(hour=1, day=3),
        description="Acknowledgements to an address from a web form, or from mail whose authentication failed",
    )
    ack_domain: AckBudget = Field(
        default=AckBudget(hour=5, day=20),
        description="Acknowledgements to one domain, once that domain answers them with new mail like a machine",
    )
    ack_global_per_hour: int = Field(
        default=20000, ge=1, description="Acknowledgements to everybody together within any hour; beyond it they wait"
    )
