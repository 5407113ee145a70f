"""Evidence: names prove contents, equal rows are equal bytes, damage is noticed."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import stat
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.evidence import (
    EvidenceDamaged,
    EvidenceDigestMalformed,
    EvidenceError,
    EvidenceMissing,
    EvidenceStore,
    Stored,
)

NOW = dt.datetime(2026, 4, 15, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")


def bills(count: int = 40_000) -> pa.Table:
    return pa.table(
        {
            "source_row": pa.array(range(1, count + 1), pa.int32()),
            "account_no": [f"A{(row * 7919) % 5000:05d}" for row in range(count)],
            "billed_total": pa.array(
                [Decimal(row * 37 % 400_000) / 100 for row in range(count)], pa.decimal128(18, 2)
            ),
            "issued_on": [dt.date(2025, 11, 1) + dt.timedelta(days=row % 120) for row in range(count)],
            "received_at": pa.array([NOW] * count, pa.timestamp("us", "UTC")),
            "is_estimated": [None if row % 11 == 0 else row % 2 == 0 for row in range(count)],
        }
    )


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o640)
    path.write_bytes(content)


def files_under(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_file_is_kept_byte_for_byte_under_the_name_of_its_digest(
    store: EvidenceStore, tmp_path: Path
) -> None:
    filed = tmp_path / "../x账单.csv"
    content = "户号,金额\r\nA1,12.30\r\n".encode("gb18030") * 200_000
    filed.write_bytes(content)

    stored = store.put_file(filed)

    digest = hashlib.sha256(content).hexdigest()
    assert stored == Stored(digest, len(content))
    assert store.path(digest) == store.root / digest[:2] / digest
    assert store.path(digest).read_bytes() == content
    assert store.read_bytes(digest) == content
    with store.open(digest) as opened:
        assert opened.read(6) == content[:6]
    assert filed.read_bytes() == content


def test_evidence_cannot_be_written_by_anyone_and_not_read_by_others(store: EvidenceStore) -> None:
    path = store.path(store.put_bytes(b"bill").digest)
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o007 == 0


def test_putting_the_same_bytes_again_changes_nothing(store: EvidenceStore) -> None:
    first = store.put_bytes(b"bill")
    before = store.path(first.digest).stat()
    second = store.put_bytes(b"bill")
    after = store.path(first.digest).stat()
    assert second == first
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert files_under(store.root) == [store.path(first.digest)]


def test_no_bytes_at_all_are_evidence_too(store: EvidenceStore) -> None:
    assert store.put_bytes(b"").size == 0


@pytest.mark.parametrize(
    "digest",
    [
        "",
        "../../../../etc/passwd",
        "a" * 63,
        "a" * 65,
        "A" * 64,
        "a" * 64 + "\n",
        "g" * 64,
        "１" * 64,
        "a" * 31 + "/.." + "a" * 30,
        "a" * 63 + "\x00",
        None,
        7,
    ],
)
def test_what_is_no_digest_never_becomes_a_path(store: EvidenceStore, digest: object) -> None:
    for ask in (store.path, store.open, store.verify, store.read_bytes, store.read_table):
        with pytest.raises(EvidenceDigestMalformed) as refused:
            ask(digest)  # type: ignore[operator]
        assert "SHA-256" in refused.value.zh
        assert "SHA-256" in refused.value.en


def test_a_digest_nobody_put_is_missing_in_both_languages(store: EvidenceStore) -> None:
    absent = "0" * 64
    for ask in (store.path, store.open, store.verify, store.read_bytes, store.read_table):
        with pytest.raises(EvidenceMissing) as missing:
            ask(absent)
        assert absent in missing.value.zh
        assert absent in missing.value.en
        assert missing.value.digest == absent
        assert isinstance(missing.value, EvidenceError)


def test_every_single_altered_byte_of_a_file_is_noticed(store: EvidenceStore) -> None:
    content = b"bill 2025-26, 100.00"
    digest = store.put_bytes(content).digest
    assert store.verify(digest)
    for position in range(len(content)):
        altered = bytearray(content)
        altered[position] ^= 1
        overwrite(store.path(digest), bytes(altered))
        assert not store.verify(digest)
        with pytest.raises(EvidenceDamaged, match=digest):
            store.read_bytes(digest)


def test_a_truncated_file_is_noticed(store: EvidenceStore) -> None:
    digest = store.put_bytes(b"bill 2025-26").digest
    overwrite(store.path(digest), b"bill 2025-2")
    assert not store.verify(digest)


def test_damage_is_not_papered_over_by_putting_the_true_bytes_again(store: EvidenceStore) -> None:
    digest = store.put_bytes(b"bill").digest
    overwrite(store.path(digest), b"bi11")
    with pytest.raises(EvidenceDamaged):
        store.put_bytes(b"bill")
    assert store.path(digest).read_bytes() == b"bi11"
    assert store.stale_temporaries() == []


def test_a_flipped_bit_inside_a_table_is_noticed_while_reading_rows(store: EvidenceStore) -> None:
    digest = store.put_table(bills()).digest
    content = bytearray(store.path(digest).read_bytes())
    column = pq.ParquetFile(store.path(digest)).metadata.row_group(1).column(2)
    content[column.data_page_offset + column.total_compressed_size // 2] ^= 0x10
    overwrite(store.path(digest), bytes(content))
    with pytest.raises(EvidenceDamaged):
        store.read_table(digest, columns=["billed_total"])


def test_a_table_comes_back_with_the_same_types_and_rows(store: EvidenceStore) -> None:
    table = bills()
    digest = store.put_table(table).digest
    assert store.read_table(digest).equals(table)
    assert store.read_table(digest, columns=["billed_total", "source_row"]).schema.names == [
        "billed_total",
        "source_row",
    ]


def test_an_empty_table_keeps_its_columns(store: EvidenceStore) -> None:
    table = bills(0)
    assert store.read_table(store.put_table(table).digest).equals(table)


def test_equal_rows_are_equal_bytes_whatever_chunks_and_notes_order_they_come_in(
    store: EvidenceStore,
) -> None:
    table = bills().replace_schema_metadata({"feed": "bills", "edition": "2026"})
    pieces = [table.slice(0, 1), table.slice(1, 16_384), table.slice(16_385, 7), table.slice(16_392)]
    chopped = pa.concat_tables(pieces).replace_schema_metadata({"edition": "2026", "feed": "bills"})
    assert store.put_table(chopped) == store.put_table(table)
    assert store.put_table(table.slice(5).combine_chunks()) == store.put_table(table.slice(5))
    assert store.put_table(table.slice(1)) != store.put_table(table)


def test_rows_are_in_groups_of_16384_delta_packed_and_checksummed(store: EvidenceStore) -> None:
    digest = store.put_table(bills(), sort_by="account_no").digest
    metadata = pq.ParquetFile(store.path(digest)).metadata
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [
        16_384,
        16_384,
        7_232,
    ]
    packed = {
        metadata.schema.column(index).name
        for index in range(metadata.num_columns)
        if "DELTA_BINARY_PACKED" in metadata.row_group(0).column(index).encodings
    }
    assert packed == {"source_row", "billed_total", "issued_on", "received_at"}
    assert {metadata.row_group(0).column(index).compression for index in range(metadata.num_columns)} == {
        "ZSTD"
    }


def test_sorting_keeps_equal_rows_in_their_order_and_lets_one_account_be_read_alone(
    store: EvidenceStore,
) -> None:
    table = bills()
    digest = store.put_table(table, sort_by=["account_no"]).digest
    one = store.read_table(digest, filters=[("account_no", "==", "A00077")])
    expected = [
        row
        for row, account in zip(table["source_row"].to_pylist(), table["account_no"].to_pylist(), strict=True)
        if account == "A00077"
    ]
    assert one["source_row"].to_pylist() == expected
    assert len(expected) == 8


def test_a_finding_reads_its_rows_in_the_order_it_names_them(store: EvidenceStore) -> None:
    table = bills()
    digest = store.put_table(table, sort_by="account_no").digest
    rows = store.read_rows(digest, [39_999, 1, 20_000, 1])
    assert rows["source_row"].to_pylist() == [39_999, 1, 20_000, 1]
    assert rows["account_no"][1].as_py() == table["account_no"][0].as_py()
    assert store.read_rows(digest, []).num_rows == 0
    assert store.read_rows(digest, []).schema.equals(table.schema)


@pytest.mark.parametrize("absent", [0, -1, 40_001, 2**40])
def test_a_row_that_was_never_filed_is_named(store: EvidenceStore, absent: int) -> None:
    digest = store.put_table(bills()).digest
    with pytest.raises(EvidenceMissing) as missing:
        store.read_rows(digest, [1, absent])
    assert f" {absent} " in missing.value.zh
    assert f" {absent} " in missing.value.en


def test_a_column_that_is_not_there_is_named_and_not_called_damage(store: EvidenceStore) -> None:
    digest = store.put_table(bills(10)).digest
    with pytest.raises(KeyError, match="heat_gj"):
        store.read_table(digest, columns=["heat_gj"])
    with pytest.raises(KeyError, match="heat_gj"):
        store.put_table(bills(10), sort_by="heat_gj")
    with pytest.raises(pa.ArrowInvalid, match="heat_gj"):
        store.read_table(digest, filters=[("heat_gj", ">", 1)])
    assert store.stale_temporaries() == []


def test_a_csv_asked_for_as_a_table_is_not_called_damaged(store: EvidenceStore) -> None:
    digest = store.put_bytes("户号,金额\n".encode()).digest
    with pytest.raises(pa.ArrowInvalid):
        store.read_table(digest)


def test_a_folder_named_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "zone=1" / "evidence")
    table = bills(3)
    assert store.read_table(store.put_table(table).digest).equals(table)


def test_the_inventory_names_evidence_and_nothing_else(store: EvidenceStore) -> None:
    digests = sorted(store.put_bytes(f"bill {number}".encode()).digest for number in range(40))
    (store.root / digests[0][:2] / "notes.txt").write_text("not evidence")
    (store.root / "zz").mkdir()
    (store.root / "lost+found").mkdir()
    (store.root / "incoming" / "half.part").write_bytes(b"half a bill")
    assert list(store.digests()) == digests


def test_a_sweep_removes_what_a_dead_writer_left_and_spares_the_living(store: EvidenceStore) -> None:
    kept = store.put_bytes(b"bill").digest
    dead, alive = store.root / "incoming" / "dead.part", store.root / "incoming" / "alive.part"
    for path, age in ((dead, dt.timedelta(hours=24, seconds=1)), (alive, dt.timedelta(hours=23, minutes=59))):
        path.write_bytes(b"half a bill")
        moment = (NOW - age).timestamp()
        os.utime(path, (moment, moment))

    assert store.stale_temporaries() == [alive, dead]
    assert store.stale_temporaries(NOW) == [dead]
    assert store.sweep(NOW) == [dead]

    assert files_under(store.root / "incoming") == [alive]
    assert store.verify(kept)
    assert store.sweep(NOW) == []


@pytest.mark.parametrize("at_a_time", [1, 7_000, 16_384, 40_000])
def test_a_table_added_in_pieces_is_the_same_evidence_as_the_whole(tmp_path: Path, at_a_time: int) -> None:
    rows = 1_000 if at_a_time == 1 else 40_000
    table = pa.table(
        {"source_row": pa.array(range(rows), pa.int32()), "bill_no": [f"B{n}" for n in range(rows)]}
    )
    store = EvidenceStore(tmp_path)
    whole = store.put_table(table, sort_by="source_row")
    with store.table_in_pieces(table.schema, sorted_by=["source_row"]) as pieces:
        for start in range(0, rows, at_a_time):
            pieces.add(table.slice(start, at_a_time))
    assert pieces.stored == whole


def test_pieces_that_end_in_an_error_are_no_evidence(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    schema = pa.schema([("source_row", pa.int32())])
    with pytest.raises(KeyError), store.table_in_pieces(schema) as pieces:
        pieces.add(pa.table({"source_row": pa.array([1], pa.int32())}))
        raise KeyError("no more")
    assert list(store.digests()) == []
    assert store.stale_temporaries() == []
