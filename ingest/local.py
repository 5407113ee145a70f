"""The portal's judgement of a file on a company's own machine: no portal, no register, no network, nothing filed.

``python heat-validator.pyz FEED FILE --period PERIOD``. Exit codes: 0 nothing blocks, 1 something blocks, 2 it could not run.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.leaving import leave

if TYPE_CHECKING:
    from ingest.judge import Judgement

#: What must be installed beside Python 3.11 or newer, and what for; the last three only for files of that kind.
NEEDS: dict[str, tuple[str, str]] = {
    "numpy": ("numpy", "always"),
    "pyarrow": ("pyarrow", "always"),
    "python_calamine": ("python-calamine", ".xlsx"),
    "openpyxl": ("openpyxl", "--report *.xlsx"),
    "meterbus": ("pymeterbus", ".mbus .hex"),
}
_PASSES, _BLOCKS, _CANNOT_RUN = 0, 1, 2
_OLDEST = (3, 11)


def main(arguments: Sequence[str] | None = None) -> int:
    """Judges the file that the arguments name and prints the verdict; the exit code says whether something blocks."""
    said = _parser().parse_args(arguments)
    missing = missing_for(said.file, said.report)
    if missing:
        print_error(f"缺少软件包 / packages are missing: pip install {' '.join(missing)}")
        return _CANNOT_RUN
    from ingest.telling import Written, as_object, lines_of, write_judged

    try:
        judgement = _judged(said)
        write_judged(judgement, said.file, Written(said.report, said.standard, said.coercions))
    except (OSError, KeyError, ValueError) as error:
        print_error(str(error.args[0] if isinstance(error, KeyError) else error))
        return _CANNOT_RUN
    if said.json:
        print_line(json.dumps(as_object(judgement, said.file, said.report), ensure_ascii=False, indent=1))
    else:
        for line in lines_of(judgement):
            print_line(line)
    return _BLOCKS if judgement.verdict == "rejected" else _PASSES


def missing_for(file: Path, report: Path | None) -> list[str]:
    """The packages that this file and report need and that are not installed."""
    kinds = {kind.lower() for kind in file.suffixes}
    wanted = ["numpy", "pyarrow"]
    wanted += ["python_calamine"] if ".xlsx" in kinds else []
    wanted += ["meterbus"] if kinds & {".mbus", ".hex"} else []
    wanted += ["openpyxl"] if report is not None and report.suffix.lower() == ".xlsx" else []
    return [NEEDS[name][0] for name in wanted if importlib.util.find_spec(name) is None]


def _judged(said: argparse.Namespace) -> Judgement:
    from ingest.judge import judge
    from ingest.profiles import Profile

    profile = None if said.profile is None else Profile.parse(said.profile.read_text("utf-8"))
    return judge(said.file, feed=said.feed, period=said.period, filename=said.file.name, profile=profile)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "heat-validator",
        description="报送前先在本机审核：与平台同一规则包、同一结论、同一报告。"
        " / Judge a file before filing it: the portal's rule pack, verdict and report.",
    )
    parser.add_argument("feed", help="accounts, bills, readings, …")
    parser.add_argument("file", type=Path)
    parser.add_argument("--period", required=True, help="2025-26, 2025-12, 2025-12-03")
    parser.add_argument(
        "--profile",
        type=Path,
        help="按此对应方案（JSON）读本企业的表头和代码 / read own headers and codes by this mapping profile",
    )
    parser.add_argument(
        "--standard",
        type=Path,
        help="不被退回时，另写成标准 CSV 供报送 / where nothing blocks, write the rows as a standard CSV to be filed",
    )
    parser.add_argument("--report", type=Path, help=".csv, .xlsx, .parquet")
    parser.add_argument(
        "--coercions",
        type=Path,
        help="读法与写法不同的每个值，另写成 CSV / list every value that was read otherwise than it stands, as CSV",
    )
    parser.add_argument("--json", action="store_true")
    return parser


def print_line(text: str) -> None:
    sys.stdout.write(text + "\n")


def print_error(text: str) -> None:
    sys.stderr.write(text + "\n")


def start() -> None:
    """The entry of the packed file."""
    if sys.version_info < _OLDEST:
        print_error("需要 Python 3.11 或更新版本 / Python 3.11 or newer is needed")
        sys.exit(_CANNOT_RUN)
    leave(main())


if __name__ == "__main__":
    start()
