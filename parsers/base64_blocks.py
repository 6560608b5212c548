"""Base64 as it is really sent (RFC 2045 §6.8): foreign characters, missing padding, several padded blocks in a row."""

from __future__ import annotations

import binascii
import re

_FOREIGN = re.compile(rb"[^A-Za-z0-9+/]+")
_PADDING = re.compile(rb"=+")
BLOCKS = 1_000  # padded blocks in one part; gateways that append a disclaimer make two


def base64_octets(data: bytes) -> bytes:
    """Decode base64 as far as it goes. Never raises."""
    pad = data.find(b"=")
    if pad >= 0 and data[pad:].strip(b"= \t\r\n"):
        return b"".join(_forgiving(block) for block in _PADDING.split(data, BLOCKS))
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        return _forgiving(data)


def _forgiving(data: bytes) -> bytes:
    """Decode what base64 letters there are; a single letter too many carries no octet."""
    letters = _FOREIGN.sub(b"", data)
    whole = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(whole + b"==")
