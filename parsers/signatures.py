"""The tail of a mail that is not the matter: closing words, name cards, "发自我的iPhone", disclaimers.

What is cut off is kept as contact evidence. 谢谢 is no signature: it stands in the middle of requests. When in
doubt the words stay with the customer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from parsers.folding import fold

SIGNATURE_LINES = 12  # lines with words that a signature has at most
SIGNATURE_WIDTH = 80  # characters of its longest line; longer lines are sentences
CARD_LINES = range(2, 9)  # lines of a name card
CARD_WIDTH = 60  # characters of its longest line
TEXT_CAP = 200_000  # characters looked at, from the end

# A mail program's own line: iPhone, Xiaomi, Huawei, WeCom, K-9, QQ, Windows Mail, Outlook, Mail Master, Foxmail.
CLIENT_LINES = re.compile(
    r"[ _|*-]{0,40}(?:"
    r"(?:发自|發自|寄自|传自|來自|来自)我的? ?.{1,30}"
    r"|(?:来自|來自|发自|發自)(?:QQ|网易|Foxmail|企业|手机|iPhone|139|189).{0,20}"
    r"|(?:发送|發送|傳送|寄送)自 ?(?:我的|Windows|Mail|iPhone|Yahoo).{0,30}"
    r"|(?:从|從|由|使用) ?(?:我的|Windows|QQ|K-9|iPhone|iPad|HUAWEI|华为|Yahoo|Mail).{0,30}"
    r"(?:发送|傳送|發送|寄出|大附件).{0,30}"
    r"|(?:获取|取得|下載|下载) ?\[?.{0,20}Outlook.{0,20}\]?.{0,80}"
    r"|签名由 .{0,20}(?:定制|訂製)"
    r"|sent (?:from|with|via) (?:my |the )?.{1,40}"
    r"|get outlook for .{1,60}"
    r"|von meinem .{1,30} gesendet|envoyé (?:de|depuis) mon .{1,40}|enviado desde mi .{1,40}"
    r") {0,10}\|?$",
    re.IGNORECASE,
)
_CLIENT_HINT = re.compile(
    r"iphone|ipad|android|安卓|手机|手機|微信|qq|邮箱|郵箱|邮件|郵件|附件|outlook|k-9|mail|windows|网易|華為"
    r"|华为|huawei|小米|xiaomi|redmi|荣耀"
    r"|honor|vivo|oppo|samsung|三星|realme|galaxy|handy|mobil|phone|móvil|tablet|blackberry|钉钉|proton|yahoo|平板",
    re.IGNORECASE,
)
CLOSINGS = re.compile(
    r" {0,8}(?:此致|敬礼|敬禮|此致 ?敬[礼禮]!?|顺颂[商时]祺|順頌[商時]祺|顺祝商祺|即颂商祺|祝?商祺|祝好|敬上|敬启"
    r"|祝工作顺利|祝您工作愉快"
    r"|(?:with )?(?:best|kind|warm|kindest|warmest)? ?regards|thanks (?:and|&) (?:best |kind )?regards|rgds|br"
    r"|best wishes|all the best|yours (?:sincerely|faithfully|truly)|sincerely(?: yours)?|cheers"
    r"|mit freundlichen grüßen|cordialement)[ ,.!。~]{0,4}$",
    re.IGNORECASE,
)
DISCLAIMER = re.compile(
    r" {0,8}[*(【]?(?:(?:本|此)(?:电子)?邮件(?:及其|和|及|所|中|可能|包含|内容|仅|的|任何).{0,60}(?:保密|机密"
    r"|专有|收件人)"
    r"|(?:本|此)(?:電子)?郵件(?:及其|和|及|所|中|可能|包含|內容|僅|的|任何).{0,60}(?:保密|機密|收件人)"
    r"|(?:保密|免责)声明|this (?:e-?mail|message|communication).{0,80}(?:confidential|privileged|intended)"
    r"|confidentiality notice|disclaimer:)",
    re.IGNORECASE,
)
_DELIMITER = re.compile(r" {0,3}(?:-{2,10}|—{1,6}|–{1,6}|_{4,60}|={4,60}|\*{4,40}) {0,3}$")
_BARS = re.compile(r" {0,4}\|[ |]{0,10}")  # the frame of Mail Master's name card
_CONTACT = re.compile(
    r"电话|電話|手机|手機|传真|邮编|邮箱|地址|公司|有限|网址|微信|部门|经理|@|www\.|https?:|\b(?:tel|mobile|phone|fax|mob|inc|ltd|gmbh)\b",
    re.IGNORECASE,
)
_NAME = re.compile("[\u3400-\u9fff]{2,4}|[A-Z][a-z]{1,20}(?: [A-Z][a-z.]{0,20}){1,2}")
_MATTER = re.compile("订单|訂單|单号|單號|编号|收货|收貨|order", re.IGNORECASE)
_ADDRESS_ONLY = re.compile(r"[ <*|]{0,4}[\w.+%-]{1,64}@[\w.-]{1,200}[ >*|]{0,4}$")


def cut(text: str) -> tuple[str, str | None]:
    """Give the text without its signature, and the signature or None. Nothing is lost; never raises."""
    head, tail = text[:-TEXT_CAP], text[-TEXT_CAP:]
    lines = tail.split("\n")
    folded = [fold(line) for line in lines]
    client = [_is_client_line(line) for line in folded]
    end = _with_card(folded, _card_start(folded, client, _disclaimer_start(folded)))
    own = [line for i, line in enumerate(lines[:end]) if not client[i]]
    signature = [line for i, line in enumerate(lines) if client[i] or i >= end]
    signed = "\n".join(signature).strip()
    return (head + "\n".join(own)).rstrip(), signed or None


def _is_client_line(line: str) -> bool:
    short = line.strip()
    return 0 < len(short) < 160 and CLIENT_LINES.match(short) is not None and _CLIENT_HINT.search(short) is not None


def _disclaimer_start(folded: Sequence[str]) -> int:
    """Find where the legal tail begins; it must have words above it."""
    for i, line in enumerate(folded):
        if DISCLAIMER.match(line[:200]) and any(above.strip() for above in folded[:i]):
            return i
    return len(folded)


def _card_start(folded: Sequence[str], client: Sequence[bool], end: int) -> int:
    """Walk up from the end over short lines to the delimiter, closing or card that opens the signature."""
    start, below = end, list[str]()
    for i in _lines_from_below(folded, client, end):
        line = folded[i]
        opens = _opens(line, below) or (not below and any(client[i:end]) and _is_rule(line))
        if opens or (_is_card(line.strip()) and start == _next_words(folded, client, i, end)):
            start = i
        if not opens and _is_sentence(line.strip()):
            break
        below.append(line.strip())
    return start


def _with_card(folded: Sequence[str], start: int) -> int:
    """Move the start up over a name card that nothing sets off (Foxmail): a name, short lines, an e-mail address."""
    last = next((i for i in range(start - 1, -1, -1) if folded[i].strip()), -1)
    top = next((i for i in range(last, -1, -1) if not folded[i].strip()), 0)  # the blank line above
    below = start + 1 if last == start - 1 else start  # an address at its end opened the signature already
    card = [line.strip() for line in folded[top:below] if line.strip()]
    has_words_above = any(line.strip() for line in folded[:top])
    return top if has_words_above and _is_name_card(card) else start


def _is_name_card(card: Sequence[str]) -> bool:
    """Tell a card from the customer's own words: in doubt it is no card, for a new delivery address looks like one."""
    if len(card) not in CARD_LINES or not _NAME.fullmatch(card[0]) or not any("@" in line for line in card):
        return False
    return not any(len(line) > CARD_WIDTH or _is_sentence(line) or _MATTER.search(line) for line in card)


