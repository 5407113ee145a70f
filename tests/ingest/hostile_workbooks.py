"""Hostile containers and workbooks that must be refused by a listed edit, each built from a good workbook of bills."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

from hostile_files import GOOD, Build, Hostile
from ingest_filings import bill, workbook_bytes

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


def merged(*ranges: str) -> bytes:
    """The good workbook with these ranges merged."""
    said = "<mergeCells>" + "".join(f'<mergeCell ref="{one}"/>' for one in ranges) + "</mergeCells>"
    members = [
        (name, content.replace(b"</sheetData>", b"</sheetData>" + said.encode()))
        for name, content in members_of(workbook_bytes([bill(1), bill(2)]))
        if isinstance(content, bytes)
    ]
    return bytes(zipped([*members]))


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
    "x13_merged_cells": Hostile(lambda: merged("A2:A3"), "X09", "bills.xlsx"),
    "x16_merged_across_header_and_data": Hostile(lambda: merged("A1:A2"), "X09", "bills.xlsx"),
    "x17_merges_without_end": Hostile(
        lambda: merged(*(f"A{row}:B{row}" for row in range(2, 3000))), "X09", "bills.xlsx"
    ),
    "x18_merge_of_nothing": Hostile(lambda: merged("1A:=B"), "C14", "bills.xlsx"),
    "x14_error_cell": Hostile(
        lambda: sheet('<row r="3"><c r="B3" t="e"><v>#N/A</v></c></row>'), "X10", "bills.xlsx", rows=[2]
    ),
    "x15_not_a_workbook": Hostile(lambda: bytes(zipped([("a.txt", b"x")])), "C01", "bills.xlsx"),
}
