"""The only place where parts are put together: an installation out of a config, a daemon out of an installation."""

from ingestd.app.installation import Installation, open_installation
from ingestd.app.offline import offline_deciding

__all__ = ["Installation", "offline_deciding", "open_installation"]
