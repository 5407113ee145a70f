"""The words of the register of charges, Chinese and English."""

from __future__ import annotations

from checks.fees import Ruling, Standing
from checks.recompute.text import Text
from supervision.fees.lifecycle import EntryState

STANDINGS: dict[Standing, tuple[Text, str]] = {
    Standing.ABOLISHED: (Text("已取消", "abolished"), "bad"),
    Standing.FORBIDDEN: (Text("不得收取", "must not be charged"), "bad"),
    Standing.INSIDE_PRICE: (Text("已含在热价内", "inside the price"), "bad"),
    Standing.NO_AUTHORITY: (Text("没有定价依据", "set by nobody"), "bad"),
    Standing.CONDITIONAL: (Text("限额内有条件", "on a condition, limited"), "open"),
}
STATES: dict[EntryState, tuple[Text, str]] = {
    EntryState.DRAFT: (Text("草稿", "Draft"), "open"),
    EntryState.SUBMITTED: (Text("待批准", "Waiting for approval"), "open"),
    EntryState.APPROVED: (Text("已登记", "In the register"), "good"),
    EntryState.WITHDRAWN: (Text("已撤回", "Withdrawn"), "bad"),
    EntryState.DISCARDED: (Text("已作废", "Discarded"), "secondary"),
}
ACTS: dict[str, Text] = {
    "start": Text("新建草稿", "Started"),
    "save": Text("保存", "Saved"),
    "submit": Text("提交批准", "Submitted for approval"),
    "discard": Text("作废", "Discarded"),
    "send_back": Text("退回", "Sent back"),
    "approve": Text("批准", "Approved"),
    "withdraw": Text("撤回", "Withdrawn"),
}


def place(ruling: Ruling) -> Text:
    """Where a ruling holds."""
    where = ruling.city or ruling.province
    return Text(where, where) if where else Text("全国", "everywhere")
