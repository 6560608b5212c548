"""The files of a message: their facts for the record, and their octets again on demand. Nothing is ever unpacked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from parsers import limits
from parsers.filenames import filename
from parsers.mime import Part, PartFacts, read_tree
from parsers.record import Attachment

_REPORTS = ("message/", "text/rfc822-headers", "text/calendar")


def records(files: Iterable[Part]) -> Iterator[Attachment]:
    """Describe the files in the order of the tree; the declared type is a claim and nothing more."""
    for index, part in enumerate(files, 1):
        octets = part.octets()
        yield Attachment(
            index=index,
            part=part.section,
            filename=name_of(part),
            content_type=part.content_type,
            size=len(octets),
            sha256=hashlib.sha256(octets).hexdigest(),
            inline=_is_inline(part),
            content_id=(part.headers.get("content-id") or "").strip("<> ") or None,
        )


def facts(root: Part) -> Iterator[PartFacts]:
    """Tell of every node what the judges of machine mail may know."""
    for part in root.walk():
        is_report = not part.children and part.content_type.startswith(_REPORTS)
        small = is_report and part.end - part.start <= limits.REPORT_OCTETS
        yield PartFacts(
            content_type=part.content_type,
            params=tuple(part.type_value.parameters.items()),
            payload=part.octets() if small else b"",
            filename=name_of(part),
        )


def name_of(part: Part) -> str | None:
    """Give the cleaned file name of a part, or None where it has none."""
    return filename(part.disposition, part.type_value)


def by_section(raw: bytes, section: str) -> bytes | None:
    """Give the decoded octets of the part with this number, None where there is none; ``""`` is the whole message."""
    if not section:
        return raw
    return next((part.octets() for part in read_tree(raw).root.walk() if part.section == section), None)


def _is_inline(part: Part) -> bool:
    """Call a file inline if it says so, or is shown by its Content-ID and does not say otherwise."""
    disposition = part.disposition.head
    return disposition == "inline" or (not disposition and bool(part.headers.raw("content-id")))
