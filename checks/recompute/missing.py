"""What a recomputation can lack: stable codes with their sentences, and the bits they travel as through columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.recompute.columns import FEW
from checks.recompute.rules import MISSING_CAP
from checks.recompute.text import Text

#: Code -> what is missing. An outcome is ``inconclusive`` exactly when at least one of these stands on it.
MISSING: dict[str, Text] = {
    "cap_unknown": Text(
        "按表计收的金额超过面积热费，而该市的封顶办法不详",
        "the metered amount exceeds the area fee and the city's cap rule is not known",
    ),
    "no_tariff_in_force": Text(
        "供热起始日没有适用于该类别和计费方式的有效热价",
        "no tariff of this category and billing method is in force on the day service starts",
    ),
    "tariffs_collide": Text(
        "供热起始日有不止一个热价适用",
        "more than one tariff applies on the day service starts",
    ),
    "spans_price_change": Text(
        "供热期跨越热价变更日，而新热价自变更日起按日执行：应以变更日为界分别出具账单",
        "the service spans a change of price that takes over by day: it has to be billed in two parts, up to the change "
        "and from it on",
    ),
    "account_not_on_roster": Text("用户台账中没有该用户", "the account is not on the roster"),
    "area_basis_unknown": Text(
        "该热价按哪种面积计费，来源不一致",
        "the sources disagree about which area this price is multiplied with",
    ),
    "area_of_basis_missing": Text(
        "没有热价所用口径的面积（建筑、使用或套内）",
        "the area of the tariff's basis (floor, usable or inner) is not given",
    ),
    "area_not_positive": Text("计费面积为零或负数", "the billed area is zero or negative"),
    "area_price_missing": Text(
        "该热价没有公布面积热价", "the tariff publishes no price per square metre for billing by area"
    ),
    "base_price_missing": Text("该热价没有公布基本热价", "the tariff publishes no base price"),
    "metered_price_missing": Text("该热价没有公布计量热价", "the tariff publishes no metered price"),
    "suspension_share_unknown": Text(
        "该市停热收费比例不详", "the share charged for suspended heat is not known for this city"
    ),
    "season_dates_missing": Text(
        "供暖期起止日期不能确定，账单也未必是整季",
        "the dates of the heating season cannot be told, and the bill need not be a whole season",
    ),
    "service_outside_season": Text(
        "供热起止日期不在账单所写的采暖季及其前后半年之内",
        "the dates of service do not lie in the season the bill names, nor in the half-years around it",
    ),
    "service_dates_missing": Text("账单没有供热起止日期", "the bill has no dates of service"),
    "service_dates_reversed": Text("供热终止日早于起始日", "the service ends before it starts"),
    "heat_used_missing": Text(
        "没有用热量，也没有起止读数", "neither the heat used nor two readings are given"
    ),
    "heat_used_negative": Text("用热量为负数", "the heat used is negative"),
    "heat_unit_missing": Text("用热量没有单位", "the heat used has no unit"),
    "reading_runs_backwards": Text(
        "终止读数小于起始读数", "the closing reading is below the opening reading"
    ),
    "heat_below_readings": Text(
        "用热量小于起止读数之差：不知按哪一个计收（是否按户分摊或换表）",
        "the heat used is below the difference of the readings: which of the two counts is not known (shared out, or a "
        "meter exchanged)",
    ),
    "storey_height_missing": Text(
        "收取了超高加价，但没有层高", "a surcharge for high rooms is billed and no storey height is given"
    ),
    "net_height_missing": Text(
        "加价按净高计算，而台账只有层高",
        "the surcharge goes by net height and only the storey height is on record",
    ),
    "height_negotiated": Text(
        "该层高的热费由双方协商，无法重算", "the fee for this height is negotiated and cannot be recomputed"
    ),
    "height_rule_unknown": Text(
        "收取了超高加价，而该市的层高办法不详",
        "a surcharge for high rooms is billed and the city's height rule is not known",
    ),
    "late_fee_rule_unknown": Text(
        "收取了违约金，而该市的违约金办法不详",
        "a late fee is billed and the city's late-fee rule is not known",
    ),
    "late_fee_dates_missing": Text(
        "收取了违约金，但没有应缴日期或缴费日期",
        "a late fee is billed and the day it was due or paid is not given",
    ),
    "low_income_price_unknown": Text(
        "低收入用户的优惠热价不详：账单低于居民热价，可能合规",
        "the price for low-income households is not known: less than the residential price was billed, which may be right",
    ),
    "correction_needs_original": Text(
        "更正账单所更正的原账单不在本次数据中",
        "the bill that this correction corrects is not among the bills",
    ),
    "original_inconclusive": Text(
        "所更正的原账单无法重算", "the bill that this correction corrects cannot be recomputed"
    ),
    "total_missing": Text("账单没有合计金额", "the bill states no total"),
    "amount_too_large": Text("金额超出可记载的范围", "the amount is beyond what can be recorded"),
    "kind_unknown": Text("账单种类不在数据标准之内", "the kind of the bill is not in the data standard"),
    "failing_rooms_area_missing": Text(
        "用户报修后测得室温不达标，退费按不达标房间的面积计算，而该面积没有报送",
        "rooms were measured too cold after a request; the refund goes by the area of the rooms that failed, which is "
        "not filed",
    ),
    "refund_rule_unknown": Text(
        "用户报修后测得室温不达标，而该市当时的室温退费办法不详",
        "rooms were measured too cold after a request and the rule for refunds of the city at that time is not known",
    ),
    "outage_rule_unknown": Text(
        "停热时间超过各地法规所定的最长时限，而该市当时的停热退费办法不详",
        "the time without heat was longer than any law on record lets pass, and the rule for refunds of the city at that "
        "time is not known",
    ),
    "fee_condition_missing": Text(
        "收取了符合条件才可收取的费用（如二次加压费），而是否符合条件没有报送",
        "a charge is billed that may be made on a condition only (such as pressure boosting), and whether it holds is not "
        "filed",
    ),
    "heat_of_days_unknown": Text(
        "部分日子已由更早的账单收取，其余日子的用热量没有读数可以分清",
        "part of the days was billed before, and no readings tell the heat of the rest",
    ),
    "days_left_in_pieces": Text(
        "已由更早的账单收取的日子在供热期中间，其余日子的退费无法按整段核算",
        "an earlier bill charged days in the middle of the service: the refund of the rest cannot be computed",
    ),
    "method_unknown": Text(
        "计费方式或用热状态不在数据标准之内",
        "the billing method or the heating state is not in the data standard",
    ),
}

Ints = npt.NDArray[np.int64]

BIT: dict[str, int] = {code: 1 << place for place, code in enumerate(MISSING)}
assert BIT["cap_unknown"] == MISSING_CAP  # the one bit the rules set themselves


def mark(lacks: Ints, code: str, where: npt.NDArray[np.bool_]) -> None:
    """Set the bit of the code in the rows ``where``."""
    lacks[where] |= BIT[code]


def codes_of(bits: int) -> tuple[str, ...]:
    """The codes of a set of bits, in catalogue order."""
    return tuple(code for code, bit in BIT.items() if bits & bit)


def missing_column(bits: Ints) -> pa.Array:
    """The codes of each row joined by ``;``, null where nothing is missing."""
    if len(bits) <= FEW:
        return pa.array([";".join(codes_of(value)) or None for value in bits.tolist()], pa.string())
    distinct, place = np.unique(bits, return_inverse=True)
    words = [";".join(codes_of(int(value))) or None for value in distinct]
    return pa.DictionaryArray.from_arrays(
        pa.array(place.astype(np.int32)), pa.array(words, pa.string())
    ).cast(pa.string())
