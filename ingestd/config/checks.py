"""What no single section can know: the checks of one section against another, and of paths against the disk."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ingestd.channels.smtp_address import Recipients
from ingestd.config.problems import KeyPath, Problem
from ingestd.config.rules import department_ids, load_rules, read_rules
from ingestd.config.sections import Channel, Config
from ingestd.config.shapes import secrets_in
from ingestd.errors import ConfigError
from ingestd.notices.profiles import overlong_promise, too_tight


@dataclass(frozen=True)
class Subject:
    """What a check looks at: the config, and the folder its relative paths start from."""

    config: Config
    folder: Path


Check = Callable[[Subject], Iterator[Problem]]


def nodes_share_a_key(subject: Subject) -> Iterator[Problem]:
    """Nodes that share one PostgreSQL must sign alike, or one would not know the other's reply addresses."""
    if subject.config.store.is_postgresql and subject.config.service.signing_key is None:
        yield Problem(
            ("service", "signing_key"),
            "is missing; with PostgreSQL all nodes must share one key: write {file: …}, {env: …} or {credential: …}",
        )


def channel_names_differ(subject: Subject) -> Iterator[Problem]:
    """A channel's name stands in records and figures, so two may not share one."""
    names = [channel.name for channel in subject.config.channels]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Problem(("channels", index, "name"), "is the name of an earlier channel, too; give each its own")


def recipients_have_one_channel(subject: Subject) -> Iterator[Problem]:
    """Mail for one address comes in through one channel; only the postmaster of a domain is everybody's."""
    channels = subject.config.channels
    for index, channel in enumerate(channels):
        for position, address in enumerate(channel.recipients):
            taker = _taker(channels[:index], address)
            if taker and not address.startswith("postmaster@"):
                place = ("channels", index, "recipients", position)
                yield Problem(place, f"is taken by the channel {taker} already; name it in one channel only")


def _taker(channels: tuple[Channel, ...], address: str) -> str | None:
    """Return the name of the channel that an address comes in through."""
    return next((channel.name for channel in channels if _recipients(channel).find(address)), None)


def _recipients(channel: Channel) -> Recipients:
    return Recipients(channel.recipients, plus_addressing=channel.plus_addressing)


def nobody_is_told_through_ourselves(subject: Subject) -> Iterator[Problem]:
    """A letter to a department that comes back in as a customer's mail would be a loop (P11)."""
    for path, address in _people(subject.config):
        if taker := _taker(subject.config.channels, address):
            remedy = "so each letter to it would become a ticket; use another"
            yield Problem(path, f"is an address the channel {taker} takes in, {remedy}")


def _people(config: Config) -> Iterator[tuple[KeyPath, str]]:
    for name, department in config.departments.items():
        for key, address in (("supervisor", department.supervisor), ("notify", department.notify)):
            if address:
                yield ("departments", name, key), address
    for index, address in enumerate(config.operators.alerts_to):
        yield ("operators", "alerts_to", index), address


def certificates_can_be_read(subject: Subject) -> Iterator[Problem]:
    """A door that promises TLS and cannot is found out before it opens."""
    for index, channel in enumerate(subject.config.channels):
        for key, path in (("cert", channel.tls.cert), ("key", channel.tls.key)) if channel.tls else ():
            yield from _unreadable(("channels", index, "tls", key), subject.folder / path)


def _unreadable(path: KeyPath, file: Path) -> Iterator[Problem]:
    try:
        file.open("rb").close()
    except OSError as error:
        yield Problem(
            path, f"names the file {file}, which cannot be read ({error.strerror}); put it there or correct the path"
        )


def authorities_can_be_read(subject: Subject) -> Iterator[Problem]:
    """Nor may the relay's authorities be missing when the first letter is to leave."""
    if subject.config.outbound.ca_file is not None:
        yield from _unreadable(("outbound", "ca_file"), subject.folder / subject.config.outbound.ca_file)


