"""Delivery reports tell whom a letter did not reach, why, and which letter it was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.bounce import read
from parsers.headers import Headers
from parsers.mime import PartFacts
from parsers.record import Bounce

ROOT = PartFacts("multipart/report", (("report-type", "delivery-status"),))
NOTICE = PartFacts("text/plain")
ORIGINAL = PartFacts(
    "message/rfc822", payload=b"Subject: ack\r\nMessage-ID:\r\n <ours@example.com>\r\n\r\nMessage-ID: <no@x>"
)


def headers(**fields: str) -> Headers:
    """Header fields by name, underscores for dashes."""
    return Headers(tuple((name.replace("_", "-").lower(), value.encode()) for name, value in fields.items()))


def status_part(*groups: str) -> PartFacts:
    """A message/delivery-status part: the fields of the message, then of each recipient."""
    whole = "\r\n\r\n".join(("Reporting-MTA: dns; mx.example", *groups)) + "\r\n"
    return PartFacts("message/delivery-status", payload=whole.encode())


FAILED = (
    "Final-Recipient: rfc822; w@x.cn\r\nAction: failed\r\nStatus: 5.1.1 (bad mailbox)\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n in virtual mailbox table"
)
DELAYED = "Final-Recipient: RFC822;slow@x.cn\r\nAction: Delayed (will retry)\r\nStatus: 4.4.1"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (
            (FAILED,),
            Bounce(
                recipients=("w@x.cn",), status="5.1.1", action="failed",
                diagnostic="550 5.1.1 User unknown in virtual mailbox table", original_message_id="ours@example.com",
            ),
        ),
        (
            (DELAYED,),
            Bounce(recipients=("slow@x.cn",), status="4.4.1", action="delayed", original_message_id="ours@example.com"),
        ),
        (
            ("Final-Recipient: x400; /C=cn/\r\nAction: failed\r\nStatus: 5.0.0",),
            Bounce(status="5.0.0", action="failed", original_message_id="ours@example.com"),
        ),
        (
            ("Original-Recipient: rfc822;as-written@x.cn\r\nFinal-Recipient: rfc822;inner@y.cn\r\nAction: failed",),
            Bounce(recipients=("as-written@x.cn",), action="failed", original_message_id="ours@example.com"),
        ),
        (
            ("Final-Recipient: rfc822;<w@x.cn>\r\nAction: exploded\r\nStatus: bad",),
            Bounce(recipients=("w@x.cn",), original_message_id="ours@example.com"),
        ),
    ],
)  # fmt: skip
def test_per_recipient_fields_of_rfc_3464(groups: tuple[str, ...], expected: Bounce) -> None:
    """Recipient (rfc822 only), action, status and diagnostic are read as they stand; unknown stays unknown."""
    assert read(headers(), (ROOT, NOTICE, status_part(*groups), ORIGINAL), "failure", "") == expected


def test_the_worst_action_names_the_report() -> None:
    """A copy that was delayed does not punish, or hide, the one that failed."""
    found = read(headers(), (ROOT, status_part(DELAYED, FAILED)), "", "")
    assert found is not None
    assert (found.action, found.recipients, found.status) == ("failed", ("w@x.cn",), "5.1.1")


@pytest.mark.parametrize(
    "part",
    [
        ORIGINAL,
        PartFacts("text/rfc822-headers", payload=b"message-id: <ours@example.com>\nTo: w@x.cn\n"),
    ],
)
def test_the_original_is_named_by_its_copy(part: PartFacts) -> None:
    """The Message-ID comes from the returned mail's own header block, never from its body."""
    found = read(headers(in_reply_to="<other@x>"), (ROOT, status_part(FAILED), part), "", "")
    assert found is not None
    assert found.original_message_id == "ours@example.com"


def test_servers_without_a_copy_answer_to_the_original() -> None:
    """Exchange and Gmail set In-Reply-To on their reports."""
    found = read(headers(in_reply_to="<ours@example.com>"), (ROOT, status_part(FAILED)), "", "")
    assert found is not None
    assert found.original_message_id == "ours@example.com"


@pytest.mark.parametrize(
    ("sender", "subject", "text", "recipients", "status"),
    [
        (
            "PostMaster@qq.com", "来自qq.com的退信",
            "您的邮件被退回。\n收件人（w@x.cn）不存在。\n退信原因：host x.cn[1.2.3.4] said: 550 5.1.1 no such user",
            ("w@x.cn",), "5.1.1",
        ),
        ("Postmaster@163.com", "系统退信",
         "您的邮件被退回来了……\n收件人邮件地址：w@x.cn\n退信原因：550 User not found", ("w@x.cn",), "5.0.0"),
        ("MicrosoftExchange@x.cn", "Undeliverable: 工单",
         "向以下收件人或组传递邮件失败:\nw@x.cn\n找不到您输入的电子邮件地址。", ("w@x.cn",), None),
        ("MAILER-DAEMON@mx.example", "failure notice",
         "Sorry, delivery to w@x.cn failed: 452 4.2.2 over quota", ("w@x.cn",), "4.2.2"),
        ("postmaster@x.cn", "退信：工单", "无法投递到 w@x.cn", ("w@x.cn",), None),
    ],
)  # fmt: skip
def test_notices_in_words(
    sender: str, subject: str, text: str, recipients: tuple[str, ...], status: str | None
) -> None:
    """QQ, 163, Exchange and old servers say in words what RFC 3464 says in fields."""
    found = read(headers(From=sender), (NOTICE,), subject, text)
    assert found is not None
    assert (found.recipients, found.status) == (recipients, status)
    assert found.action == ("delayed" if (status or "").startswith("4") else "failed")


def test_exim_names_the_failed_in_a_header() -> None:
    """X-Failed-Recipients lists the addresses; the text gives the status."""
    found = read(headers(X_Failed_Recipients="a@x.cn, b@x.cn"), (NOTICE,), "x", "550 5.7.1 blocked")
    assert found is not None
    assert (found.recipients, found.status) == (("a@x.cn", "b@x.cn"), "5.7.1")


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("w@x.cn", "订单没到"),
        ("w@x.cn", "我的邮件被退信了"),
        ("w@x.cn", "未送达：订单"),
        ("postmaster@x.cn", "订单没到"),
        ("", ""),
    ],
)
def test_a_person_who_writes_about_bounces_is_none(sender: str, subject: str) -> None:
    """No report part, no daemon, no server's own subject: no bounce."""
    assert read(headers(From=sender), (NOTICE,), subject, "我给 w@x.cn 发的邮件被退了 550 5.1.1") is None


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.text(max_size=200))
def test_nothing_raises(payload: bytes, text: str) -> None:
    """Any bytes in a report and any text are read, well or not at all."""
    parts = (
        ROOT,
        PartFacts("message/delivery-status", payload=b"Action: failed\n" + payload),
        PartFacts("message/rfc822", payload=payload),
    )
    assert isinstance(read(headers(), parts, text, text), Bounce)


def test_a_long_notice_is_read_in_linear_time() -> None:
    """Repeated half-matches do not cost more than one pass."""
    assert (
        read(headers(X_Failed_Recipients="x" * 100_000), (NOTICE,), "", "recipient " * 50_000 + "a" * 100_000)
        is not None
    )
