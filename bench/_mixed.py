"""Bills of every rule shape that the published tariffs have, as integers, and the same rule written for other engines."""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import numpy as np

from checks.recompute import rules
from checks.recompute.rules import Facts, Terms
from checks.recompute.terms import HEAT_UNITS, heat_conversion, terms_of_tariff
from checks.tariffs.load import load_published
from checks.tariffs.record import HeatUnit

PEERS = Path(__file__).resolve().parents[1] / "build" / "peers"
if PEERS.is_dir():  # bench/peers.txt says how it is filled
    sys.path.append(str(PEERS))


def published_terms() -> list[Terms]:
    """The terms of every published tariff that has an area price, and a base and metered price besides or none."""
    found = [terms_of_tariff(tariff) for tariff in load_published()]
    return [one for one in found if one.area_num > 0]


def mixed_facts(count: int, terms: list[Terms], seed: int = 5) -> tuple[Facts, np.ndarray]:
    """``count`` bills and the place of the tariff of each. A third is in two parts where the tariff has them, a fifth
    covers part of the season, a tenth is suspended for a while, a tenth has high rooms, a tenth a late fee, one in
    twenty a refund; areas run from 30 to 100,000 m2."""
    chance = np.random.default_rng(seed)
    group = chance.integers(0, len(terms), count)
    can_be_metered = np.array([one.base_num > 0 and one.metered_num > 0 for one in terms])[group]
    season = np.full(count, 120) + chance.integers(0, 61, count)
    heated = np.where(chance.random(count) < 0.2, chance.integers(1, 120, count), season)
    suspended = np.where(chance.random(count) < 0.1, season - heated, 0)
    is_high = chance.random(count) < 0.1
    steps = chance.integers(1, 30, count)
    is_large = chance.random(count) < 0.02
    units = [heat_conversion(unit, HeatUnit.KWH) for unit in HEAT_UNITS]
    unit = chance.integers(0, len(units), count)
    is_late = chance.random(count) < 0.1
    facts = Facts(
        area=np.where(
            is_large, chance.integers(100_000, 10_000_000, count), chance.integers(3000, 20000, count)
        ),
        area_num=np.ones(count, np.int64),
        area_den=np.ones(count, np.int64),
        heated=heated,
        suspended=suspended,
        season=season,
        height_num=np.where(is_high, steps, 0),
        height_den=np.full(count, 100),
        two_part=(can_be_metered & (chance.random(count) < 0.5)).astype(np.int64),
        heat=chance.integers(1000, 60_000, count),
        heat_num=np.array([one.numerator for one in units])[unit],
        heat_den=np.array([one.denominator for one in units])[unit],
        late_days=np.where(is_late, chance.integers(1, 200, count), 0),
        late_billed=np.where(is_late, chance.integers(1, 50_000, count), 0),
        prepaid=np.where(chance.random(count) < 0.3, chance.integers(0, 100_000, count), 0),
        stated=np.where(chance.random(count) < 0.05, -chance.integers(1, 30_000, count), 0),
    )  # type: ignore[arg-type]
    return Facts(*(np.ascontiguousarray(column, dtype=np.int64) for column in facts)), group  # type: ignore[arg-type]


Rounded = Callable[[Any, Any, Any], Any]


def total(
    f: Any, t: Any, rounded: Rounded, choose: Callable[[Any, Any, Any], Any], least: Callable[[Any, Any], Any]
) -> Any:
    """The total of a bill, for any engine whose columns know +, -, * and comparisons: the rule of
    ``checks.recompute.rules`` for the amounts that bench bills have (none is negative before the refund)."""

    def by_area(price_num: Any, price_den: Any, part: Any, num: Any = 1, den: Any = 1) -> Any:
        return rounded(
            f.area * f.area_num * price_num * part * num, f.area_den * price_den * f.season * den, t.unit
        )

    two_part = f.two_part == 1
    area_fee = by_area(t.area_num, t.area_den, f.heated)
    base = by_area(t.base_num, t.base_den, f.heated)
    metered = rounded(f.heat * f.heat_num * t.metered_num, f.heat_den * t.metered_den * 10, t.unit)
    limit = by_area(t.area_num, t.area_den, f.heated, t.cap_num, t.cap_den)
    parts = choose(t.cap == rules.CAP_SHARE, least(base + metered, limit), base + metered)
    on_base = (t.height_on_base == 1) | two_part
    height_num, height_den = choose(on_base, t.base_num, t.area_num), choose(on_base, t.base_den, t.area_den)
    height = by_area(choose(height_num < 0, 0, height_num), height_den, f.heated, f.height_num, f.height_den)
    rest = by_area(t.area_num, t.area_den, f.suspended, t.suspension_num, t.suspension_den)
    fee = choose(two_part, parts, area_fee) + height + rest
    unpaid = choose(t.late == rules.LATE_DAILY_ON_UNPAID, fee - f.prepaid, fee)
    basis = choose(unpaid > 0, unpaid, 0)
    days = choose(t.late == rules.LATE_ONCE, 1, f.late_days)
    late = rounded(basis * t.late_num * days, t.late_den, t.unit)
    most = rounded(fee * choose(t.late_max_num < 0, 0, t.late_max_num), t.late_max_den, t.unit)
    late = choose(t.late_max_num < 0, late, least(late, most))
    has_late = (f.late_days > 0) & (t.late != rules.LATE_NONE) & (t.late != rules.LATE_FORBIDDEN)
    late = choose(has_late, least(late, f.late_billed), 0)
    return rounded(fee + late, 1, t.total_unit) + f.stated