def _lines_from_below(folded: Sequence[str], client: Sequence[bool], end: int) -> Iterator[int]:
    """Give the places of lines with words, last first, as many as a signature has at most."""
    places = (i for i in range(end - 1, -1, -1) if folded[i].strip() and not client[i])
    return islice(places, SIGNATURE_LINES + 1)


def _opens(line: str, below: Sequence[str]) -> bool:
    """Tell whether a line opens a signature that has the lines ``below`` under it."""
    if CLOSINGS.match(line) or line == "-- " or _BARS.fullmatch(line):
        return True
    return _is_rule(line) and _looks_signed(below)


def _is_rule(line: str) -> bool:
    return _DELIMITER.match(line) is not None


def _looks_signed(below: Sequence[str]) -> bool:
    """Tell a name card from a section that a customer set off by a line of dashes."""
    short = 0 < len(below) <= 2 and all(len(line) <= 20 for line in below)
    return short or any(_CONTACT.search(line) for line in below)


def _next_words(folded: Sequence[str], client: Sequence[bool], i: int, end: int) -> int:
    """Give the next line below ``i`` that has words, or ``end``."""
    return next((k for k in range(i + 1, end) if folded[k].strip() and not client[k]), end)


def _is_card(line: str) -> bool:
    """Tell a line of Mail Master's name card, or an address alone (Foxmail)."""
    return line.startswith("|") or _ADDRESS_ONLY.match(line) is not None


def _is_sentence(line: str) -> bool:
    return len(line) > SIGNATURE_WIDTH or line.endswith(("。", "?", "!", "吗", "呢"))