def rules_can_be_used(subject: Subject) -> Iterator[Problem]:
    """Rules are part of the config: they are read with it, and their faults told with its faults."""
    routing, folder = subject.config.routing, subject.folder
    single = [
        Problem(("routing", "rules", index), f"cannot be used: {sentence}")
        for index, path in enumerate(routing.rules)
        for sentence in _refusals(partial(read_rules, folder / path))
    ]
    together = [] if single else _refusals(partial(load_rules, routing, folder))
    yield from single
    yield from (Problem(("routing", "rules"), f"cannot be used together: {sentence}") for sentence in together)


def _refusals(load: Callable[[], object]) -> tuple[str, ...]:
    try:
        load()
    except ConfigError as error:
        return error.problems
    return ()


def departments_are_known(subject: Subject) -> Iterator[Problem]:
    """A department that is not shipped and has no name is a shipped one misspelt."""
    known = department_ids(subject.config.routing, subject.folder)
    for name, department in subject.config.departments.items():
        if name not in known and department.name is None:
            near = difflib.get_close_matches(name, known, 1)
            asked = f'did you mean "{near[0]}"? ' if near else ""
            yield Problem(("departments", name), f"is no shipped department; {asked}Give one of your own a name")


def letters_are_there(subject: Subject) -> Iterator[Problem]:
    """A folder of own letters that is not there would silently mean the shipped ones."""
    directory = subject.config.letters.directory
    if directory is not None and not (subject.folder / directory).is_dir():
        yield Problem(
            ("letters", "directory"),
            f"names {subject.folder / directory}, which is no folder; create it or correct the path",
        )


def acks_can_be_in_time(subject: Subject) -> Iterator[Problem]:
    """A window nobody can keep is a promise broken every day."""
    if sentence := too_tight(subject.config.windows):
        yield Problem(("windows", "ack"), f"cannot be kept: {sentence}")


def promises_fit_the_windows(subject: Subject) -> Iterator[Problem]:
    """Saying two hours where one was promised is allowed, but worth knowing."""
    if sentence := overlong_promise(subject.config.windows):
        yield Problem(("windows", "promise"), f"should be shorter: {sentence}")


def mail_comes_in(subject: Subject) -> Iterator[Problem]:
    """A daemon without a door runs, and does nothing."""
    if not subject.config.channels:
        yield Problem(("channels",), "is empty, so no mail comes in; add a channel")


def bounces_are_seen(subject: Subject) -> Iterator[Problem]:
    """Without an address for bounces nobody learns that a letter did not arrive (P11)."""
    if subject.config.outbound.courier == "smtp" and subject.config.outbound.bounce_address is None:
        yield Problem(("outbound", "bounce_address"), "is not set, so bounces stay unseen; write an address we take in")


def power_may_fail(subject: Subject) -> Iterator[Problem]:
    """P1 holds with full durability only."""
    if subject.config.store.durability == "relaxed":
        yield Problem(
            ("store", "durability"), "is relaxed, so accepted mail may be lost when the power fails; write full"
        )


def secrets_can_be_read(subject: Subject) -> Iterator[Problem]:
    """Every secret that is named must be there. Its value is looked at and forgotten."""
    for path, secret in secrets_in(subject.config):
        try:
            secret.read(subject.folder)
        except ValueError as error:
            yield Problem(path, f"cannot be had: {error}")


CHECKS: tuple[Check, ...] = (
    nodes_share_a_key,
    channel_names_differ,
    recipients_have_one_channel,
    nobody_is_told_through_ourselves,
    certificates_can_be_read,
    authorities_can_be_read,
    rules_can_be_used,
    departments_are_known,
    letters_are_there,
    acks_can_be_in_time,
)
"""What must hold, or nothing starts."""

WARNINGS: tuple[Check, ...] = (promises_fit_the_windows, mail_comes_in, bounces_are_seen, power_may_fail)
"""What is allowed, and told."""


def run(checks: tuple[Check, ...], subject: Subject) -> list[Problem]:
    """Return everything these checks find."""
    return [problem for check in checks for problem in check(subject)]
