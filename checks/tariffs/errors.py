"""What can be wrong with tariffs, said in Chinese and English."""

from __future__ import annotations

import datetime as dt


class TariffError(Exception):
    """Base of every complaint about tariffs; ``zh`` and ``en`` say what is wrong and how to mend it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


class TariffDataError(TariffError):
    """A tariff as written cannot be read: ``file``, ``record`` and ``field`` say where (empty when not known)."""

    def __init__(self, zh: str, en: str, *, field: str = "", record: str = "", file: str = "") -> None:
        super().__init__(
            _placed(zh, file, record, field, "文件", "记录", "字段"), _placed_en(en, file, record, field)
        )
        self.bare_zh = zh
        self.bare_en = en
        self.field = field
        self.record = record
        self.file = file

    def at(self, *, record: str = "", file: str = "") -> TariffDataError:
        """The same complaint with its place completed; what is already known stays."""
        return TariffDataError(
            self.bare_zh,
            self.bare_en,
            field=self.field,
            record=self.record or record,
            file=self.file or file,
        )


class NoTariffInForce(TariffError):
    """No record prices the scope on the day. ``before`` and ``after`` are the ids of the nearest versions."""

    def __init__(
        self, zh: str, en: str, *, on: dt.date, before: str | None = None, after: str | None = None
    ) -> None:
        super().__init__(zh, en)
        self.on = on
        self.before = before
        self.after = after


class TariffsCollide(TariffError):
    """Two or more records price the same scope on the same day; ``ids`` names them all, in order."""

    def __init__(self, zh: str, en: str, *, on: dt.date, ids: tuple[str, ...]) -> None:
        super().__init__(zh, en)
        self.on = on
        self.ids = ids


def _placed(text: str, file: str, record: str, field: str, *words: str) -> str:
    places = [f"{word} {value}" for word, value in zip(words, (file, record, field), strict=True) if value]
    return f"{'，'.join(places)}：{text}" if places else text


def _placed_en(text: str, file: str, record: str, field: str) -> str:
    words = ("file", "record", "field")
    places = [f"{word} {value}" for word, value in zip(words, (file, record, field), strict=True) if value]
    return f"{', '.join(places)}: {text}" if places else text
