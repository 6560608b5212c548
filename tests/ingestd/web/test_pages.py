"""The desk's pages: what they tell, in both languages, and that nothing a stranger wrote is markup there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from doubles.mailroom import NOON, WAIT
from doubles.office import ADMIN, Office, raw_mail
from starlette.testclient import TestClient

from ingestd import clock
from ingestd.desk import Person
from ingestd.service_settings import ServiceSettings
from ingestd.store import outbox
from ingestd.store.blobs import DatabaseBlobs, digest
from ingestd.store.outbox import Written

ATTACK = "<img src=x onerror=alert(1)>"


@pytest.fixture
def admin(office: Office) -> TestClient:
    """An administrator who is signed in."""
    return office.reader("刘洋")


def text_of(page: str) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_board_shows_what_waits_with_its_priority_and_its_deadline(office: Office, admin: TestClient) -> None:
    """The fullest queue first; each line says who, what, why and until when."""
    number = office.ticket("order", "legal", mail=raw_mail("订单没到", "请帮我看一下我的订单", "王芳 <w@x.cn>"))
    page = text_of(admin.get("/desk/").text)
    for word in ("订单组 Orders", "1 待处理", number, "订单没到", "w@x.cn", "转入", "还剩"):
        assert word in page


def test_what_is_overdue_and_what_is_leased_is_told(office: Office, admin: TestClient) -> None:
    """Both are seen at a glance."""
    office.arrive(raw_mail("发票抬头需要修改", "请帮我改一下发票抬头"), clock.now() - timedelta(days=3))
    office.desk.pull(ADMIN, "invoice")
    page = admin.get("/desk/", params={"queue": "invoice"}).text
    assert 'class="over"' in page
    assert "1 处理中" in text_of(page)


def test_a_department_sees_its_own_queue_only(office: Office) -> None:
    """P30: no other department's queue is on its board, nor opened by its name."""
    client = office.reader("李四", "order")
    assert "Legal" not in client.get("/desk/").text
    assert client.get("/desk/", params={"queue": "legal"}).status_code == 404


def test_a_ticket_tells_what_was_read_decided_and_written(office: Office, admin: TestClient) -> None:
    """Fields with their source, the words that spoke marked in the text, the decision in words, the history."""
    number = office.arrive(
        raw_mail("投诉：订单没到", "我要投诉！订单号 20261101123456 一直没到，电话 139 0000 0001。", "王芳 <w@x.cn>")
    )
    office.desk.note(Person("张三"), number, "已联系物流")
    page = admin.get(f"/desk/tickets/{number}").text
    assert "<mark>投诉</mark>！" in page
    for word in (
        "判定依据",
        "complaint.service",
        "20261101123456",
        "139 0000 0001 正文",
        "已安排发送",
        "张三",
        "已联系物流",
    ):
        assert word in text_of(page)


def test_quoted_text_is_behind_a_fold_and_the_whole_is_one_click_away(office: Office, admin: TestClient) -> None:
    """The customer's own new words come first (HX17)."""
    own, quoted = "请问到哪里了？", "在 2026年11月18日 写道：\n> 您好，您的订单已发出\n> 祝好"
    number = office.arrive(raw_mail("回复: 订单", f"{own}\n\n{quoted}"))
    page = re.sub("</?mark>", "", admin.get(f"/desk/tickets/{number}").text)
    assert page.index(own) < page.index("<details>") < page.index("您的订单已发出")


def test_a_letter_is_shown_with_its_text_its_state_and_why_it_was_withheld(office: Office, admin: TestClient) -> None:
    """P38: what was not sent says why, in words."""
    sent = office.arrive(raw_mail("订单没到", "请帮我看一下我的订单", "a@x.cn"))
    old = office.arrive(raw_mail("发票", "请帮我开发票", "b@x.cn", Date="Mon, 02 Nov 2026 08:00:00 +0800"), clock.now())
    letter = office.desk.show(ADMIN, sent).letters[0]
    written = Written(letter.mail_id, digest(b""), b"", "我们已收到", f"您好 {ATTACK}", False)
    now = clock.now()
    office.store.write(lambda tx: outbox.claim(tx, office.room.holder, 9, now)).result(WAIT)
    office.store.write(lambda tx: outbox.freeze(tx, DatabaseBlobs(), office.room.holder, [written], now)).result(WAIT)
    page = admin.get(f"/desk/tickets/{sent}").text
    assert "我们已收到" in page
    assert "您好 &lt;img src=x" in page
    assert "邮件早于 letters.max_age" in admin.get(f"/desk/tickets/{old}").text


