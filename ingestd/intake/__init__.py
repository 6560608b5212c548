"""Intake: the road of one arrival, from the door's keep to the recorded decision."""

from ingestd.intake.deciding import Deciding, decide, weigh
from ingestd.intake.keeping import Keeper
from ingestd.intake.material import Material
from ingestd.intake.road import Again, Done, Ending, Parked, Road

__all__ = ["Again", "Deciding", "Done", "Ending", "Keeper", "Material", "Parked", "Road", "decide", "weigh"]
