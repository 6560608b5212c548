"""Mail by machines is told from mail by people, with every sign; people who write about machines stay people."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parsers
from parsers import auto_submitted
from parsers.arrival import Envelope
from parsers.automatic import LOOP_HEADER, classify, loop_mark
from parsers.headers import Headers
from parsers.mime import PartFacts
from parsers.record import Automatic

HUMAN = ("From", "王芳 <w@x.cn>")
TEXT = (PartFacts("text/plain"),)


def judge(
    *fields: tuple[str, str],
    subject: str = "订单没到",
    text: str = "我的订单还没到。",
    envelope: Envelope | None = None,
    parts: tuple[PartFacts, ...] = TEXT,
) -> Automatic:
    """Classify a mail with the given header fields, by a person unless they say otherwise."""
    senders = () if any(name == "From" for name, _ in fields) else (HUMAN,)
    headers = Headers(tuple((name.lower(), value.encode()) for name, value in (*senders, *fields)))
    own = ("support@example.com",)
    return classify(headers, subject, text, envelope or Envelope(mail_from="w@x.cn"), own, parts)


def report(report_type: str, part: str) -> tuple[PartFacts, ...]:
    """A multipart/report with its machine-readable part."""
    return (PartFacts("multipart/report", (("report-type", report_type),)), PartFacts("text/plain"), PartFacts(part))


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (("Auto-Submitted", "auto-replied"), "auto_reply"),
        (("Auto-Submitted", "Auto-Replied (vacation); owner-email=\"w@x.cn\""), "auto_reply"),
        (("Auto-Submitted", "(a (nested) comment) auto-replied"), "auto_reply"),
        (("Auto-Submitted", "AUTO-GENERATED"), "auto_generated"),
        (("Auto-Submitted", "auto-notified; owner-email=a@b"), "auto_generated"),
        (("Auto-Submitted", "auto-whatever"), "auto_generated"),
        (("Auto-Submitted", "no"), None),
        (("Auto-Submitted", " No (a person)"), None),
        (("Auto-Submitted", ""), None),
        (("Auto-Submitted", ";;;"), None),
        (("Precedence", "bulk"), "auto_generated"),
        (("Precedence", "Junk"), "auto_generated"),
        (("Precedence", "auto_reply"), "auto_reply"),
        (("X-Precedence", "auto-reply"), "auto_reply"),
        (("Precedence", "list"), "list"),
        (("Precedence", "normal"), None),
        (("Precedence", "first-class"), None),
        (("List-Id", "<users.example.org>"), "list"),
        (("List-Unsubscribe", "<mailto:u@example.org>"), "list"),
        (("X-Autoreply", "yes"), "auto_reply"),
        (("X-Autorespond", "1"), "auto_reply"),
        (("X-Autoresponder", "x"), "auto_reply"),
        (("X-Autoreply", "no"), None),
        (("X-FC-MachineGenerated", "true"), "auto_reply"),
        (("X-Loop", "support@other.example"), "auto_generated"),
        (("X-Failed-Recipients", "a@b.cn"), "bounce"),
        ((LOOP_HEADER, "abc"), None),
        (("From", "Support <Support@Example.com>"), None),
        (("From", "Mail Delivery <MAILER-DAEMON@mx.example>"), "bounce"),
        (("From", "noreply@shop.example"), "auto_generated"),
        (("From", "no-reply+x1@shop.example"), "auto_generated"),
        (("From", "postmaster@x.example"), "auto_generated"),
        (("From", "noreply <w@x.cn>"), None),
        (("X-Auto-Response-Suppress", "All"), None),
        (("X-Auto-Response-Suppress", "OOF, AutoReply"), None),
        (("X-MS-Exchange-Inbox-Rules-Loop", "w@x.cn"), None),
    ],
)  # fmt: skip
def test_headers_decide_by_their_grammar(field: tuple[str, str], kind: str | None) -> None:
    """One header is read by its own rules (RFC 3834, RFC 5436, habit), not by its presence."""
    assert judge(field).kind == kind


def test_the_suppress_header_is_evidence_but_no_proof() -> None:
    """Outlook stamps it on people's mail: it is told, and decides only beside Exchange's loop guard."""
    alone = judge(("X-Auto-Response-Suppress", "All"))
    assert alone == Automatic(kind=None, evidence=("X-Auto-Response-Suppress: All",))
    both = judge(("X-Auto-Response-Suppress", "All"), ("X-MS-Exchange-Inbox-Rules-Loop", "w@x.cn"))
    assert both.kind == "auto_reply"


@pytest.mark.parametrize(
    "subject",
    [
        "自动回复: 订单没到", "自动回复：订单没到", "自动答复:  回复:  回复: 订单", "自動回覆: 訂單",
        "自動答覆：訂單", "自动应答: x", "休假: 订单", "不在办公室: 订单", "外出: 订单", "自动回复", "产假中",
        "[自动回复]: 订单", "[EXTERNAL] 自动回复: 订单", "Automatic reply: order", "Automatic reply",
        "AUTOMATIC REPLY: order", "Auto-Reply: order", "Auto Reply: order", "Out of Office: order",
        "Out of Office AutoReply: order", "OOO: order", "Vacation reply: order",
        "Automatische Antwort: Bestellung", "Abwesenheitsnotiz: Bestellung", "Réponse automatique : commande",
        "Respuesta automática: pedido", "Resposta automática: pedido", "Risposta automatica: ordine",
        "Automatisch antwoord: bestelling", "Autosvar: ordre", "Automatiskt svar: order",
        "Automaattinen vastaus: tilaus", "Odpowiedź automatyczna: zamówienie", "Automatická odpověď: x",
        "Автоматический ответ: заказ", "Otomatik Yanıt: sipariş", "自動応答: 注文", "자동 회신: 주문",
        "Automatikus válasz: x", "Răspuns automat: x", "AUTO: 张三 is out of the office",
    ],
)  # fmt: skip
def test_subjects_of_automatic_replies_in_many_languages(subject: str) -> None:
    """With every header stripped, the subject alone still shows a vacation reply (P11)."""
    found = judge(subject=subject, text="")
    assert found.kind == "auto_reply"
    assert found.evidence[0].startswith("subject: ")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("自动回复怎么关闭", "请问QQ邮箱的自动回复怎么关掉？"),
        ("自动回复", "请问自动回复在哪里设置？"),
        ("答复: 自动答复: 订单没到", "收到你们的自动答复了，但问题没解决。"),
        ("Re: Automatic reply: order", "I got your automatic reply, but no answer."),
        ("转发: 自动回复: 订单", "你们看，这是你们的自动回复。"),
        ("我的邮件被退信了", "给你们发的邮件被退信了，怎么回事？"),
        ("未送达：订单20240501001", "包裹显示未送达。"),
        ("Delivery delayed", "Where is my parcel?"),
        ("无法投递的快递", "快递员说无法投递"),
        ("Delivered: wrong item", "You sent the wrong item."),
        ("外出打工，请周末送货", "谢谢"),
        ("Auto: Reifen", "Hallo"),
        ("订单", "这自动回复太烦了，请找人工。"),
        ("Re: 您的工单", "还是没解决\n\n> 此邮件由系统自动发送，请勿回复"),
        ("转发: 银行通知", "本邮件由系统自动发送，请勿回复。您的账户支出 100 元。"),
        ("邀请：参加展会", "想邀请你们合作"),
    ],
)  # fmt: skip
def test_people_who_write_about_machines_stay_people(subject: str, text: str) -> None:
    """False friends: questions about auto-replies, answers to them, forwards of machine mail, parcels."""
    assert judge(subject=subject, text=text).kind is None


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("Re: 订单", "这是来自QQ邮箱的假期自动回复邮件。您好，我最近正在休假中。", "auto_reply"),
        ("Re: 订单", "这是来自QQ邮箱的自动回复邮件。\n你发过来的邮件怎么都是乱码啊", "auto_reply"),
        ("张三 自动回复: 订单", "您发给我的信件已经收到。", "auto_reply"),
        ("Re: order", "This is an automatic reply, confirming that your e-mail was received.", "auto_reply"),
        ("Re: order", "I am currently out of the office until Monday.", "auto_reply"),
        ("通知", "本邮件由系统自动发送，请勿回复。", "auto_generated"),
        ("Alert", "This is an automated message from the monitor.", "auto_generated"),
    ],
)
def test_the_first_words_of_a_machine(subject: str, text: str, kind: str) -> None:
    """Providers' own sentences show an automatic mail whose headers were lost."""
    assert judge(subject=subject, text=text).kind == kind