HOSTILE = [
    raw_mail(
        f"主题 {ATTACK}", f"正文 {ATTACK} </div></article><script>alert(1)</script>", f'"{ATTACK}" <x@evil.example>'
    ),
    raw_mail("{{ 7*7 }} {% raw %}", "{{ config }}", '"boss@corp.example" <x@evil.example>'),
    raw_mail("a\u202eb", "\u202ertl \x07 bell", "客户\u202e <x@xn--fiqs8s.example>"),
]


@pytest.mark.parametrize("mail", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_a_stranger_wrote_is_markup(office: Office, admin: TestClient, mail: object) -> None:
    """HX, CS: no element, attribute or template of theirs comes alive on any page."""
    letter = HOSTILE[HOSTILE.index(mail)]  # type: ignore[arg-type]  # the parameter is one of them
    letter.add_attachment(b"x", maintype="text", subtype="html", filename=f"{ATTACK}.html")
    number = office.arrive(letter)
    for path in (f"/desk/tickets/{number}", "/desk/tickets", "/desk/", "/desk/?queue=triage"):
        page = admin.get(path).text
        assert not re.search(r"<(img|script|iframe|object|base|meta http)", page)
        assert not re.search(r"<[a-z][^>]*\son\w+=", page)
        assert "\u202e" not in page
        assert "49" not in text_of(page).split()


def test_lures_are_flagged(office: Office, admin: TestClient) -> None:
    """CS10, CS12, CS13, AT3: a name that is an address, direction marks, a foreign domain, a disguised ending."""
    mail = raw_mail("a\u202eb", "请看附件", '"boss@corp.example" <x@xn--fiqs8s.example>')
    mail.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="invoice\u202egnp.exe")
    page = text_of(admin.get(f"/desk/tickets/{office.arrive(mail)}").text)
    for word in ("显示名像另一个地址", "含方向控制符", "国际化域名", "类型 exe"):
        assert word in page


def test_the_list_is_filtered_and_goes_on(office: Office, admin: TestClient) -> None:
    """Fifty a page, and the filter is kept on the way to the next."""
    for n in range(51):
        office.ticket("order", mail=raw_mail(f"订单 {n}", f"请帮我看一下我的订单 {n}", f"c{n}@x.cn"))
    page = admin.get("/desk/tickets", params={"department": "order"}).text
    assert page.count("<tr>") == 51
    following = re.search(r'href="(/desk/tickets\?department=order[^"]*after=[^"]+)"', page)
    assert following
    assert admin.get(following[1].replace("&amp;", "&")).text.count("<tr>") == 2
    assert "没有符合条件的工单" in admin.get("/desk/tickets", params={"email": "nobody@x.cn"}).text


@pytest.mark.parametrize("path", ["/desk/login", "/desk/", "/desk/tickets", "/desk/tickets/{number}", "/desk/nothing"])
def test_each_page_speaks_both_languages(office: Office, admin: TestClient, path: str) -> None:
    """By the browser's wish, by ``?lang=``, and that choice stays."""
    place = path.format(number=office.ticket("order"))
    assert '<html lang="zh-CN">' in admin.get(place).text
    assert '<html lang="en">' in admin.get(place, headers={"accept-language": "en-US,en"}).text
    assert '<html lang="en">' in admin.get(place, params={"lang": "en"}).text
    assert '<html lang="en">' in admin.get(place).text


def test_times_are_the_houses_own(office: Office) -> None:
    """In the configured timezone; another year is told."""
    number = office.arrive(raw_mail("订单没到", "请帮我看一下我的订单"), NOON.replace(year=2025))
    client = office.client(service=ServiceSettings(timezone="America/New_York"))
    client.post("/desk/login", data={"token": office.token("刘洋")}, headers={"sec-fetch-site": "same-origin"})
    assert "2025-11-19 23:00" in client.get(f"/desk/tickets/{number}").text


def test_an_unknown_ticket_is_a_page_with_a_way_back(admin: TestClient) -> None:
    """404 for people is no JSON."""
    answer = admin.get("/desk/tickets/T20990101001")
    assert (answer.status_code, "回到工作台" in answer.text) == (404, True)


def test_pages_need_no_script_and_load_nothing_from_elsewhere(office: Office, admin: TestClient) -> None:
    """Everything a page loads is ours, under the same origin."""
    number = office.ticket("order")
    for path in ("/desk/login", "/desk/", "/desk/tickets", f"/desk/tickets/{number}", "/api/docs"):
        page = admin.get(path).text
        assert "<script" not in page
        assert re.findall(r'(?:src|href|action)="((?:https?:)?//[^"]*)"', page) == []
        assert "url(" not in admin.get("/desk/static/desk.css").text
