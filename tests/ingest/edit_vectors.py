"""Two vectors for every edit of the catalogue: a file that trips it, and the nearest file that does not."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from functools import cache

from comparing_vectors import all_comparing_vectors
from feed_edit_vectors import Vector, all_feed_vectors
from hostile_files import GOOD, TEXT, Hostile, noted
from hostile_workbooks import (
    CONTAINERS,
    WORKBOOKS,
    good_workbook,
    members_of,
    merged,
    one_cell,
    sheet,
    zipped,
)
from ingest_filings import Case, Row, account, bill, csv_bytes, csv_text, reading, roster, workbook_bytes
from telegram_vectors import telegram_vectors

from ingest.readers.block import Limits


def _hostile(hostile: Hostile) -> Case:
    return Case(hostile.build(), filename=hostile.filename)


def _bills(*rows: Row, period: str = "") -> Case:
    return Case(csv_bytes(list(rows)), period=period)


def _accounts(*rows: Row) -> Case:
    return Case(csv_bytes(list(rows), "accounts"), feed="accounts")


def _reading(**changes: str) -> Case:
    return Case(csv_bytes([reading(**changes)], "readings"), feed="readings")


def _workbook(data: bytes) -> Case:
    return Case(data, filename="bills.xlsx")


def _metered(number: int = 1, **changes: str) -> Row:
    fields = {"billing_method": "metered", "kind": "settlement", "heat_used": "6250.500", "heat_unit": "kWh"}
    return bill(number, **{**fields, **changes})


def _with(*extra: tuple[str | zipfile.ZipInfo, bytes | str]) -> Case:
    return _workbook(bytes(zipped([*members_of(good_workbook()), *extra])))


def _zip(*files: tuple[str | zipfile.ZipInfo, bytes | str]) -> Case:
    return Case(bytes(zipped(list(files))), filename="bills.zip")


def _json(*more: str) -> Case:
    """A JSON Lines file of one good bill and the lines given before it."""
    return Case("\n".join([*more, json.dumps(bill(1))]).encode(), filename="bills.jsonl")


def _members(count: int) -> Case:
    have = len(members_of(good_workbook()))
    return _with(*((f"xl/media/{at}.bin", b"x") for at in range(count - have)))


HEADS = csv_text([bill(1)]).split("\n", 1)[0] + "\n"


def _bills_under(*above: str) -> Case:
    """A good file of bills under these lines instead of its own header."""
    return Case(("".join(above) + csv_text([bill(1), bill(2)]).split("\n", 1)[1]).encode())


def _readings_under(energy: str, *unit: str) -> Case:
    line = ",".join(("RB0001", "2025-12-03T08:00:00+08:00", "actual", "18230", *unit))
    return Case(f"meter_no,read_at,kind,{energy}\n{line}\n".encode(), "readings", "2025-12")


def _with_total(amount: str) -> Case:
    """Two good bills and a row of totals under them."""
    return _bills(bill(1), bill(2), {"bill_no": "合计", "total": amount})


def _next_season(**changes: str) -> Case:
    """A bill of December 2026, of the season 2026-27."""
    dates = {"issued_on": "2026-12-05", "due_on": "2026-12-31", "service_from": "2026-10-20"}
    return _bills(bill(1, season="2026-27", **{**dates, **changes}), period="2026-12")


def file_vectors() -> dict[str, Vector]:
    good = Case(GOOD)
    quoted = csv_text([noted("QUOTED")])
    line = len(csv_bytes([noted("x" * 50)]).split(b"\n")[1])
    at_size, below = Limits(max_file_bytes=len(GOOD)), Limits(max_file_bytes=len(GOOD) - 1)
    full, short = Limits(max_line_bytes=line), Limits(max_line_bytes=line - 3)
    return {
        "T01": Vector(Case(GOOD, limits=below), Case(GOOD, limits=at_size)),
        "T04": Vector(good.named("bills.pdf"), good.named("bills.TXT")),
        "T06": Vector(good.named("a" * 197 + ".csv"), good.named("a" * 196 + ".csv")),
        "T08": Vector(Case(b""), good),
        "N01": Vector(_hostile(TEXT["n06_cut_multibyte"]), Case(csv_bytes([noted("供热")]))),
        "N02": Vector(_hostile(TEXT["n05_mixed"]), Case(csv_bytes([noted("供热"), noted("停暖", 2)]))),
        "N03": Vector(_bills(noted("a\x1fb")), _bills(noted("a\tb"))),
        "N04": Vector(_hostile(TEXT["n07_utf16le"]), _hostile(TEXT["n02_utf8_bom_ok"])),
        "N05": Vector(_bills(noted("供\ufffd热")), _bills(noted("供\ufffc热"))),
        "S01": Vector(_hostile(TEXT["s02_missing_column"]), good),
        "S02": Vector(_hostile(TEXT["s03_duplicate_column"]), good),
        "S03": Vector(_hostile(TEXT["s04_extra_field"]), Case(csv_bytes([bill(1), bill(2)]).rstrip(b"\n"))),
        "S04": Vector(
            Case(quoted.replace("QUOTED", '"open').encode()),
            Case(quoted.replace("QUOTED", '"not\nopen"').encode()),
        ),
        "S05": Vector(_bills(noted("a" * 4097)), _bills(noted("a" * 4096))),
        "S07": Vector(
            Case(csv_bytes([noted("x" * 50)]), limits=short), Case(csv_bytes([noted("x" * 50)]), limits=full)
        ),
        "S08": Vector(_hostile(TEXT["s01_header_only"]), _bills(bill(1))),
        "S09": Vector(_hostile(TEXT["s08b_bars"]), _hostile(TEXT["s08_semicolons"])),
        "S10": Vector(_hostile(TEXT["s09_cr_only"]), Case(GOOD.replace(b"\n", b"\r\n"))),
        "S13": Vector(
            Case(csv_bytes([bill(1)]) + b"\n" + csv_bytes([bill(2)]).split(b"\n", 1)[1]), Case(GOOD + b"\n\n")
        ),
        "S14": Vector(
            _hostile(TEXT["s11_stray_quote"]), Case(quoted.replace("QUOTED", '"a""b""c"').encode())
        ),
        "S23": Vector(_with_total("4296.01"), _with_total("4296.00")),
        "S17": Vector(_json('{"bill_no": "B1", "bill_no": "B2"}'), _json()),
        "S18": Vector(_json(json.dumps({**bill(2), "tariff_ref": ["1"]})), _json()),
        "S19": Vector(
            _bills_under(HEADS, csv_text([bill(3)]).split("\n", 1)[1], HEADS), _bills_under("账单\n", HEADS)
        ),
        "S20": Vector(_bills_under(",".join("abcdefghijklmno") + "\n", HEADS), _bills_under("账单\n", HEADS)),
        "S21": Vector(
            _bills_under(HEADS.replace(",total", ",total（万元）")),
            _bills_under(HEADS.replace(",total", ",total（元）")),
        ),
        "S22": Vector(_readings_under("energy（kWh）,energy_unit", "kWh"), _readings_under("energy（kWh）")),
        "S15": Vector(Case(GOOD.replace(b"tariff_ref", "用户姓名".encode(), 1)), good),
        "S16": Vector(
            Case(GOOD.replace(b"tariff_ref", b"tariff_reference", 1)),
            Case(GOOD.replace(b"tariff_ref", b"Tariff_Ref", 1)),
        ),
    }


def container_vectors() -> dict[str, Vector]:
    good = _workbook(good_workbook())
    part = max(len(data) for _, data in members_of(good_workbook()))
    sizes = sum(len(data) for _, data in members_of(good_workbook()))
    info = zipfile.ZipInfo("xl/media/plain.bin")
    info.external_attr, info.create_system = 0o100644 << 16, 3
    ratio = Limits(ratio_from_bytes=sizes - 1, max_ratio=1), Limits(ratio_from_bytes=sizes, max_ratio=1)
    by_sheet = {
        "C01": "c11_truncated",
        "C02": "c13_suffix",
        "C03": "c09_encrypted_flag",
        "C11": "c02_overlap",
        "C12": "c08_header_mismatch",
    }
    by_sheet |= {"C13": "c14_lzma", "C14": "c10_crc"}
    tripped = {edit_id: Vector(_hostile(CONTAINERS[name]), good) for edit_id, name in by_sheet.items()}
    limited = [
        Case(good_workbook(), filename="bills.xlsx", limits=limits)
        for limits in (*ratio, Limits(max_part_bytes=part - 1), Limits(max_part_bytes=part))
    ]
    return tripped | {
        "C04": Vector(limited[0], limited[1]),
        "C05": Vector(limited[2], limited[3]),
        "C06": Vector(_members(201), _members(200)),
        "C07": Vector(_with(("xl/../evil.xml", b"<a/>")), _with(("xl/media/..evil.bin", b"x"))),
        "C08": Vector(_hostile(CONTAINERS["c06_symlink"]), _with((info, b"x"))),
        "C09": Vector(_hostile(CONTAINERS["c04_nested"]), _with(("xl/media/zip.bin", b"PK"))),
        "C10": Vector(_hostile(CONTAINERS["c07_duplicate_member"]), _with(("xl/media/workbook.bin", b"x"))),
        "C16": Vector(
            _zip(("a.csv", GOOD), ("b.csv", GOOD)), _zip(("a.csv", GOOD), ("__MACOSX/._a.csv", b"x"))
        ),
        "C17": Vector(
            Case(gzip.compress(GOOD)[:-1], filename="bills.csv.gz"),
            Case(gzip.compress(GOOD), filename="bills.csv.gz"),
        ),
        "C15": Vector(_hostile(WORKBOOKS["x07_macro"]), _with(("xl/media/macro.bin", b"x"))),
        "X01": Vector(_hostile(WORKBOOKS["x01_entity_bomb"]), good),
        "X02": Vector(_hostile(WORKBOOKS["x02b_utf16_part"]), good),
        "X03": Vector(
            _workbook(sheet('<row r="1"><c r="BM1" t="inlineStr"><is><t>a</t></is></c></row>')),
            _workbook(sheet('<row r="1"><c r="BL1" t="inlineStr"><is><t>a</t></is></c></row>')),
        ),
        "X04": Vector(_hostile(WORKBOOKS["x12_two_sheets"]), good),
        "X05": Vector(_hostile(WORKBOOKS["x06_formula_cell"]), good),
        "X06": Vector(_hostile(WORKBOOKS["x09_hidden_sheet"]), _workbook(sheet(state=' state="visible"'))),
        "X07": Vector(
            _hostile(WORKBOOKS["x10_date1904"]),
            _workbook(sheet(one_cell("1"), properties='<workbookPr date1904="0"/>')),
        ),
        "X09": Vector(_hostile(WORKBOOKS["x13_merged_cells"]), _workbook(merged("C1:C1"))),
        "X10": Vector(_hostile(WORKBOOKS["x14_error_cell"]), _workbook(workbook_bytes([noted("N/A")]))),
    }


def declared_vectors() -> dict[str, Vector]:
    """Filings in two parts, each with a manifest."""
    east, west = csv_bytes([bill(1)]), csv_bytes([bill(2)])
    digest = hashlib.sha256(east).hexdigest()
    names = [{"name": "east.csv"}, {"name": "west.csv"}]

    def parts(**said: object) -> Case:
        manifest = json.dumps({"parts": names, **said})
        return _zip(("east.csv", east), ("west.csv", west), ("manifest.json", manifest))

    return {
        "DEC01": Vector(parts(rows=3), parts(rows=2)),
        "DEC02": Vector(parts(totals={"total": "4296.01"}), parts(totals={"total": "4296.00"})),
        "DEC03": Vector(
            parts(parts=[names[0], {**names[1], "sha256": digest}]),
            parts(parts=[{**names[0], "sha256": digest}, names[1]]),
        ),
        "DEC04": Vector(parts(parts=[*names, {"name": "north.csv"}]), parts()),
        "DEC05": Vector(parts(parts=names[:1]), parts()),
        "DEC06": Vector(parts(totals={"reading_to": "1.00"}), parts(totals={"total": "4296"})),
    }


def value_vectors() -> dict[str, Vector]:
    long_number = workbook_bytes([{**bill(1), "meter_no": 1234567890123456.0}])
    short_number = workbook_bytes([{**bill(1), "meter_no": 123456789012345.0}])
    return {
        "N06": Vector(_bills(bill(account_no="A\u200b001")), _bills(bill(account_no=" A001 "))),
        "V01": Vector(_bills(bill(total="2148.0.0")), _bills(bill(total="2148.0"))),
        "V02": Vector(_bills(bill(total="NaN")), _bills(bill())),
        "V03": Vector(_bills(bill(billed_area_m2="10000000.01")), _bills(bill(billed_area_m2="10000000"))),
        "V04": Vector(_bills(bill(billed_area_m2="89.505")), _bills(bill(billed_area_m2="89.50"))),
        "V05": Vector(_bills(bill(due_on="2026-02-29")), _bills(bill(due_on="2028-02-29"))),
        "V06": Vector(_bills(bill(issued_on="2025-11-30")), _bills(bill(issued_on="2025-12-01"))),
        "V08": Vector(_bills(bill(category="Residential")), _bills(bill(category="居民"))),
        "V09": Vector(_bills(bill(account_no="Н001")), _bills(bill(account_no="H-001_热/2#(甲)"))),
        "V10": Vector(_bills(bill(service_from="")), _bills(bill(paid_on=""))),
        "V11": Vector(_accounts(account(vulnerable="maybe")), _accounts(account(vulnerable="是"))),
        "V12": Vector(_bills(bill(season="2025-27")), _bills(bill(season="2025-26"))),
        "V13": Vector(_reading(read_at="2025-12-03"), _reading(read_at="2025-12-03T08:00:00+08:00")),
        "V14": Vector(_bills(_metered(heat_used="6250.500 GJ")), _bills(_metered(heat_used="6250.500 kWh"))),
        "X08": Vector(_workbook(long_number), _workbook(short_number)),
        "K01": Vector(_bills(bill(1), bill(1)), _bills(bill(1), bill(2))),
    }


def account_vectors() -> dict[str, Vector]:
    metered = {"billing_method": "metered"}
    return {
        "ACC01": Vector(_accounts(account(**metered)), _accounts(account(**metered, meter_no="RB1"))),
        "ACC02": Vector(
            _accounts(account(closed_on="2012-10-07")), _accounts(account(closed_on="2012-10-08"))
        ),
        "ACC03": Vector(
            _accounts(account(heating_state="suspended")),
            _accounts(account(heating_state="suspended", suspended_from="2025-10-15")),
        ),
        "ACC04": Vector(
            _accounts(account(usable_area_m2="89.51")), _accounts(account(usable_area_m2="89.50"))
        ),
        "ACC05": Vector(_accounts(account(inner_area_m2="89.51")), _accounts(account(inner_area_m2="89.50"))),
        "QUA04": Vector(
            _accounts(account(storey_height_m="1.99")), _accounts(account(storey_height_m="2.00"))
        ),
        "QUA05": Vector(
            _accounts(account(floor_area_m2="1000.01")), _accounts(account(floor_area_m2="1000.00"))
        ),
    }


def _many(count: int, last: str) -> Case:
    rows = [
        bill(number, billed_area_m2="100.00", area_charge="2400.00", total="2400.00")
        for number in range(1, count)
    ]
    return _bills(*rows, bill(count, billed_area_m2="100.00", area_charge=last, total=last))


def _one_total(count: int) -> Case:
    return _bills(*(bill(number, billed_area_m2=f"{80 + number % 7}.00") for number in range(1, count + 1)))


def bill_vectors() -> dict[str, Vector]:
    correction = {"kind": "correction", "corrects_bill_no": "B9"}
    readings = {"heat_used": "", "reading_from": "10.000", "reading_to": "20.000"}
    return {
        "BIL01": Vector(_bills(bill(total="2148.01")), _bills(bill(area_charge="2148.01", refund="-0.01"))),
        "BIL02": Vector(_bills(bill(late_fee="-0.01", total="2147.99")), _bills(bill(late_fee="0.00"))),
        "BIL03": Vector(_bills(bill(refund="0.01", total="2148.01")), _bills(bill(refund="0"))),
        "BIL04": Vector(_bills(bill(service_from="2026-03-16")), _bills(bill(service_from="2026-03-15"))),
        "BIL05": Vector(
            _bills(bill(season="2025-26"), period="2024-25"), _bills(bill(season="2025-26"), period="2025-26")
        ),
        "BIL06": Vector(_bills(bill(service_from="2025-06-30")), _bills(bill(service_from="2025-07-01"))),
        "BIL07": Vector(
            _bills(bill(other_charge="1.00", total="2149.00")),
            _bills(bill(other_charge="1.00", total="2149.00", other_charge_name="恢复供热")),
        ),
        "BIL08": Vector(_bills(_metered(heat_used="", reading_from="10.000")), _bills(_metered(**readings))),
        "BIL09": Vector(_bills(_metered(heat_unit="")), _bills(_metered())),
        "BIL10": Vector(_bills(bill(due_on="2025-11-30")), _bills(bill(due_on="2025-12-01"))),
        "BIL11": Vector(_bills(bill(kind="correction")), _bills(bill(**correction))),
        "BIL12": Vector(_bills(bill(corrects_bill_no="B9")), _bills(bill(**correction))),
        "QUA01": Vector(
            _bills(_metered(**{**readings, "reading_to": "9.999"})),
            _bills(_metered(**{**readings, "reading_to": "10.000"})),
        ),
        "QUA02": Vector(_bills(bill(service_from="2025-08-31")), _bills(bill(service_from="2025-09-01"))),
        # 215 days, first and last counted
        "QUA06": Vector(_next_season(service_to="2027-05-23"), _next_season(service_to="2027-05-22")),
        "QUA03": Vector(_many(31, "24000.10"), _many(31, "24000.00")),
        "MAC01": Vector(_one_total(100), _one_total(99)),
    }


def roster_vectors() -> dict[str, Vector]:
    accounts = roster(account(1, meter_no="RB1", usable_area_m2="67.10"))

    def against(**changes: str) -> Case:
        return Case(csv_bytes([bill(**changes)]), roster=accounts)

    return {
        "CRO01": Vector(against(account_no="A0002"), against()),
        "CRO02": Vector(against(category="office"), against()),
        "CRO03": Vector(against(billing_method="metered"), against()),
        "CRO04": Vector(
            against(billed_area_m2="67.11", area_basis="usable"),
            against(billed_area_m2="67.10", area_basis="usable"),
        ),
        "CRO05": Vector(against(meter_no="RB2"), against(meter_no="RB1")),
    }


@cache
def all_vectors() -> dict[str, Vector]:
    """By edit id. T12 is the child process's and has its vectors in its own test."""
    return {
        **file_vectors(),
        **container_vectors(),
        **declared_vectors(),
        **value_vectors(),
        **account_vectors(),
        **bill_vectors(),
        **roster_vectors(),
        **all_feed_vectors(),
        **telegram_vectors(),
        **all_comparing_vectors(),
    }
