"""The marks by which mail programs set off quoted and forwarded mail: separators, header words, attributions.

Pure data for ``quoting``, in folded spelling (ASCII colons and spaces). Add a client by adding its words. Each group
names the programs that write it.
"""

from __future__ import annotations

# Words between dashes. QQ and Coremail, Thunderbird, K-9, Outlook, Tencent Exmail, Mail Master, NetEase and Gmail
# forwards, Apple Mail forwards.
SEPARATOR_WORDS = (
    "原始邮件", "原始郵件", "原始消息", "原始信件", "邮件原件", "郵件原件", "原邮件", "原郵件", "回复的原邮件",
    "回复的邮件信息", "回复邮件信息", "转发的消息", "转发的邮件", "转发邮件", "转发邮件信息", "轉寄郵件",
    "轉寄的郵件", "轉發郵件", "轉寄訊息", "original", "original message", "original email", "original appointment",
    "forwarded message", "forwarded mail", "forwarded by", "reply to message", "ursprüngliche nachricht",
    "message d'origine", "mensaje original", "messaggio originale", "mensagem original", "исходное сообщение",
    "元のメッセージ", "원본 메시지",
)  # fmt: skip

# Whole lines without dashes that open a forward (Apple Mail, Gmail on phones).
OPENING_LINES = (
    "开始转发的邮件:", "開始轉寄郵件:", "开始转发邮件:", "begin forwarded message:", "下面是被转发邮件的内容:",
)  # fmt: skip

# The labels of a copied header block, by what they stand for. Blanks may stand between the characters (主　题).
SENDER_LABELS = ("发件人", "發件人", "寄件者", "寄件人", "从", "從", "from", "von", "de", "da", "от", "差出人")
DATE_LABELS = (
    "发送时间", "發送時間", "发送日期", "發送日期", "寄件日期", "发件日期", "日期", "时间", "時間", "sent", "date",
    "gesendet", "datum", "envoyé", "enviado", "fecha", "data", "inviato", "дата", "отправлено", "送信日時", "日時",
)  # fmt: skip
RECIPIENT_LABELS = (
    "收件人", "收件者", "至", "到", "抄送", "抄送至", "抄送人", "副本", "to", "cc", "an", "à", "para", "a", "кому",
    "宛先",
)  # fmt: skip
SUBJECT_LABELS = (
    "主题", "主題", "主旨", "标题", "subject", "betreff", "objet", "asunto", "assunto", "oggetto", "тема", "件名",
)  # fmt: skip

# Labels that Mail Master writes without a colon, so that the bare word and a value are enough.
BARE_LABELS = (
    "发件人", "发送日期", "发送时间", "收件人", "抄送至", "抄送人", "抄送", "主题", "寄件者", "寄件日期", "收件者",
    "主旨",
)  # fmt: skip

# The last word of an attribution line ("… 于2020年5月14日周四 下午10:10写道:").
ATTRIBUTION_ENDS = (
    "写道", "寫道", "写到", "寫到", "wrote", "writes", "schrieb", "a écrit", "escribió", "ha scritto", "escreveu",
    "написал", "написала", "пишет", "님이 작성", "schreef", "skrev", "napisał",
)  # fmt: skip
# The first word of an attribution line that begins with the date.
ATTRIBUTION_STARTS = (
    "在", "于", "於", "on", "at", "am", "le", "el", "il", "em", "op", "den", "w dniu",
)  # fmt: skip

# Lines that gateways put on top of a customer's mail; matched as the start of a line or paragraph.
BANNERS = (
    "caution: this email", "caution: this message", "caution: external", "warning: this email",
    "this email originated from outside", "this message originated from outside", "[external]", "【外部邮件】",
    "[外部邮件]", "外部邮件:", "【外来邮件】", "【外部郵件】", "警告:此邮件来自", "注意:此邮件来自外部",
    "本邮件来自外部", "此邮件来自外部",
)  # fmt: skip
