"""The form that dismisses a finding."""

from __future__ import annotations

from typing import Any

import colander
import deform.widget

from supervision.findings.lifecycle import REASONS
from supervision.findings.service import NOTE_LENGTH


@colander.deferred
def _reasons(node: Any, bound: dict[str, Any]) -> deform.widget.Widget:
    language = bound["request"].language
    values = [(code, getattr(told, language)) for code, told in REASONS.items()]
    return deform.widget.SelectWidget(values=[("", "—"), *values])


class DismissalSchema(colander.Schema):
    reason = colander.SchemaNode(
        colander.String(), title="理由", validator=colander.OneOf(list(REASONS)), widget=_reasons
    )
    note = colander.SchemaNode(
        colander.String(),
        title="事实和依据",
        description="10 至 2000 个字。该说明永久保留并记入日志。",
        validator=colander.Length(*NOTE_LENGTH),
        widget=deform.widget.TextAreaWidget(rows=5),
    )
    version = colander.SchemaNode(colander.Integer(), title="版本", widget=deform.widget.HiddenWidget())