@pytest.mark.parametrize(
    ("sender", "subject", "path"),
    [
        ("PostMaster@qq.com", "来自qq.com的退信", ""),
        ("Postmaster@163.com", "系统退信", "postmaster@163.com"),
        ("postmaster@x.edu.cn", "系统退信/The email is returned", ""),
        ("MicrosoftExchange329e@x.cn", "未送达: 您的工单", ""),
        ("postmaster@x.cn", "退信通知", None),
        ("a@x.cn", "Undelivered Mail Returned to Sender", None),
        ("a@x.cn", "Delivery Status Notification (Failure)", None),
        ("postmaster@x.cn", "Undeliverable: 工单", None),
    ],
)
def test_notices_of_chinese_and_other_mail_servers(sender: str, subject: str, path: str | None) -> None:
    """A bounce without a report part is known by its subject and by who sent it."""
    assert judge(("From", sender), subject=subject, envelope=Envelope(mail_from=path)).kind == "bounce"


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        (report("delivery-status", "message/delivery-status"), "bounce"),
        (report("disposition-notification", "message/disposition-notification"), "receipt"),
        (report("feedback-report", "message/feedback-report"), "report"),
        (report("tlsrpt", "application/tlsrpt+gzip"), "report"),
        ((PartFacts("multipart/mixed"), PartFacts("text/calendar", (("method", "REPLY"),))), "calendar"),
        ((PartFacts("multipart/mixed"), PartFacts("text/calendar")), None),
        ((PartFacts("multipart/mixed"), PartFacts("text/plain"), PartFacts("message/delivery-status")), None),
    ],
)
def test_report_parts_decide_only_in_a_report(parts: tuple[PartFacts, ...], kind: str | None) -> None:
    """RFC 3464, 8098, 5965, 8460 and 5546 parts; a person may attach the bounce she got."""
    assert judge(parts=parts).kind == kind


