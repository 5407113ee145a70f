"""The tariff record: one published price of one scope, with everything a bill needs to be recomputed.

A record is immutable and dated twice: ``valid_from`` .. ``valid_to`` say when it binds, ``known_from`` when it
could be known. Nothing here has a silent default: a rule that the source leaves open is ``None`` (the recomputation
then says what is missing), and a reading of ours where the source is silent is listed in ``assumed``.
Prices are :class:`~decimal.Decimal` exactly as published; shares are fractions of one (0.20 is 20 %).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class AreaBasis(StrEnum):
    """Which area a price is multiplied with (计费面积口径)."""

    FLOOR = "floor"  # 建筑面积
    USABLE = "usable"  # 使用面积
    INNER = "inner"  # 套内建筑面积


class Per(StrEnum):
    """The period one unit price covers."""

    SEASON = "season"
    MONTH = "month"
    DAY = "day"


class HeatUnit(StrEnum):
    """Unit of a metered price; 1 GJ = 277.778 kWh as the published notices convert."""

    KWH = "kWh"
    GJ = "GJ"


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"


class Standing(StrEnum):
    """Where a record stands: only ``in_force`` and ``superseded`` ever price a bill, each on its own days."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    PROPOSED = "proposed"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Price:
    """CNY per m2 and ``per``; ``periods`` is how many months or days make a full season (1 for a season price)."""

    value: Decimal
    per: Per
    periods: int = 1

    @property
    def season_value(self) -> Decimal:
        """CNY per m2 for one full season, exact."""
        return self.value * self.periods


@dataclass(frozen=True, slots=True)
class MeteredPrice:
    """CNY per unit of heat."""

    value: Decimal
    unit: HeatUnit


class HeightShape(StrEnum):
    STEP = "step"  # + rate for each step above the start
    PROPORTIONAL = "proportional"  # area x h / reference
    TABLE = "table"  # a coefficient per height band


class StartedStep(StrEnum):
    """What a started step counts (Shenyang counts it in full, Dalian not at all)."""

    FULL = "full"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class HeightBand:
    """Heights up to and including ``up_to_m`` (``None``: no upper end) carry ``coefficient``."""

    up_to_m: Decimal | None
    coefficient: Decimal


@dataclass(frozen=True, slots=True)
class HeightRule:
    """Surcharge for high rooms (超高加价). ``step``: above ``trigger_m`` the excess over ``count_from_m`` is cut in
    steps of ``step_m``, each adding ``rate`` of the charge, at most ``max_rate``; above ``negotiated_over_m`` the
    fee is negotiated and cannot be recomputed. ``proportional``: area x h / ``reference_m`` above ``trigger_m``.
    ``on_base_price``: the surcharge is taken on the base price, not on the area price."""

    shape: HeightShape
    trigger_m: Decimal
    count_from_m: Decimal | None = None
    step_m: Decimal | None = None
    rate: Decimal | None = None
    started_step: StartedStep = StartedStep.FULL
    max_rate: Decimal | None = None
    reference_m: Decimal | None = None
    bands: tuple[HeightBand, ...] = ()
    negotiated_over_m: Decimal | None = None
    on_base_price: bool = False
    net_height: bool = False  # measured as net height (净高), not storey height (层高)
    public_interest_max_rate: Decimal | None = (
        None  # ceiling for schools, protected and other public buildings only
    )


class LateFeeShape(StrEnum):
    DAILY_ON_TOTAL = "daily_on_total"
    DAILY_ON_UNPAID = "daily_on_unpaid"
    ONCE = "once"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class LateFeeRule:
    """``rate`` per day (or once) from the day after ``after`` (month, day; in the season's first calendar year when
    the month is July or later, else in its second); ``max_share`` caps it as a share of the season fee."""

    shape: LateFeeShape
    rate: Decimal
    after: tuple[int, int] | None
    max_share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RefundBand:
    """Room temperatures in [min_c, max_c) or with the inclusions given earn ``share`` of the fee back."""

    share: Decimal
    min_c: Decimal | None
    min_included: bool
    max_c: Decimal | None
    max_included: bool


class RefundBasis(StrEnum):
    """Which fee a refund band takes its share of."""

    DAY = "day"  # the daily fee: season fee / season days
    DAY_NET_OF_BASE = "day_net_of_base"  # the daily fee after the base fee is taken off (Xi'an)
    DAY_FAILING_ROOMS = (
        "day_failing_rooms"  # the daily fee of the area of the rooms that failed (Beijing, Tianjin)
    )
    MONTH = "month"  # the fee of the month (Changchun)


@dataclass(frozen=True, slots=True)
class RefundRule:
    """What is given back for rooms colder than ``standard_c``: the share of the band, of the fee that ``basis`` says; a cold
    time counts once it has lasted longer than ``after_hours``, where such a term is set."""

    standard_c: Decimal
    bands: tuple[RefundBand, ...]
    basis: RefundBasis = RefundBasis.DAY
    after_hours: int | None = None


class OutageDays(StrEnum):
    """How the time without heat is counted in days (停热时间折算)."""

    HOURS = "hours"  # the time itself, a day being 24 hours (Shandong: by the time of the outage)
    WHOLE_DAYS = "whole_days"  # whole days of 24 hours from the stop; what is left over is not counted (Tianjin, Linyi)
    CALENDAR_DAYS = (
        "calendar_days"  # every day of the calendar it touches, the first and the last too (Lanzhou)
    )


