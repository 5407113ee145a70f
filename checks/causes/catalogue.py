"""The known causes of a wrong bill, in the order in which they are tried."""

from __future__ import annotations

from dataclasses import dataclass

from checks.recompute.text import Text


@dataclass(frozen=True, slots=True)
class Cause:
    """One way a bill goes wrong. ``kind`` groups causes by what was taken wrongly."""

    code: str
    zh: str
    en: str
    explanation: Text
    kind: str  # price, area, heat, days, height, suspension, cap, charge, refund, late_fee, rounding, repeat, other


def _cause(code: str, kind: str, zh: str, en: str, explanation_zh: str, explanation_en: str) -> Cause:
    return Cause(code, zh, en, Text(explanation_zh, explanation_en), kind)


#: Code -> cause. The first whose recalculation gives the billed total to the fen is named; the others that do are ties.
CAUSES: dict[str, Cause] = {
    cause.code: cause
    for cause in (
        _cause(
            "duplicate_bill",
            "repeat",
            "重复开账",
            "billed twice",
            "同一用户、同一采暖季、同一计费方式和种类的供热期已由更早的账单收取，本账单应收为零。",
            "An earlier bill of the same account, season, method and kind already covers this service: nothing is due.",
        ),
        _cause(
            "correction_amount_wrong",
            "repeat",
            "更正金额有误",
            "correction comes to another amount",
            "更正账单的金额不等于原账单应收减去已收。",
            "The correction is not what the original should have come to, less what was billed for it.",
        ),
        _cause(
            "outside_season",
            "days",
            "采暖季之外收费",
            "charge for days outside the season",
            "账单对采暖季之外的日子收了费；采暖季之外的供热不另收费。",
            "Days outside the heating season are charged; heat outside the season costs nothing more.",
        ),
        _cause(
            "tax_on_exempt",
            "charge",
            "对免税居民热费加收税款",
            "tax on an exempt home",
            "账单金额等于在居民热费之上加收 9 % 增值税的结果；向居民供热取得的采暖费免征增值税。",
            "The billed total results when 9 % value-added tax is added to a home's bill; heating fees of homes are exempt.",
        ),
        _cause(
            "forbidden_charge",
            "charge",
            "热价之外的收费",
            "charge outside the tariff",
            "多收额正好等于账单所列其他费用；该费用没有价格主管部门的定价依据。",
            "The overcharge is exactly the other charge on the bill, which no price authority has set.",
        ),
        _cause(
            "unlisted_charge",
            "charge",
            "登记之外的收费项目",
            "charge under an unknown name",
            "多收额正好等于账单所列其他费用；该费用没有名称，或者名称不在收费项目登记中。",
            "The overcharge is exactly the other charge on the bill, which has no name or one that the register of charges "
            "does not know.",
        ),
        _cause(
            "outage_not_refunded",
            "refund",
            "停热未退费",
            "time without heat not given back",
            "热网停热超过规定时限，账单没有退还停热期间的热费。",
            "The network was without heat for longer than the rule allows, and the bill gives nothing back for it.",
        ),
        _cause(
            "refund_missed",
            "refund",
            "未退低温热费",
            "refund for cold rooms left out",
            "用户报修后测得室温不达标，账单没有退还规定的热费。",
            "Rooms were measured too cold after a request, and the bill gives nothing back.",
        ),
        _cause(
            "refund_wrong_band",
            "refund",
            "退费档次有误",
            "refund by the wrong band",
            "账单金额等于按另一室温档次（或档次端点归属取反）退费的结果。",
            "The billed total results from another band of room temperature, or from its ends counted the other way.",
        ),
        _cause(
            "outage_counted_otherwise",
            "refund",
            "停热时间算错",
            "time without heat counted wrongly",
            "退费等于把停热时间按另一种方法折算（按小时、整天、日历日，或另一比例）的结果。",
            "The refund results when the time without heat is counted another way: in hours, whole days or days of the "
            "calendar, or at another share of the daily fee.",
        ),
        _cause(
            "refund_too_low",
            "refund",
            "退费不足",
            "refund too low",
            "其余各项无误，多收额正好等于退费少于应退的部分。",
            "Everything else is right; the overcharge is exactly what the refund falls short of the one due.",
        ),
        _cause(
            "subsidy_dropped",
            "charge",
            "补贴未抵减",
            "subsidy not taken off",
            "账单列有补贴，而合计没有减去该补贴。",
            "A subsidy stands on the bill and its total was not reduced by it.",
        ),
        _cause(
            "suspension_fee_not_allowed",
            "suspension",
            "不得收取的停热费",
            "suspension charge that may not be made",
            "多收额正好等于账单所列停热费，而按规定应收为零。",
            "The overcharge is exactly the suspension charge on the bill, where none may be made.",
        ),
        _cause(
            "suspended_billed_in_full",
            "suspension",
            "停热期按供热收费",
            "suspended but billed as heated",
            "账单金额等于把停热期当作正常供热计算的结果。",
            "The billed total is what results when the suspended time is charged as heated time.",
        ),
        _cause(
            "wrong_suspension_share",
            "suspension",
            "停热收费比例有误",
            "wrong share for suspended heat",
            "账单金额等于按另一停热收费比例计算的结果。",
            "The billed total results from another share for suspended heat.",
        ),
        _cause(
            "cap_not_applied",
            "cap",
            "未执行封顶",
            "cap not applied",
            "账单金额等于不执行计量热费封顶的结果。",
            "The billed total results when the metered bill is not capped.",
        ),
        _cause(
            "wrong_cap_share",
            "cap",
            "封顶比例有误",
            "wrong cap",
            "账单金额等于按另一封顶比例计算的结果。",
            "The billed total results from another cap.",
        ),
        _cause(
            "wrong_category",
            "price",
            "用户类别有误",
            "wrong category",
            "账单金额等于按该市另一用户类别的热价计算的结果。",
            "The billed total results from the city's price for another category of customer.",
        ),
        _cause(
            "old_price",
            "price",
            "执行旧价",
            "old price",
            "账单金额等于按已被取代的热价计算的结果。",
            "The billed total results from a price that had been superseded when service started.",
        ),
        _cause(
            "early_price",
            "price",
            "提前执行新价",
            "price applied too early",
            "账单金额等于按尚未生效的热价计算的结果。",
            "The billed total results from a price that did not bind yet when service started.",
        ),
        _cause(
            "price_change_ignored",
            "price",
            "未按变更日分段计费",
            "change of price not followed",
            "供热期内热价按日变更，账单金额等于全部天数按变更前热价计算的结果。",
            "The price changed by day inside the service; the billed total results from the price before it for all days.",
        ),
        _cause(
            "wrong_service_area_price",
            "price",
            "执行其他供热区域热价",
            "price of another service area",
            "账单金额等于按同市另一供热区域的热价计算的结果。",
            "The billed total results from the price of another service area of the city.",
        ),
        _cause(
            "old_price_for_days",
            "price",
            "部分天数执行旧价",
            "old price for some days",
            "账单金额等于若干天按已被取代的热价、其余按现价计算的结果。",
            "The billed total results from a superseded price for some of the days and the price in force for the rest.",
        ),
        _cause(
            "early_price_for_days",
            "price",
            "部分天数提前执行新价",
            "later price for some days",
            "账单金额等于若干天按尚未生效的热价、其余按现价计算的结果；整张账单应按供热起始日的热价。",
            "The billed total results from a later price for some of the days; the price of the first day of service prices the whole bill.",
        ),
        _cause(
            "wrong_area_basis",
            "area",
            "面积口径有误",
            "wrong kind of area",
            "账单金额等于按另一种面积（建筑、使用、套内）或不打折扣的面积计算的结果。",
            "The billed total results from another kind of area (floor, usable, inner) or from the area without its factor.",
        ),
        _cause(
            "area_differs_from_roster",
            "area",
            "计费面积与台账不符",
            "billed area differs from the roster",
            "账单金额等于按账单自述面积计算的结果，该面积与用户台账不符。",
            "The billed total results from the area the bill states, which is not the area of the roster.",
        ),
        _cause(
            "height_surcharge_not_allowed",
            "height",
            "不得收取的超高加价",
            "height surcharge that may not be made",
            "账单金额等于加收了按规定不得收取的超高加价的结果。",
            "The billed total results when a surcharge for high rooms is added that may not be made.",
        ),
        _cause(
            "height_step_wrong",
            "height",
            "超高加价计算有误",
            "height surcharge computed wrongly",
            "账单金额等于超高加价的阶梯、起算高度、上限或计算基数取错的结果。",
            "The billed total results from a wrong step, start, ceiling or basis of the surcharge for high rooms.",
        ),
        _cause(
            "part_season_billed_in_full",
            "days",
            "部分供热期按整季收费",
            "part of a season billed in full",
            "账单金额等于未按实际供热时间折算的结果。",
            "The billed total results when the part of the season without service is charged too.",
        ),
        _cause(
            "inclusive_day_count",
            "days",
            "天数多计或少计一天",
            "one day too many or too few",
            "账单金额等于供热天数或采暖季天数相差一天的结果。",
            "The billed total results when the days of service or of the season are counted one off.",
        ),
        _cause(
            "month_for_day_proration",
            "days",
            "按日、按月折算混用",
            "months for days",
            "账单金额等于把不足一季的部分按月（或按日、按每月 30 天）折算的结果，而规定的折算办法不同。",
            "The billed total results when a part of the season is counted in months, by days or in months of 30 days, where the tariff counts otherwise.",
        ),
        _cause(
            "heat_not_from_readings",
            "heat",
            "用热量与读数不符",
            "heat not from the readings",
            "账单金额等于按高于起止读数之差的用热量、按终止读数本身，或按该用户另一账单的用热量计算的结果。",
            "The billed total results from more heat than the bill's readings differ by, from the closing reading itself, or from the heat of another bill of the account.",
        ),
        _cause(
            "heat_unit_slip",
            "heat",
            "热量单位混淆",
            "heat in the wrong unit",
            "账单金额等于把用热量当作另一单位（千瓦时、兆瓦时、吉焦、兆焦）计算的结果。",
            "The billed total results when the heat used is read in another unit (kWh, MWh, GJ, MJ).",
        ),
        _cause(
            "base_fee_twice",
            "charge",
            "重复收取基本热费",
            "base charge taken twice",
            "多收额正好等于一份基本热费，或在计量热费之外又收了整季面积热费。",
            "The overcharge is exactly one more base charge, or the area fee of the season beside base and metered charge.",
        ),
        _cause(
            "late_fee_on_whole",
            "late_fee",
            "违约金按全额计算",
            "late fee on the whole fee",
            "违约金等于按全部热费计算的结果，而应只按欠缴部分计算。",
            "The late fee is what results on the whole fee, where it may be taken on the unpaid part alone.",
        ),
        _cause(
            "late_fee_too_high",
            "late_fee",
            "违约金过高",
            "late fee too high",
            "多收额正好等于违约金超出规定的部分。",
            "The overcharge is exactly what the late fee exceeds the permitted one by.",
        ),
        _cause(
            "line_left_out",
            "charge",
            "漏收一项",
            "a line left out",
            "少收额正好等于一项应收而未收的费用。",
            "The undercharge is exactly one line that is due and was not billed.",
        ),
        _cause(
            "total_not_sum_of_lines",
            "charge",
            "合计不等于各项之和",
            "total is not the sum of the lines",
            "各项金额无误，多收（少收）额正好等于合计与各项之和的差额。",
            "The lines are right; the difference is exactly what the total holds beyond them.",
        ),
        _cause(
            "area_rounded",
            "rounding",
            "面积先行取整",
            "area rounded before pricing",
            "账单金额等于把折算面积先取整到 0.01 平方米再乘单价的结果。",
            "The billed total results when the area after its factor is rounded to 0.01 m² before it is priced.",
        ),
        _cause(
            "rounded_up",
            "rounding",
            "逐项向上取整",
            "each line rounded up",
            "账单金额等于各项向上取整到分、角或元的结果。",
            "The billed total results when each line is rounded up to the fen, the jiao or the yuan.",
        ),
        _cause(
            "rounded_otherwise",
            "rounding",
            "取整方式有误",
            "rounded in another way",
            "账单金额等于各项舍去尾数，或四舍五入到角、元的结果。",
            "The billed total results when each line is cut off, or rounded to the jiao or the yuan.",
        ),
        _cause(
            "unexplained",
            "other",
            "原因不明",
            "unexplained",
            "已知的原因都不能还原账单金额，需由企业说明。",
            "None of the known causes reproduces the billed total; the company has to explain it.",
        ),
    )
}