def with_pandas(facts: Any, terms: Any, group: Any) -> Any:
    """Float64 columns in CNY and m2, every line rounded half up to the fen; the totals in fen."""
    import pandas as pd

    in_float = {
        name: pd.Series(column, dtype="float64") for name, column in zip(Facts._fields, facts, strict=True)
    }
    for name, divisor in (
        ("area", 100),
        ("heat", 100),
        ("late_billed", 100),
        ("prepaid", 100),
        ("stated", 100),
    ):
        in_float[name] /= divisor
    f = Facts(**in_float)  # type: ignore[arg-type]
    of_tariff = {name: column.astype("float64") for name, column in zip(Terms._fields, terms, strict=True)}
    for name in ("area", "base", "metered", "cap", "suspension", "late", "late_max"):
        of_tariff[f"{name}_num"], of_tariff[f"{name}_den"] = (
            of_tariff[f"{name}_num"] / of_tariff[f"{name}_den"],
            np.ones_like(of_tariff[f"{name}_den"]),
        )
    t = Terms(**{name: pd.Series(column[group]) for name, column in of_tariff.items()})  # type: ignore[arg-type]

    def rounded(num: Any, den: Any, unit: Any) -> Any:
        return np.floor(num / den * (100 / unit) + 0.5) / (100 / unit)

    totals = total(
        f, t, rounded, lambda where, one, other: pd.Series(np.where(where, one, other)), np.minimum
    )
    return (totals * 100).round()


def with_decimals(facts: Any, terms: list[Terms], group: Any) -> list[Decimal]:
    """One bill after the other, as people write it with the decimal module."""

    def rounded(num: Decimal, den: Decimal, unit: Decimal) -> Decimal:
        return (num / (den * unit)).quantize(Decimal(1), ROUND_HALF_UP) * unit

    taken = [column.tolist() for column in facts]
    in_decimals = [Terms(*map(Decimal, one)) for one in terms]  # type: ignore[arg-type]
    return [
        total(
            Facts(*map(Decimal, row)),  # type: ignore[arg-type]
            in_decimals[place],
            rounded,
            lambda where, one, other: one if where else other,
            min,
        )
        for *row, place in zip(*taken, group.tolist(), strict=True)
    ]


def with_polars(frame: Any, terms: Any) -> Any:
    """Int128 columns of a polars frame joined with its terms."""
    import polars as pl

    def wide(name: str) -> Any:
        return pl.col(name).cast(pl.Int128)

    f = Facts(*(wide(name) for name in Facts._fields))
    t = Terms(*(wide(f"t_{name}") for name in Terms._fields))

    def rounded(num: Any, den: Any, unit: Any) -> Any:
        return (2 * num + den * unit) // (2 * den * unit) * unit

    def choose(where: Any, one: Any, other: Any) -> Any:
        return pl.when(where).then(one).otherwise(other)

    value = total(f, t, rounded, choose, pl.min_horizontal)
    return frame.join(terms, on="group", how="left", maintain_order="left").select(value.alias("total"))


class Sql:
    """An expression of DuckDB, put together with Python's operators."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _with(self, operator: str, other: Any) -> Sql:
        return Sql(f"({self.text} {operator} {other.text if isinstance(other, Sql) else other})")

    def __add__(self, other: Any) -> Sql:
        return self._with("+", other)

    def __sub__(self, other: Any) -> Sql:
        return self._with("-", other)

    def __mul__(self, other: Any) -> Sql:
        return self._with("*", other)

    def __lt__(self, other: Any) -> Sql:
        return self._with("<", other)

    def __gt__(self, other: Any) -> Sql:
        return self._with(">", other)

    def __and__(self, other: Any) -> Sql:
        return self._with("AND", other)

    def __or__(self, other: Any) -> Sql:
        return self._with("OR", other)

    def __eq__(self, other: object) -> Any:
        return self._with("=", other)

    def __ne__(self, other: object) -> Any:
        return self._with("<>", other)

    __hash__ = None  # type: ignore[assignment]


def _sql(value: Any) -> str:
    return value.text if isinstance(value, Sql) else f"{value}::HUGEINT"


def duckdb_query() -> str:
    """The same rule over the tables ``facts`` and ``terms`` in HUGEINT."""
    f = Facts(*(Sql(f"f.{name}::HUGEINT") for name in Facts._fields))  # type: ignore[arg-type]
    t = Terms(*(Sql(f"t.{name}::HUGEINT") for name in Terms._fields))  # type: ignore[arg-type]

    def rounded(num: Sql, den: Any, unit: Sql) -> Sql:
        step = f"({_sql(den)} * {unit.text})"
        return Sql(f"((2 * {num.text} + {step}) // (2 * {step}) * {unit.text})")

    def choose(where: Sql, one: Any, other: Any) -> Sql:
        return Sql(f"(CASE WHEN {where.text} THEN {_sql(one)} ELSE {_sql(other)} END)")

    value = total(f, t, rounded, choose, lambda one, other: Sql(f"least({_sql(one)}, {_sql(other)})"))
    return f"SELECT f.row_no, {value.text} AS total FROM facts f JOIN terms t USING (place)"
