"""Which filings a company owes for a season, by when, and how each stands (报送义务).

The one truth of what is late: the calendar of a company, the officers' page, reminders and the ratings all ask here. What is
owed and by when are the rules of ``checks.deadlines``; a day is extended by an officer and moved where the portal could not
be used, and an exemption lifts a period. What is owed day by day is one row a month that holds its days.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checks.deadlines import AnsweredBy, DueRule, OwedWhen, Unavailable, kept_free, rules_of, sign_within
from checks.deadlines import sign_by as last_day_to_sign
from ingest.standard import Period, PeriodKind
from supervision.filings.answering import Answer, Timeliness, answer_of
from supervision.filings.calendar_models import FilingExemption, FilingExtension, NothingToReport
from supervision.filings.lifecycle import State
from supervision.filings.models import Filing

ACCOUNTS, BILLS = "accounts", "bills"
SOON = dt.timedelta(days=7)

__all__ = ["ACCOUNTS", "BILLS", "SOON", "Circumstances", "DayOwed", "Obligation", "Timeliness", "obligations"]


@dataclass(frozen=True, slots=True)
class DayOwed:
    """One day of a month that is owed day by day; ``is_soon`` where the day is over and due within a week."""

    day: dt.date
    due_on: dt.date
    answer: Answer
    is_soon: bool


@dataclass(frozen=True, slots=True)
class Obligation:
    """One filing owed, or the days of one month. ``answer`` says what was handed in; of days it is the worst of theirs, and
    ``due_on`` the day that matters next. ``is_due`` says whether the time for it had passed when this was asked.
    ``rule_due_on`` is the day of the rule alone, ``due_on`` what binds after ``extension`` and ``outages``."""

    rule: DueRule
    period: str
    due_on: dt.date
    answer: Answer
    is_due: bool
    rule_due_on: dt.date
    extension: FilingExtension | None
    outages: tuple[Unavailable, ...]
    is_soon: bool
    days: tuple[DayOwed, ...] = ()

    @property
    def timeliness(self) -> Timeliness:
        return self.answer.timeliness

    @property
    def filing(self) -> str | None:
        """The public id of the first filing that was signed in time, or of the first that was signed."""
        return self.answer.filing

    @property
    def received_on(self) -> dt.date | None:
        return self.answer.received_on

    @property
    def answered(self) -> int:
        """How many of its days are handed in or declared."""
        return sum(one.answer.is_given for one in self.days)

    @property
    def missing(self) -> int:
        """How many periods are due and missing: of days, how many of them."""
        if not self.days:
            return int(self.timeliness is Timeliness.MISSING)
        return sum(one.answer.timeliness is Timeliness.MISSING for one in self.days)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What moves or lifts what one company owes."""

    extensions: Sequence[FilingExtension] = ()
    outages: Sequence[Unavailable] = ()
    exemptions: Sequence[FilingExemption] = ()
    declarations: Sequence[NothingToReport] = ()


def obligations(
    season: Period,
    filings: Sequence[Filing],
    *,
    has_metered_accounts: bool,
    today: dt.date,
    circumstances: Circumstances = Circumstances(),
) -> list[Obligation]:
    """What is owed for ``season`` by the company whose filings of that season these are (all of them, signed or not), in the
    order of the rules. A filing that was rejected, withdrawn or a test creates nothing: it may name a period by mistake."""
    return _Season(season, filings, has_metered_accounts, today, circumstances).owed()


