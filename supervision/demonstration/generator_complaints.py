"""Complaints that residents of the demonstration province make: about bills, some of them wrong, and about heat."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from supervision.demonstration.generator_accounts import Account
from supervision.demonstration.generator_bills import Bill
from supervision.demonstration.generator_companies import CompanyPlan
from supervision.demonstration.generator_truth import Truth

SHANGHAI = ZoneInfo("Asia/Shanghai")
_CHANNELS = ("hotline_12345", "web", "company_line", "visit")
_ABOUT_HEAT = {
    "low_temperature": (
        "家中室温只有{degrees}度，连续三天没有改善，请派人测温。",
        "卧室温度{degrees}度左右，老人受不了，要求按规定退费。",
    ),
    "no_heat": ("整栋楼暖气不热，昨晚起一直没有恢复。", "我家暖气片是凉的，楼上楼下都有热。"),
    "leak": ("楼道供热管道漏水，地面已经结冰，请尽快处理。", "家中分水器接口漏水，已自行关阀。"),
    "attitude": ("报修电话打了四次无人接听，接通后态度生硬。",),
    "metering": ("热表读数与账单不符，请求检定热表。", "热表整个冬天显示不变，怀疑已损坏。"),
    "suspension": ("已在规定日期前办理停热，仍收到收费通知。",),
    "refund": ("去年室温不达标，答应的退费至今没有到账。",),
}
_ABOUT_BILLS = {
    "bill_error": (
        "今年热费账单比去年高，单价好像不对，请核查账单{bill_no}。",
        "账单{bill_no}上的面积比房产证上的大，请重新计算。",
        "账单{bill_no}的金额我自己按公布价格算过，对不上。",
    ),
    "fee_dispute": (
        "账单{bill_no}里有一项看不懂的收费，请说明依据。",
        "同一套房收了两次钱，账单{bill_no}请核实。",
    ),
}
_HOURS_TO_COME = {"low_temperature": 2, "no_heat": 2, "leak": 1}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One complaint as it comes in, and how the company dealt with it. Instants are in Asia/Shanghai; ``outcome`` is a
    code of the feed ``service_requests``, both ``None`` while it is open. No personal data."""

    company: str
    city: str
    topic: str
    channel: str
    received_at: dt.datetime
    community: str
    building: str
    account_no: str
    bill_no: str | None
    text_zh: str
    on_site_at: dt.datetime | None
    resolved_at: dt.datetime | None
    outcome: str | None


def make_complaints(
    plan: CompanyPlan, bills: list[Bill], truths: list[Truth], chance: random.Random
) -> list[Complaint]:
    """A handful about the company, more where more bills are wrong, in order of receipt."""
    wrong = {truth.bill_no for truth in truths}
    season = [bill for bill in bills if bill.kind == "season" and bill.category == "residential"]
    suspect = sorted((bill for bill in season if bill.bill_no in wrong), key=lambda bill: bill.bill_no)
    fine = sorted((bill for bill in season if bill.bill_no not in wrong), key=lambda bill: bill.bill_no)
    chosen = chance.sample(suspect, min(len(suspect), 4)) + chance.sample(fine, min(len(fine), 2))
    complaints = [_about_bill(plan, bill, bill.bill_no in wrong, chance) for bill in chosen]
    complaints += [_about_heat(plan, bill.account, chance) for bill in chance.sample(fine, min(len(fine), 3))]
    return sorted(complaints, key=lambda complaint: (complaint.received_at, complaint.account_no))


def _about_bill(plan: CompanyPlan, bill: Bill, is_wrong: bool, chance: random.Random) -> Complaint:
    topic = chance.choice(tuple(_ABOUT_BILLS))
    text = chance.choice(_ABOUT_BILLS[topic]).format(bill_no=bill.bill_no)
    received = _moment(bill.issued_on + dt.timedelta(days=chance.randint(1, 12)), chance)
    outcome = "monetary" if is_wrong and chance.randrange(3) else "explanation"
    return _complaint(plan, bill.account, topic, text, received, bill.bill_no, outcome, chance)


def _about_heat(plan: CompanyPlan, account: Account, chance: random.Random) -> Complaint:
    topic = chance.choice(tuple(_ABOUT_HEAT))
    text = chance.choice(_ABOUT_HEAT[topic]).format(degrees=chance.randint(13, 17))
    start = dt.date(chance.choice((2024, 2025)), 11, 18)
    received = _moment(start + dt.timedelta(days=chance.randrange(30)), chance)
    return _complaint(plan, account, topic, text, received, None, "non_monetary", chance)


def _complaint(
    plan: CompanyPlan,
    account: Account,
    topic: str,
    text: str,
    received: dt.datetime,
    bill_no: str | None,
    outcome: str,
    chance: random.Random,
) -> Complaint:
    hours = _HOURS_TO_COME.get(topic)
    came = None if hours is None else received + dt.timedelta(minutes=chance.randint(20, hours * 75))
    is_open = chance.randrange(6) == 0
    days = chance.randint(1, 4) if chance.randrange(5) else chance.randint(9, 15)  # one in five too slow
    resolved = (
        None if is_open else (came or received) + dt.timedelta(days=days, minutes=chance.randrange(300))
    )
    return Complaint(
        company=plan.code,
        city=plan.city,
        topic=topic,
        channel=chance.choice(_CHANNELS),
        received_at=received,
        community=account.community,
        building=account.building,
        account_no=account.account_no,
        bill_no=bill_no,
        text_zh=text,
        on_site_at=came,
        resolved_at=resolved,
        outcome=None if is_open else outcome,
    )


def _moment(day: dt.date, chance: random.Random) -> dt.datetime:
    return dt.datetime(
        day.year, day.month, day.day, chance.randint(7, 21), chance.randrange(60), tzinfo=SHANGHAI
    )
