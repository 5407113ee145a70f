"""Hostile files: text, containers and workbooks that must be refused by a listed edit, each built from a good bills file."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

from ingest_filings import bill, csv_bytes, csv_text, workbook_bytes

Build = Callable[[], bytes]
GOOD = csv_bytes([bill(1), bill(2), bill(3)])


@dataclass(frozen=True)
class Hostile:
    """``expected`` is the first edit of the report; None: the file is accepted."""

    build: Build
    expected: str | None
    filename: str = "bills.csv"
    count: int | None = None
    rows: list[int] = field(default_factory=list)


def noted(note: str, number: int = 1, **more: str) -> dict[str, str]:
    return bill(number, tariff_ref=note, **more)


def _text(*rows: dict[str, str], encoding: str = "utf-8") -> Build:
    return lambda: csv_bytes(list(rows), encoding=encoding)


def _mixed() -> bytes:
    lines = csv_text([noted("供热"), noted("停暖", 2)]).split("\n")
    return "\n".join(lines[:2]).encode() + b"\n" + lines[2].encode("gbk") + b"\n"


def _raw(row: dict[str, str], written: str) -> bytes:
    """A file whose note stands in it as ``written``, without any quoting."""
    return csv_text([{**row, "tariff_ref": "NOTE"}]).replace("NOTE", written).encode()


def _totals(*words: str) -> Build:
    rows = [bill(at + 1, total=word) for at, word in enumerate(words)]
    return _text(*rows)


TEXT: dict[str, Hostile] = {
    "t01_empty": Hostile(lambda: b"", "T08"),
    "t04_name_traversal": Hostile(lambda: GOOD, None, "../../../../etc/cron.d/x.csv"),
    "t05_name_nul": Hostile(lambda: GOOD, "T06", "a\x00.csv"),
    "t06_name_bidi": Hostile(lambda: GOOD, "T06", "\u202evsc.exe"),
    "t08_name_5000": Hostile(lambda: GOOD, "T06", "a" * 5000 + ".csv"),
    "t09_gzip": Hostile(lambda: gzip.compress(GOOD), "T04", "bills.csv.gz"),
    "n01_gb18030_ok": Hostile(_text(noted("𠮷祥里供热站"), encoding="gb18030"), None),
    "n02_utf8_bom_ok": Hostile(lambda: b"\xef\xbb\xbf" + GOOD, None),
    "n03_gbk_trail_pipe": Hostile(_text(noted("億元|億"), encoding="gbk"), None),
    "n04_gbk_trail_backslash": Hostile(_text(noted('乗"乗'), encoding="gbk"), None),
    "n05_mixed": Hostile(_mixed, "N02"),
    "n06_cut_multibyte": Hostile(
        lambda: csv_bytes([noted("供热")])[: csv_bytes([noted("供热")]).index("热".encode()) + 2], "N01"
    ),
    "n07_utf16le": Hostile(lambda: b"\xff\xfe" + csv_text([bill()]).encode("utf-16-le"), "N04"),
    "n07b_utf16be_without_mark": Hostile(lambda: csv_text([bill()]).encode("utf-16-be"), "N04"),
    "n08_nul_in_field": Hostile(_text(noted("a\x00b")), "N03"),
    "n09_replacement_char": Hostile(_text(noted("供\ufffd热")), "N05"),
    "n10_zero_width_id": Hostile(_text(bill(account_no="A\u200b001")), "N06"),
    "n11_cyrillic_id": Hostile(_text(bill(account_no="\u041d001")), "V09"),
    "n12_u2028_nel": Hostile(_text(noted("a\u2028b\u0085c")), None),
    "n13_vt_ff": Hostile(_text(noted("a\x0bb\x0cc")), "N03"),
    "s01_header_only": Hostile(lambda: GOOD[: GOOD.index(b"\n") + 1], "S08"),
    "s02_missing_column": Hostile(lambda: GOOD.replace(b",total", b"", 1), "S01"),
    "s03_duplicate_column": Hostile(lambda: GOOD.replace(b",area_charge", b",total", 1), "S02"),
    "s04_extra_field": Hostile(
        lambda: csv_bytes([bill(1), bill(2)]).rstrip(b"\n") + b",x\n", "S03", rows=[2]
    ),
    "s05_open_quote": Hostile(
        lambda: _raw(bill(), '"never closed') + csv_bytes([noted("", 2)]).split(b"\n", 1)[1], "S04", rows=[1]
    ),
    "s06_field_1MiB": Hostile(_text(noted("a" * (1 << 20))), "S05", rows=[1]),
    "s07_no_newline_64MiB": Hostile(lambda: b"a" * (64 << 20), "S07"),
    "s08_semicolons": Hostile(lambda: GOOD.replace(b",", b";"), None),
    "s08b_bars": Hostile(lambda: GOOD.replace(b",", b"|"), "S09"),
    "s09_cr_only": Hostile(lambda: GOOD.replace(b"\n", b"\r"), "S10"),
    "s10_html": Hostile(lambda: b"<!doctype html><script>alert(1)</script>", "S01"),
    "s11_stray_quote": Hostile(lambda: _raw(bill(), 'a"b"c'), "S14", rows=[1]),
    "v01_non_finite": Hostile(_totals("NaN", "sNaN", "Infinity", "1e400"), "V02", count=4),
    "v02_lenient_numbers": Hostile(
        _totals("1_000", "0x10", "\u0663", "19.5e0", "1,2", "１e5"), "V01", count=6
    ),
    "v03_exponent_bomb": Hostile(_totals("1e999999"), "V01"),
    "v04_digits_3000": Hostile(_totals("9" * 3000), "V01"),
    "v05_precision": Hostile(_totals("19.55555"), "V04"),
    "v06_range": Hostile(_text(bill(1, billed_area_m2="-80"), bill(2, billed_area_m2="0")), "V03", count=2),
    "v07_impossible_dates": Hostile(
        _text(
            *(
                bill(at, issued_on=word)
                for at, word in enumerate(("2026-02-29", "2026-13-01", "2026-01-05T24:00:00"))
            )
        ),
        "V05",
        count=3,
    ),
    "v08_lenient_dates": Hostile(
        _text(
            *(
                bill(at, issued_on=word)
                for at, word in enumerate(("20260105", "2026-W02-1", "2026-1-5 8:00", "46027.333"))
            )
        ),
        "V05",
        count=4,
    ),
    "v10_period_edges": Hostile(
        _text(
            *(
                bill(at, issued_on=day)
                for at, day in enumerate(("2025-11-30", "2025-12-01", "2025-12-31", "2026-01-01"))
            )
        ),
        "V06",
        rows=[1, 4],
    ),
    "v11_formula_text": Hostile(
        _text(
            *(
                noted(word, at)
                for at, word in enumerate(
                    ('=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1")
                )
            )
        ),
        None,
    ),
    "v12_markup": Hostile(
        _text(
            *(
                noted(word, at)
                for at, word in enumerate(
                    ("<script>alert(1)</script>", "'); DROP TABLE submission;--", "{{7*7}}", "${7*7}")
                )
            )
        ),
        None,
    ),
    "v13_redos": Hostile(_text(bill(kind="1" * 40 + "x")), "V08"),
    "b03_duplicate_key_rows": Hostile(_text(bill(1), bill(1)), "K01", rows=[2]),
}


# ---- containers --------------------------------------------------------------------------------------------------

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACK = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def zipped(
    members: list[tuple[str | zipfile.ZipInfo, bytes | str]], method: int = zipfile.ZIP_DEFLATED
) -> bytearray:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return bytearray(file.getvalue())


def members_of(data: bytes) -> list[tuple[str | zipfile.ZipInfo, bytes | str]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def good_workbook() -> bytes:
    return bytes(zipped(members_of(workbook_bytes([bill(1), bill(2)]))))


def _changed(change: Callable[[bytearray], bytes | bytearray], method: int = zipfile.ZIP_DEFLATED) -> Build:
    return lambda: bytes(change(zipped(members_of(workbook_bytes([bill(1)])), method)))


def _with(*extra: tuple[str | zipfile.ZipInfo, bytes | str]) -> Build:
    return lambda: bytes(zipped([*members_of(workbook_bytes([bill(1)])), *extra]))


def _special(mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("xl/link.xml")
    info.external_attr, info.create_system = mode << 16, 3
    return info


def overlapping() -> bytes:
    """Two members whose data share bytes: the second local header stands inside the data of the first."""
    inner = bytes(zipped([("xl/bb.xml", b"<a/>")], zipfile.ZIP_STORED))
    local = inner[: inner.find(b"PK\1\2")]
    data = zipped([("xl/aa.xml", b"<!--" + local + b"-->")], zipfile.ZIP_STORED)
    directory, end = data.find(b"PK\1\2", len(local) + 40), data.rfind(b"PK\5\6")
    entry = bytearray(inner[inner.find(b"PK\1\2") : inner.rfind(b"PK\5\6")])
    entry[42:46] = struct.pack("<L", data.find(local))
    entries = data[directory:end] + entry
    ending = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(entries), directory, 0)
    return bytes(data[:directory] + entries + ending)


def _same_local_header() -> bytes:
    """Two directory entries of one name's length that both point at the first member."""
    data = zipped([("xl/aa.xml", b"<a/>"), ("xl/bb.xml", b"<a/>")], zipfile.ZIP_STORED)
    second = data.rfind(b"PK\1\2")
    data[second + 42 : second + 46] = struct.pack("<L", 0)
    data[second + 46 : second + 55] = b"xl/aa.xmL"
    first_name = data.find(b"xl/aa.xml")
    assert first_name == 30
    return bytes(data)


