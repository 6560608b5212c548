"""What a letter may mention, put together from the ticket: in the reader's words, language and timezone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ingestd.model import Ticket
from ingestd.notices.case import Case, Policy
from responders import wording
from responders.letter import Facts, Row

LONGEST_ECHO = 60
"""Characters of the customer's own subject in an ack: enough to know it again, too few to carry an advertisement."""


def of_ack(case: Case, policy: Policy, *, echo: bool) -> Facts:
    """Return the facts of an acknowledgement. Without ``echo`` no byte that a stranger typed is in them (P12)."""
    ticket, language = case.ticket, case.ticket.language
    told = _told_by_customer(ticket, language) if echo else {}
    orders = ticket.order_nos[:3] if echo else ()
    when = ticket.occurred_at if echo else None
    code = ticket.error_code if echo else None
    return Facts(
        team=team(policy, language),
        category=matter(ticket, language),
        department=department_name(policy, ticket.department, language),
        summary=wording.summary(_class(ticket, language), orders, when, code, language),
        customer_words=(case.record.subject_base[:LONGEST_ECHO] or None) if echo else None,
        received_at=_print(case.received_at, case.now, policy, language),
        priority_word=priority_word(policy, ticket, language),
        response_due=_print_or_none(ticket.response_due, case.now, policy, language),
        prelim_due=_print_or_none(ticket.prelim_due, case.now, policy, language),
        hotline=policy.letters.hotline,
        empathy_line=wording.empathy_line(ticket.emotion, language),
        supervisor=supervisor_words(language) if is_told(ticket, policy) else None,
        time_zone=wording.zone_name(ZoneInfo(policy.timezone), case.now, language),
        **told,
    )


def is_told(ticket: Ticket, policy: Policy) -> frozenset[str]:
    """Return for which reasons a supervisor is told of the ticket at once; none where there is nobody to tell."""
    department = policy.departments.get(ticket.department)
    if department is None or department.supervisor is None:
        return frozenset()
    return frozenset({ticket.priority, ticket.category_l1} & set(policy.windows.supervisor_at_once))


def supervisor_words(language: str) -> str:
    """Return how a letter names the supervisor: by office, never by name."""
    return "客服主管" if wording.is_chinese(language) else "the customer service supervisor"


def matter(ticket: Ticket, language: str) -> str:
    """Return what the matter is called: the finer class where the reader's language has a word for it."""
    return wording.category_name(_class(ticket, language), language)


def _class(ticket: Ticket, language: str) -> str:
    """Level-2 classes are Chinese words of the rules; in other languages the first level must do."""
    return ticket.category_l2 if ticket.category_l2 and wording.is_chinese(language) else ticket.category_l1


def _told_by_customer(ticket: Ticket, language: str) -> dict[str, str | None]:
    return {
        "customer": ticket.customer_name,
        "honorific": ticket.honorific,
        "occurred_at": ticket.occurred_at,
        "phone_masked": wording.mask_phone(ticket.phones[0]) if ticket.phones else None,
        "order_no": ticket.order_nos[0] if ticket.order_nos else None,
    }


def of_escalation(case: Case, policy: Policy, *, reason: str) -> Facts:
    """Return the facts of the word to a supervisor: the columns of the intake form, in the house's language."""
    language = policy.languages[0]
    return Facts(
        team=team(policy, language),
        department=department_name(policy, case.ticket.department, language),
        reason=reason,
        received_at=_print(case.received_at, case.now, policy, language),
        priority_word=priority_word(policy, case.ticket, language),
        rows=_rows(case.ticket, policy, language),
    )


def of_answer(ticket: Ticket, policy: Policy, person: str, text: str, now: datetime) -> Facts:
    """Return the facts of a person's letter: a reply, or the result with its question and the end of waiting."""
    language = ticket.language
    return Facts(
        team=team(policy, language),
        agent=None if person == "admin" else person,
        category=matter(ticket, language),
        department=department_name(policy, ticket.department, language),
        customer=ticket.customer_name,
        honorific=ticket.honorific,
        reply_text=text,
        result=text,
        response_due=_print(now + policy.windows.confirm_silence, now, policy, language),
        hotline=policy.letters.hotline,
    )


def late(facts: Facts, notice_times: tuple[datetime, datetime], now: datetime, policy: Policy, language: str) -> Facts:
    """Add what a late letter says: when it was promised, when the mail came, when this leaves (P13)."""
    promised, received = notice_times
    times = {
        "late_promised": _print(promised, now, policy, language),
        "late_received": _print(received, now, policy, language),
        "late_sent": _print(now, now, policy, language),
    }
    return facts.model_copy(update=times)


def team(policy: Policy, language: str) -> str:
    """Return who signs a letter."""
    return policy.letters.team if wording.is_chinese(language) else policy.letters.team_en


def department_name(policy: Policy, department: str, language: str) -> str:
    """Return the department's name in the reader's language; its id where it has none."""
    known = policy.departments.get(department)
    if known is None:
        return department
    return known.name if wording.is_chinese(language) else known.name_en


def priority_word(policy: Policy, ticket: Ticket, language: str) -> str:
    """Return the word of the priority: the profile's own in Chinese."""
    if not wording.is_chinese(language):
        return wording.priority_word(ticket.priority, language)
    word: str = getattr(policy.windows.priority_words, ticket.priority)
    return word


def _rows(ticket: Ticket, policy: Policy, language: str) -> tuple[Row, ...]:
    classes = (wording.category_name(ticket.category_l1, language), ticket.category_l2)
    category = "/".join(dict.fromkeys(name for name in classes if name))
    chinese = wording.is_chinese(language)
    cells = (
        ("客户姓名", "Customer", ticket.customer_name),
        ("联系方式", "Contact", ticket.contact),
        ("客户编号", "Customer no.", ticket.customer_no),
        ("问题发生时间", "Happened", ticket.occurred_at),
        ("问题描述", "Description", ticket.description[:500]),
        ("问题类型", "Class", category),
        ("优先级", "Priority", priority_word(policy, ticket, language)),
        ("客户情绪", "Emotion", ticket.emotion),
        ("附件信息", "Attachments", ticket.attachments),
        ("受理人", "Accepted by", ticket.accepted_by),
        ("转派部门", "Department", department_name(policy, ticket.department, language)),
    )
    return tuple(Row(label=zh if chinese else en, value=value) for zh, en, value in cells if value)


def _print(when: datetime, now: datetime, policy: Policy, language: str) -> str:
    return wording.print_time(when, now, ZoneInfo(policy.timezone), language)


def _print_or_none(when: datetime | None, now: datetime, policy: Policy, language: str) -> str | None:
    return _print(when, now, policy, language) if when else None
