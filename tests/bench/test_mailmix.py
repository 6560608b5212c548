"""The mixed load is what the figures are quoted for: exact in its parts, the same every time, and real mail."""

from __future__ import annotations

import email
import email.policy
import statistics
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.mailmix import MIX, Mail, mailmix
from bench.topics import CHINESE, ENGLISH

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def hundred() -> list[Mail]:
    """One hundred mails."""
    return list(mailmix(100, start=START))


def read(mail: Mail) -> email.message.EmailMessage:
    """Read a mail with the standard library, which knows nothing of how it was written."""
    message = email.message_from_bytes(mail.raw, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    return message


def test_the_mix_is_exact_per_hundred(hundred: list[Mail]) -> None:
    """60 plain, 15 HTML, 10 Chinese of which 5 GB18030, 10 with attachment, 4 automatic, 1 reply; 96 deserve an ack."""
    assert Counter(mail.kind for mail in hundred) == MIX
    assert sum(MIX.values()) == 100
    assert sum(mail.deserves_ack for mail in hundred) == 96


def test_every_hundred_is_mixed_anew() -> None:
    """The second hundred is exact too, and in another order."""
    kinds = [mail.kind for mail in mailmix(200, start=START, attachments=True)]
    assert Counter(kinds[100:]) == MIX
    assert kinds[:100] != kinds[100:]


def test_the_same_arguments_give_the_same_octets(hundred: list[Mail]) -> None:
    """Two runs are compared on the same load; another seed shares no identity with it."""
    assert list(mailmix(100, start=START)) == hundred
    others = {mail.message_id for mail in mailmix(100, seed=2, start=START)}
    assert not others & {mail.message_id for mail in hundred}


def test_no_two_mails_share_an_id_a_sender_or_their_words(hundred: list[Mail]) -> None:
    """Neither a dedup key nor a budget per sender may fold two mails of the load into one."""
    assert len({mail.message_id for mail in hundred}) == 100
    assert len({read(mail)["From"].addresses[0].addr_spec for mail in hundred}) == 100
    texts = [read(mail).get_body(("plain",)).get_content() for mail in hundred if mail.deserves_ack]
    assert len(set(texts)) == len(texts)


def test_the_sizes_are_those_of_the_method() -> None:
    """Mean about 38 KB, median about 1.1 KB; attachments from 50 to 500 KB."""
    mails = list(mailmix(500, start=START))
    sizes = [len(mail.raw) for mail in mails]
    assert 30_000 < statistics.mean(sizes) < 46_000
    assert 950 < statistics.median(sizes) < 1_250
    for mail in mails:
        if mail.kind == "attachment":
            (attached,) = read(mail).iter_attachments()
            assert 50_000 <= len(attached.get_content()) <= 500_000


def test_the_small_load_is_the_same_without_attachments(hundred: list[Mail]) -> None:
    """Only the attachment mails are missing; what is left is octet for octet the same."""
    small = list(mailmix(100, start=START, attachments=False))
    assert small == [mail for mail in hundred if mail.kind != "attachment"]
    assert len(small) == 90


@pytest.mark.parametrize(("kind", "charset"), [("chinese", "utf-8"), ("chinese-gb18030", "gb18030")])
def test_chinese_mail_reads_as_chinese(hundred: list[Mail], kind: str, charset: str) -> None:
    """Subject, name and text survive their encoding, and the label tells the truth."""
    for mail in hundred:
        if mail.kind == kind:
            message = read(mail)
            assert message.get_content_charset() == charset
            assert message["Content-Transfer-Encoding"] == "base64"
            assert message["Subject"] in {topic.subject for topic in CHINESE}
            assert "谢谢" in message.get_content()


def test_automatic_mail_says_so_and_has_a_null_return_path(hundred: list[Mail]) -> None:
    """RFC 3834 §5 and RFC 5321 §4.5.5: both signs by which it must not be answered."""
    automatic = [mail for mail in hundred if mail.kind == "automatic"]
    assert {read(mail)["Auto-Submitted"] for mail in automatic} == {"auto-replied"}
    assert {mail.mail_from for mail in automatic} == {""}


def test_the_reply_refers_to_a_mail_outside_the_load(hundred: list[Mail]) -> None:
    """The order of arrival must not decide how many tickets the load makes."""
    (reply,) = (mail for mail in hundred if mail.kind == "reply")
    assert read(reply)["In-Reply-To"].strip("<>") not in {mail.message_id for mail in hundred}


def test_lines_end_in_crlf_and_fit_smtp(hundred: list[Mail]) -> None:
    """RFC 5321 §2.3.8 and §4.5.3.1.6: no bare CR or LF, at most 998 octets a line."""
    for mail in hundred:
        lines = mail.raw.split(b"\r\n")
        assert lines[-1] == b""
        assert not any(b"\r" in line or b"\n" in line for line in lines)
        assert max(map(len, lines)) <= 998


def test_the_matters_touch_several_departments() -> None:
    """Routing has something to decide in either language."""
    for topics in (CHINESE, ENGLISH):
        assert len({topic.department for topic in topics}) >= 8


def test_the_command_writes_one_file_per_mail(tmp_path: Path) -> None:
    """A developer can look at the load."""
    command = [sys.executable, "-m", "bench.mailmix", str(tmp_path / "load"), "--count", "20"]
    subprocess.run(command, check=True, timeout=60)
    files = sorted((tmp_path / "load").glob("*.eml"))
    assert len(files) == 20
    assert all(b"Message-ID: <1." in file.read_bytes() for file in files)
