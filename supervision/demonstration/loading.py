"""Loads the demonstration province through the real pipeline: every file is received, judged, signed and checked like
any company's, every complaint received, answered and closed, in the order of the calendar."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from checks.tariffs.load import load_published
from ingest.readers.manifest import Manifest as Declared
from supervision.companies import Company, CompanyService
from supervision.complaints import ComplaintService
from supervision.db import begin
from supervision.demonstration.generator import Complaint, FiledFile, Manifest, generate
from supervision.demonstration.generator_accounts import SEASONS
from supervision.demonstration.people import PASSWORD, STAFF, TOUR_COMPANY, Person, company_people
from supervision.filings import FilingCalendar, FilingRelief, FilingService
from supervision.filings.edit_report import edits_to_explain
from supervision.filings.explaining import FilingExplanations
from supervision.filings.lifecycle import State
from supervision.filings.models import Filing
from supervision.findings import CheckedBills, NoSuchBill
from supervision.jobs.worker import work
from supervision.journal import SYSTEM
from supervision.notifications import NotificationService
from supervision.ratings import RatingService
from supervision.security import Identity
from supervision.settings import FixedClock, Settings
from supervision.settings.clock import SHANGHAI
from supervision.settings.evidence import open_evidence
from supervision.tariffs import TariffService
from supervision.users import PasswordCost, Passwords, UserService

# (what, done, total): `what` names the file or complaint just dealt with
Progress = Callable[[str, int, int], None]
DURING_LOADING = ("judge_filing", "compare_filing", "check_filing", "check_ledger")
WORKERS = 2
NOT_CONNECTED = ("room_temperatures", "service_requests", "outages", "network_days", "costs")
CONNECTED = frozenset({("bj-jn", "network_days"), ("bj-jn", "outages")})
EXEMPT_FROM = dt.date(2026, 7, 1)
TOGETHER = dt.timedelta(days=14)  # companies hand in a period within about so long


class NotAccepted(RuntimeError):
    """A file of the demonstration was rejected: the generator and the standard disagree."""


@dataclass(frozen=True, slots=True)
class _Moment:
    at: dt.datetime
    file: FiledFile | None = None
    complaint: Complaint | None = None
    is_answer: bool = False
    rated_season: str | None = None


def is_loaded(session: Session) -> bool:
    return bool(session.scalar(select(func.count()).select_from(Company)))


def load(
    engine: Engine, settings: Settings, *, seed: int, accounts: int, on_progress: Progress | None = None
) -> Manifest:
    """The province stands in the register as if it had been filed on its own days. Receipts are rendered by the
    worker afterwards. Raises NotAccepted."""
    manifest = generate(settings.data / "demonstration", seed=seed, accounts=accounts)
    return _Loading(engine, settings, manifest, on_progress or (lambda *_: None)).run()


class _Loading:
    def __init__(self, engine: Engine, settings: Settings, manifest: Manifest, tell: Progress) -> None:
        self._engine, self._settings, self._manifest, self._tell = engine, settings, manifest, tell
        first = min(moment.at for moment in self._moments())
        self._clock = FixedClock(first - dt.timedelta(days=1))
        self._evidence = open_evidence(settings)
        self._companies: dict[str, Company] = {}
        self._people: dict[str, Identity] = {}
        self._numbers: dict[int, str] = {}
        self._waiting: list[tuple[FiledFile, int]] = []
        self._done = 0

    def run(self) -> Manifest:
        self._seed_people_and_companies()
        for moment in self._moments():
            if moment.file is not None:
                self._next_file(moment.file)
            elif moment.complaint is not None:
                self._set_clock(moment.at)
                self._complain(moment.complaint, is_answer=moment.is_answer)
            elif moment.rated_season is not None:
                self._judge_sign_and_check()
                self._set_clock(moment.at)
                self._rate(moment.rated_season)
                self._read_messages()
        self._judge_sign_and_check()
        self._exempt()
        self._read_messages()
        return self._manifest

    def _moments(self) -> list[_Moment]:
        def all_of_them() -> Iterator[_Moment]:
            for file in self._manifest.files:
                yield _Moment(file.filed_at, file=file)
            for complaint in self._manifest.complaints:
                yield _Moment(complaint.received_at, complaint=complaint)
                if complaint.resolved_at is not None:
                    yield _Moment(complaint.resolved_at, complaint=complaint, is_answer=True)
            for season in SEASONS:
                yield _Moment(_rated_at(season), rated_season=season)

        return sorted(all_of_them(), key=lambda moment: moment.at)

    def _set_clock(self, at: dt.datetime) -> None:
        if at > self._clock.now():
            self._clock.move(at - self._clock.now())

    # -- people ------------------------------------------------------------------------------------------------------

    def _seed_people_and_companies(self) -> None:
        passwords = Passwords(PasswordCost())
        with begin(self._engine) as session:
            TariffService(session, self._clock).enter(load_published(), SYSTEM)
            provinces = {city: province for province, city in TariffService(session, self._clock).cities()}
            users = UserService(session, self._clock, self._settings, passwords)
            people: list[Person] = list(STAFF)
            for one in self._manifest.companies:
                self._companies[one.code] = CompanyService(session, self._clock).register(
                    code=one.code,
                    name_zh=one.zh,
                    name_en=one.en,
                    province=provinces[one.city],
                    city=one.city,
                    service_areas=one.service_areas,
                    by=SYSTEM,
                )
                people += company_people(one.code, one.zh)
            for number, person in enumerate(people):
                added = users.add(
                    name=person.name,
                    display_name=person.display_name,
                    role=person.role,
                    person_no=f"DEMO-{number:03d}",
                    company_id=self._companies[person.company].id if person.company else None,
                    password=PASSWORD,
                    by=SYSTEM,
                )
                self._people[person.name] = added.user.identity

    # -- filings -----------------------------------------------------------------------------------------------------

    def _next_file(self, file: FiledFile) -> None:
        """Files of one kind and of about the same time wait together, so that the machine judges them side by side; a
        roster is always signed before the bills that are compared with it."""
        if self._waiting:
            first = self._waiting[0][0]
            if first.feed != file.feed or file.filed_at - first.filed_at > TOGETHER:
                self._judge_sign_and_check()
        self._set_clock(file.filed_at)
        with begin(self._engine) as session:
            received = FilingService(session, self._clock, self._evidence, self._settings).receive(
                company_id=self._companies[file.company].id,
                feed=file.feed,
                period=file.period,
                path=file.path,
                filename=file.path.name,
                by=self._people[f"{file.company}-clerk"].actor,
                received_at=file.filed_at,
                declared=Declared(file.declared_rows, {n: str(v) for n, v in file.declared_totals.items()}),
            )
            self._waiting.append((file, received.filing.id))

    def _judge_sign_and_check(self) -> None:
        self._work()
        for file, filing_id in self._waiting:
            with begin(self._engine) as session:
                self._sign(session, file, session.get_one(Filing, filing_id))
            self._done += 1
            self._tell(f"{file.company} {file.feed} {file.period}", self._done, len(self._manifest.files))
        self._work()
        self._waiting.clear()

    def _sign(self, session: Session, file: FiledFile, filing: Filing) -> None:
        service = FilingService(session, self._clock, self._evidence, self._settings)
        signer = self._people[f"{file.company}-signer"]
        if filing.state is State.NEEDS_EXPLANATION:
            said = dict.fromkeys(
                edits_to_explain(filing), ("true_as_filed", "已与原始台账逐户核对，数据属实。")
            )
            explanations = FilingExplanations(session, self._clock, self._evidence)
            explanations.by_edit(filing, said, by=signer.actor, version=filing.version)
        if filing.state is not State.READY:
            raise NotAccepted(f"{file.path}: {filing.state}")
        service.sign(filing, by=signer.actor, signer=signer.display_name, version=filing.version)

    def _work(self) -> None:
        """All jobs of the pipeline that wait now, on both processors."""
        ending = threading.Event()
        threads = [
            threading.Thread(
                target=work,
                args=(self._engine, self._settings, ending),
                kwargs={"clock": self._clock, "only": DURING_LOADING, "until_idle": True},
            )
            for _ in range(WORKERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    # -- ratings -----------------------------------------------------------------------------------------------------

    def _rate(self, season: str) -> None:
        """One officer computes, another releases; the cards are rendered by the worker afterwards."""
        with begin(self._engine) as session:
            service = RatingService(session, self._clock, self._evidence, self._settings)
            draft = service.compute(season, self._people["officer"])
            service.release(draft, self._people["supervisor"], version=draft.version)

    def _exempt(self) -> None:
        """Companies are connected step by step: what they do not file yet they need not, until further notice."""
        with begin(self._engine) as session:
            calendar = FilingCalendar(session, self._clock, self._evidence)
            relief = FilingRelief(session, self._clock, calendar)
            for code, company in self._companies.items():
                for feed in NOT_CONNECTED:
                    if (code, feed) not in CONNECTED:
                        relief.exempt(
                            company,
                            feed,
                            first_day=EXEMPT_FROM,
                            last_day=None,
                            reason="分步接入：本类数据的接口正在对接，对接完成前免报。",
                            by=self._people["officer"].actor,
                        )

    def _read_messages(self) -> None:
        """Nobody comes to a season of unread messages."""
        with begin(self._engine) as session:
            for person in self._people.values():
                NotificationService(session, self._clock).read_all(person)

    # -- complaints --------------------------------------------------------------------------------------------------

    def _complain(self, complaint: Complaint, *, is_answer: bool) -> None:
        with begin(self._engine) as session:
            service = ComplaintService(session, self._clock, self._settings)
            if is_answer:
                self._answer_and_close(session, service, complaint)
                return
            received = service.receive(
                company=self._companies[complaint.company],
                topic=complaint.topic,
                place=f"{complaint.community} {complaint.building}",
                text=complaint.text_zh,
                account_no=complaint.account_no,
                bill_no=complaint.bill_no,
                address=f"demonstration {len(self._numbers)}",
                received_at=complaint.received_at,
            )
            self._numbers[id(complaint)] = received.complaint.number

    def _answer_and_close(self, session: Session, service: ComplaintService, complaint: Complaint) -> None:
        found = service.numbered(self._numbers[id(complaint)])
        kind = complaint.outcome or "explanation"
        amount = None
        if kind == "monetary":
            amount = self._overcharge(session, found.company_id, complaint.bill_no)
            kind = "monetary" if amount else "non_monetary"
        clerk = self._people[f"{complaint.company}-clerk"]
        service.answer(
            found,
            by=clerk,
            kind=kind,
            text=_ANSWERS[kind],
            amount=amount,
            version=found.version,
        )
        service.close(
            found, by=self._people["officer"], text="答复与核实情况一致，予以办结。", version=found.version
        )

    def _overcharge(self, session: Session, company_id: int, bill_no: str | None) -> Decimal | None:
        if bill_no is None:
            return None
        try:
            view = CheckedBills(session, self._clock, self._evidence).bill(company_id, bill_no)
        except NoSuchBill:
            return None
        overcharge: Decimal | None = view.outcome["overcharge"]
        return overcharge if overcharge is not None and overcharge > 0 else None


def _rated_at(season: str) -> dt.datetime:
    """Ratings come out a month after the settlements are due."""
    return dt.datetime(int(season[:4]) + 1, 7, 15, 10, tzinfo=SHANGHAI)


_ANSWERS = {
    "monetary": "经核对，该账单确实多收，已退回多收金额并更正台账。",
    "non_monetary": "已派人到场处理，现已恢复正常供热，并安排回访。",
    "explanation": "已向用户当面说明计费依据和计算过程，用户表示理解。",
    "unfounded": "经现场测温和核对台账，未发现所反映的问题。",
}


def sign_ins(companies: Sequence[Company]) -> list[tuple[str, str, str]]:
    """(sign-in name, password, role) of the staff and of the company that the tour of README visits; the people of
    every other company are named the same way after its code."""
    shown = [one for one in companies if one.code == TOUR_COMPANY] or companies[:1]
    people = [*STAFF, *(person for one in shown for person in company_people(one.code, one.name_zh))]
    return [(person.name, PASSWORD, str(person.role)) for person in people]
