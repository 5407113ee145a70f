"""The words of cases, as source strings; the catalogue has their English."""

from __future__ import annotations

STATES = {
    "opened": "起草中",
    "submitted": "待审批",
    "notified": "已签发，待企业回复",
    "replied": "企业已回复",
    "closed": "已结案",
    "withdrawn": "已撤销",
}
TONES = {
    "opened": "open",
    "submitted": "open",
    "notified": "bad",
    "replied": "info",
    "closed": "good",
    "withdrawn": "secondary",
}
ACTS = {
    "open": "立案",
    "save": "保存决定草稿",
    "submit": "提交审批",
    "send_back": "退回修改",
    "approve": "审批并签发",
    "reply": "企业回复",
    "report_refund": "企业报告退款",
    "return_refund": "退款报告退回补充",
    "confirm_refund": "确认退款",
    "close": "结案",
    "withdraw": "撤销案件",
}
KINDS = {
    "rectification_order": "责令改正",
    "warning": "提醒告诫",
    "no_action": "结案，不作处理",
}
DECISION_STATES = {
    "draft": "草稿",
    "submitted": "待审批",
    "sent_back": "已退回",
    "approved": "已签发",
    "withdrawn": "已撤销",
}
REFUND_STATES = {
    "ordered": "待企业退款",
    "reported": "待确认",
    "confirmed": "已确认",
}
REFUND_TONES = {"ordered": "bad", "reported": "open", "confirmed": "good"}
