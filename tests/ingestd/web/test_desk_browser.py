"""The desk in a real browser: inert (P34), usable with the keyboard alone, readable on a phone, in both languages."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from doubles.office import Office, raw_mail
from doubles.programs import require
from playwright.sync_api import Browser, Page, Request, sync_playwright

from ingestd.web.server import WebServer
from ingestd.web.settings import WebSettings

pytestmark = pytest.mark.servers
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT = 30
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=http://evil.example/x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "</bdi></p><iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    '"><body onload=alert(1)>',
    "javascript:alert(1)",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<form action=http://evil.example/><input name=token></form>",
    "<style>@import 'http://evil.example/x.css';</style>",
]


@dataclass
class Desk:
    """A running desk, a browser, and what it did that it should not."""

    office: Office
    browser: Browser
    url: str
    dialogs: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def page(self, width: int = 1200, language: str = "zh-CN") -> Page:
        """Open a page that watches for dialogs, foreign requests and errors."""
        page = self.browser.new_context(viewport={"width": width, "height": 900}, locale=language).new_page()
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.set_default_timeout(WAIT * 1000)
        return page

    def _note(self, request: Request) -> None:
        if not request.url.startswith(self.url):
            self.elsewhere.append(request.url)

    def sign_in(self, page: Page, department: str | None = None) -> None:
        """Sign in with the keyboard alone: the field has the focus already."""
        page.goto(f"{self.url}/desk/")
        page.locator("#token:focus").wait_for()
        page.keyboard.insert_text(self.office.token("刘洋", department))
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/")


@pytest.fixture
def run() -> Iterator[Callable[..., object]]:
    """An event loop in a thread of its own, for the server."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(WAIT)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium with a fresh profile."""
    chromium = require("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def desk(office: Office, browser: Browser, run: Callable[..., object]) -> Iterator[Desk]:
    """The desk of an office, served."""
    server = WebServer(office.services(settings=WebSettings(listen="127.0.0.1:0")))
    run(server.start())
    host, port = server.addresses[0]
    yield Desk(office, browser, f"http://{host}:{port}")
    for context in browser.contexts:
        context.close()
    run(server.stop(5))


def test_a_hostile_mail_does_nothing_in_a_browser(desk: Desk) -> None:
    """P34: no dialog, no request off the origin, no error, whatever stands in name, subject, text and file name."""
    numbers = []
    for attack in ATTACKS:
        name = attack.replace('"', "'")
        mail = raw_mail(f"s {attack}", f"t {attack}", f'"{name}" <x@evil.example>')
        mail.add_attachment(b"x", maintype="text", subtype="html", filename=f"{name}.html")
        numbers.append(desk.office.arrive(mail))
    page = desk.page()
    desk.sign_in(page)
    for path in ("", "tickets", *(f"tickets/{number}" for number in numbers)):
        page.goto(f"{desk.url}/desk/{path}", wait_until="networkidle")
        for fold in page.locator("summary").all():
            fold.evaluate("fold => fold.parentElement.open = true")
    assert (desk.dialogs, desk.elsewhere, desk.errors) == ([], [], [])


def test_a_hostile_attachment_is_saved_and_not_opened(desk: Desk) -> None:
    """HX12: an HTML file of a stranger never becomes a page of ours."""
    mail = raw_mail("合同", "请看附件")
    mail.add_attachment(b"<script>alert(1)</script>", maintype="text", subtype="html", filename="合同.html")
    number = desk.office.arrive(mail)
    page = desk.page()
    desk.sign_in(page)
    page.goto(f"{desk.url}/desk/tickets/{number}")
    with page.expect_download() as download:
        page.get_by_role("link", name="合同.html").click()
    assert download.value.suggested_filename == "合同.html"
    assert (desk.dialogs, page.url) == ([], f"{desk.url}/desk/tickets/{number}")


def test_the_keyboard_alone_leads_from_the_door_to_a_ticket_and_out(desk: Desk) -> None:
    """Every step has a visible focus; the first stop of a page skips to its content."""
    number = desk.office.ticket("order", "legal")
    page = desk.page()
    desk.sign_in(page, "order")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "跳到正文"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    focus = page.locator(":focus")
    assert focus.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/tickets/{number}")
    page.get_by_role("button", name="退出").press("Enter")
    page.wait_for_url("**/desk/login")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("width", [1200, 390])
def test_no_page_is_wider_than_its_window(desk: Desk, width: int, language: str) -> None:
    """On a phone, too, with words that have no place to break."""
    long = "x" * 300
    mail = raw_mail(
        f"投诉 {long}", f"我要投诉 {long}\nhttp://example.com/{long}", f"{long[:60]} <{long[:60]}@{'a' * 60}.example>"
    )
    mail.add_attachment(b"x", maintype="image", subtype="png", filename=f"{long}.png")
    number = desk.office.arrive(mail)
    desk.office.ticket("order", "legal")
    page = desk.page(width, language)
    desk.sign_in(page)
    for path in ("", "tickets", f"tickets/{number}", "nothing"):
        page.goto(f"{desk.url}/desk/{path}")
        assert page.locator("html").get_attribute("lang") == language
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_another_site_cannot_sign_anybody_out(desk: Desk) -> None:
    """WH13: a form on a foreign page reaches us without the cookie, and is refused."""
    page = desk.page()
    desk.sign_in(page)
    page.goto("about:blank")
    page.set_content(f"<form method=post action='{desk.url}/desk/logout'><button>x</button></form>")
    with page.expect_response("**/desk/logout") as answer:
        page.get_by_role("button").click()
    assert answer.value.status == 403
    page.goto(f"{desk.url}/desk/")
    assert page.url == f"{desk.url}/desk/"
