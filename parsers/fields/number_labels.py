"""The words that stand before a number and say what it is, and the shapes that say it by themselves.

Pure data for ``numbers``, in folded lower-case spelling. A longer label stands before a shorter one that it contains:
快递单号 is no 单号. Order of the kinds does not matter otherwise.
"""

from __future__ import annotations

# kind -> labels. Kinds besides "order" and "customer" end in other_nos under their own name.
LABELS: dict[str, tuple[str, ...]] = {
    "tracking": (
        r"(?:快递|快遞|快運|物流|运单|货运|貨運|包裹|配送|邮政|ems|追踪|跟踪|追蹤)(?:编号|单号|運單號|單號|号码?|號碼?)",
        r"(?:顺丰|圆通|中通|申通|韵达|极兔|京东)(?:快递)?(?:运单号|快递单号|单号|编号)",
        r"运单",
        r"tracking ?(?:number|no\.?|id|code)?",
        r"waybill(?: ?(?:number|no\.?))?",
        r"consignment ?(?:number|no\.?)?",
    ),
    "repair": (
        r"(?:维修|返修|寄修|維修|售后|售後|服务|服務)(?:单号|單號|单编号|工单号|编号|编號|号)",
        r"repair ?(?:number|no\.?|id)",
        r"rma ?(?:number|no\.?)?",
    ),
    "refund": (r"(?:退款|退货|退貨|退换货)(?:单号|單號|单编号|流水号|编号|号)", r"refund ?(?:number|no\.?|id)"),
    "invoice": (
        r"(?:发票|發票|开票)(?:号码?|號碼?|代码|代碼|编号|单号|流水号)",
        r"invoice ?(?:number|no\.?|id|#)",
    ),
    "tax": (
        r"税号|稅號|纳税人识别号|统一社会信用代码|信用代码|统一编号|統一編號|統編",
        r"tax (?:id|number)|vat (?:id|number|no\.?)",
    ),
    "serial": (
        r"序列号|序列號|机身号|机身编码|设备号|设备编号|sn码?|s/n|imei码?",
        r"serial ?(?:number|no\.?)?",
    ),
    "batch": (r"批次号?|批号|生产批号", r"batch ?(?:number|no\.?)?|lot ?(?:number|no\.?)"),
    "contract": (r"合同(?:编号|号码?|单号)|合約(?:編號|號)|协议(?:编号|号)", r"contract ?(?:number|no\.?)"),
    "payment": (
        r"(?:交易|支付|转账|汇款|付款|商户)(?:流水)?(?:单号|编号|号)|流水号",
        r"transaction ?(?:id|number|no\.?)|payment ?(?:id|no\.?)",
    ),
    "ticket": (
        r"工单(?:编号|号|单号)?|工單(?:編號|號)?|受理(?:编号|单号|号)|投诉(?:编号|单号|号)",
        r"ticket ?(?:number|no\.?|id|#)?|case ?(?:number|no\.?|id)",
    ),
    "account": (r"qq号?码?|微信号?|wechat(?: id)?|用户名|用户id|账号id?|帐号|賬號|uid|工号",),
    "bank_card": (r"(?:银行)?卡号|银行账号|银行卡|尾号为?|收款账号", r"card (?:number|no\.?)"),
    "id_card": (r"身份证(?:号码?)?|身分證(?:字號)?|证件号码?",),
    "customer": (
        r"(?:客户|客戶|会员|會員|用户)(?:编号|編號|代码|号码?|號碼?|卡号)",
        r"customer ?(?:number|no\.?|id|#)|member(?:ship)? ?(?:number|no\.?|id)",
    ),
    "order": (
        r"订单(?:编号|号码?|尾号|单号|id)?|訂單(?:編號|號碼?|尾號)?|单号|單號|下单号|购买单号",
        r"order ?(?:number|num|no\.?|id|ref(?:erence)?|#)?|\bpo ?(?:number|no\.?|#)",
    ),
}

# Labels so common in prose that the number must be long to count (订单 5 个; order 2 of them).
LOOSE_LABELS = (
    "订单", "訂單", "单号", "order", "ticket", "工单", "工單", "运单", "tracking", "waybill", "serial", "银行卡",
    "qq",
)  # fmt: skip
LOOSE_LENGTH = 6

# Shapes that need no label. Couriers: SF, YT, JD, UPS, STO, EMS; our own ticket; our own customer number.
SHAPES: dict[str, str] = {
    "tracking": (
        r"SF\d{12,13}|YT\d{13}|JD[A-Z]{0,2}\d{11,14}|JDV[A-Z0-9]{11,14}|1Z[0-9A-Z]{16}"
        r"|ZTO\d{12}|STO\d{12}|E[A-Z]\d{9}CN"
    ),
    "ticket": r"T20\d{6}\d{3,6}",
    "customer": r"C20\d{6}\d{3,6}",
    "repair": r"WX\d{8,16}",
    "refund": r"RF\d{8,16}",
    "contract": r"HT-?\d{6,16}",
}
