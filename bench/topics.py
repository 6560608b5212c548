"""What the customers of the mixed load write about: one matter per department, in Chinese and in English.

``{order}`` and ``{name}`` are filled per mail, so that no two mails have the same content.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """One matter: the department that ought to get it, and how a customer puts it."""

    department: str
    subject: str
    text: str


CHINESE = (
    Topic("logistics", "包裹三天没有更新", "订单 {order} 的快递停在中转站三天了,物流信息一直没有更新,请帮忙催件。"),
    Topic("payment", "重复扣款", "订单 {order} 付款时被扣了两次钱,银行卡上有两条扣款记录,请把多扣的退款给我。"),
    Topic("tech", "软件打不开", "更新之后点图标就闪退,重装也登录不上,屏幕上写着错误码 E1042。订单号 {order}。"),
    Topic("quality", "外壳有裂痕", "刚收到的水壶外壳有一道裂痕,倒热水还有异味,怀疑是质量问题。订单 {order}。"),
    Topic("aftersales", "申请换货", "买的耳机右边没有声音,还在保修期内,想申请换货,寄回的地址是哪里?订单 {order}。"),
    Topic("invoice", "发票抬头写错", "订单 {order} 的电子发票抬头和税号写错了,请作废后重新开发票。"),
    Topic("order", "修改收货地址", "订单 {order} 还没发货,请帮我修改订单的收货地址,改到公司。"),
    Topic("member", "积分没有到账", "上个月的会员积分没有到账,优惠券也用不了,会员等级显示不对。最近一单是 {order}。"),
    Topic("complaint", "投诉客服态度", "你们的客服态度恶劣,承诺昨天回电也没有人打,我要投诉!订单 {order}。"),
    Topic("security", "账号被盗", "我的账号被盗了,收到异地登录的提醒,密码被改,里面还有订单 {order}。"),
)
ENGLISH = (
    Topic(
        "logistics",
        "Parcel has not moved",
        "The courier's tracking for order {order} has shown no movement since Monday.",
    ),
    Topic("payment", "Charged twice", "My card was charged twice for order {order}. Please refund the double payment."),
    Topic(
        "tech",
        "App crashes at login",
        "Since the update the app crashes at login with error code E1042. Order {order}.",
    ),
    Topic(
        "quality",
        "Crack in the lid",
        "The kettle arrived with a crack in the lid and it leaks. This is a defect. Order {order}.",
    ),
    Topic(
        "aftersales",
        "Exchange under warranty",
        "The left earphone is silent. It is under warranty; how do I return it? Order {order}.",
    ),
    Topic(
        "invoice",
        "Wrong tax number",
        "The invoice for order {order} carries a wrong tax number. Please issue it again.",
    ),
    Topic(
        "order",
        "Change of address",
        "Order {order} has not been shipped yet. Please change the delivery address to my office.",
    ),
    Topic(
        "member",
        "Points are missing",
        "My membership points from last month are missing and the coupon fails. Order {order}.",
    ),
    Topic(
        "sales",
        "Quote for a bulk order",
        "Could you send us a quote for two hundred units, like those of order {order}?",
    ),
    Topic(
        "product",
        "A suggestion",
        "It would help if the export had a dark mode; I use it daily. A feature request, see {order}.",
    ),
)
CHINESE_CLOSE = "\r\n\r\n麻烦尽快处理,谢谢。\r\n{name}\r\n电话 139{phone}\r\n"
ENGLISH_CLOSE = "\r\n\r\nThank you for looking into it.\r\n\r\nKind regards,\r\n{name}\r\n+86 139{phone}\r\n"
CHINESE_NAMES = ("王芳", "李伟", "张敏", "刘洋", "陈静", "杨磊", "赵婷", "黄强")
ENGLISH_NAMES = ("Ann Miller", "Tom Baker", "Ines Duarte", "Omar Haddad", "Eva Lind", "Joe Park")
