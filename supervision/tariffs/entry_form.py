"""The record of a tariff as one flat form, and back. The form's values are text as typed; what a record means is judged
by ``checks.tariffs`` alone, so the form and a file are held to the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supervision.tariffs import lines

_PLAIN = (
    "id", "supersedes", "province", "city", "service_area", "service_area_zh", "service_area_en", "category",
    "category_note", "document", "issuer", "confidence", "valid_from", "valid_to", "known_from", "area_basis",
    "area_factor", "cap_share", "suspension_share", "refund_standard_c", "refund_basis", "proration", "transition",
    "notes", "notes_en",
)  # fmt: skip
_NEVER_NONE = frozenset(
    {"service_area", "service_area_zh", "service_area_en", "category_note", "issuer", "notes", "notes_en"}
)
_HEIGHT = (
    "shape", "trigger_m", "count_from_m", "step_m", "rate", "started_step", "max_rate", "reference_m",
    "negotiated_over_m", "public_interest_max_rate",
)  # fmt: skip
_LISTS = {
    "area_fallbacks": lines.FALLBACKS,
    "area_factors": lines.FACTORS,
    "rules_from": lines.RULES_FROM,
    "refund_bands": lines.REFUND_BANDS,
    "citations": lines.CITATIONS,
    "sources": lines.SOURCES,
}


class NotALine(ValueError):
    """A line of ``field`` does not follow its grammar."""

    def __init__(self, field: str, fault: lines.LineFault) -> None:
        super().__init__(f"{field}: line {fault.number}")
        self.field, self.number, self.example = field, fault.number, fault.example


def values_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows for a written record, complete or not."""
    values: dict[str, Any] = {name: record.get(name) or "" for name in _PLAIN}
    for name, grammar in _LISTS.items():
        values[name] = grammar.write(record.get(name) or ())
    values["assumed"] = "\n".join(record.get("assumed") or ())
    values["prices_area"] = "area" in (record.get("methods") or ())
    values["prices_metered"] = "metered" in (record.get("methods") or ())
    for name in ("area_price", "base_price"):
        price = record.get(name) or {}
        values |= {
            f"{name}_value": price.get("value") or "",
            f"{name}_per": price.get("per") or "season",
            f"{name}_periods": str(price.get("periods") or ""),
        }
    metered = record.get("metered_price") or {}
    values |= {
        "metered_price_value": metered.get("value") or "",
        "metered_price_unit": metered.get("unit") or "kWh",
    }
    rounding = record.get("rounding") or {}
    values |= {"rounding_unit": rounding.get("unit") or "", "rounding_when": rounding.get("when") or ""}
    values["cap"] = _known(record, "cap_known", "cap_share")
    values["refund_after_hours"] = str(record.get("refund_after_hours") or "")
    values["suspension"] = "" if record.get("suspension_share") is None else "share"
    values |= _height_values(record) | _late_fee_values(record) | _season_values(record)
    return values | _outage_values(record)


def _known(record: Mapping[str, Any], known: str, rule: str) -> str:
    if not record.get(known):
        return ""
    return "none" if record.get(rule) is None else "rule"


def _height_values(record: Mapping[str, Any]) -> dict[str, Any]:
    height = record.get("height") or {}
    values = {f"height_{name}": height.get(name) or "" for name in _HEIGHT}
    values["height_shape"] = height.get("shape") or ("none" if record.get("height_known") else "")
    return values | {
        "height_bands": lines.HEIGHT_BANDS.write(height.get("bands") or ()),
        "height_on_base_price": bool(height.get("on_base_price")),
        "height_net_height": bool(height.get("net_height")),
    }


def _late_fee_values(record: Mapping[str, Any]) -> dict[str, Any]:
    late = record.get("late_fee") or {}
    return {f"late_fee_{name}": late.get(name) or "" for name in ("shape", "rate", "after", "max_share")}


def _outage_values(record: Mapping[str, Any]) -> dict[str, Any]:
    outage = record.get("outage") or {}
    after = outage.get("after_hours")
    return {
        "outage_after_hours": "" if after is None else str(after),
        "outage_after_included": bool(outage.get("after_included")),
        "outage_counts": outage.get("counts") or "",
        "outage_share": outage.get("share") or "",
        "outage_total_over_days": str(outage.get("total_over_days") or ""),
    }


