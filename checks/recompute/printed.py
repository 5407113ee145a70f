"""A worksheet as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.recompute.text import Text

if TYPE_CHECKING:
    from decimal import Decimal

    from checks.recompute.worksheet import Worksheet

_OUTCOMES = {
    "conforms": Text("相符", "conforms"),
    "breach": Text("不符", "breach"),
    "inconclusive": Text("无法判定", "inconclusive"),
}


_LABELS = {
    "exact": Text("精确到分", "exact to the fen"),
    "bounded": Text("确定到一个范围", "known to a range"),
    "not_computable": Text("无法核算", "cannot be computed"),
}


def printed(sheet: Worksheet, language: str) -> str:
    """Every line of the worksheet with its formula, then totals, cause, what is missing and the notes."""

    def say(zh: str, en: str) -> str:
        return Text(zh, en).in_language(language)

    out = [
        say(f"账单 {sheet.bill_no}", f"Bill {sheet.bill_no}")
        + ": "
        + _OUTCOMES[sheet.outcome].in_language(language)
    ]
    if sheet.tariff is not None:
        document = f" ({sheet.tariff.document})" if sheet.tariff.document else ""
        out.append(say("热价", "Tariff") + f": {sheet.tariff.id}{document}")
    for line in sheet.lines:
        out.append(f"  {line.label.in_language(language)}: {line.formula.in_language(language)}")
        out.append(
            "    "
            + say("开单", "billed")
            + f" {_amount(line.billed)}  "
            + say("应收", "due")
            + f" {_amount(line.due)}  "
            + say("差额", "difference")
            + f" {_amount(line.difference)}"
        )
    out.append(
        say("合计", "Total")
        + ": "
        + say("开单", "billed")
        + f" {_amount(sheet.billed_total)}  "
        + say("应收", "due")
        + f" {_amount(sheet.recomputed_total)}  "
        + say("多收", "overcharge")
        + f" {_amount(sheet.overcharge)}"
    )
    out.append(say("确定程度", "Certainty") + f": {_LABELS[sheet.label].in_language(language)}")
    if sheet.cause_text is not None:
        out.append(say("原因", "Cause") + f" ({sheet.cause}): {sheet.cause_text.in_language(language)}")
    if sheet.cause_ties:
        out.append(
            say("另有原因得出同一金额", "Causes that give the same total")
            + f": {', '.join(sheet.cause_ties)}"
        )
    out += [say("缺", "Missing") + f": {text.in_language(language)}" for text in sheet.missing_texts]
    out += [say("注", "Note") + f": {note.in_language(language)}" for note in sheet.notes]
    return "\n".join(out) + "\n"


def _amount(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:,.2f}"
