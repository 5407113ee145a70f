"""One bill as a run saw it: as filed, its account, its outcome, and the worksheet that leads to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from checks.fees import FeeRegister
from checks.tariffs.record import Tariff
from ingest.evidence import EvidenceStore
from supervision.filings.models import Filing
from supervision.findings.inputs import fees_of
from supervision.findings.models import CheckRun, Finding, FindingPart
from supervision.settings import Clock
from supervision.tariffs import TariffService

if TYPE_CHECKING:
    from checks.recompute import Worksheet


class NoSuchBill(LookupError):
    """No run has a bill of this number (of this company)."""


@dataclass(frozen=True, slots=True)
class BillView:
    """``outcome`` is what the run recorded; ``worksheet`` is worked out again from the very evidence of the run, and
    ``is_same_rules`` says whether the rules of today are those of the run."""

    run: CheckRun
    filing: Filing
    bill: dict[str, Any]
    account: dict[str, Any] | None
    outcome: dict[str, Any]
    worksheet: Worksheet
    finding: Finding | None
    is_same_rules: bool
    others: list[dict[str, Any]]
    tariffs: tuple[Tariff, ...]
    fees: FeeRegister
    measured: pa.Table | None
    readings: pa.Table | None

    @property
    def is_reproduced(self) -> bool:
        """The worksheet comes to what the run recorded, to the fen."""
        recorded = (self.outcome["outcome"], self.outcome["recomputed_total"], self.outcome["overcharge"])
        sheet = self.worksheet
        return recorded == (sheet.outcome, sheet.recomputed_total, sheet.overcharge)


def _on_roster(run: CheckRun, account: dict[str, Any] | None) -> dict[str, Any] | None:
    """A roster without the account is not the same as no roster: an empty row says so."""
    return {} if account is None and run.accounts_digest else account


def certificate_of_bill(view: BillView) -> Mapping[str, Any]:
    """The certificate of the bill as its run recorded it, after the checker has agreed with it. Raises
    ``checks.certificate.CertificateRefused`` where today's computation comes to another result than the run."""
    from checks.certificate import CertificateRefused, Origin, certificate_of, proven

    run, filing = view.run, view.filing
    if not view.is_reproduced and not view.is_same_rules:
        raise CertificateRefused(
            "核算规则在本次核查之后已修订，按现行规则算出的结果与当时的记录不同，因此不能出具证书。重新核查后即可下载。",
            "The rules were revised after this check and now come to another result than it recorded, so there is no "
            "certificate. Once the bills are checked again there is one.",
        )
    if not view.is_reproduced:
        raise CertificateRefused(
            "按同样的规则重算，结果与核查记录不同，因此不能出具证书。请系统管理员核对证据。",
            "The same rules now come to another result than the check recorded, so there is no certificate. Have the "
            "evidence looked into.",
        )
    origin = Origin(
        company=run.company.code,
        receipt_no=filing.receipt_no,
        filing_digest=filing.bytes_digest,
        bills_digest=run.bills_digest,
        accounts_digest=run.accounts_digest,
        neighbours_digest=run.neighbours_digest,
        outcomes_digest=run.outcomes_digest,
        run=run.public_id,
        run_number=run.number,
    )
    return proven(
        certificate_of(
            view.bill,
            _on_roster(run, view.account),
            view.tariffs,
            city=run.company.city,
            service_areas=tuple(run.company.service_areas),
            fees=view.fees,
            others=view.others,
            measured=view.measured,
            readings=view.readings,
            origin=origin,
        )
    )


