"""An operator's terminal beside an installation: commands go in, what they print and their exit code come out."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from doubles.mailroom import OURS, WAIT, Mailroom
from doubles.stores import sqlite_store
from typer.testing import CliRunner, Result

import parsers
from ingestd import clock, config
from ingestd.app import Installation, open_installation
from ingestd.cli.program import app
from ingestd.config.example import render
from ingestd.store import arrivals, parking
from ingestd.store.arrivals import Delivery
from ingestd.store.blobs import digest
from parsers.arrival import Arrival, Envelope


def command(*words: str, given: str | bytes | None = None, **environment: str) -> Result:
    """Run ``ingestd`` with these words in this process; no variable of the outer world reaches it."""
    unset: dict[str, str | None] = {name: None for name in os.environ if name.startswith("INGESTD_")}
    return CliRunner().invoke(app, list(words), input=given, env={**unset, **environment}, prog_name="ingestd")


def write_config(folder: Path, **answers: Any) -> Path:
    """Write a config for an installation whose state is in ``folder/state``."""
    usual = {
        "service.state_dir": "state",
        "store.url": "sqlite:///store.db",
        "store.durability": "relaxed",
        "channels": [{"kind": "smtp", "name": "main", "recipients": [OURS]}],
        "departments": {"complaint": {"supervisor": "boss@corp.example"}},
    }
    path = folder / "config.yaml"
    path.write_text(render({**usual, **answers}), encoding="utf-8")
    return path


def write_mail(subject: str = "订单没到", text: str = "快递三天没有更新,我的包裹还没有收到", **headers: str) -> bytes:
    """Write a mail of a customer, of this moment."""
    mail = EmailMessage()
    usual = {"From": "王芳 <w@x.cn>", "To": OURS, "Message_ID": f"<{digest((subject + text).encode())[:16]}@x.cn>"}
    for name, value in {**usual, **headers}.items():
        mail[name.replace("_", "-")] = value
    mail["Subject"] = subject
    mail.set_content(text)
    return mail.as_bytes()


class Terminal:
    """An installation on SQLite, open for the test, and the commands of whoever stands before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = write_config(folder)
        (folder / "state").mkdir(mode=0o700)
        sqlite_store(folder / "state").close()
        self.it: Installation = open_installation(config.load(self.config))
        self.room = Mailroom(self.it.store, self.it.policies.deciding)
        self.room.join()
        self._count = 0

    def close(self) -> None:
        """Close the installation."""
        self.it.close()

    def run(self, *words: str, given: str | bytes | None = None) -> Result:
        """Run a command on this installation."""
        return command(*words, "--config", str(self.config), given=given)

    def read(self, *words: str) -> Any:
        """Run a command with ``--json``; it must be done, and return what it says."""
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def keep(self, raw: bytes, now: datetime | None = None) -> str:
        """Keep a mail and go no further; return its arrival id."""
        self._count += 1
        envelope = Envelope(mail_from="w@x.cn", rcpt_to=OURS, peer="192.0.2.1")
        one = Delivery(f"test:{self._count}", "smtp", "main", "mail", envelope, now or clock.now())
        unit = self.it.store.write(
            lambda tx: arrivals.keep(tx, self.it.blobs, [one], digest(raw), raw, len(raw), now or clock.now())
        )
        return unit.result(WAIT)[0].intake_id

    def receive(self, raw: bytes) -> str | None:
        """Take a mail the whole way; return the number of its ticket, if it has one."""
        now = clock.now()
        intake_id = self.keep(raw, now)
        record = parsers.parse(raw, Arrival(received_at=now, own_addresses=(OURS,)))
        claimed = next(one for one in self.room.claim(now) if one.intake_id == intake_id)
        return self.room.record(claimed, record, now).ticket_no

    def park(self, raw: bytes, reason: str) -> str:
        """Have a mail set aside with a reason; return its arrival id."""
        intake_id = self.keep(raw)
        self.room.claim(clock.now())
        self.it.store.write(lambda tx: parking.park(tx, intake_id, reason, "record", clock.now())).result(WAIT)
        return intake_id

    def count(self, tables: Sequence[Any]) -> list[int]:
        """Return how many rows these tables have."""
        from sqlalchemy import func, select

        return self.it.store.read(
            lambda tx: [tx.execute(select(func.count()).select_from(t)).scalar_one() for t in tables]
        )
