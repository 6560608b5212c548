"""Who the customer says to be: 我是王芳, 姓名：王芳, a signature; at last a display name that looks like a person's.

Only what is stated. A form of address comes from a title the customer wrote (王女士, 先生), never from a given name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from parsers.fields.passages import Passage
from parsers.fields.person_words import (
    COMMON_SURNAMES,
    DOUBLE_SURNAMES,
    NOT_IN_NAMES,
    NOT_NAMES,
    NOT_PERSONS,
    NOT_PERSONS_LATIN,
    SURNAMES,
    TITLES,
)
from parsers.folding import fold, without_invisible
from parsers.record import Found, Mailbox

SIGNATURE_LINES = 6  # lines of a signature, or from the end of the text, in which a name is looked for

_HAN = "[\u3400-\u9fff]"
_SURNAME = f"(?:{'|'.join(DOUBLE_SURNAMES)}|[{SURNAMES}])"
_TITLE = "|".join(title for titles in TITLES.values() for title in titles)
_GIVEN = rf"{_HAN}{{1,2}}"
_TITLED = rf"{_SURNAME}{_HAN}{{0,2}}?(?:{_TITLE})"
_FULL = rf"{_SURNAME}{_GIVEN}|{_HAN}{{2,5}}[·•・]{_HAN}{{2,8}}"
_LATIN = r"[A-Z][a-zA-Z'’-]{0,20}(?: [A-Z]\.?)?(?: [A-Z][a-zA-Z'’-]{1,20}){0,2}"
_END = r"(?= {0,4}(?:$|[\n,.。;:!、()（）\[\]|/~]|(?:电话|電話|手机|手機|联系|订单|女|男|tel|phone)))"
_STATED_WORDS = r"(?:我是|我叫|我的名字是|我的名字叫|我姓名是|本人是|本人|在下|鄙人|我係|俺是|俺叫)"
_LABEL_WORDS = (
    r"(?:(?:客户|客戶|用户|会员|联系人|聯絡人|收货人|收件人|下单人|购买人|投诉人|反馈人|您的|你的)?(?:姓名|名字|称呼|稱呼|大名)"
    r"|联系人|聯絡人|客户名|署名|落款|收货人|投诉人)"
)
_SURNAME_ONLY = re.compile(
    rf"(?:我姓|免贵姓|免貴姓|敝姓|本人姓) ?(?P<surname>{_SURNAME})(?P<title>{_TITLE})?{_END}", re.MULTILINE
)
_STATED = re.compile(
    rf"(?:{_STATED_WORDS} ?(?:[:,] ?)?|{_LABEL_WORDS}[ ]{{0,3}}[:=是为] ?)"
    rf"(?P<name>{_TITLED}|{_FULL}){_END}",
    re.MULTILINE,
)
_STATED_LATIN = re.compile(
    r"(?:\b(?:[Mm]y name is|[Mm]y name's|[Tt]his is|I am|I'm|I’m)|\b(?:[Nn]ame|NAME|[Cc]ontact)[ ]?:"
    r"|我是|我叫|姓名[:是])"
    rf" ?(?P<name>{_LATIN})"
    r"(?= {0,4}(?:$|[\n,.;:!()（）。]|from\b|and\b|with\b))",
    re.MULTILINE,
)
_SIGNED = re.compile(
    r" {0,8}(?:[—–-]{1,4} ?|by[: ]|(?:署名|签名|您的客户|客户|用户|投诉人):? ?|此致 ?)?"
    rf"(?P<name>{_TITLED}|{_FULL})"
    r"(?: {0,3}(?:敬上|敬启|谨启|上|拜上|即日|字|\(?(?:女|男)\)?|\d{4}[-年/.].{0,12}))?[ .。!]{0,3}$"
)
_SIGNED_LATIN = re.compile(rf" {{0,8}}(?:[—–-]{{1,4}} ?)?(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?(?P<name>{_LATIN})[ .,]{{0,3}}$")
_WHOLE = re.compile(rf"(?:{_TITLED}|{_FULL})")
_WHOLE_LATIN = re.compile(
    r"[A-Z][a-z'’-]{1,20}(?: [A-Z]\.?)?(?: [A-Z][a-zA-Z'’-]{1,20}){1,2}|[A-Z][a-z]{1,20}, [A-Z][a-z]{1,20}"
)
_OWN_TITLE = re.compile(rf"(?:称呼|稱呼|性别|性別|称谓)[ ]{{0,2}}[:是为] ?(?P<title>{_TITLE}|女|男)")
# Without one of these no name is stated.
_STATED_HINTS = ("我", "本人", "在下", "鄙人", "俺", "名", "称", "稱", "联系人", "聯絡人", "落款", "收货人", "投诉人")
_LATIN_HINTS = ("name", "this is", "i am", "i'm", "i’m", "contact", "我是", "我叫", "姓名")
_HONORIFIC_OF = {title: honorific for honorific, titles in TITLES.items() for title in titles} | {
    "女": "女士",
    "男": "先生",
}
_LATIN_TITLE = re.compile(r"(?m)^ {0,8}(Mr|Mrs|Ms|Miss)\b\.?(?= [A-Z])")
_LATIN_HONORIFICS = {"Mr": "先生", "Mrs": "女士", "Ms": "女士", "Miss": "女士"}


def stated_name(body: Passage, signature: Passage) -> Found[str] | None:
    """Give the name the customer states, in the body or as the signature. None rather than a guess."""
    stated = next(_stated(body), None)
    if stated:
        return Found(value=stated, source="B")
    signed = next(_signed(signature), None) or next(_signed(body, last=2), None)
    return Found(value=signed, source="S") if signed else None


def shown_name(sender: Mailbox | None) -> Found[str] | None:
    """Give the display name where it looks like a person's."""
    shown = _display_name(sender)
    return Found(value=shown, source="H") if shown else None


