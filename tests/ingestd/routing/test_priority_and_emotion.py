"""Levels and feelings: each has its reasons, and none comes from a word that means something else."""

from __future__ import annotations

import pytest

from ingestd.model import Emotion, Priority
from ingestd.routing import RulesFile, compile_rules, decide, load_shipped, parse_rules
from parsers.record import IntakeRecord

SHIPPED = load_shipped()
RULES = compile_rules(SHIPPED)


def priority(text: str, *files: RulesFile) -> Priority:
    """The level of a text."""
    return decide(IntakeRecord(own_text=text), compile_rules((*SHIPPED, *files)) if files else RULES).priority


def emotion(text: str) -> Emotion:
    """The feeling of a text."""
    return decide(IntakeRecord(own_text=text), RULES).emotion


@pytest.mark.parametrize(
    ("text", "level", "inputs"),
    [
        ("开发票", "P2", ("department default",)),
        ("紧急！特急！开发票", "P2", ("urgent", "department default")),
        ("urgent asap invoice", "P2", ("urgent", "department default")),
        ("紧急，所有员工的发票", "P1", ("affected_many", "urgent")),
        ("所有员工的发票", "P2", ("affected_many", "department default")),
        ("优惠券用不了", "P1", ("unusable",)),
        ("所有用户优惠券都用不了", "P0", ("affected_many", "unusable")),
        ("会员被多扣", "P1", ("money_loss", "department default")),
        ("所有客户被多扣", "P0", ("affected_many", "money_loss")),
        ("生产环境的发票接口", "P1", ("core_function",)),
        ("系统瘫痪", "P0", ("core_function", "unusable", "department default")),
        ("会员数据泄露", "P0", ("data_security", "department default")),
        ("积分被盗用", "P0", ("data_security",)),
        ("杯子划痕，手割伤", "P0", ("danger",)),
        ("没有人受伤，杯子有划痕", "P2", ("department default",)),
        ("没有数据泄露，开发票", "P2", ("department default",)),
        ("the app won't open", "P1", ("unusable", "department default")),
        ("how to export when nobody can log in", "P0", ("affected_many", "unusable")),
        ("slow down with the coupon", "P2", ("department default",)),
    ],
)
def test_a_level_has_its_reasons(text: str, level: str, inputs: tuple[str, ...]) -> None:
    """Impact raises, impatience does not, and the default is named where it stands."""
    assert priority(text) == Priority(level, inputs)  # type: ignore[arg-type]  # the table holds plain text


def test_a_level_never_falls_below_the_department() -> None:
    """A reason for P1 does not lower an emergency."""
    assert priority("大面积，用不了").level == "P0"


def test_an_admin_may_write_another_table() -> None:
    """Policy is data: inputs are added to, the table is replaced."""
    mine = parse_rules("priority: {inputs: {vip: [贵宾]}, levels: [{level: P0, when: [vip]}]}", "mine.yaml")
    assert priority("贵宾要开发票", mine) == Priority("P0", ("vip",))
    assert priority("优惠券用不了", mine).level == "P2"


@pytest.mark.parametrize(
    ("text", "value", "evidence"),
    [
        ("开发票", "平静", ()),
        ("骗子，开发票", "愤怒", ("骗子",)),
        ("太失望了", "不满", ("失望",)),
        ("怎么办", "焦虑", ("怎么办",)),
        ("失望，怎么办", "不满", ("失望",)),
        ("骗子！失望！", "愤怒", ("骗子",)),
        ("不急", "平静", ()),
        ("慢慢来，不着急", "平静", ()),
        ("紧急联系人和急救包", "平静", ()),
        ("垃圾桶", "平静", ()),
        ("太好了，表扬", "平静", ()),
        ("我不是投诉", "平静", ()),
        ("没有不满", "平静", ()),
        ("凭什么!!!", "愤怒", ("凭什么!!!",)),
        ("谢谢!!!", "平静", ()),
        ("限你们明天之前退货", "愤怒", ("限你们明天之前",)),
        ("“高效”得很，换了四个客服", "愤怒", ("“高效”得很,换了四个",)),
        ("真是专业，打了八次", "愤怒", ("真是专业,打了八次",)),
        ("服务高效，很专业", "平静", ()),
        ("買了四個，品質好得很", "愤怒", ("四个,品质好得很",)),
        ("I am furious", "愤怒", ("furious",)),
        ("very disappointed", "不满", ("disappointed",)),
        ("worried", "焦虑", ("worried",)),
    ],
)
def test_a_feeling_has_its_evidence(text: str, value: str, evidence: tuple[str, ...]) -> None:
    """The strongest feeling wins, with the customer's words for it; praise and look-alikes are calm."""
    assert emotion(text) == Emotion(value, evidence)  # type: ignore[arg-type]  # the table holds plain text
