"""The words of a complaint, as source strings; the catalogue has their English."""

from __future__ import annotations

TOPICS = {
    "low_temperature": "室温偏低",
    "no_heat": "停热无暖",
    "leak": "漏水",
    "bill_error": "账单有误",
    "fee_dispute": "收费争议",
    "metering": "计量问题",
    "refund": "退费",
    "suspension": "报停复热",
    "attitude": "服务态度",
    "other": "其他",
}
BILL_TOPICS = frozenset({"bill_error", "fee_dispute", "metering", "refund", "suspension"})

STATES = {
    "received": "待企业答复",
    "answered": "待监管审核",
    "returned": "退回企业重办",
    "closed": "已办结",
    "reopened": "投诉人要求重办",
}
ACTS = {
    "receive": "收到投诉",
    "answer": "企业答复",
    "return": "监管部门退回重办",
    "close": "监管部门办结",
    "reopen": "投诉人要求重办",
}
ANSWER_KINDS = {
    "monetary": "退款或补偿",
    "non_monetary": "整改、维修等非金钱处理",
    "explanation": "解释说明",
    "unfounded": "经核实不属实",
}
