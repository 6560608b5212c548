"""When it happened is reckoned from the mail's own Date in the sender's offset, and policies are no events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.fields import dates
from parsers.fields.passages import passage
from parsers.record import OccurredAt

BEIJING = timezone(timedelta(hours=8))
SENT = datetime(2026, 11, 20, 9, 12, tzinfo=BEIJING)  # a Friday


def occurred(text: str, sent: datetime | None = SENT) -> OccurredAt | None:
    """Find the time of occurrence in the body of a mail sent on Friday morning."""
    return dates.find(passage(text, "B"), sent)


@pytest.mark.parametrize(
    ("text", "start", "precision"),
    [
        ("昨天下午3点登录不上", "11-19T15:00", "hour"),
        ("昨天下午三点半登录不上", "11-19T15:30", "minute"),
        ("昨天15:30登录不上", "11-19T15:30", "minute"),
        ("昨晚10点打开就闪退", "11-19T22:00", "hour"),
        ("昨晚十点一刻", "11-19T22:15", "minute"),
        ("昨天晚上11点多崩溃了", "11-19T23:00", "range"),
        ("昨天下午3点左右", "11-19T14:30", "range"),
        ("昨晚12点", "11-20T00:00", "hour"),
        ("昨晚凌晨1点", "11-20T01:00", "hour"),
        ("今天凌晨1点", "11-20T01:00", "hour"),
        ("凌晨1点被盗刷", "11-20T01:00", "hour"),
        ("昨天半夜十一点半", "11-19T23:30", "minute"),
        ("昨天中午12点", "11-19T12:00", "hour"),
        ("前天中午1点", "11-18T13:00", "hour"),
        ("前天上午9:05", "11-18T09:05", "minute"),
        ("大前天收到的", "11-17T00:00", "day"),
        ("昨天收到的", "11-19T00:00", "day"),
        ("昨晚打不开", "11-19T18:00", "part_of_day"),
        ("今早打不开", "11-20T05:00", "part_of_day"),
        ("昨天下午坏的", "11-19T12:00", "part_of_day"),
        ("昨天三点打不开", "11-19T00:00", "day"),
        ("今早8点", "11-20T08:00", "hour"),
        ("晚上11点多崩溃了", "11-19T23:00", "range"),
        ("早上7:30开始报错", "11-20T07:30", "minute"),
        ("上周五下午2点", "11-13T14:00", "hour"),
        ("上周五买的", "11-13T00:00", "day"),
        ("上上周三", "11-04T00:00", "day"),
        ("这周三", "11-18T00:00", "day"),
        ("周三收到货", "11-18T00:00", "day"),
        ("星期天收到货", "11-15T00:00", "day"),
        ("礼拜二坏的", "11-17T00:00", "day"),
        ("上周末坏的", "11-14T00:00", "range"),
        ("上周就坏了", "11-09T00:00", "range"),
        ("it broke la\u017ft week", "11-09T00:00", "range"),
        ("broken since YE\u017fTERDAY", "11-19T00:00", "day"),
        ("三天前就坏了", "11-17T00:00", "day"),
        ("2天前", "11-18T00:00", "day"),
        ("一周前", "11-13T00:00", "day"),
        ("半小时前", "11-20T08:42", "minute"),
        ("一刻钟前", "11-20T08:57", "minute"),
        ("10分钟前", "11-20T09:02", "minute"),
        ("两个小时前", "11-20T06:42", "hour"),
        ("刚刚付款失败", "11-20T08:42", "range"),
        ("月初买的", "11-01T00:00", "range"),
        ("上个月底", "10-21T00:00", "range"),
        ("上个月15号买的", "10-15T00:00", "day"),
        ("上个月买的", "10-01T00:00", "range"),
        ("11月3日买的", "11-03T00:00", "day"),
        ("十一月三日买的", "11-03T00:00", "day"),
        ("5月1日下单", "05-01T00:00", "day"),
        ("5月1号晚上8点20分", "05-01T20:20", "minute"),
        ("5.1买的", "05-01T00:00", "day"),
        ("5/1 14:30", "05-01T14:30", "minute"),
        ("28号收到的", "10-28T00:00", "day"),
        ("3号收到的", "11-03T00:00", "day"),
        ("双十一买的", "11-11T00:00", "day"),
        ("端午节买的", "06-19T00:00", "day"),
        ("农历五月初五", "06-19T00:00", "day"),
        ("国庆的时候坏了", "10-01T00:00", "day"),
        ("2026.06.14收到", "06-14T00:00", "day"),
        ("2026/6/4 8:05", "06-04T08:05", "minute"),
        ("2026年6月14日22时30分", "06-14T22:30", "minute"),
        ("26年6月14日", "06-14T00:00", "day"),
        ("二〇二六年六月十四日", "06-14T00:00", "day"),
        ("２０２６年６月１４日　下午３点", "06-14T15:00", "hour"),
        ("民國115年5月1日", "05-01T00:00", "day"),
        ("2026-05-0114:30", "05-01T14:30", "minute"),
        ("2026-05-01T14:30:00", "05-01T14:30", "minute"),
        ("2026-05-01(周五) 14:30", "05-01T14:30", "minute"),
        ("It crashed yesterday at 3pm.", "11-19T15:00", "hour"),
        ("It crashed at 3:30 pm yesterday.", "11-19T15:30", "minute"),
        ("It broke last night", "11-19T18:00", "part_of_day"),
        ("It broke last Friday", "11-13T00:00", "day"),
        ("It broke on Monday", "11-16T00:00", "day"),
        ("It broke on May 1st, 2026 at 11 p.m.", "05-01T23:00", "hour"),
        ("Bought on 3 November", "11-03T00:00", "day"),
        ("It broke 2 days ago", "11-18T00:00", "day"),
        ("broken since 7 a.m.", "11-20T07:00", "hour"),
        ("just now it failed", "11-20T08:42", "range"),
        ("30 minutes ago", "11-20T08:42", "minute"),
        ("half an hour ago", "11-20T08:42", "minute"),
    ],
)
def test_words_and_figures_of_time(text: str, start: str, precision: str) -> None:
    """Each way of naming a time is resolved in the sender's offset, as precisely as it was put."""
    found = occurred(text)
    assert found is not None
    assert (found.start.strftime("%m-%dT%H:%M"), found.precision) == (start, precision)
    assert found.start.year == 2026
    assert found.start.utcoffset() == timedelta(hours=8)
    assert found.start <= found.end


