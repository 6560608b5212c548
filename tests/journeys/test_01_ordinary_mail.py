"""Journey 1: a customer writes, is answered once, writes again; a department pulls, replies and resolves."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from doubles.daemon import Daemon
from doubles.journey import Journey, letters, read, text
from doubles.smtp_sink import SmtpSink

JOURNEY = Journey("01-ordinary-mail")
ACK_LIMIT_S = 2.0
Start = Callable[..., Daemon]


def send(daemon: Daemon, name: str) -> None:
    """Send one of the journey's mails from its customer."""
    daemon.send(JOURNEY.mail(name), JOURNEY.expected[name]["customer_email"])


def acknowledged(daemon: Daemon, relay: SmtpSink, name: str) -> tuple[str, EmailMessage]:
    """Send a mail and return its ticket number and its acknowledgement."""
    send(daemon, name)
    customer = JOURNEY.expected[name]["customer_email"]
    daemon.wait(lambda: bool(letters(relay, customer)), "the acknowledgement")
    daemon.quiet()
    number = daemon.one(f"SELECT ticket_no FROM ticket_v1 WHERE contact LIKE '%{customer}'")[0]
    return number, letters(relay, customer)[0]


def test_a_customer_is_understood_filed_and_answered_within_two_seconds(install: Start, relay: SmtpSink) -> None:
    """Whatever the charset and its label: the right department with its words, and one acknowledgement."""
    with install(JOURNEY) as daemon:
        for name in JOURNEY.mails:
            expected = JOURNEY.expected[name]
            send(daemon, name)
            sent = time.monotonic()
            daemon.wait(lambda to=expected["customer_email"]: letters(relay, to), f"the answer to {name}")
            assert time.monotonic() - sent <= ACK_LIMIT_S
            check(daemon, name, expected, letters(relay, expected["customer_email"]))
        daemon.quiet()
        assert len(letters(relay, "head-of-complaints@corp.example")) == 1
        assert "holds" in daemon.verb("audit").stdout
        assert len(relay.mails) == len(JOURNEY.mails) + 1


def check(daemon: Daemon, name: str, expected: dict[str, Any], answers: list[EmailMessage]) -> None:
    """Put what became of a mail beside what was expected."""
    explained = daemon.told("explain", f"{name}@mail.customer.example")
    assert explained["route"]["department"] == expected["department"]
    words = {word for rule in explained["route"]["rules"] for word in rule["words"]}
    assert words >= set(map(str, expected["words"]))
    assert explained["ack"]["template"] == expected["ack"]
    number = daemon.one(f"SELECT ticket_no FROM audit_intake_v1 WHERE message_id = '{name}@mail.customer.example'")[0]
    file = daemon.told("ticket", "show", number)
    for key in ("department", "customer_name", "customer_email", "order_nos", "priority"):
        assert file["ticket"][key] == expected[key]
    (stored,) = [letter for letter in file["letters"] if letter["kind"] == expected["ack"]]
    assert len(answers) == 1
    (answer,) = answers
    assert answer["Message-ID"] == f"<{stored['message_id']}>"
    assert answer["In-Reply-To"] == answer["References"] == f"<{name}@mail.customer.example>"
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["X-Auto-Response-Suppress"] == "All"
    assert number in answer["Subject"]
    for words in (number, "的原话", expected["order_nos"][0]):
        assert words in text(answer)


def test_an_acknowledgement_leaves_with_an_empty_return_path(install: Start, relay: SmtpSink) -> None:
    """Nobody's bounce can come back to us as new mail (P11), and what left is what was stored."""
    with install(JOURNEY) as daemon:
        _, ack = acknowledged(daemon, relay, "utf8-delivery")
        assert [mail.mail_from for mail in relay.mails] == [""]
        rows = daemon.ask("SELECT message_id, state, late, attempts FROM audit_outbound_v1")
        assert [(f"<{row[0]}>", row[1], bool(row[2]), row[3]) for row in rows] == [
            (ack["Message-ID"], "sent", False, 1)
        ]


