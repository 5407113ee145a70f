"""Why a sign-in or a change to a person is refused. ``source`` is the reason as a Chinese source string; its English
stands in the catalogue, so a view says it in the visitor's language with ``request.say(error.source, **error.values)``.
"""

from __future__ import annotations


class UsersError(Exception):
    """The family of everything ``supervision.users`` refuses."""

    source = "操作被拒绝。"

    def __init__(self, source: str | None = None, **values: object) -> None:
        self.source, self.values = source or type(self).source, values
        super().__init__(self.source % values if values else self.source)


class WrongSignIn(UsersError):
    """Name or password is wrong, or the person does not exist or is inactive: one answer for all of them."""

    source = "登录名或密码不正确。"


class WrongCode(UsersError):
    source = "验证码不正确或已经用过。请等待验证器显示下一个验证码后再输入。"


class OneTimePasswordExpired(UsersError):
    source = "一次性密码已过期，请联系安全管理员重新生成。"


class NoCodeDue(UsersError):
    """There is no sign-in waiting for its code: it was never begun, took too long or was ended."""

    source = "登录已超时，请重新输入登录名和密码。"


class TooManyAttempts(UsersError):
    """Refused before checking anything; free again after ``retry_after`` seconds."""

    source = "尝试次数过多，请在 %(minutes)s 分钟后再试。"

    def __init__(self, retry_after: int) -> None:
        super().__init__(minutes=max(1, -(-retry_after // 60)))
        self.retry_after = retry_after


class WeakPassword(UsersError):
    """The new password is too short, too long or easy to guess."""


class WrongPassword(UsersError):
    """The present password, asked before a change, is not the right one."""

    source = "当前密码不正确。"


class NoSuchUser(UsersError, LookupError):
    source = "没有这个人员。"


class NotAllowed(UsersError):
    """The register would no longer be sound: a taken name, a role without its company, two administrators in one
    person, or nobody left who could look after the people."""
