"""What the standard library writes, the parsers read back unchanged."""

from __future__ import annotations

import hashlib
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formataddr

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import parsers
from parsers.charset import ALIASES, decode

HANZI = "订单没有收到请尽快处理退款王芳李雷电话号码发票保修说明书"
CHINESE = st.text(HANZI + "，。 abc019", min_size=1, max_size=40).map(str.strip).filter(bool)
TRADITIONAL = st.text("訂單沒有收到請盡快處理退款王芳", min_size=1, max_size=20)
VISIBLE = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"))
ANY = st.text(VISIBLE, min_size=1, max_size=30)
quick = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def reading(message: EmailMessage | MIMEMultipart | MIMEText) -> parsers.IntakeRecord:
    return parsers.parse(message.as_bytes())


@quick
@given(CHINESE, CHINESE, st.sampled_from(["utf-8", "gb18030", "gbk", "gb2312"]), st.sampled_from([BASE64, QP]))
def test_subject_and_text_survive_every_encoding(subject: str, text: str, codec: str, transfer: int) -> None:
    """A Chinese mail in any usual character set and transfer encoding is read as it was written."""
    charset = Charset(codec)
    charset.body_encoding = charset.header_encoding = transfer
    message = MIMEText(text, "plain", charset)  # type: ignore[arg-type]  # takes a Charset, declared as str
    message["Subject"] = Header(subject, charset)
    message["From"] = "a@b.cn"
    record = reading(message)
    assert record.subject == " ".join(subject.split(" "))
    assert record.text.strip() == text


@quick
@given(ANY, ANY, st.binary(max_size=300))
def test_names_and_files_survive(name: str, filename: str, content: bytes) -> None:
    """Any display name and any file, by the modern generator of the standard library."""
    message = EmailMessage()
    message["From"] = formataddr((name, "a@b.cn"))
    message.set_content("text")
    filename = f"f-{filename.replace('/', '').replace(chr(92), '')}.bin"
    message.add_attachment(content, "application", "x-any", filename=filename)
    (file,) = reading(message).attachments
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (file.filename or "").startswith("f-")
    assert (file.filename or "").endswith(".bin")


@quick
@given(st.lists(st.binary(max_size=200), max_size=5))
def test_files_come_in_their_order(contents: list[bytes]) -> None:
    """Attachment n is attachment n, and its octets are found again."""
    message = MIMEMultipart()
    message.attach(MIMEText("text", "plain", "utf-8"))
    for number, content in enumerate(contents, 1):
        message.attach(MIMEApplication(content, Name=f"{number}.bin"))
    raw = message.as_bytes()
    record = parsers.parse(raw)
    assert [file.filename for file in record.attachments] == [f"{n}.bin" for n in range(1, len(contents) + 1)]
    assert [parsers.attachment(raw, file.part) for file in record.attachments] == contents
    assert record.text == "text"


@quick
@given(CHINESE, st.sampled_from([label for label, codec in ALIASES.items() if codec == "gb18030"]))
def test_every_alias_of_gb18030_reads_it(text: str, label: str) -> None:
    """Whatever a Chinese mailer calls it, it is GB18030."""
    assert decode(text.encode("gb18030"), label).text == text


@quick
@given(TRADITIONAL)
def test_big5_is_read(text: str) -> None:
    """Traditional Chinese under its usual label."""
    assert decode(text.encode("big5"), "big5").text == text


@quick
@given(st.text(HANZI, min_size=2, max_size=30))
def test_unlabelled_simplified_text_is_found_out(text: str) -> None:
    """Two Chinese characters without a label are enough to know GB18030, unless their octets are UTF-8 by chance."""
    data = text.encode("gb18030")
    assume("\ufffd" in data.decode("utf-8", "replace"))
    assert decode(data, None).text == text
