"""The content of a part: transfer encoding off, and text in Unicode. Never raises."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from parsers import charset, limits
from parsers.base64_blocks import base64_octets

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_META_WITHIN = 2048  # octets; HTML asks for 1024, Outlook's conditional comments need more


@dataclass(frozen=True)
class Text:
    """The text of one part, cleaned and cut to its limit, with the defects met on the way as (code, detail)."""

    text: str
    defects: tuple[tuple[str, str], ...] = ()


def octets(body: bytes, transfer_encoding: str) -> bytes:
    """Take the transfer encoding off (RFC 2045 §6). An unknown one leaves the octets as they stand."""
    if transfer_encoding == "base64":
        return base64_octets(body)
    if transfer_encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    return body


def text(data: bytes, label: str | None, *, is_html: bool) -> Text:
    """Read octets as text, whatever their label says; HTML without a usable label may name its own (``<meta>``)."""
    if is_html and charset.codec_of(label) is None:
        meta = _META_CHARSET.search(data[:_META_WITHIN])
        label = meta[1].decode("ascii") if meta else label
    decoded = charset.decode(data, label)
    whole = charset.clean(decoded.text)
    most = limits.HTML_CHARACTERS if is_html else limits.TEXT_CHARACTERS
    defects = [("charset-label", decoded.defect)] if decoded.defect else []
    if len(whole) > most:
        defects.append(("limit-text", f"{len(whole)} characters"))
    return Text(whole[:most], tuple(defects))
