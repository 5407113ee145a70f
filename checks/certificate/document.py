"""Writing the certificate of one bill, from the columns of the run that judged it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pyarrow as pa

from checks.causes import cause_parts, cause_text
from checks.certificate import second_rules
from checks.certificate import verify_certificate as checker
from checks.certificate.second_opinion import Outages, conditional, measured_of, parts_of, taking_over
from checks.certificate.steps import ratio_text, steps_of
from checks.certificate.verify_certificate import SCHEMA, digest
from checks.fees import FeeRegister
from checks.recompute import RULES_DIGEST
from checks.recompute.filed import KINDS
from checks.recompute.pricing import choose_in_force
from checks.recompute.repeats import Corrections
from checks.recompute.worksheet import Worked, worked
from checks.tariffs.load import tariff_digest, tariff_to_dict
from checks.tariffs.record import Tariff

#: What of the roster decides an amount; the rest of an account (its address, its meter) is nobody else's business.
ACCOUNT_COLUMNS = (
    "source_row", "account_no", "category", "billing_method", "floor_area_m2", "usable_area_m2", "inner_area_m2",
    "storey_height_m", "connected_on", "closed_on", "heating_state", "suspended_from",
)  # fmt: skip

_CORRECTION = KINDS.index("correction")


class CertificateRefused(Exception):
    """No certificate can be written, for the reason in ``zh`` and ``en``."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the rows come from: digests are SHA-256 in hex. All None for a bill that was never filed."""

    company: str | None = None
    receipt_no: str | None = None
    filing_digest: str | None = None  # of the bytes as filed
    bills_digest: str | None = None  # of the table of rows
    accounts_digest: str | None = None
    neighbours_digest: str | None = None
    outcomes_digest: str | None = None
    run: str | None = None
    run_number: int | None = None


def certificate_of(
    bill: Mapping[str, Any],
    account: Mapping[str, Any] | None,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
    fees: FeeRegister | None = None,
    others: Sequence[Mapping[str, Any]] = (),
    measured: pa.Table | None = None,
    readings: pa.Table | None = None,
    origin: Origin | None = None,
) -> dict[str, Any]:
    """The certificate of one bill as JSON-safe data; the same inputs give the same certificate.

    The arguments are those of :func:`checks.recompute.worksheet.worked`. Amounts are decimal strings in CNY, ratios
    ``above/below``; nothing is a float.
    """
    where: dict[str, Any] = {"city": city, "service_areas": service_areas, "fees": fees}
    found = worked(bill, account, tariffs, others=others, measured=measured, readings=readings, **where)
    related = related_rows(found)
    rows = [bill, *others]
    entered = {tariff.id: tariff for tariff in tariffs}
    pricing = found.done.prepared.pricing
    used = [int(pricing.tariff[row]) for row in (0, *related)]
    ids = [pricing.tariffs[place].id if place >= 0 else None for place in used]
    choose = choose_in_force(tariffs, city)
    accounts = [_account_of(rows[row], account) for row in (0, *related)]
    afters = [
        taking_over(choose, name, rows[row] if of is None else of, rows[row], city, service_areas)
        for row, name, of in zip((0, *related), ids, accounts, strict=True)
    ]
    rooms = measured_of([row.get("account_no") for row in rows], measured)
    outages = Outages(measured)
    cuts = [
        parts_of(choose, rows[row] if of is None else of, rows[row], of, measured, city, service_areas)
        if after
        else []
        for row, of, after in zip((0, *related), accounts, afters, strict=True)
    ]

    def beside(row: int, of: Mapping[str, Any] | None, tariff: str | None) -> dict[str, Any]:
        of_tariff = entered.get(tariff or "")
        return outages.of(of_tariff, rows[row], of, rooms) | conditional(of_tariff, rows[row], fees)

    steps = steps_of(found, bill, account)
    sheet = found.sheet
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "about": {
            "zh": "供热账单核算证书。用 verify_certificate.py（仅需 Python 3.9）复核；说明见 docs/certificates.md。",
            "en": "Certificate of a recomputed heating bill. Verify it with verify_certificate.py (Python 3.9 is enough); "
            "described in docs/certificates.md.",
        },
        "city": city,
        "service_areas": list(service_areas),
        "case": _case(bill, account, ids[0], afters[0], rooms) | beside(0, account, ids[0]) | _parts(cuts[0]),
        "related": [
            _case(rows[row], of, tariff, after, rooms) | beside(row, of, tariff) | _parts(cut)
            for row, of, tariff, after, cut in zip(
                related, accounts[1:], ids[1:], afters[1:], cuts[1:], strict=True
            )
        ],
        "tariffs": {
            name: {"digest": tariff_digest(entered[name]), "record": tariff_to_dict(entered[name])}
            for name in dict.fromkeys([*ids, *afters, *(name for cut in cuts for name, _, _ in cut)])
            if name is not None
        },
        "rules": {"digest": RULES_DIGEST, "described_in": "docs/recomputation.md"},
        "origin": asdict(origin or Origin()),
        "steps": steps,
        "outcome": {
            "outcome": sheet.outcome,
            "label": sheet.label,
            "billed_total": _text(sheet.billed_total),
            "recomputed_total": _text(sheet.recomputed_total),
            "overcharge": _text(sheet.overcharge),
            "cause": _cause(sheet.cause),
            "missing": {
                code: {"zh": text.zh, "en": text.en}
                for code, text in zip(sheet.missing, sheet.missing_texts, strict=True)
            },
            "notes": [{"zh": note.zh, "en": note.en} for note in sheet.notes],
        },
    }
    _state(content)
    return {**content, "digest": digest(content)}


