"""Two vectors for every edit that holds a filing against other filings in force: bills, readings, payments, rosters."""

from __future__ import annotations

import pyarrow as pa
from feed_edit_vectors import Vector, meter, sample, table_of
from ingest_filings import Case, Row, account, bill, correction_csv, csv_bytes, roster

from ingest.corrections import row_digests
from ingest.standard import FEEDS

EARLIER = {"service_from": "2025-11-15", "service_to": "2025-12-14"}
LATER = {"service_from": "2025-12-15", "service_to": "2026-01-14"}
METERED = {
    "billing_method": "metered",
    "kind": "settlement",
    "meter_no": "RB1",
    "heat_unit": "kWh",
    "reading_from": "100.000",
    "reading_to": "200.000",
}


def case(
    feed: str, *rows: Row, period: str = "", accounts: pa.Table | None = None, **beside: pa.Table
) -> Case:
    return Case(csv_bytes(list(rows), feed), feed=feed, period=period, roster=accounts, beside=beside)


def bills(*rows: Row, **more: pa.Table) -> Case:
    return case("bills", *rows, **more)


def roster_of_bills_vectors() -> dict[str, Vector]:
    off = roster(account(1, heating_state="suspended", suspended_from="2025-11-15"))
    closed = roster(account(1, closed_on="2025-11-14"))
    high = roster(account(1, storey_height_m="3.00"))
    return {
        "CRO07": Vector(bills(bill(), accounts=off), bills(bill(service_from="2025-11-14"), accounts=off)),
        "CRO08": Vector(
            bills(bill(), accounts=closed), bills(bill(service_from="2025-11-14"), accounts=closed)
        ),
        "CRO09": Vector(
            bills(bill(storey_height_m="3.01"), accounts=high),
            bills(bill(storey_height_m="3.00"), accounts=high),
        ),
    }


def history_vectors() -> dict[str, Vector]:
    filed = table_of("bills", bill(9, account_no="A0001", **EARLIER))
    correction = {
        "kind": "correction",
        "corrects_bill_no": "B0009",
        "total": "-2148.00",
        "area_charge": "",
        "refund": "-2148.00",
    }

    def against(**changes: str) -> Case:
        return bills(bill(1, **changes), bills=filed)

    read = table_of("bills", bill(9, account_no="A0001", **{**METERED, **EARLIER}))

    def continued(opening: str) -> Case:
        return bills(
            bill(1, **{**METERED, **LATER, "reading_from": opening, "reading_to": "300.000"}), bills=read
        )

    return {
        "K02": Vector(bills(bill(9, **LATER), bills=filed), against(**LATER)),
        "BIX01": Vector(against(**EARLIER), against(**EARLIER, kind="settlement")),
        "BIX02": Vector(against(**{**LATER, "service_from": "2025-12-14"}), against(**LATER)),
        "BIX03": Vector(against(**{**LATER, "service_from": "2025-12-16"}), against(**LATER)),
        "BIX04": Vector(against(**{**correction, "corrects_bill_no": "B0008"}), against(**correction)),
        "BIX05": Vector(against(**correction, account_no="A0002"), against(**correction)),
        "BIX06": Vector(continued("200.001"), continued("200.000")),
    }


def metered_vectors() -> dict[str, Vector]:
    readings = table_of(
        "readings",
        *(
            {"meter_no": "RB1", "read_at": f"{day}T08:00:00+08:00", "kind": "actual", "energy": energy, "energy_unit": "kWh"}
            for day, energy in (("2025-12-01", "100.000"), ("2025-12-03", "110.000"), ("2025-12-20", "200.000"))
        ),
    )  # fmt: skip

    def against(**changes: str) -> Case:
        dates = {"service_from": "2025-12-02", "service_to": "2025-12-31"}
        return bills(bill(1, **{**METERED, **dates, **changes}), readings=readings)

    return {
        "BIX07": Vector(against(meter_no="RB2"), against()),
        "BIX08": Vector(against(reading_from="110.002"), against(reading_from="110.001")),
    }


def completeness_vectors() -> dict[str, Vector]:
    two = roster(account(1), account(2))
    metered = roster(account(1, billing_method="metered", meter_no="RB1"))
    other = table_of("bills", bill(9, account_no="A0002"))

    def season(*rows: Row, accounts: pa.Table, **beside: pa.Table) -> Case:
        return case("bills", *rows, period="2025-26", accounts=accounts, **beside)

    def listed(*rows: Row, **beside: pa.Table) -> Case:
        return case("accounts", *rows, **beside)

    return {
        "BIX09": Vector(season(bill(), accounts=two), season(bill(), accounts=two, bills=other)),
        "BIX10": Vector(season(bill(), accounts=metered), season(bill(**METERED), accounts=metered)),
        "ACX01": Vector(listed(account(1), bills=other), listed(account(2), bills=other)),
        "ACX02": Vector(
            listed(account(1), earlier_accounts=two),
            listed(account(1), earlier_accounts=roster(account(1), account(2, closed_on="2025-10-01"))),
        ),
    }


