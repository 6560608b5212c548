"""The courier that writes letters into a Maildir: for the demo, and for whoever fetches them from there.

A letter is in ``new`` under the name of its mail id, whole and synced, or it is not there at all. The envelope stands
above it as Return-Path and Delivered-To (RFC 5321 §4.4); the message itself is left as it is.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from pathlib import Path

from ingestd.outbox.courier import Again, Ending, Mail, Refused, Sent, check, one_line

_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,119}")


class FolderCourier:
    """Writes each mail once: a repeat of a mail id finds its file, in ``new`` or read in ``cur``, and lets it be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def carry(self, mail: Mail) -> Ending:
        """Keep the mail in ``new``, synced. A folder that cannot be written is Again."""
        checked = check(mail)
        if isinstance(checked, Refused):
            return checked
        try:
            return Sent(await asyncio.to_thread(self._keep, checked))
        except OSError as error:
            return Again(one_line(f"the outbox folder cannot be written: {error.strerror or type(error).__name__}"))

    async def close(self) -> None:
        """Nothing is held open between mails."""

    def _keep(self, mail: Mail) -> str:
        name = _file_name(mail.mail_id)
        _make_maildir(self._folder)
        if _is_there(self._folder, name):
            _sync_folder(self._folder / "new")  # whoever put it there may have died before
            return f"already kept as {name}"
        # Two tasks may carry one mail at once: each writes a file of its own, the later rename puts the same octets.
        unfinished = self._folder / "tmp" / f"{name}.{os.getpid()}.{secrets.token_hex(4)}"
        try:
            _write_synced(unfinished, _with_envelope(mail))
            os.replace(unfinished, self._folder / "new" / name)
        finally:
            unfinished.unlink(missing_ok=True)
        _sync_folder(self._folder / "new")
        return f"kept as {name}"


def _file_name(mail_id: str) -> str:
    """The mail id itself where it makes a plain file name, else its hash."""
    return mail_id if _SAFE_NAME.fullmatch(mail_id) else hashlib.sha256(mail_id.encode("utf-8", "replace")).hexdigest()


def _make_maildir(folder: Path) -> None:
    if (folder / "cur").is_dir():
        return
    for name in ("tmp", "new", "cur"):  # cur last: it is the sign that all three are there
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    _sync_folder(folder)
    _sync_folder(folder.parent)


def _is_there(folder: Path, name: str) -> bool:
    """Readers move a seen mail to ``cur`` and put its flags behind a colon."""
    return (folder / "new" / name).exists() or any(
        seen.partition(":")[0] == name for seen in os.listdir(folder / "cur")
    )


def _with_envelope(mail: Mail) -> bytes:
    return f"Return-Path: <{mail.mail_from}>\r\nDelivered-To: {mail.rcpt}\r\n".encode() + mail.data


def _write_synced(path: Path, octets: bytes) -> None:
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """A name is safe only when its folder is synced too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
