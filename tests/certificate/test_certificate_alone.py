"""A certificate leaves the building and is computed again elsewhere, by one file and nothing else."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from checks.certificate import CHECKER, as_bytes, certificate_of
from checks.certificate import verify_certificate as checker
from checks.tariffs.load import load_published

HARBIN = {
    "source_row": 1,
    "bill_no": "E14-201310",
    "account_no": "E14",
    "season": "2014-15",
    "kind": "season",
    "category": "non_residential",
    "billing_method": "area",
    "heating_state": "on",
    "service_from": checker.dt.date(2014, 10, 20),
    "service_to": checker.dt.date(2015, 4, 20),
    "billed_area_m2": Decimal("90.00"),
    "area_basis": "usable",
    "area_charge": Decimal("4010.10"),
    "total": Decimal("4010.10"),
    "issued_on": checker.dt.date(2014, 10, 20),
}


def harbin(**changes: Any) -> dict[str, Any]:
    """The certificate of the published example E14 (90 m² at 44.49, printed 4,010.10)."""
    return certificate_of(HARBIN | changes, None, load_published(), city="哈尔滨市")


def verify_alone(tmp_path: Path, certificate: Any) -> tuple[int, str]:
    """The checker in a folder with nothing beside it, on a Python without site-packages."""
    (tmp_path / "verify_certificate.py").write_bytes(CHECKER)
    text = certificate if isinstance(certificate, bytes) else as_bytes(certificate)
    (tmp_path / "certificate.json").write_bytes(text)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify_certificate.py", "certificate.json"],
        cwd=tmp_path,
        capture_output=True,
        env={"PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def signed_again(certificate: dict[str, Any]) -> dict[str, Any]:
    """The certificate with the digest of what it says now: what a careful forger would do."""
    content = {name: value for name, value in certificate.items() if name != "digest"}
    return {**content, "digest": checker.digest(content)}


def test_the_published_example_that_is_wrong_in_print_is_certified_at_4004_10(tmp_path: Path) -> None:
    certificate = harbin()
    assert certificate["outcome"]["recomputed_total"] == "4004.10"
    assert certificate["outcome"]["overcharge"] == "6.00"
    code, said = verify_alone(tmp_path, certificate)
    assert code == 0, said
    assert "一致 AGREES" in said
    assert "4004.10" in said


def test_the_same_inputs_give_the_same_bytes() -> None:
    assert as_bytes(harbin()) == as_bytes(harbin())


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("case", "bill", "total"), "4010.11"),
        (("case", "bill", "billed_area_m2"), "91.00"),
        (("case", "bill", "service_from"), "2014-11-20"),
        (("case", "bill", "season"), "2013-14"),
        (("outcome", "recomputed_total"), "4004.00"),
        (("outcome", "overcharge"), "0.00"),
        (("outcome", "outcome"), "conforms"),
        (("outcome", "label"), "bounded"),
        (("steps", 3, "result"), "4004.00"),
        (("steps", 3, "exact"), "4004.11"),
        (("steps", 0, "exact"), "91"),
    ],
)
def test_each_altered_field_is_caught_even_under_a_digest_made_anew(
    tmp_path: Path, place: tuple[Any, ...], value: str
) -> None:
    certificate = json.loads(as_bytes(harbin()))
    inside: Any = certificate
    for key in place[:-1]:
        inside = inside[key]
    assert inside[place[-1]] != value
    inside[place[-1]] = value
    assert verify_alone(tmp_path, certificate)[0] == 1  # the digest is that of the first content
    code, said = verify_alone(tmp_path, signed_again(certificate))
    assert code == 1, said
    assert "DISAGREES" in said


def test_an_altered_price_is_caught_by_the_digest_of_the_tariff_and_by_the_amount(tmp_path: Path) -> None:
    certificate = json.loads(as_bytes(harbin()))
    record = next(iter(certificate["tariffs"].values()))["record"]
    record["area_price"]["value"] = "44.59"
    code, said = verify_alone(tmp_path, signed_again(certificate))
    assert code == 1
    assert "tariff " in said
    assert "area_charge" in said


def test_an_altered_digest_is_named_with_both_values(tmp_path: Path) -> None:
    certificate = harbin()
    code, said = verify_alone(tmp_path, certificate | {"digest": "0" * 64})
    assert code == 1
    assert "0" * 64 in said
    assert certificate["digest"] in said


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[]", b"\xff\xfe", b'{"schema": "heat-bill-certificate/9"}', b"[" * 100_000]
)
def test_what_is_no_certificate_cannot_be_read(tmp_path: Path, text: bytes) -> None:
    code, said = verify_alone(tmp_path, text)
    assert code == 2
    assert "cannot be read" in said
    assert "Traceback" not in said


def test_a_bill_that_lacks_something_is_certified_as_not_computable(tmp_path: Path) -> None:
    certificate = harbin(area_basis="floor")
    assert certificate["outcome"]["label"] == "not_computable"
    assert list(certificate["outcome"]["missing"]) == ["area_of_basis_missing"]
    assert verify_alone(tmp_path, certificate)[0] == 0
    certificate["outcome"]["missing"] = {"total_missing": {"zh": "", "en": ""}}
    assert verify_alone(tmp_path, signed_again(certificate))[0] == 1


def test_the_checker_imports_the_standard_library_alone() -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(CHECKER))
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names
    ast.parse(CHECKER, feature_version=(3, 9))
