"""The daemon out of an installation: which doors and loops run on this node, and in which order they stop."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable

import uvloop

import ingestd
from ingestd import journal, outbox
from ingestd.app.installation import Installation, open_installation
from ingestd.app.loops import Clockwork, Deliver, Process
from ingestd.app.node import Node, OneDaemon, identity
from ingestd.app.policies import own_addresses
from ingestd.app.receiving import Receiver
from ingestd.channels.smtp import SmtpDoor
from ingestd.config import Loaded
from ingestd.daemon import Bell, Daemon, Door, Loop
from ingestd.errors import ConfigError, Temporary
from ingestd.intake import Keeper, Road
from ingestd.intake.road import Rooms
from ingestd.outbox.sender import Sender, Tools
from ingestd.sandbox import Sandbox
from ingestd.schedule import Schedule
from ingestd.store.arrivals import Claimed
from ingestd.store.awaiting import answer_of
from ingestd.store.listening import Listener
from parsers.arrival import Arrival

SWITCH_SECONDS = 0.0005
"""How soon a thread that wants to run may: SQLite lets go of the interpreter at each statement, and at Python's own
5 ms the writer would wait that long to get it back from a busy event loop, a dozen times a mail."""
LOOPS = ("receive", "process", "deliver", "schedule", "web")


def serve(
    loaded: Loaded, only: frozenset[str] = frozenset(LOOPS), announce: Callable[[dict[str, str]], None] | None = None
) -> int:
    """Run the daemon until it is told to stop. Return the exit code. Raise ConfigError or Temporary at start.

    ``announce`` is called once it is ready, with the addresses of its doors by name.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    log = loaded.config.log
    journal.open_journal(log.level, as_json=_as_json(log.format), systemd="JOURNAL_STREAM" in os.environ)
    lock: OneDaemon | None = None
    try:
        loaded.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = OneDaemon(loaded.state_dir, _part(only) if loaded.config.store.is_postgresql else "")
        installation = open_installation(loaded)
        if only == set(LOOPS):
            installation.clear_scratch()
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(_Serving(installation, only, announce).run())
        finally:
            installation.close()
    finally:
        if lock:
            lock.release()
        journal.close_journal()


def _part(only: frozenset[str]) -> str:
    """Return what tells apart daemons of one machine that share the work: which loops they run."""
    return "" if only == set(LOOPS) else "-" + "-".join(sorted(only))


def _as_json(form: str) -> bool:
    return form == "json" or (form == "auto" and not sys.stderr.isatty())


class _Serving:
    """One run of the daemon."""

    def __init__(
        self, installation: Installation, only: frozenset[str], announce: Callable[[dict[str, str]], None] | None
    ) -> None:
        self._it = installation
        self._only = only
        self._announce = announce
        self._settings = installation.loaded.config
        self._own = own_addresses(installation.loaded)

    async def run(self) -> int:
        own = identity(self._it.loaded.state_dir)
        self._node = Node(self._it.store, self._settings.service.node, own, _part(self._only))
        await self._node.join()
        self._sandbox = Sandbox(self._settings.limits)
        self._rings: dict[str, Callable[[], None]] = {}
        self._doors: dict[str, Door] = {}
        loops = [Loop("node", self._node.keep, to_the_end=True), *self._make_loops()]
        self._make_doors()
        listener = Listener(self._it.store.url, self._ring)
        self._it.store.on_signal(self._ring)
        self._daemon = Daemon(
            tuple(self._doors.values()),
            loops,
            reload=self._reload,
            close=self._node.leave,
            probe=self._probe,
        )
        listener.start()
        try:
            await self._warm_up()
            return await self._daemon.run(self._ready)
        finally:
            listener.stop()

    def _make_loops(self) -> list[Loop]:
        made = []
        if "process" in self._only:
            bell = self._bell("process")
            process = Process(self._it.store, Road(self._rooms()), self._holder, bell)
            made.append(Loop("process", process.turn, process.finish, bell))
        if "deliver" in self._only:
            bell = self._bell("deliver")
            deliver = Deliver(self._sender(), self._holder, bell)
            made.append(Loop("deliver", deliver.turn, deliver.finish, bell))
        if "schedule" in self._only:
            bell = self._bell("schedule")
            clockwork = Clockwork(Schedule(self._it.store, self._it.writer, lambda: self._it.policies.policy), bell)
            made.append(Loop("schedule", clockwork.turn, None, bell))
        return made

    def _make_doors(self) -> None:
        keeper = Keeper(self._it.store, self._it.blobs)
        spool = self._it.loaded.state_dir / "spool"
        bounce, beside = self._settings.outbound.bounce_address, self._it.loaded.folder
        if "receive" in self._only:
            for channel in self._settings.channels:
                receiver = Receiver(keeper)
                door = SmtpDoor(
                    channel, receiver.keep, spool, journal.door_report, bounce_address=bounce, beside=beside
                )
                self._doors[channel.name] = door
        if "web" in self._only:
            from ingestd.app.serving_web import open_web

            self._doors["web"], ring = open_web(self._it, self._sandbox, self._is_ready, self._is_alive)
            self._rings["queue"] = ring

    def _rooms(self) -> Rooms:
        it = self._it
        return Rooms(
            it.store,
            it.blobs,
            self._sandbox,
            it.scratch,
            it.writer,
            lambda: it.policies.deciding,
            self._arrival,
            self._settings.limits.max_tries,
        )

    def _sender(self) -> Sender:
        it, loaded = self._it, self._it.loaded
        around = outbox.Surroundings(loaded.folder, loaded.state_dir, it.secrets.get("outbound.password"))
        courier = outbox.open_courier(self._settings.outbound, around)
        return Sender(
            Tools(it.store, it.blobs, courier, it.writer, lambda: it.policies.writing, self._settings.outbound)
        )

    def _arrival(self, claimed: Claimed) -> Arrival:
        trusted = {channel.name: channel.trusted_authserv for channel in self._settings.channels}
        return Arrival(
            intake_id=claimed.intake_id,
            kind="form" if claimed.kind == "form" else "mail",
            received_at=claimed.received_at,
            envelope=claimed.envelope,
            own_addresses=self._own,
            wanted_headers=self._it.policies.deciding.rules.wanted_headers,
            trusted_authserv=trusted.get(claimed.account, ()),
        )

    def _holder(self) -> str:
        return self._node.holder

    def _bell(self, name: str) -> Bell:
        bell = Bell()
        self._rings[name] = bell.ring
        return bell

    def _ring(self, signal: str) -> None:
        if ring := self._rings.get(signal):
            ring()

    def _is_ready(self) -> bool:
        return self._daemon.ready

    def _is_alive(self) -> bool:
        return self._daemon.is_alive()

    async def _warm_up(self) -> None:
        if {"process", "web"} & self._only:
            await self._sandbox.start()

    def _ready(self) -> None:
        addresses = {
            name: ", ".join(f"{host}:{port}" for host, port in getattr(door, "addresses", ()))
            for name, door in self._doors.items()
        }
        journal.started(ingestd.__version__, sorted(self._only), addresses)
        if self._announce:
            self._announce(addresses)

    def _reload(self) -> None:
        try:
            self._it.reload(self._it.loaded.source)
            for door in self._doors.values():
                if isinstance(door, SmtpDoor):
                    door.renew_certificate()
            journal.reloaded()
        except ConfigError as error:
            journal.reload_refused(error.problems)

    async def _probe(self) -> bool:
        try:
            await answer_of(self._it.store.write(lambda tx: None))
        except Temporary:
            return True  # the database is away: that is told by readyz, and no restart of ours would bring it back
        return True
