"""The language of a text as a BCP 47 tag, by its script and its commonest words. Cheap; no model.

It picks the language of our letters, so that a wrong guess costs more than none.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain, repeat
from operator import itemgetter

TEXT_CAP = 5_000  # characters looked at; a language shows in its first sentences
LETTERS_NEEDED = 2  # fewer say nothing

# Characters that stand in everyday mail in one of the two Chinese scripts only.
SIMPLIFIED = frozenset(
    "们这个为时说对会没过还来问题进后发见现给让请谢订单货单寄快递费钱买卖开关闭网络账号码电话机联系决办处报错误"
    "坏换维修检测质量损坏应该怎样么点击续单据发票员务压线缆无线连断认证验证实产亲爱贵体谅复赔偿诉评价论几岁岛东车门马"
    "鸟鱼龙龟书读写语词谁让谈谊议计记设访许证识试详误读课调贝负财责货质贴贵费资购转轻较输辑边达迁运近还进远违连迟适选"
)
TRADITIONAL = frozenset(
    "們這個為時說對會沒過還來問題進後發見現給讓請謝訂單貨寄遞費錢買賣開關閉網絡賬號碼電話機聯繫決辦處報錯誤"
    "壞換維修檢測質壞應該樣麼點擊續據發員務壓線纜無連斷認證驗實產親愛貴體諒複賠償訴評價論幾歲島東車門馬"
    "鳥魚龍龜書讀寫語詞誰談誼議計記設訪許證識試詳課調貝負財責貼資購轉輕較輸輯邊達遷運遠違遲適選喺嘅咗唔哋啲佢"
)
_ONLY_SIMPLIFIED, _ONLY_TRADITIONAL = SIMPLIFIED - TRADITIONAL, TRADITIONAL - SIMPLIFIED

_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002fa1f]")
_WORD = re.compile(r"[^\W\d_]{1,40}(?:['’][^\W\d_]{1,10})?")
_ASCII_WORD = re.compile(r"[A-Za-z]{1,40}(?:'[A-Za-z]{1,10})?")  # the same where there is nothing else, but faster
_MACHINE_WORDS = re.compile(r"https?://\S{1,500}|\S{1,64}@\S{1,200}")

# The commonest small words; those shared by several languages count for each.
_COMMON_WORDS = {
    "en": "the a an is are was i my you your to and of in it not have has for on with this that please can do can't",
    "de": "der die das ist ich nicht und ein eine mein meine sie zu mit auf für bitte habe es den wie",
    "fr": "le la les je ne pas et un une mon ma est vous de des pour bonjour merci dans que ce",
    "es": "el la los que no y un una mi es de por para hola gracias en con se lo pedido",
    "it": "il lo la che non e un una mio è di per ciao grazie in con si ho sono ordine",
    "pt": "o a os que não e um uma meu minha é de por para olá obrigado em com se pedido",
    "nl": "de het een ik niet en mijn is van voor met dat op te u heb",
}
_WORD_LANGUAGES: dict[str, tuple[str, ...]] = {
    word: tuple(language for language, words in _COMMON_WORDS.items() if word in words.split())
    for words in _COMMON_WORDS.values()
    for word in words.split()
}


def guess_language(text: str) -> str | None:
    """Guess zh-CN, zh-TW, ja, ko, en, another European language or one by script; None where nothing shows.

    Chinese with English product names is Chinese, and English with a Chinese name is English: a Han character weighs
    as much as two Latin words. Chinese without a telling character is zh-CN. Never raises.
    """
    sample = text[:TEXT_CAP]
    if "@" in sample or "://" in sample:
        sample = _MACHINE_WORDS.sub(" ", sample)
    return _latin(_ASCII_WORD.findall(sample)) if sample.isascii() else _by_script(sample)


def _by_script(sample: str) -> str | None:
    han, kana = len(_HAN.findall(sample)), len(_KANA.findall(sample))
    words = [word for word in _WORD.findall(sample) if word[0] < "\u0250"]
    tag, most = max(((tag, len(script.findall(sample))) for tag, script in _SCRIPTS), key=itemgetter(1))
    if most >= LETTERS_NEEDED and most > max(han + kana, sum(map(len, words)) // 3):
        return tag
    if kana >= LETTERS_NEEDED and kana * 8 > han:
        return "ja"
    if han >= LETTERS_NEEDED and han * 2 >= len(words):
        return _chinese(sample)
    return _latin(words)


def _chinese(sample: str) -> str:
    traditional = sum(character in _ONLY_TRADITIONAL for character in sample)
    simplified = sum(character in _ONLY_SIMPLIFIED for character in sample)
    return "zh-TW" if traditional > simplified else "zh-CN"


def _latin(words: list[str]) -> str | None:
    """Choose by common words; plain ASCII without any is read as English, other letters as nothing known."""
    if sum(map(len, words[:LETTERS_NEEDED])) < LETTERS_NEEDED:
        return None
    votes = Counter(chain.from_iterable(map(_WORD_LANGUAGES.get, map(str.lower, words), repeat(()))))
    if votes:
        tag, most = votes.most_common(1)[0]
        return "en" if votes["en"] == most else tag
    return "en" if all(word.isascii() for word in words) else None
