"""Between a door and keep: one delivery for each recipient of what came in."""

from __future__ import annotations

from ingestd.channels.channel import Incoming, Kept
from ingestd.intake import Keeper
from ingestd.store.arrivals import RETRY_HORIZON, Delivery, smtp_key
from parsers.arrival import Envelope


class Receiver:
    """Gives a mail door the function it calls before it says yes."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def keep(self, incoming: Incoming) -> Kept:
        """Commit the message, one arrival for each recipient (P1). See ``Keep`` for what it raises."""
        deliveries = tuple(_delivery(incoming, envelope) for envelope in incoming.envelopes)
        kept = await self._keeper.keep(deliveries, incoming.spooled, incoming.sha256, incoming.size)
        return Kept(tuple(one.intake_id for one in kept), all(one.repeated for one in kept))


def _delivery(incoming: Incoming, envelope: Envelope) -> Delivery:
    return Delivery(
        key=smtp_key(incoming.sha256, envelope),
        door=incoming.door,
        account=incoming.account,
        kind="mail",
        envelope=envelope,
        received_at=incoming.received_at,
        horizon=RETRY_HORIZON,
    )
