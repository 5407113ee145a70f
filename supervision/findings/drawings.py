"""The charts of findings and runs, in the reader's language; every figure on them stands in a table as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from markupsafe import Markup

from reports import charts
from supervision.companies.models import Company
from supervision.findings.daily import Day
from supervision.findings.distribution import merged
from supervision.findings.models import CheckRun, Finding, FindingPart
from supervision.findings.reading import SeasonSummary
from supervision.findings.wording import cause_title, missing_text, moved_by
from supervision.web import Request

BARS_SHOWN = 8


def _read_out(request: Request, told: Sequence[tuple[str, str]]) -> str:
    """Labels and figures as one sentence, for who cannot see the chart."""
    colon, semicolon = (": ", "; ") if request.language == "en" else ("：", "；")
    return semicolon.join(f"{label}{colon}{figure}" for label, figure in told)


def largest_findings(request: Request, findings: Sequence[Finding], *, with_company: bool) -> Markup:
    """The first findings of the page by harm, numbered as in the table below."""
    language = request.language
    bars = []
    for place, finding in enumerate(findings[:BARS_SHOWN], start=1):
        cause = cause_title(finding.cause).in_language(language)
        company = finding.company.name_en if language == "en" else finding.company.name_zh
        label = f"{place}  {cause} · {company if with_company else finding.season}"
        bars.append(charts.Bar(label, finding.amount_over, request.say("%(n)s 张", n=f"{finding.bills:,}")))
    title = request.say("多收金额最大的发现")
    description = _read_out(request, [(bar.label, f"{bar.value:,} · {bar.note}") for bar in bars])
    return charts.horizontal_bars(bars, title=title, description=description, unit=request.say("元"))


def outcomes_by_company(request: Request, summaries: Mapping[Company, SeasonSummary]) -> Markup:
    """Bills by outcome, one bar a company."""
    is_english = request.language == "en"
    return _outcomes(
        request,
        [
            charts.OutcomeRow(
                company.name_en if is_english else company.name_zh,
                summary.conforms,
                summary.breaches,
                summary.inconclusive,
            )
            for company, summary in summaries.items()
        ],
    )


def outcomes(request: Request, runs: Sequence[CheckRun]) -> Markup:
    """Bills by outcome, one bar a run."""
    rows = [charts.OutcomeRow(run.period, run.conforms, run.breaches, run.inconclusive) for run in runs]
    return _outcomes(request, rows)


def _outcomes(request: Request, rows: Sequence[charts.OutcomeRow]) -> Markup:
    names = {name: request.say(text) for name, text in _OUTCOME_NAMES.items()}
    description = _read_out(
        request,
        [
            (
                row.label,
                f"{names['conforms']} {row.conforms} · {names['breach']} {row.breach} · "
                f"{names['inconclusive']} {row.inconclusive}",
            )
            for row in rows
        ],
    )
    return charts.stacked_outcomes(rows, title=request.say("核查结论"), description=description, **names)


_OUTCOME_NAMES = {"conforms": "相符", "breach": "不符", "inconclusive": "无法判定"}


def differences(request: Request, parts: Sequence[FindingPart]) -> Markup:
    """How many bills differ by how much, over all periods."""
    whole = merged(part.distribution for part in parts)
    bins = [charts.Bin(Decimal(low), Decimal(high), int(count)) for low, high, count in whole]
    description = _read_out(request, [(f"[{bin_.low}, {bin_.high})", str(bin_.count)) for bin_ in bins])
    return charts.histogram(
        bins,
        title=request.say("差额分布"),
        description=description,
        x_label=request.say("每张账单的差额（元，正数为多收）"),
        y_label=request.say("账单数"),
    )


def by_period(request: Request, parts: Sequence[FindingPart]) -> Markup:
    """When it began and whether it goes on: the amount of each period, overcharges to the right, and its bills."""
    told = [
        (part, part.amount_over if part.amount_over >= part.amount_under else -part.amount_under)
        for part in parts
    ]
    bars = [
        charts.Bar(part.period, amount, request.say("%(n)s 张", n=f"{part.bills:,}")) for part, amount in told
    ]
    description = _read_out(request, [(bar.label, f"{bar.value:,} · {bar.note}") for bar in bars])
    return charts.horizontal_bars(
        bars, title=request.say("各报送期"), description=description, unit=request.say("元，正数为多收")
    )


def lacking(request: Request, run: CheckRun) -> Markup:
    """What the inconclusive bills lack, most frequent first."""
    found = sorted(run.missing.items(), key=lambda item: (-item[1], item[0]))
    bars = [charts.Bar(missing_text(code).in_language(request.language), count) for code, count in found]
    description = _read_out(request, [(bar.label, str(bar.value)) for bar in bars])
    return charts.horizontal_bars(
        bars, title=request.say("无法判定的原因"), description=description, unit=request.say("账单数")
    )


def moved(request: Request, run: CheckRun) -> Markup:
    """Whose the differences to the compared run are, by what they add to the overcharge."""
    bars = [
        charts.Bar(text.in_language(request.language), change, request.say("%(n)s 张", n=f"{bills:,}"))
        for text, bills, change in moved_by(run)
    ]
    description = _read_out(request, [(bar.label, f"{bar.value:,} · {bar.note}") for bar in bars])
    return charts.horizontal_bars(
        bars, title=request.say("差异归属"), description=description, unit=request.say("元，正数为多收")
    )


def old_price_by_day(request: Request, days: Sequence[Day]) -> Markup:
    """The share of the bills of each day that bear the old price; days without bills keep the share of the day before."""
    steps = [charts.Step(one.day, one.share.quantize(Decimal("0.1"))) for one in days]
    label = request.say("执行旧价的账单占比")
    description = _read_out(request, [(str(step.since), f"{step.value} %") for step in steps])
    return charts.step_line(
        [charts.Series(label, steps)],
        title=request.say("变价后每日执行旧价的占比"),
        description=description,
        unit="%",
        until=days[-1].day + dt.timedelta(days=1),
    )
