"""What one message may cost (P9): every structural limit, and the cheap scan that holds a message against them.

Breaking a limit never refuses a message. It is read as far as the limit goes, and the record says so.
"""

from __future__ import annotations

MESSAGE_OCTETS = 25 * 1024 * 1024  # larger mail is read in its headers and first parts only
MIME_DEPTH = 100  # Postfix mime_nesting_limit
PARTS = 1_000  # Haraka's limit
HEADER_OCTETS = 100 * 1024  # Postfix header_size_limit, of the message and of each part
HEADER_LINES = 1_000
RECEIVED_HOPS = 50  # Postfix hopcount_limit
HEADER_VALUE_OCTETS = 16 * 1024  # one header after unfolding
ENCODED_WORDS = 200  # per header
ADDRESSES = 1_000  # per header
PARAMETERS = 128  # RFC 2231 parameters per header (CVE-2026-27859)
REFERENCES = 50  # the last ones say where a message belongs
MESSAGE_ID_OCTETS = 998  # RFC 5322 §2.1.1: an id that fits no line is no id
BOUNDARY_OCTETS = 200  # RFC 2046 §5.1.1 allows 70
TEXT_CHARACTERS = 500_000  # visible text; a long novel has as many
HTML_CHARACTERS = 2_000_000
REPORT_OCTETS = 256 * 1024  # of one machine-readable part
FILENAME_OCTETS = 200


def cut_block(block: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Cut a header block to its octet and line limits; the second value names the limits it broke."""
    broken = []
    if len(block) > HEADER_OCTETS:
        block, broken = block[:HEADER_OCTETS], ["limit-header-block"]
    if block.count(b"\n") > HEADER_LINES:
        block = b"\n".join(block.split(b"\n", HEADER_LINES)[:HEADER_LINES])
        broken.append("limit-header-lines")
    return block, tuple(broken)


def broken_by_headers(fields: tuple[tuple[str, bytes], ...]) -> tuple[str, ...]:
    """Name the limits that single header fields or their number break."""
    names, values = [name for name, _ in fields], [value for _, value in fields]
    worst = (
        ("limit-header", max(map(len, values), default=0) > HEADER_VALUE_OCTETS),
        ("limit-received", names.count("received") > RECEIVED_HOPS),
        ("limit-encoded-words", max([value.count(b"=?") for value in values], default=0) > ENCODED_WORDS),
    )
    return tuple([code for code, over in worst if over])
