"""The words of causes, of what is missing, and of codes, in both languages."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from checks.recompute.documents import document_words as document_words
from checks.recompute.text import Text
from ingest.standard import feed
from supervision.findings.lifecycle import Told

if TYPE_CHECKING:
    from supervision.findings.models import CheckRun

OUTCOMES: dict[str, Told] = {
    "conforms": Told("相符", "Conforms", "good"),
    "breach": Told("不符", "Breach", "bad"),
    "inconclusive": Told("无法判定", "Inconclusive", "open"),
}


def cause_text(code: str) -> Text:
    """The name of a cause, or of two found together; the code itself for one that is known no longer."""
    from checks import causes

    return causes.cause_text(code)


def cause_title(code: str) -> Text:
    """The name of a cause where it stands alone: as a heading, in a cell."""
    zh, en = cause_text(code)
    return Text(zh, en[:1].upper() + en[1:])


def cause_explanation(code: str) -> Text:
    from checks import causes

    return causes.cause_explanation(code)


def missing_text(code: str) -> Text:
    from checks.recompute import MISSING

    return MISSING.get(code, Text(code, code))


def moved_text(key: str) -> Text:
    """How an outcome moved from run to run: a key of ``CheckRun.delta``."""
    if key == "added":
        return Text("新增账单", "bills added")
    if key == "removed":
        return Text("不再有的账单", "bills removed")
    was, became = (OUTCOMES[part] for part in key.split("→"))
    return Text(f"由“{was.zh}”变为“{became.zh}”", f"from “{was.en.lower()}” to “{became.en.lower()}”")


def moved_by(run: CheckRun) -> list[tuple[Text, int, Decimal]]:
    """Whose the differences to the compared run are: the reason, its bills, what they add to the overcharge (CNY). Last the
    bills that are wrong in both, which is the company's own error whatever was known."""
    from checks.runs.moves import REASONS, by_reason

    found = by_reason(run.moved)
    told = [(REASONS[reason], *found[reason]) for reason in REASONS if reason in found]
    stands = Text("企业差错：两次核查都不符", "company error: wrong in both runs")
    return [*told, (stands, *found["stands"])] if found.get("stands", (0, 0))[0] else told


def moved_reasons(reasons: str) -> list[Text]:
    """The reasons of one bill, as a run keeps them."""
    from checks.runs.moves import REASONS

    return [REASONS[reason] for reason in reasons.split(";") if reason in REASONS]


def convention_text(code: str) -> Text:
    """How parts of a season are counted by another convention than the tariff's."""
    from checks.causes.conventions import CONVENTIONS

    return CONVENTIONS.get(code, Text(code, code))


def coded(column: str, code: str | None) -> Text:
    """The label of a code of the ``bills`` feed; the code itself where the standard does not have it."""
    for one in feed("bills").columns:
        if one.code == column:
            for known in one.codes:
                if known.code == code:
                    return Text(known.zh, known.en)
    return Text(code or "—", code or "—")


def column_label(feed_code: str, column: str) -> Text:
    """The standard's label of a column of a feed; the code itself where it has none."""
    for one in feed(feed_code).columns:
        if one.code == column:
            return Text(one.zh, one.en)
    return Text(column, column)


def shown(feed_code: str, column: str, value: Any) -> Text:
    """A stored value of a feed as a reader sees it: codes by their label, yes and no in words, figures as stored."""
    for one in feed(feed_code).columns:
        if one.code == column:
            for known in one.codes:
                if known.code == value:
                    return Text(known.zh, known.en)
            units = {"CNY": ("元", "CNY"), "m2": ("㎡", "m²"), "m": ("米", "m")}
            unit = units.get(one.unit)
            if unit is not None:
                return Text(f"{value:,} {unit[0]}", f"{value:,} {unit[1]}")
    if isinstance(value, bool):
        return Text("是" if value else "否", "yes" if value else "no")
    return Text(str(value), str(value))


def legal_basis(cause: str) -> tuple[Text, ...]:
    """Under which law a breach of this cause is acted upon."""
    from checks.catalogue import legal_basis_of

    return legal_basis_of(cause)


def share(part: int, whole: int) -> Decimal | None:
    """``part`` of ``whole`` as a fraction of one; None of nothing."""
    return None if whole == 0 else Decimal(part) / Decimal(whole)


def changed_inputs(run: CheckRun) -> list[Text]:
    """Why a run came after its predecessor: which of the things it rests on are others."""
    before = run.previous
    if before is None:
        return []
    return [
        text
        for name, text in (
            ("bills_digest", Text("账单重新报送", "the bills were filed again")),
            ("accounts_digest", Text("用户台账重新报送", "the roster was filed again")),
            ("neighbours_digest", Text("本季其他账单有变化", "other bills of the season changed")),
            (
                "measured_digest",
                Text("测温、报修或停热记录有变化", "temperatures, service requests or outages changed"),
            ),
            ("readings_digest", Text("表计读数重新报送", "readings were filed again")),
            ("tariffs_digest", Text("登记的热价有变化", "the register of tariffs changed")),
            ("rules_digest", Text("核算规则有修订", "the rules of recomputation were revised")),
        )
        if getattr(run, name) != getattr(before, name)
    ]
