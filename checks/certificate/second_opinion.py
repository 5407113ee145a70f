"""A random part of every run computed a second time by the checker: one disagreement, and nothing is published.

The checker (``verify_certificate``) shares no code with the rules, so that a mistake would have to be made twice, in two
ways of writing, to pass unseen.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.certificate import second_rules
from checks.certificate import verify_certificate as checker
from checks.fees import FeeRegister, Standing, ruling_for, shipped_register
from checks.recompute.columns import Ints, is_in_table, whole
from checks.recompute.parting import pieces
from checks.recompute.pricing import Choice, choose_in_force, priced_by
from checks.recompute.refunds import Service
from checks.recompute.service import outages_of
from checks.tariffs.errors import TariffError
from checks.tariffs.in_force import season_dates
from checks.tariffs.laws import outage_rule, refund_law
from checks.tariffs.load import tariff_to_dict
from checks.tariffs.record import Scope, Tariff, Transition
from checks.tariffs.written import written

#: Answers the outcomes of these source rows, in the order asked.
OutcomesOf = Callable[[list[int]], pa.Table]

#: At least this many bills of a run, and at least one in this many, are computed a second time.
LEAST_BILLS = 1000
ONE_IN = 100

#: A service said to last longer has wrong dates, which is told apart from its price (checks.recompute.pricing).
LONGEST_SERVICE = dt.timedelta(days=400)

_AMOUNTS = ("billed_total", "recomputed_total", "overcharge")


class SecondOpinionDiffers(Exception):
    """The two computations of a bill disagree; ``zh`` and ``en`` name the bill, the line and both values."""

    def __init__(self, bill_no: str | None, source_row: int, what: str, run: Any, second: Any) -> None:
        self.bill_no, self.source_row, self.what = bill_no, source_row, what
        self.run, self.second = run, second
        self.zh = (
            f"账单 {bill_no}（第 {source_row} 行）两次核算不一致：{what} 本次核查为 {run}，复核程序为 {second}。"
            "本次核查未发布，请系统管理员查明核算规则后重试。"
        )
        self.en = (
            f"Bill {bill_no} (row {source_row}): the two computations disagree. {what}: this run {run}, the checker "
            f"{second}. The run is not published; have the rules looked into, then run the check again."
        )
        super().__init__(f"{self.zh} / {self.en}")

    def __reduce__(self) -> tuple[Any, ...]:
        """It comes back whole from another process."""
        return type(self), (self.bill_no, self.source_row, self.what, self.run, self.second)


@dataclass(frozen=True, slots=True)
class Checked:
    """How many bills were computed a second time, drawn with which seed, by which checker (SHA-256)."""

    bills: int
    seed: str
    checker_digest: str


def drawn(rows: int, seed: str) -> list[int]:
    """The places of the bills to compute again: at least ``LEAST_BILLS``, at least one in ``ONE_IN``, all where there
    are fewer; the same for the same seed (hex), in order."""
    count = min(rows, max(LEAST_BILLS, -(-rows // ONE_IN)))
    return sorted(random.Random(int(seed, 16)).sample(range(rows), count))  # noqa: S311 - repeatable on purpose


def check_sample(
    bills: pa.Table,
    accounts: pa.Table | None,
    outcomes_of: OutcomesOf,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
    fees: FeeRegister | None = None,
    measured: pa.Table | None = None,
    seed: str,
) -> Checked:
    """A random part of the bills agrees with the checker in outcome, amounts, every line and what is missing.

    Rows with a negative ``source_row`` are read as related bills and not drawn: no outcome is asked of them. Raises
    :class:`SecondOpinionDiffers` for the first bill that differs.
    """
    from checks.certificate import CHECKER_DIGEST

    judged = np.flatnonzero(np.asarray(bills["source_row"]) > 0)
    places = [int(judged[place]) for place in drawn(len(judged), seed)]
    where: dict[str, Any] = {"city": city, "service_areas": service_areas, "fees": fees, "measured": measured}
    for differs in differing(bills, accounts, outcomes_of, tariffs, places, **where):
        raise differs
    return Checked(len(places), seed, CHECKER_DIGEST)


def differing(
    bills: pa.Table,
    accounts: pa.Table | None,
    outcomes_of: OutcomesOf,
    tariffs: Sequence[Tariff],
    places: Sequence[int],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
    fees: FeeRegister | None = None,
    measured: pa.Table | None = None,
) -> Iterator[SecondOpinionDiffers]:
    """Every point in which the checker comes to something else for the bills at these places of the table."""
    related = Related(bills, places)
    rows = bills["source_row"].take(pa.array(places, pa.int64())).to_pylist()
    recorded = outcomes_of(rows).to_pylist()
    priced = {place: one["tariff_id"] for place, one in zip(places, recorded, strict=True)}
    cases = _Cases(bills, accounts, priced, tariffs, related.rows, city, service_areas, fees, measured)
    for place, outcome in zip(places, recorded, strict=True):
        first = cases.of[place]
        found = second_rules.judged([first, *(cases.of[row] for row in related.of(place))])
        for what, run, second in _differences(outcome, found):
            yield SecondOpinionDiffers(outcome["bill_no"], outcome["source_row"], what, run, second)


def _differences(outcome: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    if outcome["outcome"] != found["outcome"]:
        missing = ";".join(found["missing"])
        yield "outcome", f"{outcome['outcome']} {outcome['missing'] or ''}", f"{found['outcome']} {missing}"
    if found["missing"] and not set(found["missing"]) & set((outcome["missing"] or "").split(";")):
        yield "missing", outcome["missing"], ";".join(found["missing"])
    if outcome["label"] != found["label"]:
        yield "label", outcome["label"], found["label"]
    for name in _AMOUNTS:
        if outcome[name] != found[name]:
            yield name, outcome[name], found[name]
    if found["steps"]:
        for line in checker.LINES:
            if outcome[f"{line}_due"] != found["steps"][line][1]:
                yield line, outcome[f"{line}_due"], found["steps"][line][1]
        refund = found["steps"].get("refund", (None, None))[1]
        if outcome.get("refund_due") != refund:
            yield "refund", outcome.get("refund_due"), refund


class Related:
    """For each drawn bill the rows that can decide its amount: bills of the same account; for a correction also the
    bill corrected, with its account, and the other corrections of it."""

    def __init__(self, bills: pa.Table, places: Sequence[int]) -> None:
        self._account = _texts(bills, "account_no")
        self._corrections: dict[int, list[int]] = defaultdict(list)
        self._original: dict[int, int] = {}
        kinds = pc.equal(_texts(bills, "kind"), "correction").fill_null(False)
        if pc.any(kinds.take(pa.array(places, pa.int64()))).as_py():
            self._follow(bills, np.flatnonzero(np.asarray(kinds)))
        roots = [self._original[place] for place in places if place in self._original]
        wanted = self._account.take(pa.array([*places, *roots], pa.int64())).unique().drop_null()
        self._of_account: dict[str, list[int]] = defaultdict(list)
        for row in np.flatnonzero(np.asarray(pc.is_in(self._account, value_set=wanted))).tolist():
            self._of_account[self._account[row].as_py()].append(row)
        self.rows = sorted(
            {
                *places,
                *roots,
                *(row for rows in self._of_account.values() for row in rows),
                *(row for root in roots for row in self._corrections[root]),
            }
        )

    def _follow(self, bills: pa.Table, corrections: Ints) -> None:
        """From each correction to the bill it corrects, through corrections of corrections."""
        corrected = _texts(bills, "corrects_bill_no").take(pa.array(corrections))
        step = dict(
            zip(corrections.tolist(), is_in_table(corrected, _texts(bills, "bill_no")).tolist(), strict=True)
        )
        for row in step:
            root, seen = row, set()
            while root in step and root not in seen:
                seen.add(root)
                root = step[root]
            if root >= 0 and root not in seen:
                self._original[row] = root
                self._corrections[root].append(row)

    def of(self, place: int) -> list[int]:
        root = self._original.get(place)
        accounts = {self._account[row].as_py() for row in (place, root) if row is not None}
        found = {row for account in accounts for row in self._of_account.get(account, ())}
        if root is not None:
            found |= {root, *self._corrections[root]}
        return sorted(found - {place})


class _Cases:
    """The rows as the checker takes them: the bill, its account, and the tariff as it stood on the first day."""

    def __init__(
        self,
        bills: pa.Table,
        accounts: pa.Table | None,
        priced: Mapping[int, str | None],
        tariffs: Sequence[Tariff],
        rows: Sequence[int],
        city: str,
        areas: tuple[str, ...],
        fees: FeeRegister | None,
        measured: pa.Table | None,
    ) -> None:
        taken = bills.take(pa.array(rows, pa.int64()))
        records = {one.id: checker.typed(tariff_to_dict(one)) for one in tariffs if one.city == city}
        by_id = {one.id: one for one in tariffs}
        choose = choose_in_force(tariffs, city)

        rooms = measured_of(taken["account_no"].to_pylist(), measured)
        outages = Outages(measured)

        def tariff_of(row: int, who: Mapping[str, Any], bill: Mapping[str, Any]) -> str | None:
            """As the run recorded it; for a bill that was not drawn the one in force."""
            if row in priced:
                return priced[row]
            scope = Scope(city, who.get("category") or "", who.get("billing_method") or "", areas)
            if not bill.get("service_from"):
                return None
            found = priced_by(choose, scope, bill["service_from"], bill.get("season") or "")
            return None if isinstance(found, str) else found.id

        self.of: dict[int, dict[str, Any]] = {}
        for row, bill, account in zip(rows, _rows(taken), _roster_rows(taken, accounts), strict=True):
            who = bill if account is None else account
            tariff = tariff_of(row, who, bill)
            stands = tariff is not None and bill.get("service_from") is not None
            self.of[row] = {
                "bill": bill,
                "measured": checker.typed(rooms.get(bill.get("account_no") or "", [])),
                **checker.typed(outages.of(by_id.get(tariff or ""), bill, account, rooms)),
                **conditional(by_id.get(tariff or ""), bill, fees),
                "account": account,
                "tariff": checker.in_force(records[tariff or ""], who, bill, city, areas) if stands else None,
                "after": taking_over(choose, tariff, who, bill, city, areas),
                "parts": [
                    (
                        checker.in_force(records[of], who, {**bill, "service_from": first}, city, areas),
                        first,
                        last,
                    )
                    for of, first, last in parts_of(choose, who, bill, account, measured, city, areas)
                ],
            }


def measured_of(accounts: Sequence[str | None], measured: pa.Table | None) -> dict[str, list[list[str]]]:
    """The rooms measured of each of the accounts: the day of the request, the day, the temperature, as text."""
    found: dict[str, list[list[str]]] = defaultdict(list)
    if measured is not None:
        wanted = pa.array([one for one in accounts if one is not None], pa.string())
        of_rooms = pc.and_(pc.is_in(measured["account_no"], value_set=wanted), pc.is_valid(measured["day"]))
        for row in measured.filter(of_rooms).to_pylist():
            asked, day, temp = (row[name] for name in ("requested_on", "day", "room_temp_c"))
            found[row["account_no"]].append([asked.isoformat(), day.isoformat(), f"{temp:f}"])
    return found


def conditional(tariff: Tariff | None, bill: Mapping[str, Any], fees: FeeRegister | None) -> dict[str, Any]:
    """``conditional_charge`` where by the register the other charge may be lawful on a condition that no feed says;
    else {}."""
    register = shipped_register() if fees is None else fees
    fee, on = register.named(bill.get("other_charge_name")), bill.get("service_from")
    if fee is None or tariff is None or on is None:
        return {}
    ruling = ruling_for(fee, tariff, on)
    return {"conditional_charge": True} if ruling and ruling.standing is Standing.CONDITIONAL else {}


class Outages:
    """The time without heat of an account, and the rules for it and for cold rooms, as the checker takes them."""

    def __init__(self, measured: pa.Table | None) -> None:
        self._by_network, self._by_account = ({}, {}) if measured is None else outages_of(measured)

    def of(
        self,
        tariff: Tariff | None,
        bill: Mapping[str, Any],
        account: Mapping[str, Any] | None,
        rooms: Mapping[str, Any],
    ) -> dict[str, Any]:
        """``outages`` [start, end, whether it is certain] in official time, ``outage_rule`` where one is known and
        ``refund_law`` where rooms were measured and the law says what the record does not; {} where nothing was filed
        of the account."""
        network = (account or {}).get("network_code") or ""
        found = [
            *self._by_network.get(network, ()),
            *self._by_account.get(bill.get("account_no") or "", ()),
        ]
        measured = rooms.get(bill.get("account_no") or "")
        if tariff is None or not (found or measured) or not bill.get("service_from"):
            return {}
        start = max(bill["service_from"], (account or {}).get("connected_on") or dt.date.min)
        if tariff.season is not None:
            try:
                start = max(start, season_dates(tariff.season, bill.get("season") or "")[0])
            except (TariffError, ValueError):
                return {}
        given: dict[str, Any] = {}
        if found:
            given["outages"] = [
                [_instant(one.start), _instant(one.end), one.is_sure] for one in sorted(found)
            ]
            rule = outage_rule(tariff, start)
            given |= {} if rule is None else {"outage_rule": written(rule)}
        law = refund_law(tariff, start) if measured and not tariff.refund_bands else None
        if law is not None:
            given["refund_law"] = {f"refund_{name}": value for name, value in written(law.refund).items()}
        return given


def _instant(micros: int) -> str:
    return (dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=micros)).isoformat()  # noqa: DTZ001 - official time


def taking_over(
    choose: Choice,
    tariff: str | None,
    who: Mapping[str, Any],
    bill: Mapping[str, Any],
    city: str,
    areas: tuple[str, ...],
) -> str | None:
    """The id of the tariff that takes over by day before the service ends, if one does."""
    first, last = bill.get("service_from"), bill.get("service_to")
    if tariff is None or first is None or last is None or not who.get("category"):
        return None
    scope = Scope(city, who["category"], who.get("billing_method") or "", areas)
    try:
        found = choose(scope, min(max(last, first), first + LONGEST_SERVICE))
    except TariffError:
        return None
    return found.id if found.transition is Transition.BY_DAY and found.id != tariff else None


def parts_of(
    choose: Choice,
    who: Mapping[str, Any],
    bill: Mapping[str, Any],
    account: Mapping[str, Any] | None,
    measured: pa.Table | None,
    city: str,
    areas: tuple[str, ...],
) -> list[tuple[str, dt.date, dt.date]]:
    """(tariff, first day, last day) of each part of a bill that changes of price by day fall into; [] where it is not
    computed in parts."""
    first, last = bill.get("service_from"), bill.get("service_to")
    if not account or first is None or last is None or not who.get("category"):
        return []
    scope = Scope(city, who["category"], who.get("billing_method") or "", areas)
    cut = pieces(choose, scope, first, last)
    if cut is None:
        return []
    if measured is not None:
        account_no = pa.array([bill.get("account_no")], pa.string())
        if Service(measured).where(account_no, [account.get("network_code")])[0]:
            return []
    return [(tariff.id, start, end) for start, end, tariff in cut]


def _roster_rows(bills: pa.Table, accounts: pa.Table | None) -> Sequence[dict[str, Any] | None]:
    """Each bill's row of the roster, empty where it has none; None for all where there is no roster."""
    if accounts is None:
        return [None] * len(bills)
    places = is_in_table(_texts(bills, "account_no"), _texts(accounts, "account_no"))
    rows = _rows(accounts.take(pa.array(places, pa.int64(), mask=places < 0)))
    return [row if place >= 0 else {} for row, place in zip(rows, places.tolist(), strict=True)]


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows without the columns that hold nothing."""
    rows: list[dict[str, Any]] = table.select(
        [name for name in table.column_names if table[name].null_count < len(table) or name == "source_row"]
    ).to_pylist()
    return rows


def _texts(table: pa.Table, name: str) -> pa.Array:
    array = whole(table, name, pa.string())
    return array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array
