"""The form of what comes by e-mail."""

from __future__ import annotations

import colander
import deform.widget

from supervision.notifications.kinds import TEXTS, kinds_for
from supervision.notifications.letters import is_address
from supervision.security import Role


def _an_address(node: colander.SchemaNode, text: str) -> None:
    if not is_address(text):
        raise colander.Invalid(node, "不是有效的邮箱地址，例如 zhang.san@company.example。")


class ChoiceSchema(colander.Schema):
    address = colander.SchemaNode(
        colander.String(),
        title="工作邮箱",
        description="留空则不发送任何邮件，通知仍在平台内。",
        widget=deform.widget.TextInputWidget(attributes={"type": "email", "autocomplete": "email"}),
        validator=_an_address,
        missing="",
    )
    language = colander.SchemaNode(
        colander.String(),
        title="邮件语言",
        widget=deform.widget.RadioChoiceWidget(values=[("zh", "汉语"), ("en", "英文")]),
        validator=colander.OneOf(["zh", "en"]),
    )
    kinds = colander.SchemaNode(
        colander.Set(),
        title="通过邮件接收",
        description="邮件只含标题和链接，不含用户的个人信息。",
        missing=frozenset(),
    )


def choice_schema(role: Role) -> ChoiceSchema:
    """The form for somebody in ``role``: it offers what concerns them and takes nothing else."""
    offered = {str(kind): TEXTS[kind].label for kind in kinds_for(role)}
    schema = ChoiceSchema()

    def only_offered(node: colander.SchemaNode, chosen: set[str]) -> None:
        if not chosen <= set(offered):
            raise colander.Invalid(node, "所选通知无效，请重新选择。")

    schema["kinds"].widget = deform.widget.CheckboxChoiceWidget(values=list(offered.items()))
    schema["kinds"].validator = only_offered
    return schema
