"""The whole config: one field for each section, each a room's own settings."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from ingestd.channels.smtp_settings import SmtpChannel
from ingestd.limits import LimitsSettings
from ingestd.log_settings import LogSettings
from ingestd.notices.profiles import Profile, over_profile
from ingestd.notices.settings import LettersSettings, WindowSettings
from ingestd.outbox.settings import OutboundSettings
from ingestd.routing.settings import RoutingSettings
from ingestd.service_settings import DepartmentSettings, OperatorSettings, ServiceSettings
from ingestd.settings import Settings
from ingestd.store.settings import BlobSettings, StoreSettings
from ingestd.web.settings import AccessSettings, WebSettings

Channel = SmtpChannel
"""Every kind of channel: with a second one this is ``Annotated[SmtpChannel | …, Field(discriminator="kind")]``."""


def _empty_list(value: Any) -> Any:
    return () if value is None else value


def _empty_mapping(value: Any) -> Any:
    return {} if value is None else value


class Config(Settings):
    """Everything an installation may set. Nobody is handed the whole of it: each room receives its own section."""

    service: ServiceSettings = Field(
        default=ServiceSettings(), description="What this installation is called and where it keeps its state."
    )
    store: StoreSettings = Field(default=StoreSettings(), description="Where tickets are kept.")
    blobs: BlobSettings = Field(default=BlobSettings(), description="Where raw mail and written letters lie.")
    operators: OperatorSettings = Field(default=OperatorSettings(), description="Who keeps the daemon running.")
    channels: Annotated[tuple[Channel, ...], BeforeValidator(_empty_list)] = Field(
        default=(), description="What brings mail in: a list, each item of a kind (smtp)."
    )
    departments: Annotated[dict[str, DepartmentSettings], BeforeValidator(_empty_mapping)] = Field(
        default={},
        description="Who answers, by id. A shipped one needs an entry only to be renamed or to be told of its work.",
    )
    routing: RoutingSettings = Field(default=RoutingSettings(), description="Which department a matter goes to.")
    profile: Profile = Field(
        default="default",
        description="The set of windows to start from; all but default follow one manual each.",
    )
    windows: WindowSettings = Field(
        default=None,
        validate_default=True,
        description="Single windows that replace those of the profile; the defaults shown are of the profile default.",
    )
    letters: LettersSettings = Field(
        default=LettersSettings(), description="What our letters say, and when they keep still."
    )
    outbound: OutboundSettings = Field(default=OutboundSettings(), description="How letters leave.")
    web: WebSettings = Field(default=WebSettings(), description="The HTTP server.")
    access: AccessSettings = Field(default=AccessSettings(), description="Who may come in through the API.")
    limits: LimitsSettings = Field(
        default=LimitsSettings(), description="What one message, one sender or one loop may cost."
    )
    log: LogSettings = Field(default=LogSettings(), description="The journal.")

    @field_validator("windows", mode="before")
    @classmethod
    def _over_the_profile(cls, stated: Any, info: ValidationInfo) -> Any:
        return (
            stated if isinstance(stated, WindowSettings) else over_profile(info.data.get("profile", "default"), stated)
        )