@dataclass(frozen=True, slots=True)
class OutageRule:
    """The fee given back for time without heat (停热退费): ``share`` of the daily fee for each day as ``counts`` counts
    it. An outage counts once it lasts longer than ``after_hours``, or as long where ``after_included``; where the
    outages of a season come to more than ``total_over_days``, all of them count (Heze)."""

    after_hours: int
    after_included: bool
    counts: OutageDays
    share: Decimal = Decimal(1)  # 2 is double the daily fee (Changchun)
    total_over_days: int | None = None


@dataclass(frozen=True, slots=True)
class Season:
    """Heating season as (month, day) ends. ``end_included`` False means heat stops at 0:00 of the end day.
    ``fixed_days`` is the day count the city bills by, where it names one."""

    start: tuple[int, int]
    end: tuple[int, int]
    end_included: bool
    fixed_days: int | None = None


class RoundingWhen(StrEnum):
    LINE = "line"
    BILL = "bill"


@dataclass(frozen=True, slots=True)
class Rounding:
    """Money is rounded to ``unit`` CNY, half away from zero, once per ``when``."""

    unit: Decimal = Decimal("0.01")
    when: RoundingWhen = RoundingWhen.LINE


class Proration(StrEnum):
    """How a part of a season is charged: by heated days, or by started months."""

    DAY = "day"
    MONTH = "month"


class Transition(StrEnum):
    """Which price a service bears that a change of price falls into (新旧价格衔接)."""

    BY_DAY = "by_day"  # the days before the change bear the old price; one bill must not span it
    BY_READING = (
        "by_reading"  # service that began before the change bears the old price until its closing reading
    )
    NEXT_SEASON = "next_season"  # a season that began before the change bears the old price to its end


@dataclass(frozen=True, slots=True)
class AreaFallback:
    """Where the billed area is not on the roster, ``factor`` x the area of ``basis`` / ``divisor`` stands for it. Some
    notices divide (Beijing: usable area / 0.75), which no decimal factor says exactly."""

    basis: AreaBasis
    factor: Decimal
    divisor: Decimal = Decimal(1)

    @property
    def share(self) -> Fraction:
        """``factor`` / ``divisor``, exact."""
        return Fraction(self.factor) / Fraction(self.divisor)


@dataclass(frozen=True, slots=True)
class AreaFactor:
    """A factor on the basis area that holds for one kind of building, beside the record's ``area_factor``."""

    factor: Decimal
    when_zh: str
    when_en: str


class DatedRule(StrEnum):
    """Rules of a record that may be younger than its price."""

    METERED_PRICE = "metered_price"
    CAP = "cap"
    SUSPENSION = "suspension"
    HEIGHT = "height"
    LATE_FEE = "late_fee"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class RuleStart:
    """``rule`` binds from ``day`` on; before that day the record is silent about it."""

    rule: DatedRule
    day: dt.date


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure was read. ``url`` only for government, law and company pages; mirrors keep the name alone."""

    key: str
    name: str
    kind: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Citation:
    """The place of the notice that settles ``field``: an article or section, and its fact in a few words."""

    field: str
    place: str


@dataclass(frozen=True, slots=True)
class Tariff:
    id: str
    province: str
    city: str
    service_area: str  # "" is the whole city; else a code such as "city-network"
    service_area_zh: str
    service_area_en: str
    category: str  # residential, non_residential, office, commercial, hotel, institution, garage, low_income
    category_note: str
    standing: Standing
    valid_from: dt.date | None  # None: since before the earliest source we saw
    valid_to: dt.date | None
    known_from: dt.date
    last_seen: str  # year or date of the newest page it was read on
    document: str | None
    confidence: Confidence
    sources: tuple[Source, ...]
    area_basis: AreaBasis | None  # None: sources disagree; area bills are then inconclusive
    area_factor: Decimal  # billed area = factor x area of the basis (Shijiazhuang 0.90)
    area_fallbacks: tuple[AreaFallback, ...]
    area_price: Price | None
    base_price: Price | None
    metered_price: MeteredPrice | None
    cap_share: Decimal | None  # metered total at most this share of the area fee
    cap_known: bool  # False: the city's cap rule is unknown; cap_share None and True: no cap, both ways
    suspension_share: Decimal | None  # of the area fee; Decimal(0): no charge may be made; None: unknown
    height: HeightRule | None  # None: no surcharge allowed
    height_known: bool
    late_fee: LateFeeRule | None
    refund_standard_c: Decimal | None
    refund_bands: tuple[RefundBand, ...]
    season: Season | None
    proration: Proration
    rounding: Rounding
    methods: tuple[str, ...] = ("area", "metered")  # billing methods the record prices
    supersedes: str | None = None
    assumed: tuple[str, ...] = field(
        default=()
    )  # names of fields that are our reading where the source is silent
    notes: str = ""
    refund_basis: RefundBasis = RefundBasis.DAY
    area_factors: tuple[
        AreaFactor, ...
    ] = ()  # other lawful factors, by kind of building (Luoyang 0.86, 0.82)
    rules_from: tuple[
        RuleStart, ...
    ] = ()  # rules younger than valid_from; in_force() blanks them before their day
    notes_en: str = ""  # ``notes`` in English
    # The written form leaves the fields below out while they say nothing: records from before them keep their digest.
    issuer: str = ""  # who issued the notice
    transition: Transition | None = None  # None: not settled; a bill then bears the price of its first day
    refund_after_hours: int | None = None  # a cold time counts once it has lasted longer than this (Luoyang)
    citations: tuple[Citation, ...] = ()  # where the notice says what the fields hold
    outage: OutageRule | None = (
        None  # None: silent; what the law of the province or city says then stands (laws.py)
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """What a bill belongs to. ``service_areas`` are the tariff areas the company serves, beside the whole city."""

    city: str
    category: str
    method: str
    service_areas: tuple[str, ...] = ()
