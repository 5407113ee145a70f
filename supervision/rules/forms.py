"""Forms of a withdrawal: the officer's reason, the supervising officer's remark."""

from __future__ import annotations

import colander
import deform.widget

LENGTH = colander.Length(min=10, max=2000)


class WithdrawalSchema(colander.Schema):
    reason = colander.SchemaNode(
        colander.String(),
        title="撤销理由",
        description="规则错在哪里，10至2000字。批准后公开。",
        validator=LENGTH,
        widget=deform.widget.TextAreaWidget(rows=5),
    )


class DecisionSchema(colander.Schema):
    version = colander.SchemaNode(colander.Integer(), widget=deform.widget.HiddenWidget())
    remark = colander.SchemaNode(
        colander.String(),
        title="决定理由",
        description="批准或不批准的理由，10至2000字。批准后公开。",
        validator=LENGTH,
        widget=deform.widget.TextAreaWidget(rows=4),
    )
    decision = colander.SchemaNode(
        colander.String(),
        title="决定",
        validator=colander.OneOf(["approve", "refuse"]),
        widget=deform.widget.SelectWidget(
            values=[("", "请选择"), ("approve", "批准撤销"), ("refuse", "不批准")]
        ),
    )
