"""Journey 6: told to stop, to read its config again, or not listened to, it loses nothing (P16, F6, F7, F44, F45)."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from chaos.processes import wait_until
from doubles.daemon import Daemon
from doubles.journey import Journey, letters
from doubles.load import Load
from doubles.ports import free_port
from doubles.smtp_sink import SmtpSink

JOURNEY = Journey("06-stopping-under-load")
ENOUGH = 250
DRAIN_LIMIT_S = 20
LETTER_LIMIT_S = 90
Start = Callable[..., Daemon]


def loaded(daemon: Daemon, load: Load, count: int = ENOUGH) -> None:
    """Wait until so many messages were accepted."""
    daemon.wait(lambda: len(load.accepted) >= count, f"{count} accepted messages", 60)


def test_told_to_stop_under_load_it_drains_and_nothing_is_lost(install: Start, relay: SmtpSink) -> None:
    """Exit 0 within 20 s of SIGTERM; after the next start every message that got a 250 has its ticket and letter."""
    with install(JOURNEY) as daemon:
        with Load(daemon.addresses["door"]) as load:
            loaded(daemon, load)
            told = time.monotonic()
            assert daemon.stop() == 0
            assert time.monotonic() - told <= DRAIN_LIMIT_S
        accepted = len(load.accepted)
        assert load.refusals
        stored = int(daemon.ask("SELECT count(*) FROM audit_delivery_v1")[0][0])
        assert accepted <= stored <= accepted + len(load.refusals)
        daemon.start()
        daemon.quiet(LETTER_LIMIT_S)
        whole(daemon, relay, load)


def whole(daemon: Daemon, relay: SmtpSink, load: Load) -> None:
    """Every accepted message has one ticket and one letter, and the sum holds."""
    rows = daemon.ask("SELECT message_id FROM audit_intake_v1 WHERE outcome = 'created'")
    created = [row[0] for row in rows]
    assert set(load.accepted) <= set(created)
    assert len(created) == len(set(created))
    answered = [mail.rcpt_to for mail in relay.mails if mail.rcpt_to[0].endswith("@customer.example")]
    assert len(answered) == len(set(answered)) == len(created)
    assert daemon.verb("audit").returncode == 0


def test_told_twice_it_ends_at_once_and_still_nothing_is_lost(install: Start, relay: SmtpSink) -> None:
    """The second word ends the drain, not the promise: what was accepted is stored (F7)."""
    with install(JOURNEY) as daemon:
        with Load(daemon.addresses["door"]) as load:
            loaded(daemon, load)
            main = daemon.pid
            os.kill(main, signal.SIGTERM)
            daemon.wait(lambda: daemon.events("stopping"), "the first word heard")
            os.kill(main, signal.SIGTERM)
            wait_until(lambda: not daemon.group.alive, 2, "the end")
        daemon.kill()
        daemon.start()
        daemon.quiet(LETTER_LIMIT_S)
        rows = daemon.ask("SELECT message_id FROM audit_intake_v1 WHERE outcome = 'created'")
        assert set(load.accepted) <= {row[0] for row in rows}
        assert daemon.verb("audit").returncode == 0


def test_reloading_takes_a_good_config_and_refuses_a_broken_one(install: Start, relay: SmtpSink) -> None:
    """SIGHUP changes letters without a restart; a bad file keeps the old ones and says every problem (F44)."""
    with install(JOURNEY) as daemon:
        good = daemon.settings
        daemon.change({"letters": {"team": "新的客服团队"}})
        daemon.signal(signal.SIGHUP)
        daemon.wait(lambda: daemon.events("reloaded"), "the new config")
        daemon.config.write_text(daemon.config.read_text().replace('"team"', '"taem"'), encoding="utf-8")
        daemon.signal(signal.SIGHUP)
        daemon.wait(lambda: daemon.events("reload_refused"), "the refusal")
        assert "taem" in json.dumps(daemon.events("reload_refused")[0]["problems"])
        assert sent_by(daemon, relay, "first") == "新的客服团队"
        daemon.configure(good)
        daemon.signal(signal.SIGHUP)
        daemon.wait(lambda: len(daemon.events("reloaded")) == 2, "the old config")
        assert sent_by(daemon, relay, "second") == "客户服务团队"


def sent_by(daemon: Daemon, relay: SmtpSink, name: str) -> str:
    """Write as a Chinese customer and return who signs the answer."""
    customer = f"{name}@customer.example"
    head = f"From: {customer}\r\nSubject: order\r\nMessage-ID: <{customer}>\r\nContent-Type: text/plain; charset=utf-8"
    daemon.send(f"{head}\r\n\r\n我的订单还没有收到，请帮我查一下。{name}\r\n".encode(), customer)
    daemon.wait(lambda: letters(relay, customer), "the answer")
    return str(letters(relay, customer)[0]["From"].addresses[0].display_name)


def test_fifty_reloads_in_a_row_disturb_nobody(install: Start, relay: SmtpSink) -> None:
    """A storm of SIGHUP under load: no message is lost, and the daemon is there afterwards (F7)."""
    with install(JOURNEY) as daemon:
        with Load(daemon.addresses["door"]) as load:
            loaded(daemon, load, 20)
            for _ in range(50):
                daemon.signal(signal.SIGHUP)
                time.sleep(0.02)
            loaded(daemon, load, len(load.accepted) + 20)
        assert daemon.events("reloaded")
        assert daemon.events("reload_refused") == []
        daemon.quiet(LETTER_LIMIT_S)
        whole(daemon, relay, load)


def test_a_journal_that_nobody_reads_stops_nothing(install: Start, relay: SmtpSink) -> None:
    """A full pipe at stderr blocks no door and no letter, and what found no room is counted (F45)."""
    with install(JOURNEY) as daemon:
        assert daemon.stop() == 0
        pipe = daemon.folder / "pipe"
        os.mkfifo(pipe)
        holder = os.open(pipe, os.O_RDWR)
        try:
            full_pipe(holder)
            ready = free_door(daemon)
            daemon.start_unheard(pipe, ready)
            with Load(ready) as load:
                loaded(daemon, load, 100)
            daemon.quiet(LETTER_LIMIT_S)
            whole(daemon, relay, load)
            assert daemon.stop() == 0
        finally:
            os.close(holder)


def full_pipe(pipe: int) -> None:
    """Write until nothing more goes in."""
    os.set_blocking(pipe, False)
    try:
        while True:
            os.write(pipe, b"\n" * 4096)
    except BlockingIOError:
        return


def free_door(daemon: Daemon) -> tuple[str, int]:
    """Give the door a port that is known before the journal says so."""
    port = free_port()
    channels: list[dict[str, Any]] = [{**daemon.settings["channels"][0], "listen": f"127.0.0.1:{port}"}]
    daemon.change({"channels": channels})
    return "127.0.0.1", port
