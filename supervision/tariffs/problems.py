"""What can be refused about tariffs, told in both languages."""

from __future__ import annotations


class TariffRefused(ValueError):
    """A record cannot be entered or moved on; ``zh`` and ``en`` say why and what to do. ``field`` names the field of
    the form it concerns, if one."""

    def __init__(self, zh: str, en: str, field: str | None = None) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en, self.field = zh, en, field


class SamePerson(TariffRefused):
    """Who entered, reviewed and approves a tariff are three natural persons."""

    def __init__(self, done_zh: str, done_en: str, act_zh: str, act_en: str) -> None:
        super().__init__(
            f"{done_zh}本热价的人不得{act_zh}（按人员编号认定，换用其他账号也不行）。请由另一人办理。",
            f"Whoever {done_en} this tariff cannot {act_en} it, under another sign-in either. "
            "Another person must do it.",
        )


class NoSuchTariff(LookupError):
    """No public tariff has this id."""


class NoSuchDraft(LookupError):
    """No draft has this identifier."""