def _renamed_local(data: bytearray) -> bytearray:
    at = data.find(b"xl/workbook.xml")
    data[at : at + 15] = b"xl/worKbook.xmx"
    return data


def _encrypted(data: bytearray) -> bytearray:
    directory = data.find(b"PK\1\2")
    data[6] |= 1
    data[directory + 8] |= 1
    return data


def _flipped(data: bytearray) -> bytearray:
    data[80] ^= 1
    return data


def _bomb() -> bytes:
    return bytes(
        zipped(
            [*members_of(workbook_bytes([bill(1)])), ("xl/sharedStrings2.xml", b"<sst>" + b"0" * (80 << 20))]
        )
    )


def _lying_size() -> bytes:
    """A member that unpacks to more than both its headers declare."""
    content = b"<sst>" + b" " * 5_000_000 + b"</sst>"
    data = zipped([*members_of(workbook_bytes([bill(1)])), ("xl/lie.xml", content)])
    true, said = struct.pack("<L", len(content)), struct.pack("<L", 1000)
    assert data.count(true) == 2
    return bytes(data.replace(true, said))


CONTAINERS: dict[str, Hostile] = {
    "c01_bomb": Hostile(_bomb, "C04", "bills.xlsx"),
    "c01b_lying_size": Hostile(_lying_size, "C14", "bills.xlsx"),
    "c02_overlap": Hostile(overlapping, "C11", "bills.xlsx"),
    "c02b_two_entries_one_member": Hostile(_same_local_header, "C12", "bills.xlsx"),
    "c03_many_members": Hostile(
        lambda: bytes(zipped([(f"{at}.xml", b"") for at in range(300)])), "C06", "bills.xlsx"
    ),
    "c03b_70000_members": Hostile(
        lambda: bytes(zipped([(f"{at}.xml", b"") for at in range(70_000)])), "C06", "bills.xlsx"
    ),
    "c04_nested": Hostile(_with(("xl/a.zip", bytes(zipped([("b.csv", GOOD)])))), "C09", "bills.xlsx"),
    "c04b_nested_under_other_name": Hostile(
        _with(("xl/a.bin", bytes(zipped([("b.csv", GOOD)])))), "C09", "bills.xlsx"
    ),
    "c05_zip_slip": Hostile(_with(("../../evil.xml", b"<a/>")), "C07", "bills.xlsx"),
    "c05b_absolute": Hostile(_with(("/abs.xml", b"<a/>")), "C07", "bills.xlsx"),
    "c05c_drive": Hostile(_with(("C:/x.xml", b"<a/>")), "C07", "bills.xlsx"),
    "c06_symlink": Hostile(_with((_special(0o120777), "/etc/passwd")), "C08", "bills.xlsx"),
    "c07_duplicate_member": Hostile(_with(("XL/workbook.xml", b"<a/>")), "C10", "bills.xlsx"),
    "c08_header_mismatch": Hostile(_changed(_renamed_local), "C12", "bills.xlsx"),
    "c09_encrypted_flag": Hostile(_changed(_encrypted), "C03", "bills.xlsx"),
    "c10_crc": Hostile(_changed(_flipped, zipfile.ZIP_STORED), "C14", "bills.xlsx"),
    "c11_truncated": Hostile(_changed(lambda data: data[:150]), "C01", "bills.xlsx"),
    "c11b_cut_in_half": Hostile(_changed(lambda data: data[: len(data) // 2]), "C01", "bills.xlsx"),
    "c12_prefix": Hostile(_changed(lambda data: b"MZ" + b"\0" * 510 + data), "C02", "bills.xlsx"),
    "c13_suffix": Hostile(_changed(lambda data: data + b"x" * 100_000), "C02", "bills.xlsx"),
    "c14_lzma": Hostile(_changed(lambda data: data, zipfile.ZIP_LZMA), "C13", "bills.xlsx"),
    "c15_name_gbk": Hostile(_with(("xl/media/XXXX.png", b"x")), None, "bills.xlsx"),
    "c16_rar": Hostile(lambda: b"Rar!\x1a\x07\x00" + b"\0" * 64, "C01", "bills.xlsx"),
    "c17_zip_named_csv": Hostile(good_workbook, "T04", "bills.csv"),
}


# ---- workbooks -----------------------------------------------------------------------------------------------------

_LOL = (
    '<!DOCTYPE s [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + at)} "{("&" + chr(97 + at) + ";") * 10}">' for at in range(8))
    + "]>"
)


def sheet(
    cells: str = '<row r="1"><c r="A1" t="inlineStr"><is><t>bill_no</t></is></c></row>',
    before: str = "",
    dimension: str = "",
    shared: str = "",
    properties: str = "",
    state: str = "",
    after: str = "",
) -> bytes:
    """A minimal workbook with one sheet of this XML."""
    types = (
        f'<Types xmlns="{_PACK}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    )
    return bytes(
        zipped(
            [
                ("[Content_Types].xml", types),
                (
                    "_rels/.rels",
                    f'<Relationships xmlns="{_PACK}/relationships"><Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
                ),
                (
                    "xl/workbook.xml",
                    f'<workbook {NS} xmlns:r="{_REL}">{properties}<sheets><sheet name="s" sheetId="1" r:id="rId1"{state}/></sheets></workbook>',
                ),
                (
                    "xl/_rels/workbook.xml.rels",
                    f'<Relationships xmlns="{_PACK}/relationships"><Relationship Id="rId1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
                ),
                (
                    "xl/worksheets/sheet1.xml",
                    f'<?xml version="1.0"?>{before}<worksheet {NS}>{dimension}<sheetData>{cells}</sheetData>{after}</worksheet>',
                ),
                ("xl/sharedStrings.xml", shared or f"<sst {NS}/>"),
            ]
        )
    )


def one_cell(value: str) -> str:
    return f'<row r="1"><c r="A1" t="inlineStr"><is><t>{value}</t></is></c></row>'


def _two_sheets() -> bytes:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes([bill(1)])))
    book.create_sheet("second")["A1"] = "x"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _utf16_sheet() -> bytes:
    """The sheet in UTF-16, where a look for ASCII bytes would see no DTD."""
    wide = [
        (name, str(data, "utf-8").encode("utf-16") if "sheet1" in str(name) else data)
        for name, data in _parts()
    ]
    return bytes(zipped(list(wide)))


def _parts() -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(sheet())) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