def _state(content: dict[str, Any]) -> None:
    """Put what the checker does not search for into the cases that need it (``stated``), as the second rules find it."""
    written = [content["case"], *content["related"]]
    with localcontext(checker.PRECISE):
        cases = [checker.case_of(content, one) for one in written]
        second_rules.state(cases[0], cases)
    for one, case in zip(written, cases, strict=True):
        if case["stated"]:
            one["stated"] = _stated(case["stated"])


def _stated(value: Any) -> Any:
    """As text; what is no decimal as above/below. No such number has a divisor of more than 12 digits."""
    if isinstance(value, dict):
        return {name: _stated(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_stated(one) for one in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return ratio_text(Fraction(value).limit_denominator(10**12)) if isinstance(value, Decimal) else value


def as_bytes(certificate: Mapping[str, Any]) -> bytes:
    """The certificate as the file that is handed out: UTF-8, one space of indent, in the order it is read."""
    return (json.dumps(certificate, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def related_rows(found: Worked) -> list[int]:
    """The rows beside the first that decide its amount: bills of the same account and season; for a
    correction the bill corrected, its other corrections and the bills of that service."""
    filed = found.done.prepared.filed
    corrections = Corrections(found.bills, filed)
    row, related = 0, set()
    if filed.kind[0] == _CORRECTION:
        original = corrections.original.get(0)
        if original is None:
            return []
        row = original
        related = {one for one, of in corrections.original.items() if of == original}
    accounts = found.bills["account_no"].to_pylist()
    key = _service(found, accounts, row)
    related |= {one for one in range(filed.rows) if _service(found, accounts, one) == key}
    return sorted((related | {row}) - {0})


def _service(found: Worked, accounts: Sequence[str | None], row: int) -> tuple[Any, ...]:
    filed = found.done.prepared.filed
    return accounts[row], int(filed.season[row]), bool(filed.kind[row] == _CORRECTION)


def _account_of(row: Mapping[str, Any], account: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The worksheet knows the roster's row of one account: that of any other is not on it."""
    if account is None or row.get("account_no") == account.get("account_no"):
        return account
    return {}


def _case(
    bill: Mapping[str, Any],
    account: Mapping[str, Any] | None,
    tariff: str | None,
    after: str | None,
    rooms: Mapping[str, list[list[str]]],
) -> dict[str, Any]:
    roster = None
    if account is not None:
        roster = {name: _text(account[name]) for name in ACCOUNT_COLUMNS if account.get(name) is not None}
    filed = {name: _text(value) for name, value in bill.items() if value is not None}
    case = {"bill": {"source_row": 1, **filed}, "account": roster, "tariff": tariff, "after": after}
    measured = rooms.get(bill.get("account_no") or "")
    return {**case, "measured": measured} if measured else case


def _parts(cut: Sequence[tuple[str, dt.date, dt.date]]) -> dict[str, Any]:
    return {"parts": [[name, str(first), str(last)] for name, first, last in cut]} if cut else {}


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, dt.date) else value


def _cause(cause: str | None) -> dict[str, Any] | None:
    if cause is None:
        return None
    text = cause_text(cause)
    return {"code": cause, "parts": list(cause_parts(cause)), "zh": text.zh, "en": text.en}
