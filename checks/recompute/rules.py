"""The rules of recomputation: what each line of a bill should have been, as functions over integers.

One source, two executions. Called as plain Python the functions are exact at any size; compiled (see
``checks.recompute.execution``) the very same source serves columns of millions of rows, and :func:`fits` says for
which rows 64-bit integers suffice. Therefore this module uses nothing but integers, and every name a function needs
is defined in this file.

Fixed point: areas in 0.01 m2, heat in 0.001 of the filed unit, money in fen. Prices, shares and conversion factors are
fractions in lowest terms (38.32 CNY/m2 is 958/25), so no digit of a published price is lost and products stay small.
An area of a x 0.01 m2 at p CNY/m2 is a x p fen. Every line is rounded exactly once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

# How a line is rounded. Tariffs round half away from zero; the two others serve the search for causes.
HALF_AWAY = 0
UP = 1
DOWN = 2

# What the city says about a metered bill above the area fee.
CAP_NONE = 0
CAP_SHARE = 1
CAP_UNKNOWN = 2

# Shapes of the late fee.
LATE_NONE = 0
LATE_DAILY_ON_TOTAL = 1
LATE_DAILY_ON_UNPAID = 2
LATE_ONCE = 3
LATE_FORBIDDEN = 4

# The one thing that only shows while computing: the metered total exceeds the area fee and the cap rule is unknown.
MISSING_CAP = 1

# Bounds of the compiled execution. Every product of a line stays below 2**60, so that a sum of lines stays below 2**63.
PRODUCT_LIMIT = 1 << 60
AREA_LIMIT = 1 << 32
AREA_FACTOR_LIMIT = 1 << 11
HEIGHT_LIMIT = 1 << 17
HEAT_LIMIT = 1 << 40
HEAT_FACTOR_LIMIT = 1 << 19
SEASON_LIMIT = 6000  # days, or parts of months: 6 months in 31sts and 30ths are 5580
LATE_DAYS_LIMIT = 10_000


class Facts(NamedTuple):
    """What is known of one bill; in columns, each field is an int64 array."""

    area: int  # 0.01 m2 of the area the price is multiplied with, before the factor
    area_num: int  # factor of the area
    area_den: int
    heated: int  # days (or started months) with heat
    suspended: int  # days (or months) of suspension
    season: int  # days (or months) of a full season
    height_num: int  # surcharge for high rooms as a share of the charge
    height_den: int
    two_part: int  # 1: settled in two parts, 0: charged by area
    heat: int  # 0.001 of the filed unit
    heat_num: int  # filed unit -> unit of the metered price
    heat_den: int
    late_days: int  # days after the last day for payment
    late_billed: int  # fen
    prepaid: int  # fen
    stated: int  # fen, never positive: refund and subsidy as filed, which cannot be computed from the bill


class Terms(NamedTuple):
    """What the tariff in force says; in columns, one element per group of bills. A price that is not published has
    the numerator -1."""

    unit: int  # fen a line is rounded to
    total_unit: int  # fen the total is rounded to (1: it is the sum of the lines)
    mode: int
    area_num: int  # CNY per m2 and full season
    area_den: int
    base_num: int
    base_den: int
    metered_num: int  # CNY per unit of heat
    metered_den: int
    least_num: int  # the least that the area price can be: itself, or what the base price says of it
    least_den: int
    cap: int
    cap_num: int
    cap_den: int
    suspension_num: int
    suspension_den: int
    height_on_base: int
    late: int
    late_num: int  # per day, or once
    late_den: int
    late_max_num: int  # -1: no maximum
    late_max_den: int
    area_limit: int  # bounds within which 64-bit integers suffice
    den_limit: int
    heat_limit: int
    late_limit: int


class Due(NamedTuple):
    """What should have been billed, in fen, with the values in between."""

    area_charge: int
    base_charge: int
    metered_charge: int
    height_surcharge: int
    suspension_charge: int
    late_fee: int
    cap_reduction: int
    total: int
    area_fee: int  # the area fee a metered bill is compared with
    cap_limit: int  # the most a metered bill may come to
    fee: int  # sum of the lines before the late fee
    late_allowed: int
    missing: int


def rounded(numerator: int, denominator: int, unit: int, mode: int) -> int:
    """numerator / denominator fen, rounded once to a multiple of ``unit`` fen; halves go away from zero."""
    sign = 1
    if numerator < 0:
        sign = -1
        numerator = -numerator
    step = denominator * unit
    whole = numerator // step
    rest = numerator - whole * step
    if mode == HALF_AWAY:
        if rest >= step - rest:
            whole += 1
    elif mode == UP and rest > 0:
        whole += 1
    return sign * whole * unit


def charge_by_area(
    f: Facts, t: Terms, price_num: int, price_den: int, part: int, share_num: int, share_den: int
) -> int:
    """Fen for the billed area at a season price, for ``part`` of the season and a share of the charge."""
    if price_num < 0:
        return 0
    numerator = f.area * f.area_num * share_num * price_num * part
    return rounded(numerator, f.area_den * share_den * price_den * f.season, t.unit, t.mode)


def charge_by_meter(f: Facts, t: Terms) -> int:
    """Fen for the heat used: heat x conversion to the priced unit x metered price."""
    if t.metered_num < 0:
        return 0
    return rounded(f.heat * f.heat_num * t.metered_num, f.heat_den * t.metered_den * 10, t.unit, t.mode)


def surcharge_for_height(f: Facts, t: Terms) -> int:
    """Fen for high rooms: the share of the area charge, or of the base charge where the rule or a two-part bill says
    so."""
    if f.height_num == 0:
        return 0
    if t.height_on_base == 1 or f.two_part == 1:
        return charge_by_area(f, t, t.base_num, t.base_den, f.heated, f.height_num, f.height_den)
    return charge_by_area(f, t, t.area_num, t.area_den, f.heated, f.height_num, f.height_den)


def late_fee_allowed(f: Facts, t: Terms, fee: int) -> int:
    """The most fen a late fee may come to: rate x days on the fee (or on what prepayment leaves of it), or once, at
    most the maximum share of the fee."""
    if f.late_days <= 0 or t.late == LATE_NONE or t.late == LATE_FORBIDDEN:
        return 0
    basis = fee
    if t.late == LATE_DAILY_ON_UNPAID:
        basis = fee - f.prepaid
    if basis <= 0:
        return 0
    days = f.late_days
    if t.late == LATE_ONCE:
        days = 1
    allowed = rounded(basis * t.late_num * days, t.late_den, t.unit, t.mode)
    if t.late_max_num >= 0 and fee > 0:
        allowed = min(allowed, rounded(fee * t.late_max_num, t.late_max_den, t.unit, t.mode))
    return allowed


def due(f: Facts, t: Terms) -> Due:
    """What the bill should have come to, line by line, in fen."""
    missing = 0
    area_charge = 0
    base_charge = 0
    metered_charge = 0
    cap_reduction = 0
    cap_limit = 0
    area_fee = charge_by_area(f, t, t.area_num, t.area_den, f.heated, 1, 1)
    if f.two_part == 1:
        base_charge = charge_by_area(f, t, t.base_num, t.base_den, f.heated, 1, 1)
        metered_charge = charge_by_meter(f, t)
        if t.cap == CAP_SHARE:
            cap_limit = charge_by_area(f, t, t.area_num, t.area_den, f.heated, t.cap_num, t.cap_den)
            cap_reduction = min(0, cap_limit - base_charge - metered_charge)
        elif t.cap == CAP_UNKNOWN:
            least_fee = charge_by_area(f, t, t.least_num, t.least_den, f.heated, 1, 1)
            if t.least_num < 0 or base_charge + metered_charge > least_fee:
                missing = MISSING_CAP
    else:
        area_charge = area_fee
    suspension = 0
    if f.suspended > 0:
        suspension = charge_by_area(
            f, t, t.area_num, t.area_den, f.suspended, t.suspension_num, t.suspension_den
        )
    height = surcharge_for_height(f, t)
    fee = area_charge + base_charge + metered_charge + cap_reduction + height + suspension
    late_allowed = 0
    late_fee = 0
    if f.late_billed != 0:
        late_allowed = late_fee_allowed(f, t, fee)
        late_fee = min(f.late_billed, late_allowed)
    total = fee + late_fee
    if t.total_unit != 1:
        total = rounded(total, 1, t.total_unit, HALF_AWAY)
    total += f.stated
    return Due(
        area_charge,
        base_charge,
        metered_charge,
        height,
        suspension,
        late_fee,
        cap_reduction,
        total,
        area_fee,
        cap_limit,
        fee,
        late_allowed,
        missing,
    )


def fits(f: Facts, t: Terms) -> bool:
    """Whether 64-bit integers hold every product of the bill's lines before the late fee."""
    if (
        f.area < 0
        or f.area >= AREA_LIMIT
        or f.area_num >= AREA_FACTOR_LIMIT
        or f.area_den >= AREA_FACTOR_LIMIT
    ):
        return False
    if f.season > SEASON_LIMIT or f.heated > SEASON_LIMIT or f.suspended > SEASON_LIMIT:
        return False
    if f.height_num >= HEIGHT_LIMIT or f.height_den >= HEIGHT_LIMIT:
        return False
    if f.area * f.area_num * max(f.height_num, 1) > t.area_limit:
        return False
    if f.area_den * f.height_den * f.season > t.den_limit:
        return False
    if f.two_part == 0:
        return True
    if (
        f.heat < 0
        or f.heat >= HEAT_LIMIT
        or f.heat_num >= HEAT_FACTOR_LIMIT
        or f.heat_den >= HEAT_FACTOR_LIMIT
    ):
        return False
    return f.heat * f.heat_num <= t.heat_limit


