"""Domains that hand out addresses to anybody: their senders are people, each with a budget of his own."""

from __future__ import annotations

_KNOWN = frozenset({
    "qq.com", "vip.qq.com", "foxmail.com", "163.com", "vip.163.com", "126.com", "yeah.net", "188.com", "sina.com",
    "sina.cn", "vip.sina.com", "sohu.com", "tom.com", "21cn.com", "139.com", "189.cn", "wo.cn", "aliyun.com",
    "hotmail.com.cn", "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "live.cn", "msn.com",
    "yahoo.com", "yahoo.co.jp", "yahoo.com.tw", "yahoo.com.hk", "yahoo.co.uk", "ymail.com", "icloud.com", "me.com",
    "mac.com", "aol.com", "proton.me", "protonmail.com", "pm.me", "gmx.com", "gmx.net", "gmx.de", "web.de",
    "t-online.de", "mail.com", "mail.ru", "yandex.ru", "yandex.com", "zoho.com", "fastmail.com", "tutanota.com",
    "orange.fr", "free.fr", "laposte.net", "libero.it", "naver.com", "daum.net", "hanmail.net", "pchome.com.tw",
    "hinet.net", "netvigator.com",
})  # fmt: skip


def is_freemail(domain: str) -> bool:
    """Whether the domain is a provider for everybody: a known one, or one that calls itself so (freemail.hu)."""
    labels = domain.casefold().split(".")
    return domain.casefold() in _KNOWN or any(label.endswith("mail") and label != "mail" for label in labels[:-1])