def _season_values(record: Mapping[str, Any]) -> dict[str, Any]:
    season = record.get("season") or {}
    return {
        "season_start": season.get("start") or "",
        "season_end": season.get("end") or "",
        "season_end_included": bool(season.get("end_included", True)),
        "season_fixed_days": str(season.get("fixed_days") or ""),
    }


def record_of(values: Mapping[str, Any], *, today: str) -> dict[str, Any]:
    """The written record the form says; what is empty is not given. Raises NotALine."""
    record: dict[str, Any] = {}
    for name in _PLAIN:
        text = str(values.get(name) or "").strip()
        record[name] = text if text or name in _NEVER_NONE else None
    record["id"] = record["id"] or ""
    for name, grammar in _LISTS.items():
        record[name] = _read(name, grammar, values)
    record |= {
        "standing": "in_force",
        "last_seen": today,
        "area_factor": record["area_factor"] or "1",
        "confidence": record["confidence"] or "high",
        "refund_basis": record["refund_basis"] or "day",
        "assumed": [line.strip() for line in str(values.get("assumed") or "").splitlines() if line.strip()],
        "methods": [m for m in ("area", "metered") if values.get(f"prices_{m}")],
        "area_price": _price(values, "area_price"),
        "base_price": _price(values, "base_price"),
        "metered_price": _pair(values, "metered_price_value", "metered_price_unit", "value", "unit"),
        "rounding": _pair(values, "rounding_unit", "rounding_when", "unit", "when"),
        "cap_known": values.get("cap") in ("none", "rule"),
        "height_known": bool(values.get("height_shape")),
        "height": _height(values),
        "late_fee": _late_fee(values),
        "season": _season(values),
        "refund_after_hours": _whole(_text(values, "refund_after_hours"), None),
        "outage": _outage(values),
    }
    if values.get("cap") != "rule":
        record["cap_share"] = None
    return record


def _read(name: str, grammar: lines.Lines, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    try:
        return grammar.read(str(values.get(name) or ""))
    except lines.LineFault as fault:
        raise NotALine(name, fault) from None


def _text(values: Mapping[str, Any], name: str) -> str | None:
    return str(values.get(name) or "").strip() or None


def _whole(text: str | None, otherwise: int | None) -> Any:
    if text is None:
        return otherwise
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else text


def _price(values: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = _text(values, f"{name}_value")
    if value is None:
        return None
    per = _text(values, f"{name}_per") or "season"
    periods = _whole(_text(values, f"{name}_periods"), 1)
    return {"value": value, "per": per, "periods": periods}


def _pair(values: Mapping[str, Any], one: str, two: str, as_one: str, as_two: str) -> dict[str, Any] | None:
    """Both, or nothing: half a rule is an open one."""
    found = _text(values, one), _text(values, two)
    return {as_one: found[0], as_two: found[1]} if all(found) else None


def _height(values: Mapping[str, Any]) -> dict[str, Any] | None:
    shape = _text(values, "height_shape")
    if shape in (None, "none"):
        return None
    rule: dict[str, Any] = {name: _text(values, f"height_{name}") for name in _HEIGHT}
    return rule | {
        "shape": shape,
        "started_step": rule["started_step"] or "full",
        "bands": _read("height_bands", lines.HEIGHT_BANDS, values),
        "on_base_price": bool(values.get("height_on_base_price")),
        "net_height": bool(values.get("height_net_height")),
    }


def _late_fee(values: Mapping[str, Any]) -> dict[str, Any] | None:
    shape = _text(values, "late_fee_shape")
    if shape is None:
        return None
    return {
        "shape": shape,
        "rate": _text(values, "late_fee_rate") or "0",
        "after": _text(values, "late_fee_after"),
        "max_share": _text(values, "late_fee_max_share"),
    }


def _outage(values: Mapping[str, Any]) -> dict[str, Any] | None:
    counts, after = _text(values, "outage_counts"), _text(values, "outage_after_hours")
    if counts is None and after is None:
        return None
    return {
        "after_hours": _whole(after, None),
        "after_included": bool(values.get("outage_after_included")),
        "counts": counts,
        "share": _text(values, "outage_share") or "1",
        "total_over_days": _whole(_text(values, "outage_total_over_days"), None),
    }


def _season(values: Mapping[str, Any]) -> dict[str, Any] | None:
    start, end = _text(values, "season_start"), _text(values, "season_end")
    if start is None and end is None:
        return None
    return {
        "start": start,
        "end": end,
        "end_included": bool(values.get("season_end_included")),
        "fixed_days": _whole(_text(values, "season_fixed_days"), None),
    }