def late_fee_fits(f: Facts, t: Terms, fee: int) -> bool:
    """Whether 64-bit integers hold every product of the late fee, once the fee is known to fit."""
    if f.late_billed == 0:
        return True
    if f.late_days > LATE_DAYS_LIMIT or f.prepaid >= PRODUCT_LIMIT or f.prepaid <= -PRODUCT_LIMIT:
        return False
    return fee <= t.late_limit and (t.late != LATE_DAILY_ON_UNPAID or fee - f.prepaid <= t.late_limit)


def facts_of(f: Any, row: int) -> Facts:
    """The facts of one row out of the columns."""
    return Facts(
        f.area[row],
        f.area_num[row],
        f.area_den[row],
        f.heated[row],
        f.suspended[row],
        f.season[row],
        f.height_num[row],
        f.height_den[row],
        f.two_part[row],
        f.heat[row],
        f.heat_num[row],
        f.heat_den[row],
        f.late_days[row],
        f.late_billed[row],
        f.prepaid[row],
        f.stated[row],
    )


def due_over_rows(facts: Any, terms: Any, group: Any, out: Any, safe: Any) -> None:
    """Fill the columns ``out`` in the rows that fit, and mark those in ``safe``, which comes all False; the others must go
    through the plain execution instead. ``terms`` has a row of named numbers for each group."""
    for row in range(len(group)):
        f = facts_of(facts, row)
        t = terms[group[row]]
        if not fits(f, t):
            continue
        d = due(f, t)
        if not late_fee_fits(f, t, d.fee):
            continue
        safe[row] = True
        out.area_charge[row] = d.area_charge
        out.base_charge[row] = d.base_charge
        out.metered_charge[row] = d.metered_charge
        out.height_surcharge[row] = d.height_surcharge
        out.suspension_charge[row] = d.suspension_charge
        out.late_fee[row] = d.late_fee
        out.cap_reduction[row] = d.cap_reduction
        out.total[row] = d.total
        out.area_fee[row] = d.area_fee
        out.cap_limit[row] = d.cap_limit
        out.fee[row] = d.fee
        out.late_allowed[row] = d.late_allowed
        out.missing[row] = d.missing
