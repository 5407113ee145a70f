"""M-Bus telegrams of real heat meters, read as libmbus reads them; broken ones are refused line by line."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest_filings import ids, judge_bytes
from telegram_frames import AT, FOLDER, FRAMES, MULTICAL

from ingest.edits import CATALOGUE
from ingest.judge import Judgement
from ingest.mbus import TelegramRefused, Value, read_telegram
from ingest.profiles import Profile

BROKEN = {
    file.stem: " ".join(file.read_text("ascii").split()) for file in sorted((FOLDER / "broken").glob("*.hex"))
}
#: A cumulative energy of now stands in all but this one, which sends its own by a manufacturer's code.
WITHOUT_ENERGY = {"amt_calec_mb"}
READABLE = sorted(set(FRAMES) - WITHOUT_ENERGY)
_PREFIXES = {"m": Decimal("0.001"), "my": Decimal("0.000001"), "": Decimal(1)}


def expected(frame: str, quantity: str, unit: str) -> Decimal | None:
    """What libmbus says of the first value of now of that quantity: its number times what its unit's text says."""
    tree = ElementTree.fromstring((FOLDER / f"{frame}.xml").read_bytes())
    for record in tree.iter("DataRecord"):
        name, _, said = (record.findtext("Unit") or "").partition(" (")
        now = (record.findtext("Function"), record.findtext("StorageNumber")) == ("Instantaneous value", "0")
        if (
            not now
            or name != quantity
            or any(record.findtext(part, "0") != "0" for part in ("Tariff", "Device"))
        ):
            continue
        scale = said.removesuffix(")").removesuffix(unit).strip()
        factor = _PREFIXES[scale] if scale in _PREFIXES else Decimal(scale)
        return Decimal(record.findtext("Value") or "") * factor
    return None


def heat_expected(frame: str) -> tuple[Decimal, str]:
    units = {"kWh": ("kWh", 1), "MWh": ("MWh", 1), "MJ": ("MJ", 1), "Wh": ("kWh", Decimal("0.001"))}
    tree = (FOLDER / f"{frame}.xml").read_text("latin-1")
    for written, (unit, factor) in units.items():
        first = next(line for line in tree.splitlines() if "<Unit>Energy (" in line)
        if first.split("(")[1].split(")")[0].split()[-1] == written:
            found = expected(frame, "Energy", written)
            assert found is not None
            return found * factor, unit
    raise AssertionError(first)


def judged(*lines: str, filename: str = "readings.mbus") -> Judgement:
    return judge_bytes("".join(f"{line}\n" for line in lines).encode(), feed="readings", filename=filename)


def number(value: Value | None) -> Decimal | None:
    return None if value is None else value.number


@pytest.mark.parametrize("frame", READABLE)
def test_a_telegram_gives_what_libmbus_gives_of_it(frame: str) -> None:
    read = read_telegram(FRAMES[frame])
    energy, unit = heat_expected(frame)
    assert (read.energy.number, read.energy.unit) == (energy, unit)
    assert number(read.volume_m3) == expected(frame, "Volume", "m^3")
    tree = ElementTree.fromstring((FOLDER / f"{frame}.xml").read_bytes())
    assert int(read.meter_no) == int(tree.findtext("SlaveInformation/Id") or "")
    assert read.manufacturer == tree.findtext("SlaveInformation/Manufacturer")
    assert read.status == tree.findtext("SlaveInformation/Status")
    for value, quantity in (
        (read.supply_temp_c, "Flow temperature"),
        (read.return_temp_c, "Return temperature"),
    ):
        said = expected(frame, quantity, "deg C")
        if said is None:
            assert value is None
        else:
            assert value is not None
            assert abs(value.number - said) < Decimal("0.00001"), "libmbus prints reals to six decimals"


def test_a_reading_of_a_real_meter_is_a_row_with_each_value_beside_the_bytes_it_came_from() -> None:
    read = judged(f"{AT},RB0001,{FRAMES[MULTICAL]}")
    assert (read.verdict, read.rows, read.row_offset) == ("accepted", 1, 0)
    assert read.table is not None
    [row] = read.table.to_pylist()
    assert {name: str(row[name]) for name in ("meter_no", "kind", "energy", "energy_unit", "status")} == {
        "meter_no": "RB0001", "kind": "actual", "energy": "37351.000", "energy_unit": "kWh", "status": "00",
    }  # fmt: skip
    assert [str(row[name]) for name in ("volume_m3", "supply_temp_c", "return_temp_c", "operating_hours")] == [
        "561.080", "101.69", "46.16", "985.00",
    ]  # fmt: skip
    listed = {one["field"]: (one["before"], one["after"]) for one in read.coercions.to_pylist()}
    assert listed["energy"] == ("04 06 E7 91 00 00", "37351 kWh")
    assert listed["meter_no"] == ("KAM 06855817", "RB0001")


