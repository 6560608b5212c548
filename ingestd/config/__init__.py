"""The config: gathers every room's settings, and lists all its problems at once, each with file, line and key.

A config is checked whole before anything starts. What each room needs is handed to it by ``app``, never the whole.
"""

from ingestd.config.loading import Loaded, Secrets, find, load, problems, secrets
from ingestd.config.sections import Config

__all__ = ["Config", "Loaded", "Secrets", "find", "load", "problems", "secrets"]
