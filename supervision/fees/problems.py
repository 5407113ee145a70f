"""What can be refused about charges, told in both languages."""

from __future__ import annotations


class FeeRefused(ValueError):
    """A charge cannot be entered or moved on; ``zh`` and ``en`` say why and what to do. ``field`` names the field of
    the form it concerns, if one."""

    def __init__(self, zh: str, en: str, field: str | None = None) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en, self.field = zh, en, field


class SamePerson(FeeRefused):
    """Who entered a charge and who decides on it are two natural persons."""

    def __init__(self, act_zh: str, act_en: str) -> None:
        super().__init__(
            f"录入本收费项目的人不得{act_zh}（按人员编号认定，换用其他账号也不行）。请由另一人办理。",
            f"Whoever entered this charge cannot {act_en} it, under another sign-in either. Another person must do it.",
        )


class NoSuchEntry(LookupError):
    """No entry has this identifier."""