def test_without_a_meter_number_the_telegrams_own_is_taken() -> None:
    read = judged(f"{AT},,{FRAMES[MULTICAL].replace(' ', '').lower()}")
    assert read.table is not None
    assert read.table.column("meter_no").to_pylist() == ["06855817"]


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_telegram_is_a_hit_on_its_line_and_the_others_are_read(name: str) -> None:
    text = f"{AT},A,{FRAMES[MULTICAL]}\n{AT},B,{BROKEN[name]}\n{AT},C,{FRAMES[MULTICAL]}\n"
    read = judge_bytes(text.encode(), feed="readings", filename="readings.hex")
    assert read.verdict == "rejected"
    assert {edit_id for edit_id in ids(read) if edit_id.startswith("MB")} < {
        "MB1",
        "MB2",
        "MB3",
        "MB4",
        "MB5",
        "MB6",
    }
    assert {hit["row"] for hit in read.edits.to_pylist() if hit["edit_id"].startswith("MB")} == {2}
    assert read.rows == 3


@pytest.mark.parametrize("frame", sorted(WITHOUT_ENERGY))
def test_a_meter_that_says_its_energy_in_a_code_of_its_own_is_refused_and_not_guessed(frame: str) -> None:
    with pytest.raises(TelegramRefused) as refused:
        read_telegram(FRAMES[frame])
    assert refused.value.edit_id == "MB6"


@pytest.mark.parametrize("frame", READABLE)
def test_a_telegram_with_any_one_byte_changed_is_refused(frame: str) -> None:
    whole = bytes.fromhex(FRAMES[frame])
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 0x10
        with pytest.raises(TelegramRefused) as refused:
            read_telegram(changed.hex())
        assert refused.value.edit_id in ("MB2", "MB3")


@pytest.mark.parametrize("frame", READABLE)
def test_a_telegram_cut_anywhere_is_refused(frame: str) -> None:
    whole = bytes.fromhex(FRAMES[frame])
    for length in range(len(whole)):
        with pytest.raises(TelegramRefused):
            read_telegram(whole[:length].hex())


@given(st.binary(min_size=0, max_size=60))
def test_any_bytes_in_a_right_frame_are_read_or_refused_and_never_crash(records: bytes) -> None:
    head = bytes.fromhex("08007278563412775104040000000000")[:15]
    body = head + records
    frame = bytes((0x68, len(body), len(body), 0x68)) + body + bytes((sum(body) % 256, 0x16))
    refused = ""
    try:
        read_telegram(frame.hex())
    except TelegramRefused as found:
        refused = found.edit_id
    assert refused in ("", "MB4", "MB5", "MB6")


@pytest.mark.parametrize(
    ("line", "edit_id"),
    [
        ("2025-12-03T08:00:00+08:00,RB1", "MB7"),
        ("2025-12-03T08:00:00+08:00,RB1,zz", "MB1"),
        ("2025-12-03T08:00:00+08:00,RB1,", "MB1"),
        (f"2025-12-03,RB1,{FRAMES[MULTICAL]}", "V13"),
        (f"2025-11-03T08:00:00+08:00,RB1,{FRAMES[MULTICAL]}", "V06"),
    ],
    ids=["two_parts", "letters", "nothing", "day_without_time", "another_month"],
)
def test_a_wrong_line_says_what_is_wrong(line: str, edit_id: str) -> None:
    assert ids(judged(line)) == [edit_id]


def test_measured_values_finer_than_the_standard_are_rounded_and_listed() -> None:
    read = judged(f"{AT},RB1,{FRAMES['EDC']}")
    assert read.table is not None
    rounded = [one for one in read.coercions.to_pylist() if one["rule"] == "mbus_rounded"]
    assert {one["field"] for one in rounded} >= {"supply_temp_c", "return_temp_c"}


def test_telegrams_are_no_bills() -> None:
    refused = judge_bytes(FRAMES[MULTICAL].encode(), feed="bills", filename="bills.mbus")
    assert ids(refused) == ["T04"]


def test_every_edit_of_telegrams_names_the_norm() -> None:
    edits = [edit for edit in CATALOGUE.values() if edit.id.startswith("MB")]
    assert len(edits) == 7
    assert all("EN 13757-3" in edit.basis_en and edit.feeds == ("readings",) for edit in edits)


def test_no_mapping_profile_reads_a_telegram_whatever_it_says() -> None:
    """It has no headers and no codes of a company's own; what a profile says of other files changes nothing in it."""
    line = f"{AT},12345678,{FRAMES[MULTICAL]}\n".encode()
    profile = Profile("readings", 2, {"表号": "meter_no"}, {"kind": {"actual": "estimated"}}, {})
    given = {"feed": "readings", "period": "2025-12", "filename": "十二月.mbus"}
    plain, by_profile = judge_bytes(line, **given), judge_bytes(line, **given, profile=profile)
    assert by_profile.table is not None
    assert by_profile.table.equals(plain.table)
    assert by_profile.table["kind"].to_pylist() == ["actual"]
    assert (by_profile.verdict, by_profile.profile) == (plain.verdict, "")
