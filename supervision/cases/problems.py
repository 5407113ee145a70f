"""Why an act on a case is refused, in both languages, and what to do instead."""

from __future__ import annotations


class NoSuchCase(LookupError):
    """No case has this identifier, or the asker may not see it (yet): told apart by nobody."""


class CaseRefused(Exception):
    """The act is not possible as things stand; ``zh`` and ``en`` say why and how to mend it. ``field`` names the field
    of the form it concerns, if one."""

    def __init__(self, zh: str, en: str, field: str | None = None) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en, self.field = zh, en, field


class SamePerson(CaseRefused):
    """Whoever wrote a decision does not approve it, under whatever sign-in."""

    def __init__(self) -> None:
        super().__init__(
            "起草、修改或提交过本决定的人不得审批（按人员编号认定，换用其他账号也不行）。请由另一名主管人员审批。",
            "Whoever drafted, changed or submitted this decision cannot approve it, under another sign-in either. "
            "Another supervising officer must approve it.",
        )


class TextChanged(CaseRefused):
    """The text is no longer the one that was shown."""

    def __init__(self) -> None:
        super().__init__(
            "您看到的决定文本在此期间已被修改，审批没有生效。请返回重新阅读现在的文本。",
            "The text of the decision was changed after you opened the page; nothing was approved. "
            "Go back and read the text as it is now.",
        )
