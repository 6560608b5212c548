"""Sends one mail by SMTP: a file as it is, or a mail made of the words given. Needs nothing but Python; try --help."""

from __future__ import annotations

import argparse
import smtplib
from email.header import Header
from email.message import Message
from email.mime.text import MIMEText
from email.utils import formataddr, formatdate, make_msgid
from pathlib import Path


def main() -> None:
    """Send, and print the Message-ID, by which ``ingestd explain`` finds the mail."""
    wanted = _arguments()
    host, _, port = wanted.smtp.rpartition(":")
    data = Path(wanted.file).read_bytes() if wanted.file else _mail(wanted).as_bytes()
    with smtplib.SMTP(host, int(port), timeout=30) as client:
        client.sendmail("" if wanted.auto_reply else wanted.sender, [wanted.to], data)
    print("accepted" if wanted.file else f"accepted, message-id {wanted.message_id}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Send one mail by SMTP.")
    parser.add_argument("file", nargs="?", help="a raw message to send as it is")
    parser.add_argument("--smtp", default="127.0.0.1:2525", help="where to (default: %(default)s)")
    parser.add_argument("--to", required=True)
    parser.add_argument("--from", dest="sender", default="wangfang@customer.example")
    parser.add_argument("--name", default="王芳", help="the sender's name")
    parser.add_argument("--subject", default="订单没到")
    parser.add_argument("--text", default="我的订单一直没有到,请帮忙查一下。")
    parser.add_argument("--message-id", default=make_msgid(domain="customer.example").strip("<>"))
    parser.add_argument("--gb18030", action="store_true", help="write in GB18030, as many Chinese programs do")
    parser.add_argument("--auto-reply", action="store_true", help="be an out-of-office reply")
    return parser.parse_args()


def _mail(wanted: argparse.Namespace) -> Message:
    charset = "gb18030" if wanted.gb18030 else "utf-8"
    mail = MIMEText(wanted.text, "plain", charset)
    mail["From"] = formataddr((wanted.name, wanted.sender), charset)
    mail["To"] = wanted.to
    mail["Subject"] = Header(wanted.subject, charset)
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = f"<{wanted.message_id}>"
    if wanted.auto_reply:
        mail["Auto-Submitted"] = "auto-replied"
    return mail


if __name__ == "__main__":
    main()