class CheckedBills:
    """Bills of runs. Callers bound ``company_id``; nothing here looks across companies."""

    def __init__(self, session: Session, clock: Clock, evidence: EvidenceStore) -> None:
        self._session, self._clock, self._evidence = session, clock, evidence

    def bill(self, company_id: int, bill_no: str, *, run: CheckRun | None = None) -> BillView:
        """The bill as ``run`` saw it, or as the current runs of the company see it (the last issued, where two periods
        have the number). Raises NoSuchBill."""
        runs = [run] if run is not None else self._current_runs(company_id)
        found = [
            (one, outcome)
            for one in runs
            for outcome in self._evidence.read_table(
                one.outcomes_digest, filters=pc.field("bill_no") == bill_no
            ).to_pylist()
        ]
        if not found:
            raise NoSuchBill(bill_no)
        last, outcome = max(found, key=lambda pair: (pair[1]["issued_on"], pair[0].id))
        return self._view(last, outcome)

    def bills_of_account(self, company_id: int, account_no: str) -> list[tuple[CheckRun, dict[str, Any]]]:
        """The outcomes of every bill of the account in the current runs, last issued first."""
        found = [
            (run, outcome)
            for run in self._current_runs(company_id)
            for outcome in self._evidence.read_table(
                run.outcomes_digest, filters=pc.field("account_no") == account_no
            ).to_pylist()
        ]
        return sorted(found, key=lambda pair: pair[1]["issued_on"], reverse=True)

    def _current_runs(self, company_id: int) -> Sequence[CheckRun]:
        return self._session.scalars(
            select(CheckRun).where(CheckRun.company_id == company_id, CheckRun.is_current)
        ).all()

    def _view(self, run: CheckRun, outcome: dict[str, Any]) -> BillView:
        from checks.recompute import RULES_DIGEST, worksheet

        account_no = outcome["account_no"]
        of_account = pc.field("account_no") == account_no
        related = self._evidence.read_table(run.bills_digest, filters=of_account).to_pylist()
        bill = next(row for row in related if row["source_row"] == outcome["source_row"])
        others = [row for row in related if row["source_row"] != outcome["source_row"]]
        others += self._neighbours(run, account_no, bill["corrects_bill_no"])
        account = self._account(run, account_no)
        tariffs, measured = self._tariffs(run), self._measured(run, account_no)
        readings = self._readings(run, account_no)
        fees = fees_of(self._evidence, run.fees_digest)
        sheet = worksheet(
            bill,
            _on_roster(run, account),
            tariffs,
            city=run.company.city,
            service_areas=tuple(run.company.service_areas),
            fees=fees,
            others=others,
            measured=measured,
            readings=readings,
        )
        return BillView(
            run=run,
            filing=run.filing,
            bill=bill,
            account=account,
            outcome=outcome,
            worksheet=sheet,
            finding=self._finding(run, outcome),
            is_same_rules=run.rules_digest == RULES_DIGEST,
            others=others,
            tariffs=tariffs,
            fees=fees,
            measured=measured,
            readings=readings,
        )

    def _neighbours(self, run: CheckRun, account_no: str, corrects: str | None) -> list[dict[str, Any]]:
        if run.neighbours_digest is None:
            return []
        wanted = pc.field("account_no") == account_no
        if corrects is not None:
            wanted = wanted | (pc.field("bill_no") == corrects)
        rows: list[dict[str, Any]] = self._evidence.read_table(
            run.neighbours_digest, filters=wanted
        ).to_pylist()
        return rows

    def _measured(self, run: CheckRun, account_no: str) -> pa.Table | None:
        if run.measured_digest is None:
            return None
        of_account = pc.field("account_no") == account_no
        return self._evidence.read_table(
            run.measured_digest, filters=of_account | pc.field("account_no").is_null()
        )

    def _readings(self, run: CheckRun, account_no: str) -> pa.Table | None:
        if run.readings_digest is None:
            return None
        return self._evidence.read_table(run.readings_digest, filters=pc.field("account_no") == account_no)

    def _account(self, run: CheckRun, account_no: str) -> dict[str, Any] | None:
        if run.accounts_digest is None:
            return None
        rows = self._evidence.read_table(run.accounts_digest, filters=pc.field("account_no") == account_no)
        found: list[dict[str, Any]] = rows.to_pylist()
        return found[-1] if found else None

    def _tariffs(self, run: CheckRun) -> tuple[Tariff, ...]:
        """The records the run had at hand; a record entered later prices nothing here."""
        at_hand = {tariff_id for tariff_id, _ in run.tariffs}
        everything = TariffService(self._session, self._clock).all(city=run.company.city)
        return tuple(tariff for tariff in everything if tariff.id in at_hand)

    def _finding(self, run: CheckRun, outcome: dict[str, Any]) -> Finding | None:
        if outcome["cause"] is None:
            return None
        return self._session.scalars(
            select(Finding)
            .join(FindingPart)
            .where(
                FindingPart.run_id == run.id,
                Finding.cause == outcome["cause"],
                Finding.category == outcome["category"],
                Finding.tariff_id == outcome["tariff_id"],
                Finding.season == outcome["season"],
            )
        ).one_or_none()