WORKBOOKS: dict[str, Hostile] = {
    "x00_good": Hostile(good_workbook, None, "bills.xlsx"),
    "x01_entity_bomb": Hostile(lambda: sheet(one_cell("&i;"), before=_LOL), "X01", "bills.xlsx"),
    "x02_external_entity": Hostile(
        lambda: sheet(one_cell("A&x;B"), before='<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        "X01",
        "bills.xlsx",
    ),
    "x02b_utf16_part": Hostile(_utf16_sheet, "X02", "bills.xlsx"),
    "x03_shared_strings_100MB": Hostile(
        lambda: sheet(shared=f"<sst {NS}>" + ("<si><t>" + "A" * 1000 + "</t></si>") * 100_000 + "</sst>"),
        "C04",
        "bills.xlsx",
    ),
    "x04_far_cell": Hostile(
        lambda: sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "X03", "bills.xlsx"
    ),
    "x05_dimension_lie": Hostile(
        lambda: sheet(one_cell("1"), dimension='<dimension ref="A1:XFD1048576"/>'), "X03", "bills.xlsx"
    ),
    "x06_formula_cell": Hostile(
        lambda: sheet('<row r="2"><c r="A2"><f>1+1</f><v>19.5</v></c></row>'), "X05", "bills.xlsx", rows=[1]
    ),
    "x07_macro": Hostile(_with(("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + b"\0" * 60)), "C15", "bills.xlsx"),
    "x08_external_link": Hostile(_with(("xl/externalLinks/externalLink1.xml", "<x/>")), "C15", "bills.xlsx"),
    "x09_hidden_sheet": Hostile(lambda: sheet(state=' state="veryHidden"'), "X06", "bills.xlsx"),
    "x10_date1904": Hostile(
        lambda: sheet(one_cell("1"), properties='<workbookPr date1904="1"/>'), "X07", "bills.xlsx"
    ),
    "x11_ole": Hostile(lambda: bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504, "C01", "bills.xlsx"),
    "x12_two_sheets": Hostile(_two_sheets, "X04", "bills.xlsx"),
    "x13_merged_cells": Hostile(
        lambda: sheet(after='<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'),
        "X09",
        "bills.xlsx",
    ),
    "x14_error_cell": Hostile(
        lambda: sheet('<row r="3"><c r="B3" t="e"><v>#N/A</v></c></row>'), "X10", "bills.xlsx", rows=[2]
    ),
    "x15_not_a_workbook": Hostile(lambda: bytes(zipped([("a.txt", b"x")])), "C01", "bills.xlsx"),
}

HOSTILE = TEXT | CONTAINERS | WORKBOOKS
