"""Family names, titles, and words that look like names but are none. Pure data for ``names``."""

from __future__ import annotations

DOUBLE_SURNAMES = (
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯",
    "司徒", "轩辕", "端木", "南宫", "独孤", "宇文", "长孙", "拓跋", "呼延", "闻人", "赫连", "澹台",
)  # fmt: skip
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴"
    "霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚"
    "岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池麻苑迟"
    "邝張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧葉蘇魏呂盧鍾譚陸範賈韋鄒龍賀顧龔萬錢嚴湯齊喬龐顏莊聶關蘭寧紀單華饒"
    "車項連婁竇黨宮費衛"
)

# The hundred commonest: enough for a bare name in the last line, where a rare one is more often a word.
COMMON_SURNAMES = (*SURNAMES[:100], *"張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧葉蘇魏呂盧鍾譚陸", *DOUBLE_SURNAMES)
# Characters of prose that no given name has.
NOT_IN_NAMES = frozenset("的了吗呢吧啊是在不没你我他她们这那个很都也就被把给要说您")

# Titles by the honorific they state.
TITLES: dict[str, tuple[str, ...]] = {
    "女士": ("女士", "小姐", "太太", "夫人"),
    "先生": ("先生",),
    "其他": (
        "老师", "老師", "经理", "經理", "主任", "师傅", "師傅", "医生", "醫生", "教授", "律师", "律師", "同学",
        "总监", "总", "總", "工",
    ),
}  # fmt: skip

# Words that begin with a family name and are none.
_NOT_NAMES = (
    "高级会员", "常客", "车主", "商家", "商户", "单位", "房东", "安徽", "江苏", "江西", "云南", "宁夏", "宁波",
    "温州", "杭州", "常州", "苏州", "徐州", "郑州", "金华", "黄山", "石家庄", "秦皇岛", "广州", "高管", "高中生",
    "金牌会员", "金卡会员", "白金会员", "白领", "钻石会员", "老客户", "明天", "时候", "时间", "何时", "任何人",
    "许多", "成功", "成员", "全部", "全家", "应该", "安全", "安装", "谢谢", "谢谢您", "谢谢你", "谢谢啦", "祝好",
    "祝安", "祝您好", "商祺", "安好", "成都", "高温", "满意", "许可", "明白", "文员", "解决", "连接", "关于",
    "包裹", "包装", "万分", "严重", "方便", "方案", "武汉", "温馨提示", "于是", "向您", "和他", "全新", "单号",
    "游客", "古董", "师傅", "经理", "向导", "安卓", "华为", "金额", "路人", "管理员", "管家", "平安", "康师傅",
    "牛奶", "农民", "应届生", "司机", "党员", "卫生员", "高速", "冷静", "路由器", "白屏", "黑屏", "黄屏", "华东",
    "连锁店",
)  # fmt: skip
NOT_NAMES = frozenset(_NOT_NAMES)
# Words in a display name or signature that say it is no person.
NOT_PERSONS = (
    "客服", "公司", "集团", "团队", "小助手", "助手", "有限", "服务", "部", "中心", "系统", "通知", "官方",
    "旗舰店", "商城", "店", "银行", "财务", "销售", "采购", "行政", "管理", "会员", "用户", "客户", "邮箱", "邮件",
    "学校", "大学", "酒店", "快递", "物流", "科技",
)  # fmt: skip
_NOT_PERSONS_LATIN = (
    "support", "team", "service", "services", "sales", "admin", "info", "help", "desk", "helpdesk", "noreply",
    "no-reply", "inc", "ltd", "llc", "gmbh", "co", "corp", "company", "group", "customer", "care", "billing",
    "office", "mail", "mailer", "daemon", "news", "newsletter", "notification", "notifications", "system",
    "account", "accounts", "store", "shop", "bank", "university", "technology", "department", "dept", "marketing",
    "the", "your", "my", "user", "test", "iphone", "regards", "best", "kind", "thanks", "not", "very", "never",
    "still", "so", "also", "working", "broken", "unacceptable", "urgent", "important", "regarding", "about", "bad",
    "terrible", "ridiculous", "happy", "angry", "sorry", "waiting", "done", "here", "writing", "new", "order",
    "product", "it", "please", "a", "an", "really", "dear", "hello", "tel", "phone", "sent", "from",
)  # fmt: skip
NOT_PERSONS_LATIN = frozenset(_NOT_PERSONS_LATIN)
