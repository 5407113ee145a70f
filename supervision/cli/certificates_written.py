"""The certificates that `supervision recompute` writes: one file a bill, with the checker and a list of them beside."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from supervision.cli.bills_read import Bills, Roster
from supervision.cli.refusals import CANNOT_USE, stop, stop_for

if TYPE_CHECKING:
    import pyarrow as pa

    from checks.certificate import Origin
    from checks.fees import FeeRegister
    from checks.tariffs.record import Tariff

INDEX = "index.csv"
COLUMNS = (
    "row", "bill_no", "file", "outcome", "label", "billed_total", "recomputed_total", "overcharge", "cause", "digest",
    "remark",
)  # fmt: skip
AT_ONCE = 2000  # bills whose rows are held together
_NAME_LETTERS = 80
_SAME = ("outcome", "label", "billed_total", "recomputed_total", "overcharge")


@contextmanager
def certificate_folder(folder: Path | None) -> Iterator[Path | None]:
    """A folder to write into that gets the name ``folder`` when the block ends well, and is gone when it does not. Ends
    the command where there already is something of that name, but for an empty folder."""
    if folder is None:
        yield None
        return
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            stop(
                f"--certificates 须为新的或空的文件夹，而 {folder} 里已有内容；请另选一个。",
                f"--certificates takes a new or empty folder, and {folder} is not; choose another.",
                CANNOT_USE,
            )
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name[:40]}.", dir=folder.absolute().parent))
    except OSError as error:
        stop_for(folder, error)
    try:
        yield made
        made.chmod(0o755)
        made.replace(folder)
    except OSError as error:
        stop_for(folder, error)
    finally:
        shutil.rmtree(made, ignore_errors=True)


class Wanted:
    """The outcomes of the bills that get a certificate: those in breach, or all."""

    def __init__(self, *, all_bills: bool) -> None:
        self._all = all_bills
        self.outcomes: list[pa.Table] = []

    def add(self, outcomes: pa.Table) -> None:
        import pyarrow.compute as pc

        self.outcomes.append(
            outcomes if self._all else outcomes.filter(pc.equal(outcomes["outcome"], "breach"))
        )


def write_certificates(
    folder: Path,
    wanted: Wanted,
    bills: Bills,
    roster: Roster,
    measured: pa.Table | None,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...],
    fees: FeeRegister,
    given: Path,
) -> int:
    """``{row}_{bill}.json`` for every bill wanted, each computed again by the checker before it is written, the checker
    itself, and an index that says of every bill wanted which file it has or why it has none. Returns how many there are."""
    from checks.certificate import CHECKER, CHECKER_NAME, Origin

    (folder / CHECKER_NAME).write_bytes(CHECKER)
    origin = Origin(filing_digest=_digest(given))
    written = 0
    with (folder / INDEX).open("w", encoding="utf-8", newline="") as file:
        index = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        index.writeheader()
        rows = _Rows(wanted.outcomes, bills.judged, roster.path, measured)
        for table in _some_at_once(wanted.outcomes):
            rows.load(table)
            for outcome in table.to_pylist():
                entry = _entry(outcome)
                try:
                    content, entry["digest"] = _certified(
                        outcome,
                        rows,
                        tariffs,
                        city=city,
                        service_areas=service_areas,
                        fees=fees,
                        origin=origin,
                    )
                except _NoCertificate as reason:
                    entry["remark"] = str(reason)
                else:
                    entry["file"] = file_name(outcome)
                    (folder / entry["file"]).write_bytes(content)
                    written += 1
                index.writerow(entry)
    return written


def file_name(outcome: Mapping[str, Any]) -> str:
    """``{row}_{bill}.json``; what a file name cannot hold of a bill number is a hyphen in it."""
    number = re.sub(r"[^\w.-]+", "-", outcome["bill_no"] or "")[:_NAME_LETTERS]
    while len(number.encode()) > 2 * _NAME_LETTERS:
        number = number[:-1]
    return f"{outcome['source_row']}_{number}.json"


class _NoCertificate(Exception):
    """Why a bill has none, in both languages."""


def _certified(
    outcome: Mapping[str, Any],
    rows: _Rows,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...],
    fees: FeeRegister,
    origin: Origin,
) -> tuple[bytes, str]:
    from checks.certificate import CertificateRefused, as_bytes, certificate_of, proven

    if "unreadable_" in (outcome["missing"] or ""):
        raise _NoCertificate("账单或用户未能完整读取 / the bill or its account was not wholly read")
    bill, others, account, measured = rows.of(outcome["source_row"])
    where: dict[str, Any] = {"city": city, "service_areas": service_areas, "fees": fees, "measured": measured}
    try:
        found = proven(certificate_of(bill, account, tariffs, others=others, origin=origin, **where))
    except CertificateRefused as refusal:
        click.echo(f"{outcome['source_row']}: {refusal}", err=True)
        raise _NoCertificate(str(refusal)) from None
    stated = found["outcome"]
    differing = [name for name in _SAME if (stated[name] or None) != _text(outcome[name])]
    if differing:
        raise _NoCertificate(f"与核算结果不同 / differs from the outcome: {', '.join(differing)}")
    return as_bytes(found), found["digest"]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _entry(outcome: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: outcome[name] for name in COLUMNS if name in outcome}
    return {"row": outcome["source_row"], **kept}


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _some_at_once(tables: Sequence[pa.Table]) -> Iterator[pa.Table]:
    for table in tables:
        for start in range(0, len(table), AT_ONCE):
            yield table.slice(start, AT_ONCE)


class _Rows:
    """The rows that decide a bill: itself, those it has to do with, its account, its rooms; of some bills at once."""

    def __init__(
        self, outcomes: Sequence[pa.Table], bills: Path, accounts: Path | None, measured: pa.Table | None
    ) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        from checks.certificate.second_opinion import Related

        self._files, self._measured = (bills, accounts), measured
        light = _columns(bills, ("source_row", "account_no", "bill_no", "kind", "corrects_bill_no"))
        wanted = pa.concat_arrays(
            [pa.array([], pa.int32()), *(one["source_row"].combine_chunks() for one in outcomes)]
        )
        places = pc.index_in(wanted, value_set=light["source_row"].combine_chunks())
        self._place_of: dict[int, int] = {
            row: place
            for row, place in zip(wanted.to_pylist(), places.to_pylist(), strict=True)
            if place is not None
        }
        self._row_of = light["source_row"].combine_chunks()
        self._related = Related(light, list(self._place_of.values()))
        self._bills: dict[int, dict[str, Any]] = {}
        self._accounts: dict[str, dict[str, Any]] | None = None

    def load(self, outcomes: pa.Table) -> None:
        """Hold the rows of these bills, and no others."""
        from checks.recompute.filed import ACCOUNT_COLUMNS, BILL_COLUMNS

        bills, accounts = self._files
        places = [self._place_of[row] for row in outcomes["source_row"].to_pylist() if row in self._place_of]
        numbers = {self._row_of[one].as_py() for place in places for one in (place, *self._related.of(place))}
        found = _columns(bills, BILL_COLUMNS, ("source_row", sorted(numbers))).to_pylist()
        self._bills = {one["source_row"]: one for one in found}
        if accounts is not None:
            held = sorted({one["account_no"] for one in found if one.get("account_no")})
            rows = _columns(accounts, ("source_row", *ACCOUNT_COLUMNS), ("account_no", held)).to_pylist()
            self._accounts = {one["account_no"]: one for one in rows}  # its last row counts

    def of(
        self, source_row: int
    ) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any] | None, pa.Table | None]:
        """The bill, the bills it has to do with, its account (None: no roster; empty: not on it), its rooms."""
        import pyarrow as pa
        import pyarrow.compute as pc

        bill = self._bills[source_row]
        related = self._related.of(self._place_of[source_row])
        others = [self._bills[self._row_of[one].as_py()] for one in related]
        account = None if self._accounts is None else self._accounts.get(bill.get("account_no") or "", {})
        measured = self._measured
        if measured is not None:
            accounts = pa.array([one.get("account_no") for one in (bill, *others)], pa.string())
            of_all = pc.is_null(measured["account_no"])  # time without heat of a network
            measured = measured.filter(pc.or_(of_all, pc.is_in(measured["account_no"], value_set=accounts)))
        return bill, others, account, measured


def _columns(path: Path, columns: Sequence[str], of: tuple[str, Sequence[Any]] | None = None) -> pa.Table:
    """The columns that a Parquet file has of those asked for; of the rows whose key is one of the values."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        kept = [one for one in columns if one in file.schema_arrow.names]
        empty = file.schema_arrow.empty_table().select(kept)
        found = []
        for batch in file.iter_batches(columns=kept):
            table = pa.Table.from_batches([batch])
            if of is not None:
                wanted = pa.array(of[1], table.schema.field(of[0]).type)
                table = table.filter(pc.is_in(table[of[0]], value_set=wanted))
            found.append(table)
    return pa.concat_tables([empty.select(found[0].column_names) if found else empty, *found])
