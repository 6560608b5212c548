"""Moves a demo to free ports where its own are taken, for this run only; the config stays as it is."""

from __future__ import annotations

import errno
import socket
from dataclasses import replace

from ingestd.channels.smtp_address import read_listen
from ingestd.config import Loaded
from ingestd.web.settings import split_listen


def on_free_ports(loaded: Loaded) -> tuple[Loaded, tuple[str, ...]]:
    """Return the config as it can run now, and a sentence for each port that had to change."""
    config, changes = loaded.config, []
    host, port = split_listen(config.web.listen)
    if (free := _free(host, port)) != port:
        changes.append(f"port {port} is taken; the web pages are on {free} this time")
        web = config.web.model_copy(update={"listen": _address(host, free)})
        service = config.service.model_copy(update={"base_url": f"http://{_address(host, free)}"})
        config = config.model_copy(update={"web": web, "service": service})
    channels = []
    for channel in config.channels:
        named, port = read_listen(channel.listen)
        host = named or ""  # none is every address of this machine
        if (free := _free(host, port)) != port:
            changes.append(f"port {port} is taken; mail comes in on {free} this time")
        channels.append(channel.model_copy(update={"listen": _address(host, free)}))
    config = config.model_copy(update={"channels": tuple(channels)})
    return replace(loaded, config=config), tuple(changes)


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _free(host: str, port: int) -> int:
    """Return the port itself when nobody listens on it, or one that the system chooses."""
    for wanted in (port, 0):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, wanted))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    return port  # the daemon will say what is wrong with it
            else:
                return int(probe.getsockname()[1])
    return port