def honorific(stated: Found[str] | None, body: Passage, signature: Passage) -> Found[str] | None:
    """Give 女士, 先生 or 其他 (a title such as 老师) where the customer wrote such a word of himself; else None."""
    own = _OWN_TITLE.search(body.folded) if body.has("称稱性") else None
    if own:
        return Found(value=_HONORIFIC_OF[own["title"]], source="B")
    title = _title_of(stated.value) if stated else None
    if stated and title:
        return Found(value=title, source=stated.source)
    latin = _LATIN_TITLE.search(signature.folded)
    return Found(value=_LATIN_HONORIFICS[latin[1]], source="S") if latin else None


def _stated(body: Passage) -> Iterator[str]:
    """Give every name that is stated in so many words."""
    for match in _STATED.finditer(body.folded) if body.has(_STATED_HINTS) else ():
        if _is_name(match["name"]):
            yield match["name"]
    for match in _SURNAME_ONLY.finditer(body.folded) if body.has("姓") else ():
        yield match["surname"] + (match["title"] or "")
    for match in _STATED_LATIN.finditer(body.folded) if body.has(_LATIN_HINTS) else ():
        if _is_latin_name(match["name"]):
            yield match["name"]


def _signed(text: Passage, last: int = 0) -> Iterator[str]:
    """Give every line that is nothing but a name: of a signature's first lines, or of the ``last`` lines of a text."""
    lines = [line for line in text.folded.splitlines() if line.strip()]
    if last:
        lines = lines[1:][-last:]
    for line in lines[:SIGNATURE_LINES]:
        signed = _name_of_line(line)
        if signed and (not last or signed.isascii() or signed.startswith(COMMON_SURNAMES)):
            yield signed


def _name_of_line(line: str) -> str | None:
    match = _SIGNED.match(line)
    if match and _is_name(match["name"]):
        return match["name"]
    latin = _SIGNED_LATIN.match(line)
    return latin["name"] if latin and _is_latin_name(latin["name"]) else None


def _display_name(sender: Mailbox | None) -> str | None:
    shown = fold(without_invisible((sender.name if sender and sender.name else "")[:200])).strip(" \"'")
    if _WHOLE.fullmatch(shown) and _is_name(shown):
        return shown
    if _WHOLE_LATIN.fullmatch(shown) and _is_latin_name(shown):
        return shown
    return None


def _is_name(text: str) -> bool:
    return text not in NOT_NAMES and not NOT_IN_NAMES & set(text) and not any(word in text for word in NOT_PERSONS)


def _is_latin_name(text: str) -> bool:
    return not NOT_PERSONS_LATIN & set(text.lower().replace(",", "").split())


def _title_of(text: str) -> str | None:
    """Give the honorific that a name ends with; 工 and 总 count only right behind a family name (王工)."""
    for title, found in _HONORIFIC_OF.items():
        if text.endswith(title) and (len(title) > 1 or len(text) == 2):
            return found
    return None
