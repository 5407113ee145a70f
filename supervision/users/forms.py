"""Forms of sign-in and of the people. Passwords are taken byte for byte: nothing is stripped."""

from __future__ import annotations

from typing import Any

import colander
import deform.widget

from supervision.security import Role

ROLE_NAMES = {
    Role.OFFICER: "监管人员",
    Role.SUPERVISING_OFFICER: "监管负责人",
    Role.SYSTEM_ADMINISTRATOR: "系统管理员",
    Role.SECURITY_ADMINISTRATOR: "安全管理员",
    Role.AUDIT_ADMINISTRATOR: "审计管理员",
    Role.COMPANY_CLERK: "企业经办人",
    Role.COMPANY_SIGNATORY: "企业签署人",
}
LONGEST_TYPED = 1000  # far beyond any password; keeps the hash from chewing on a megabyte


def _password(purpose: str) -> deform.widget.Widget:
    return deform.widget.PasswordWidget(strip=False, attributes={"autocomplete": purpose})


def _code_widget() -> deform.widget.Widget:
    return deform.widget.TextInputWidget(
        attributes={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "20"}
    )


class SignInSchema(colander.Schema):
    name = colander.SchemaNode(
        colander.String(),
        title="登录名",
        validator=colander.Length(max=80),
        widget=deform.widget.TextInputWidget(
            attributes={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = colander.SchemaNode(
        colander.String(),
        title="密码",
        validator=colander.Length(max=LONGEST_TYPED),
        widget=_password("current-password"),
    )


class CodeSchema(colander.Schema):
    code = colander.SchemaNode(
        colander.String(),
        title="验证码",
        description="验证器应用中显示的 6 位数字，每 30 秒更换一次。",
        validator=colander.Length(max=40),
        widget=_code_widget(),
    )


class ConfirmSchema(colander.Schema):
    current = colander.SchemaNode(
        colander.String(),
        title="当前密码",
        validator=colander.Length(max=LONGEST_TYPED),
        widget=_password("current-password"),
    )


class ChangePasswordSchema(ConfirmSchema):
    new = colander.SchemaNode(
        colander.String(),
        title="新密码",
        description="12 至 128 个字符，不要求字符种类；可用一句容易记、别人猜不到的话。不接受常见密码、姓名和登录名。",
        validator=colander.Length(max=LONGEST_TYPED),
        widget=_password("new-password"),
    )
    again = colander.SchemaNode(
        colander.String(),
        title="再次输入新密码",
        validator=colander.Length(max=LONGEST_TYPED),
        widget=_password("new-password"),
    )

    def validator(self, node: Any, value: dict[str, str]) -> None:
        if value["new"] != value["again"]:
            error = colander.Invalid(node)
            error["again"] = "两次输入的新密码不一致。"
            raise error


def _roles() -> deform.widget.Widget:
    return deform.widget.SelectWidget(values=[(str(role), name) for role, name in ROLE_NAMES.items()])


@colander.deferred
def _companies(_node: Any, given: dict[str, Any]) -> deform.widget.Widget:
    return deform.widget.SelectWidget(values=[("", "不属于企业"), *given["companies"]])


class RoleSchema(colander.Schema):
    role = colander.SchemaNode(
        colander.String(),
        title="角色",
        validator=colander.OneOf([str(role) for role in Role]),
        widget=_roles(),
    )
    company_id = colander.SchemaNode(
        colander.Integer(),
        title="所属企业",
        description="只有企业经办人和企业签署人须选择。",
        missing=None,
        widget=_companies,
    )


class PersonSchema(RoleSchema):
    name = colander.SchemaNode(
        colander.String(),
        title="登录名",
        description="2 至 40 个小写字母、数字、点、下划线或连字符。",
        validator=colander.Length(max=40),
        insert_before="role",
        widget=deform.widget.TextInputWidget(attributes={"autocapitalize": "none", "autocomplete": "off"}),
    )
    display_name = colander.SchemaNode(
        colander.String(),
        title="姓名",
        validator=colander.Length(max=80),
        insert_before="role",
    )
    person_no = colander.SchemaNode(
        colander.String(),
        title="人员编号",
        description="同一自然人的编号相同；起草与批准须由编号不同的两人完成。",
        validator=colander.Regex(r"\A[A-Za-z0-9-]{1,40}\Z", "人员编号只能含字母、数字和连字符。"),
        insert_before="role",
    )