@pytest.mark.parametrize(
    "text",
    [
        "支持7天无理由退货吗", "请在15日内答复", "48小时到货", "24小时热线", "1到7个工作日", "3年保修",
        "5月1日前给我答复", "请于11月25日之前处理", "下周五要用", "明天要用", "12月25日要用", "每天晚上8点都断",
        "每周五都断", "营业时间8:00-22:00吗", "坐3号线到中山路28号", "版本5.2打不开", "iOS 17.4", "比例是1/3",
        "提了三点建议", "有一点慢", "订单20261101123456", "电话139-0000-0001", "一点反应都没有", "24/7 support",
        "截止今天", "请今天之内处理", "2026年13月40日", "99月99日", "5号店", "1号楼", "工号0327号", "", "你好",
    ],
)  # fmt: skip
def test_policies_limits_plans_and_numbers_are_no_events(text: str) -> None:
    """Where the customer says no time, none is made up."""
    assert occurred(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我5月1日下的单，昨晚10点打开就闪退", "昨晚10点"),
        ("昨天收到货，发生时间：11月3日，请看", "11月3日"),
        ("前天坏的，昨天又坏", "前天"),
        ("7天无理由，我昨天买的", "昨天"),
        ("昨天下午３点 登录不上", "昨天下午３点"),
    ],
)
def test_of_several_times_the_most_telling_counts(text: str, words: str) -> None:
    """Label before clock before order; the text kept is what the customer wrote."""
    found = occurred(text)
    assert found is not None
    assert found.text == words


def test_relative_words_follow_the_sender_not_the_server() -> None:
    """昨天 at one in the morning in Beijing is the day before in Beijing, whatever the day in UTC."""
    late = datetime(2026, 11, 20, 1, 0, tzinfo=BEIJING)
    found, in_utc = occurred("昨天坏的", late), occurred("昨天坏的", late.astimezone(UTC))
    assert found is not None
    assert in_utc is not None
    assert (found.start.day, in_utc.start.day) == (19, 18)


def test_a_date_of_last_winter_is_last_year() -> None:
    """A month ahead by far was meant in the year before."""
    found = occurred("12月3日买的", datetime(2027, 1, 5, tzinfo=BEIJING))
    assert found is not None
    assert found.start.year == 2026


def test_without_a_date_nothing_is_reckoned() -> None:
    """No Date header and no moment of arrival: unknown."""
    assert occurred("昨天下午3点", None) is None


@settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from("0123456789:-/.年月日号点时分半昨今前天晚上下午凌晨周一二三十五个小时民国T pmay"),
        max_size=40,
    ),
    st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)),
)
def test_no_text_and_no_date_raise(text: str, sent: datetime) -> None:
    """Neither damaged text nor a Date at the ends of the calendar stops the reading."""
    found = occurred(text, sent.replace(tzinfo=BEIJING))
    assert found is None or found.start <= found.end