class _Season:
    """One company's season on one day, with what lies in it at hand by feed and period."""

    def __init__(
        self,
        season: Period,
        filings: Sequence[Filing],
        has_meters: bool,
        today: dt.date,
        circumstances: Circumstances,
    ) -> None:
        self._season, self._has_meters, self._today = season, has_meters, today
        self._outages = circumstances.outages
        self._sign_within = sign_within(season.text)
        self._filed: dict[tuple[str, str], list[Filing]] = defaultdict(list)
        for filing in filings:
            if filing.state not in (State.REJECTED, State.WITHDRAWN) and not filing.is_test:
                self._filed[filing.feed, filing.period].append(filing)
        self._extended: dict[tuple[str, str], FilingExtension] = {}
        for one in sorted(circumstances.extensions, key=lambda one: (one.due_on, one.id)):
            self._extended[one.feed, one.period] = one
        self._exempt: dict[str, list[FilingExemption]] = defaultdict(list)
        for exemption in circumstances.exemptions:
            self._exempt[exemption.feed].append(exemption)
        self._declared: dict[tuple[str, str], list[NothingToReport]] = defaultdict(list)
        for declaration in sorted(circumstances.declarations, key=lambda one: one.signed_at):
            self._declared[declaration.feed, declaration.period].append(declaration)

    def owed(self) -> list[Obligation]:
        found = (self._of_rule(rule) for rule in rules_of(self._season.text))
        return [one for some in found for one in some]

    def _of_rule(self, rule: DueRule) -> Iterable[Obligation]:
        if rule.owed is OwedWhen.METERED and not self._has_meters:
            return
        if rule.kind is PeriodKind.DAY:
            yield from self._of_days(rule)
        elif rule.kind is PeriodKind.MONTH:
            for month in self._months(rule):
                one = self._of_month(rule, month)
                if one is not None:
                    yield one
        elif self._is_season_owed(rule) and not self._is_exempt(rule.feed, self._season):
            yield self._single(rule, self._season)

    def _is_season_owed(self, rule: DueRule) -> bool:
        if rule.owed is not OwedWhen.SETTLED:
            return True
        return (
            self._has_meters
            or bool(self._filed.get((rule.feed, self._season.text)))
            or not self._begun(rule.feed)
        )

    def _begun(self, feed: str) -> list[Period]:
        """The months that something is filed for."""
        texts = {period for one, period in self._filed if one == feed and period != self._season.text}
        return [Period.parse(text, (PeriodKind.MONTH,)) for text in sorted(texts) if len(text) == 7]

    def _months(self, rule: DueRule) -> list[Period]:
        found = {month.text: month for month in (*rule.months_of(self._season), *self._begun(rule.feed))}
        return sorted(found.values(), key=lambda month: month.first_day)

    def _is_exempt(self, feed: str, period: Period) -> bool:
        return any(one.covers(period.first_day, period.last_day) for one in self._exempt.get(feed, ()))

    # -- one filing -----------------------------------------------------------------------------------------------

    def _single(self, rule: DueRule, period: Period) -> Obligation:
        due_on, extension, outages = self._due_day(rule, period, period.text)
        key = (rule.feed, period.text)
        answer = self._answer(due_on, self._filed.get(key, ()), self._declared.get(key, ()))
        is_open = answer.timeliness is Timeliness.NOT_YET
        return Obligation(
            rule=rule,
            period=period.text,
            due_on=due_on,
            answer=answer,
            is_due=self._today > due_on and not is_open,
            rule_due_on=rule.due_on(period),
            extension=extension,
            outages=outages,
            is_soon=is_open and answer.sign_by is None and due_on - self._today <= SOON,
        )

    def _due_day(
        self, rule: DueRule, period: Period, named: str
    ) -> tuple[dt.date, FilingExtension | None, tuple[Unavailable, ...]]:
        """The last day in time, with the extension of what is called ``named`` and the outages that made it that day."""
        extension = self._extended.get((rule.feed, named))
        day = rule.due_on(period)
        if extension is not None:
            day = max(day, extension.due_on)
        if not self._outages:
            return day, extension, ()
        day, outages = kept_free(day, self._outages)
        return day, extension, tuple(outages)

    def _answer(
        self, due_on: dt.date, filings: Sequence[Filing], declarations: Sequence[NothingToReport]
    ) -> Answer:
        return answer_of(due_on, filings, declarations, self._today, lambda one: self._sign_by(due_on, one))

    def _sign_by(self, due_on: dt.date, judged_on: dt.date | None) -> dt.date | None:
        if self._sign_within is None:
            return None
        day, _ = kept_free(last_day_to_sign(due_on, judged_on, self._sign_within), self._outages)
        return day

    # -- days -----------------------------------------------------------------------------------------------------

    def _of_days(self, rule: DueRule) -> Iterable[Obligation]:
        """One row a month that has days which are owed."""
        months: dict[str, list[dt.date]] = defaultdict(list)
        for day in rule.days_of(self._season):
            months[f"{day:%Y-%m}"].append(day)
        for text, days in months.items():
            folded = self._folded(rule, Period.parse(text, (PeriodKind.MONTH,)), days)
            if folded is not None:
                yield folded

    def _of_month(self, rule: DueRule, month: Period) -> Obligation | None:
        """A month by its own filing, or by the filings of its days where those are there and it is not."""
        if self._is_exempt(rule.feed, month):
            return None
        by_days = self._filed_days(rule, month)
        if not by_days or self._filed.get((rule.feed, month.text)):
            return self._single(rule, month)
        return self._folded(rule, month, by_days)

    def _filed_days(self, rule: DueRule, month: Period) -> list[dt.date]:
        """The days that answer for the month: all its owed ones or those that something is filed for, as the rule says; none
        where nothing is filed by day."""
        if rule.answered_by is AnsweredBy.FILING:
            return []
        filed = [
            dt.date.fromisoformat(period)
            for feed, period in self._filed
            if feed == rule.feed and len(period) == 10 and period.startswith(month.text)
        ]
        if not filed or rule.answered_by is AnsweredBy.ANY_DAY:
            return sorted(filed)
        owed = {day for day in rule.days_of(self._season) if f"{day:%Y-%m}" == month.text}
        return sorted(owed | set(filed))

    def _folded(self, rule: DueRule, month: Period, days: Iterable[dt.date]) -> Obligation | None:
        """The days of the month as one; None where all are lifted."""
        owed = [self._day(rule, month, day) for day in days]
        parts = tuple(one for one in owed if one is not None)
        if not parts:
            return None
        first = min(parts, key=lambda one: (_URGENCY[one.answer.timeliness], one.due_on))
        period = month if rule.kind is PeriodKind.MONTH else _day(first.day)
        due_on, extension, outages = self._due_day(rule, period, month.text)
        given = [one.answer for one in parts if one.answer.received_on is not None]
        worst = first.answer
        return Obligation(
            rule=rule,
            period=month.text,
            due_on=due_on,
            answer=Answer(
                worst.timeliness,
                filing=None,
                received_on=max((one.received_on for one in given if one.received_on), default=None),
                signed_on=max((one.signed_on for one in given if one.signed_on), default=None),
                sign_by=min((one.answer.sign_by for one in parts if one.answer.sign_by), default=None),
            ),
            is_due=all(self._today > one.due_on for one in parts)
            and worst.timeliness is not Timeliness.NOT_YET,
            rule_due_on=rule.due_on(period),
            extension=extension,
            outages=outages,
            is_soon=worst.timeliness is Timeliness.NOT_YET and any(one.is_soon for one in parts),
            days=parts,
        )

    def _day(self, rule: DueRule, month: Period, day: dt.date) -> DayOwed | None:
        """One of the days; None where it is lifted."""
        period = _day(day)
        if self._is_exempt(rule.feed, period):
            return None
        due_on, _, _ = self._due_day(rule, period if rule.kind is PeriodKind.DAY else month, month.text)
        declared = [
            *self._declared.get((rule.feed, period.text), ()),
            *(one for one in self._declared.get((rule.feed, month.text), ()) if day <= one.through),
        ]
        answer = self._answer(due_on, self._filed.get((rule.feed, period.text), ()), declared)
        is_soon = (
            answer.timeliness is Timeliness.NOT_YET
            and answer.sign_by is None
            and day < self._today
            and due_on - self._today <= SOON
        )
        return DayOwed(day, due_on, answer, is_soon)


_URGENCY = {Timeliness.MISSING: 0, Timeliness.NOT_YET: 1, Timeliness.LATE: 2, Timeliness.ON_TIME: 3}


def _day(day: dt.date) -> Period:
    return Period(day.isoformat(), PeriodKind.DAY, day, day)
