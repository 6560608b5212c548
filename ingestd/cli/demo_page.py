"""What a running demo prints: where it is, and commands that work as they stand."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ingestd
from ingestd.config import Loaded

SENDER = Path("docs", "examples", "send.py")
COMPLAINT = "我要投诉!订单号 202611200015 的手机一直没有收到,客服态度太差,我非常生气,必须给我一个说法。"
COMPLAINER = "liqiang@customer.example"
ABSENCE = "absence-1@customer.example"


@dataclass(frozen=True)
class Demo:
    """A demo that is ready: its config as it runs, the next ticket's number, the files of its two tokens."""

    loaded: Loaded
    address: str
    department: str
    number: str
    admin_token: Path
    department_token: Path
    changes: tuple[str, ...]

    @property
    def listen(self) -> str:
        """Where mail comes in."""
        return str(self.loaded.config.channels[0].listen)


def print_what_to_try(demo: Demo) -> None:
    """Print the page, all at once."""
    print("\n".join(_page(demo)), flush=True)


def _page(demo: Demo) -> Iterator[str]:
    config, folder = demo.loaded.config, demo.loaded.folder
    yield "ingestd is running."
    yield from (f"  ({change})" for change in demo.changes)
    yield f"  mail     smtp://{demo.listen}, for {demo.address}"
    yield f"  desk     http://{config.web.listen}/desk/  (log in with the token in {demo.admin_token})"
    yield f"  letters  {folder / config.outbound.folder / 'new'}"
    yield f"  journal  {folder / 'journal.log'}"
    yield ""
    yield "Try, in another terminal, in this folder:"
    for words, commands in _steps(demo):
        yield f"\n# {words}"
        yield from commands
    yield "\nCtrl-C ends it. Everything stays in this folder: " + str(folder)


def _steps(demo: Demo) -> Iterator[tuple[str, tuple[str, ...]]]:
    program, where, number = _program(), f"-c {shlex.quote(str(demo.loaded.source))}", demo.number
    yield from _mails(demo)
    yield "The queues; the first mail above waits there as the first ticket", (f"{program} queue list {where}",)
    yield (
        "Pull it for its department, and read it",
        (
            f"{program} queue pull {demo.department} {where}",
            f"{program} ticket show {number} {where}",
        ),
    )
    yield (
        "Why it went there; and why the absence notice got no answer",
        (
            f"{program} explain {number} {where}",
            f"{program} explain {ABSENCE} {where}",
        ),
    )
    yield (
        "Resolve it: the customer is asked whether it is solved",
        (f"{program} ticket resolve {number} --note 已联系快递,今天送达 {where}",),
    )
    server = f"--server http://{demo.loaded.config.web.listen} --token-file {shlex.quote(str(demo.department_token))}"
    yield "The same as the department itself, through the API", (f"{program} queue list {server}",)
    yield (
        "The letters, and the proof that nothing was lost",
        (
            f"ls {shlex.quote(str(demo.loaded.folder / demo.loaded.config.outbound.folder / 'new'))}",
            f"{program} audit {where}",
        ),
    )


def _mails(demo: Demo) -> Iterator[tuple[str, tuple[str, ...]]]:
    script = _beside_us(SENDER)
    if script is None:
        yield (
            "A mail: put one into mail.eml",
            (f"curl smtp://{demo.listen} --mail-from you@customer.example --mail-rcpt {demo.address} -T mail.eml",),
        )
        return
    send = f"{_shown(Path(sys.executable))} {_shown(script)} --smtp {demo.listen} --to {demo.address}"
    yield "A customer's mail", (f"{send} --subject 订单没到 --text 快递三天没有更新,我的包裹还没有收到",)
    yield (
        "A complaint in GB18030: a soothing answer, and its supervisor is told",
        (f"{send} --gb18030 --from {COMPLAINER} --name 李强 --subject 投诉 --text {shlex.quote(COMPLAINT)}",),
    )
    yield (
        "An absence notice: nobody answers it",
        (f"{send} --auto-reply --subject 自动回复:外出 --text 我在休假 --message-id {ABSENCE}",),
    )


def _program() -> str:
    """Return how this program is called from here."""
    script = Path(sys.executable).with_name("ingestd")
    return _shown(script) if script.exists() else f"{_shown(Path(sys.executable))} -m ingestd"


def _beside_us(path: Path) -> Path | None:
    """Return a file of the checkout we run from, or None when we were installed without one."""
    found = Path(ingestd.__file__).parent.parent / path
    return found if found.exists() else None


def _shown(path: Path) -> str:
    """Return a path for a shell: relative where it is below the present folder."""
    relative = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return shlex.quote(os.fspath(relative))
