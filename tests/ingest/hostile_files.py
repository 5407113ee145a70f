"""Hostile text files that must be refused by a listed edit, each built from a good bills file."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field

from ingest_filings import bill, csv_bytes, csv_text

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
    "t09_gzip": Hostile(lambda: gzip.compress(GOOD), "T04", "bills.csv"),
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