@pytest.mark.parametrize(
    ("fields", "parts", "kind"),
    [
        ((("Auto-Submitted", "auto-replied"),), report("delivery-status", "message/delivery-status"), "bounce"),
        ((("List-Id", "<l.x>"), ("Auto-Submitted", "auto-generated")), TEXT, "auto_generated"),
        (((LOOP_HEADER, "x"), ("Auto-Submitted", "auto-replied"), ("Precedence", "bulk")), TEXT, "auto_reply"),
        ((("Auto-Submitted", "auto-replied"), ("Precedence", "bulk")), TEXT, "auto_reply"),
    ],
)
def test_the_most_telling_kind_names_the_mail(
    fields: tuple[tuple[str, str], ...], parts: tuple[PartFacts, ...], kind: str
) -> None:
    """Order of kinds: bounce, receipt, calendar, report, auto_reply, auto_generated, list; no sign is left out."""
    found = judge(*fields, parts=parts)
    assert found.kind == kind
    assert len(found.evidence) >= len(fields)


def test_anybody_can_write_our_loop_header_and_our_address() -> None:
    """Both are told, and neither makes a customer's mail ours: that takes the key."""
    forged = judge((LOOP_HEADER, "  anything-forged "))
    assert forged == Automatic(evidence=("X-Ingestd-Loop: anything-forged",))
    form = judge(("From", "Shop <support@example.com>"), ("Reply-To", "w@x.cn"))
    assert form == Automatic(evidence=("From: support@example.com is our own address",))
    assert judge((LOOP_HEADER, " ")) == judge()


@pytest.mark.parametrize(
    ("value", "mark"), [(b"  a-mark ", "a-mark"), (b" ", None), (None, None), (b"x" * 100_000, "x" * 200)]
)
def test_the_loop_mark_is_handed_on_as_it_stands(value: bytes | None, mark: str | None) -> None:
    """Whoever holds the key judges it; a long one is cut."""
    fields = (("x-ingestd-loop", value),) if value is not None else ()
    assert loop_mark(Headers(fields)) == mark
    raw = b"From: w@x.cn\r\n" + (b"X-Ingestd-Loop:" + value + b"\r\n" if value else b"") + b"\r\nhello\r\n"
    assert parsers.parse(raw).loop_mark == mark


def test_the_null_return_path_is_a_sign_by_itself() -> None:
    """RFC 5321 §4.5.5: nobody waits for an answer. The header counts only where there was no envelope."""
    assert judge(envelope=Envelope(mail_from="")).evidence == ("null return path",)
    assert judge(("Return-Path", "<>"), envelope=Envelope()).kind == "auto_generated"
    assert judge(("Return-Path", "<>")).kind is None


def test_a_person_has_no_evidence() -> None:
    """Ordinary mail is written by a person and carries no sign."""
    assert judge() == Automatic()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.binary(max_size=60), st.sampled_from(["auto-submitted", "from"]), st.text())
def test_nothing_raises(subject: str, value: bytes, name: str, text: str) -> None:
    """Any header bytes and any text give an answer."""
    assert isinstance(classify(Headers(((name, value),)), subject, text, Envelope(), (), ()), Automatic)


def test_deep_comments_end() -> None:
    """A value of many thousand brackets is read in bounded time and says nothing."""
    assert auto_submitted.keyword("(" * 100_000) is None