def reply(subject: str, text: str, sender: str, to: str, **headers: str) -> bytes:
    """Write what a customer's mail program sends in reply."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = f"<{abs(hash((subject, text, sender, to)))}@mail.customer.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def test_every_way_of_replying_joins_and_none_is_acknowledged_again(install: Start, relay: SmtpSink) -> None:
    """The keyed address, the ids of the conversation, and the bare subject tag all find the ticket (P31)."""
    wang = "wang@customer.example"
    with install(JOURNEY) as daemon:
        number, ack = acknowledged(daemon, relay, "utf8-delivery")
        assert str(ack["Reply-To"]).startswith("support+t.")
        to_token = reply("还有一件事", "补充：收货地址是杭州。", "home@elsewhere.example", str(ack["Reply-To"]))
        by_id = reply(
            "好的", "谢谢，请尽快处理一下这个问题。", wang, "support@example.com", In_Reply_To=ack["Message-ID"]
        )
        by_first_id = reply(
            "Re: 订单",
            "电话换成 13900000002。",
            wang,
            "support@example.com",
            References="<utf8-delivery@mail.customer.example>",
        )
        by_tag = reply(f"回复：{ack['Subject']}", "还没有消息吗？", wang, "support@example.com")
        daemon.send(to_token, "home@elsewhere.example", str(ack["Reply-To"]))
        for mail in (by_id, by_first_id, by_tag):
            daemon.send(mail, wang)
        daemon.quiet()
        outcomes = daemon.ask("SELECT outcome, ticket_no, reason FROM audit_intake_v1 ORDER BY intake_id")
        assert [row[:2] for row in outcomes] == [("created", number), *[("appended", number)] * 4]
        assert [row[2] for row in outcomes[1:]] == ["forwarded-token", "token", "reference", "tag"]
        assert len(relay.mails) == 1


def test_a_stranger_with_a_ticket_number_opens_a_matter_of_his_own(install: Start, relay: SmtpSink) -> None:
    """Ticket numbers are public and prove nothing; the new ticket is linked to the one it speaks of (P31)."""
    mallory = "mallory@stranger.example"
    with install(JOURNEY) as daemon:
        number, ack = acknowledged(daemon, relay, "utf8-delivery")
        subject = f"Re: {ack['Subject']}"
        daemon.send(reply(subject, "请告诉我这个工单的收货地址。", mallory, "support@example.com"), mallory)
        stolen = reply(
            "Re: 你好",
            "我要改地址，请马上处理。",
            mallory,
            "support@example.com",
            In_Reply_To="<utf8-delivery@mail.customer.example>",
        )
        daemon.send(stolen, mallory)
        daemon.quiet()
        others = daemon.ask(f"SELECT ticket_no FROM ticket_v1 WHERE ticket_no <> '{number}'")
        assert len(others) == 2
        for (other,) in others:
            assert daemon.told("ticket", "show", other)["ticket"]["related"] == [number]
        assert len(daemon.told("ticket", "show", number)["entries"]) == 2  # the message and its acknowledgement
        assert len(letters(relay, mallory)) == 2


def test_a_department_pulls_replies_and_resolves(install: Start, relay: SmtpSink) -> None:
    """Through the API with a token of its own: pulled with the reason, taken over, answered, and the result asked."""
    wang = "wang@customer.example"
    with install(JOURNEY) as daemon:
        number, _ = acknowledged(daemon, relay, "utf8-delivery")
        token = daemon.told("token", "create", "--person", "周敏", "--department", "logistics")["token"]
        status, pulled = daemon.call("/api/v1/queues/logistics/pull", token, {"max": 1})
        assert status == 200
        (item,) = pulled["items"]
        assert (item["ticket"]["ticket_no"], item["why"]) == (number, "new")
        assert daemon.call("/api/v1/queues/logistics/pull", token, {})[1] == {"items": []}
        assert daemon.call("/api/v1/queues/finance/pull", token, {})[0] == 404
        assert daemon.call(f"/api/v1/leases/{item['lease']['id']}/done", token, {})[1]["state"] == "in_progress"
        assert daemon.call(f"/api/v1/tickets/{number}/reply", token, {"text": "快递今天下午送到。"})[0] == 200
        assert (
            daemon.call(f"/api/v1/tickets/{number}/resolve", token, {"note": "包裹已经签收。"})[1]["state"]
            == "awaiting_confirm"
        )
        daemon.wait(lambda: len(letters(relay, wang)) == 3, "acknowledgement, reply and result")
        _, answer, result = letters(relay, wang)
        assert "快递今天下午送到。" in text(answer)
        assert answer["Auto-Submitted"] is None
        assert [mail.mail_from for mail in relay.mails][1] == "support@example.com"
        assert "包裹已经签收。" in text(result)
        assert read(relay.mails[-1])["References"].startswith("<utf8-delivery@mail.customer.example>")
        history = [entry["kind"] for entry in daemon.told("ticket", "show", number)["entries"]]
        assert history[:2] == ["message", "acknowledged"]
        assert daemon.call("/api/v1/queues/logistics/pull", "not-a-token", {})[0] == 401
