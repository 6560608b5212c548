"""The language of a letter follows the language of the customer's own words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.language import guess_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我的订单还没到，请帮忙查一下。", "zh-CN"),
        ("你好", "zh-CN"),
        ("急急急！！！", "zh-CN"),
        ("App打开就crash，error code E1002，请尽快处理", "zh-CN"),
        ("iPhone 15 Pro Max 256GB 坏了", "zh-CN"),
        ("我的訂單還沒到，請幫忙查一下。", "zh-TW"),
        ("唔該幫我睇下張單去咗邊", "zh-TW"),
        ("發票開錯了，請重開", "zh-TW"),
        ("My order has not arrived. Please help.", "en"),
        ("order not arrived", "en"),
        ("Dear support, the product 音箱 is broken and I want a refund.", "en"),
        ("注文した商品がまだ届きません。", "ja"),
        ("주문한 상품이 아직 오지 않았어요", "ko"),
        ("Мой заказ ещё не пришёл", "ru"),
        ("طلبي لم يصل بعد", "ar"),
        ("ของยังไม่มาถึงเลย", "th"),
        ("Meine Bestellung ist nicht angekommen, bitte prüfen Sie das.", "de"),
        ("Je n'ai pas reçu ma commande, merci de vérifier.", "fr"),
        ("Mi pedido no ha llegado, por favor ayuda con el reembolso.", "es"),
        ("Mijn bestelling is niet aangekomen, ik heb het niet.", "nl"),
        ("Il mio ordine non è arrivato, grazie.", "it"),
        ("O meu pedido não chegou, obrigado.", "pt"),
        ("https://example.com/the/is/a/of", None),
        ("13900000001", None),
        ("!!!", None),
        ("a", None),
        ("", None),
    ],
)
def test_the_language_of_everyday_mail(text: str, language: str | None) -> None:
    """Chinese first, in its two scripts; mixed text by what prevails; nothing known is None."""
    assert guess_language(text) == language


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_a_language_or_none(text: str) -> None:
    """Never raises; the answer is a short tag or None."""
    assert len(guess_language(text) or "") <= 5


def test_long_text_is_sampled() -> None:
    """A megabyte costs no more than its beginning."""
    assert guess_language("订单没到" * 500_000) == "zh-CN"
