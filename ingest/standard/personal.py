"""Personal data that no filing may carry (个人信息保护法 Art. 6: collect the least that the purpose needs)."""

from __future__ import annotations

import re

#: A header that the standard does not know and that matches here names, reaches or identifies a person.
PERSONAL_COLUMNS: re.Pattern[str] = re.compile(
    "姓名|户主|业主|联系人|电话|手机|联系方式|身份证|证件|护照|微信|邮箱|银行卡|银行账号|出生|性别|民族"
    "|(?:^|_)name(?:$|_)|phone|mobile|(?:^|_)tel(?:$|_)|identity|id_?card|id_?no|passport|e-?mail|wechat|bank_?card|birth|gender",
    re.IGNORECASE,
)


def is_personal(header: str) -> bool:
    """True when a header that is not a column of the standard asks for personal data."""
    return PERSONAL_COLUMNS.search(header) is not None
