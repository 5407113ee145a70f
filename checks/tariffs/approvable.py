"""What a record must settle before anybody may approve it, beyond not contradicting itself.

A register of published prices may leave open what no source says. A price that is approved from its own notice may
not: rounding, proration and the transition from the price before decide about fen on every bill.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.tariffs.consistency import Contradiction
from checks.tariffs.errors import TariffDataError
from checks.tariffs.record import Standing, Tariff
from checks.tariffs.written import tariff_from_dict

#: Clauses that may neither be missing nor be our own reading, and what they are called.
CLAUSES: dict[str, tuple[str, str]] = {
    "rounding": ("金额取整", "the rounding of amounts"),
    "proration": ("不足一季的折算", "the proration of a part of a season"),
    "transition": ("新旧价格衔接", "the transition from the price before"),
}
_KNOWN: dict[str, tuple[str, str]] = {
    "valid_from": ("执行日期", "the day from which it binds"),
    "document": ("文号", "the number of the document"),
    "issuer": ("发文机关", "who issued it"),
    "area_basis": ("计费面积口径", "the kind of area that is billed"),
    "season": ("采暖期起止", "the dates of the heating season"),
}


def open_clauses(record: Mapping[str, Any]) -> list[Contradiction]:
    """What the written record leaves open that an approval needs, in the order of the notice; empty when nothing is.
    A clause that ``assumed`` names is open: our reading is not the notice's."""
    found = [*_missing(record)]
    for name in record.get("assumed") or ():
        clause = str(name).split(".", maxsplit=1)[0]
        if clause in CLAUSES:
            zh, en = CLAUSES[clause]
            found.append(
                Contradiction(
                    clause,
                    f"{zh}系推定，通知未写明；须由发文机关书面明确后填写",
                    f"{en} is assumed, not said by the notice; have the issuer settle it in writing",
                )
            )
    return found


def _missing(record: Mapping[str, Any]) -> Iterator[Contradiction]:
    for field, (zh, en) in (_KNOWN | CLAUSES).items():
        if record.get(field) in (None, "", {}):
            yield Contradiction(
                field, f"{zh}未写明，不能批准", f"{en} is not given; it cannot be approved without"
            )
    if not record.get("methods"):
        yield Contradiction("methods", "没有填写任何热价", "no price is given")


def approvable(record: Mapping[str, Any]) -> tuple[Tariff | None, list[Contradiction]]:
    """The record and everything that stands in the way of approving it as one of its own; the record is None where it
    cannot even be read."""
    found = open_clauses(record)
    try:
        tariff = tariff_from_dict(record)
    except TariffDataError as error:
        told = {one.field for one in found}
        if error.field in told:  # it cannot be read because it is open, which is said already
            return None, found
        return None, [*found, Contradiction(error.field, error.bare_zh, error.bare_en)]
    if tariff.standing is not Standing.IN_FORCE:
        found.append(
            Contradiction("standing", "须为 in_force", "must be in_force: what is approved is to bind")
        )
    return tariff, found