def payment_vectors() -> dict[str, Vector]:
    filed = table_of(
        "bills",
        bill(1, issued_on="2025-12-02", paid_on="2025-12-05"),
        bill(
            2,
            account_no="A0001",
            kind="correction",
            corrects_bill_no="B0001",
            area_charge="",
            refund="-36.20",
            total="-36.20",
        ),
    )
    half = table_of(
        "payments", sample("payments", payment_no="P1", bill_no="B0001", account_no="A0001", amount="1000.00")
    )
    paid = table_of("payments", sample("payments", payment_no="P1", bill_no="B0001", account_no="A0001"))

    def payment(before: pa.Table | None = None, **changes: str) -> Case:
        row = sample("payments", **{"bill_no": "B0001", "account_no": "A0001", **changes})
        return case("payments", row, bills=filed, **({} if before is None else {"payments": before}))

    def refund(**changes: str) -> Case:
        return payment(kind="refund", **changes)

    return {
        "PAX04": Vector(payment(half, amount="1148.01"), payment(half, amount="1148.00")),
        "PAX05": Vector(payment(paid_on="2025-12-01"), payment(paid_on="2025-12-02")),
        "PAX06": Vector(payment(paid), payment(half)),
        "PAX07": Vector(payment(bill_no="", account_no="A0002"), payment(bill_no="")),
        "PAX08": Vector(refund(amount="-2148.01"), refund(amount="-2148.00")),
        "PAX09": Vector(refund(bill_no="B0002", amount="-36.19"), refund(bill_no="B0002", amount="-36.20")),
    }


def reading_vectors() -> dict[str, Vector]:
    def read(day: str, energy: str, **changes: str) -> Row:
        row = {"meter_no": "RB1", "read_at": f"{day}T00:00:00+08:00", "kind": "actual", "energy": energy}
        return {**row, "energy_unit": "kWh", **changes}

    before = table_of(
        "readings", read("2025-11-01", "1.000"), read("2025-11-30", "100.000"), period="2025-11"
    )
    near = table_of("readings", read("2025-11-30", "50.000"), period="2025-11")
    far = table_of("readings", read("2025-11-28", "50.000"), read("2025-11-27", "40.000"), period="2025-11")
    steady = meter([f"{100 + 24 * step}.000" for step in range(7)])
    off = roster(
        account(
            1,
            billing_method="metered",
            meter_no="RB1",
            heating_state="suspended",
            suspended_from="2025-12-01",
        )
    )
    later = roster(
        account(
            1,
            billing_method="metered",
            meter_no="RB1",
            heating_state="suspended",
            suspended_from="2025-12-02",
        )
    )

    def against(filed: pa.Table, *rows: Row) -> Case:
        return case("readings", *rows, readings=filed)

    return {
        "RDX03": Vector(
            against(before, read("2025-12-01", "99.999")), against(before, read("2025-12-01", "100.000"))
        ),
        "RDX04": Vector(
            against(table_of("readings", read("2025-11-27", "90.000"), period="2025-11"), *steady),
            against(far, *steady),
        ),
        "RDX05": Vector(
            against(before, read("2025-12-03", "100.000")), against(before, read("2025-12-03", "100.001"))
        ),
        "RDX06": Vector(
            against(near, *meter([f"{290 + 24 * step}.000" for step in range(7)])),
            against(near, *meter([f"{289 + 24 * step}.999" for step in range(7)])),
        ),
        "RDX07": Vector(
            case("readings", *meter(["1.000", "2.000"]), accounts=off),
            case("readings", *meter(["1.000", "2.000"]), accounts=later),
        ),
    }


def other_vectors() -> dict[str, Vector]:
    accounts = roster(account(1, network_code="NET01"))
    wider = roster(account(1, network_code="NET01"), account(2, network_code="NET02"))

    def cost(accounts: pa.Table, **changes: str) -> Case:
        return case("costs", sample("costs", network_code="NET01", **changes), accounts=accounts)

    def request(building: str) -> Case:
        return case(
            "service_requests",
            sample("service_requests", account_no="A0001", building=building),
            accounts=accounts,
        )

    return {
        "REX02": Vector(request("4号楼"), request("3号楼")),
        "COX01": Vector(cost(accounts, supplied_area_m2="98.46"), cost(accounts, supplied_area_m2="98.45")),
        "COX02": Vector(cost(wider, supplied_area_m2="89.50"), cost(accounts, supplied_area_m2="89.50")),
    }


def correction_vectors() -> dict[str, Vector]:
    base = table_of("bills", bill(1), bill(2))
    first = row_digests(base, FEEDS["bills"])[0].as_py()
    dearer = bill(1, area_charge="2150.00", total="2150.00")

    def correcting(action: str, digest: str, row: Row) -> Case:
        return Case(correction_csv({"action": action, "expected_digest": digest, **row}), base=base)

    good = correcting("change", first, dearer)
    added = correcting("add", "", bill(3))
    return {
        "COR01": Vector(correcting("change", first, bill(9)), good),
        "COR02": Vector(correcting("change", "0" * 64, dearer), good),
        "COR03": Vector(correcting("add", "", dearer), added),
        "COR04": Vector(
            correcting("withdraw", "", {"bill_no": "B0001"}),
            correcting("withdraw", first, {"bill_no": "B0001"}),
        ),
        "COR05": Vector(correcting("add", first, bill(3)), added),
    }


def all_comparing_vectors() -> dict[str, Vector]:
    return {
        **roster_of_bills_vectors(),
        **history_vectors(),
        **metered_vectors(),
        **completeness_vectors(),
        **payment_vectors(),
        **reading_vectors(),
        **other_vectors(),
        **correction_vectors(),
    }
