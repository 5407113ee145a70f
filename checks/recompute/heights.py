"""The surcharge for high rooms on each bill: by the city's rule, from the height on record."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from checks.recompute.columns import Flags, Ints, distinct_pairs
from checks.recompute.doubts import Doubt
from checks.recompute.filed import FiledBills
from checks.recompute.missing import BIT, mark
from checks.recompute.pricing import per_tariff
from checks.recompute.terms import height_share
from checks.tariffs.record import Tariff

_NO_ROOM_IS_SO_HIGH = 100_000  # 1,000 m in centimetres: what stands there is no height


def goes_by_net_height(tariffs: Sequence[Tariff], group: Ints) -> Flags:
    """Where the rule measures net height (净高), which no feed has."""
    is_net: Flags = (
        per_tariff(tariffs, [bool(t.height and t.height.net_height) for t in tariffs], 0)[group] == 1
    )
    return is_net


def height_surcharges(
    filed: FiledBills,
    tariffs: Sequence[Tariff],
    group: Ints,
    height: Ints,
    is_given: Flags,
    has_height: Flags,
    is_public: Flags,
    lacks: Ints,
) -> tuple[Ints, Ints, list[Doubt]]:
    """The surcharge for high rooms as a share of the charge, and what is open about it.

    A rule for net height is applied to the height filed, of which net height is the lower part: that is the most the
    surcharge can be. Where none is billed none is due, unless it stands inside the other charges.
    """
    num, den = np.zeros(filed.rows, dtype=np.int64), np.ones(filed.rows, dtype=np.int64)
    is_billed = filed.lines["height_surcharge"] != 0
    never = 1 << 60
    trigger = [never if t.height is None else Fraction(t.height.trigger_m) * 100 // 1 for t in tariffs]
    has_rule = per_tariff(tariffs, [t.height is not None for t in tariffs], 0)[group] == 1
    is_open = per_tariff(tariffs, [t.height is None and not t.height_known for t in tariffs], 0)[group] == 1
    is_net = goes_by_net_height(tariffs, group)
    is_high = is_given & (height > per_tariff(tariffs, trigger, never)[group])
    mark(lacks, "height_rule_unknown", is_open & is_billed)
    mark(lacks, "storey_height_missing", has_rule & is_billed & ~has_height)
    mark(lacks, "storey_height_missing", is_high & (height >= _NO_ROOM_IS_SO_HIGH))
    rows = np.flatnonzero(is_high & (height < _NO_ROOM_IS_SO_HIGH))
    if len(rows) == 0:
        return num, den, []
    pairs, place = distinct_pairs(2 * group[rows] + is_public[rows], height[rows])
    shares = [height_share_of(tariffs[of // 2], height_cm, is_public=of % 2 == 1) for of, height_cm in pairs]
    negotiated = np.array([share is None for share in shares])[place] & ~(is_net & ~is_billed)[rows]
    num[rows] = np.array([(share or Fraction(0)).numerator for share in shares], dtype=np.int64)[place]
    den[rows] = np.array([(share or Fraction(0)).denominator for share in shares], dtype=np.int64)[place]
    lacks[rows[negotiated]] |= BIT["height_negotiated"]
    hidden = is_net & ~is_billed & (num != 0)
    if not hidden.any():
        return num, den, []
    doubt = Doubt(where=hidden, facts={"height_num": num.copy(), "height_den": den.copy()})
    num[hidden], den[hidden] = 0, 1
    return num, den, [doubt]


def height_share_of(tariff: Tariff, height_cm: int, *, is_public: bool) -> Fraction | None:
    """The surcharge share under a tariff that has a height rule, with the ceiling for public institutions."""
    assert tariff.height is not None
    share = height_share(tariff.height, height_cm)
    ceiling = tariff.height.public_interest_max_rate
    if share is not None and ceiling is not None and is_public:
        return min(share, Fraction(ceiling))
    return share
