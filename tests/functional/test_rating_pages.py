"""Ratings through the pages: computed by an officer, released by another, read by everybody, rebuilt from the files."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
import threading
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Engine
from visiting import csrf_token, post
from webtest import TestApp

from checks.ratings import read_scheme
from supervision.companies import CompanyService
from supervision.complaints import ComplaintService
from supervision.db import begin
from supervision.jobs.worker import work
from supervision.ratings import RatingService
from supervision.ratings.frozen import rated
from supervision.settings import FixedClock

SEASON = "2025-26"
WHY = "一件投诉的结果经复核有误，予以更正。"
SignIn = Callable[[TestApp, str], TestApp]


class Season:
    """Two companies with complaints and nothing filed, and what is done with their ratings behind the pages."""

    def __init__(self, wsgi: Any, people: Any, clock: FixedClock) -> None:
        self.registry, self.people, self.clock = wsgi.registry, people, clock

    @property
    def engine(self) -> Engine:
        engine: Engine = self.registry.engine
        return engine

    def complain(self, code: str, kind: str, at: dt.datetime | None = None) -> None:
        with begin(self.engine) as session:
            service = ComplaintService(session, self.clock, self.registry.supervision)
            complaint = service.receive(
                company=CompanyService(session, self.clock).by_code(code),
                topic="bill_error",
                place="松北一里 1 号楼",
                text="账单金额比去年多了三百元",
                address=code,
                received_at=at,
            ).complaint
            amount = Decimal("300.00") if kind == "monetary" else None
            clerk = self.people.identity("clerk-a")
            service.answer(
                complaint, by=clerk, kind=kind, text="已逐项核对并说明。", amount=amount, version=1
            )
            service.close(complaint, by=self.people.identity("officer"), text="情况一致", version=2)

    def compute(self, reason: str = "") -> str:
        with begin(self.engine) as session:
            return (
                self._service(session)
                .compute(SEASON, self.people.identity("officer"), reason=reason)
                .public_id
            )

    def release(self, reason: str = "") -> str:
        public_id = self.compute(reason)
        with begin(self.engine) as session:
            service = self._service(session)
            draft = service.any(public_id)
            service.release(draft, self.people.identity("supervising-officer"), version=draft.version)
        return public_id

    def _service(self, session: Any) -> RatingService:
        return RatingService(session, self.clock, self.registry.evidence, self.registry.supervision)

    def work(self, name: str) -> int:
        return work(
            self.engine,
            self.registry.supervision,
            threading.Event(),
            clock=self.clock,
            only=(name,),
            until_idle=True,
        )


@pytest.fixture
def season(wsgi: Any, people: Any, clock: FixedClock) -> Season:
    found = Season(wsgi, people, clock)
    for code, kind in (("harbin-a", "explanation"), ("harbin-a", "monetary"), ("jinan-b", "monetary")):
        found.complain(code, kind)
    clock.move(dt.timedelta(days=230))  # July: the season is over and everything is due
    return found


def test_before_a_release_the_public_sees_no_rating_of_any_kind(app: TestApp, season: Season) -> None:
    draft = season.compute()
    assert "还没有发布评级" in app.get("/ratings", status=200)
    assert app.get("/ratings.json").json == {"releases": []}
    for path in (
        f"/ratings/{SEASON}",
        f"/ratings/{SEASON}.json",
        f"/ratings/{SEASON}.csv",
        f"/ratings/{SEASON}?release={draft}",
        f"/ratings/{SEASON}/harbin-a?release={draft}",
        f"/ratings/{SEASON}/harbin-a.pdf?release={draft}",
        f"/ratings/releases/{draft}/facts.json",
    ):
        answer = app.get(path, status=404)
        assert answer.text == app.get(path.replace(draft, "x" * 16), status=404).text.replace("x" * 16, draft)


def test_a_company_sees_the_public_pages_and_none_of_the_officers(
    app: TestApp, season: Season, sign_in: SignIn
) -> None:
    draft = season.compute()
    sign_in(app, "clerk-a")
    app.get("/ratings", status=200)
    for path in (
        "/officer/ratings",
        f"/officer/ratings/{draft}",
        f"/officer/ratings/{draft}/companies/harbin-a",
    ):
        app.get(path, status=403)


def test_a_season_is_computed_by_one_and_released_by_another_through_the_pages(
    app: TestApp, browser: Callable[[], TestApp], season: Season, sign_in: SignIn, wsgi: Any
) -> None:
    with begin(season.engine) as session:  # a season can be chosen once something is filed for it
        _file_something(session, season)
    computing = sign_in(app, "supervising-officer")
    form = computing.get("/officer/ratings").forms["form"]
    form["season"] = SEASON
    assert "正在计算" in form.submit(status=303).follow()
    assert season.work("compute_ratings") == 1
    desk = computing.get("/officer/ratings")
    assert "待发布" in desk
    (path,) = set(re.findall(r"/officer/ratings/[\w-]{16}", desk.text))
    own = computing.get(path)
    assert "须由另一位监管负责人发布" in own
    assert "发布评级</button>" not in own
    refused = post(computing, f"{path}/release", {"version": "1"}, status=303).follow()
    assert "计算人不能发布自己计算的评级" in refused
    assert "还没有发布评级" in browser().get("/ratings")

    releasing = sign_in(browser(), "supervising-officer-2")
    form = next(one for one in releasing.get(path).forms.values() if one.action.endswith("/release"))
    assert "评级已发布" in form.submit(status=303).follow()
    public = browser().get("/ratings", status=200)
    assert "哈尔滨甲热力有限公司" in public
    assert "supervising-officer" not in public, "the public reads that two people did it, not who"


def _file_something(session: Any, season: Season) -> None:
    from supervision.filings.models import Filing

    session.add(
        Filing(
            company_id=season.people.company_id("harbin-a"),
            feed="accounts",
            period=SEASON,
            season=SEASON,
            number=1,
            filename="accounts.csv",
            size=1,
            bytes_digest="0" * 64,
            received_at=season.clock.now(),
            uploaded_by="clerk-a",
        )
    )


def test_an_officer_cannot_release(app: TestApp, season: Season, sign_in: SignIn) -> None:
    draft = season.compute()
    sign_in(app, "officer")
    assert "您计算了这一结果" in app.get(f"/officer/ratings/{draft}")
    post(app, f"/officer/ratings/{draft}/release", {"version": "1"}, status=403)
    post(app, f"/officer/ratings/{draft}/withdrawal", {"version": "1", "reason": WHY}, status=403)


def test_a_release_seen_in_another_version_conflicts(app: TestApp, season: Season, sign_in: SignIn) -> None:
    draft = season.compute()
    sign_in(app, "supervising-officer")
    for version in ("7", "", "x", "9" * 30):
        post(app, f"/officer/ratings/{draft}/release", {"version": version}, status=409)


def test_the_page_of_a_company_tells_each_number_with_its_source(app: TestApp, season: Season) -> None:
    season.release()
    page = app.get(f"/ratings/{SEASON}/harbin-a", status=200)
    for expected in (
        "D 级（不合格）",
        "查实或重新办理的投诉",
        "齐齐哈尔市2016年",
        "建议值，待征求意见",
        "未评估",
    ):
        assert expected in page
    assert "没有已签署的账单报送" in page
    assert "覆盖率" in page
    assert "TS2025-" not in page, "a complaint is counted in public, never named"
    assert "/officer/" not in page


def test_officers_find_the_rows_behind_each_number(app: TestApp, season: Season, sign_in: SignIn) -> None:
    draft = season.compute()
    sign_in(app, "officer")
    page = app.get(f"/officer/ratings/{draft}/companies/harbin-a", status=200)
    assert "/desk/complaints?company=harbin-a&amp;state=all" in page
    app.get("/desk/complaints?company=harbin-a&state=all", status=200)


def test_from_the_published_files_anybody_computes_the_same_ratings(app: TestApp, season: Season) -> None:
    season.release()
    told = app.get(f"/ratings/{SEASON}.json").json
    facts = app.get(told["facts"]["file"]).body
    scheme = app.get(told["scheme"]["file"]).body
    assert hashlib.sha256(facts).hexdigest() == told["facts"]["digest"]
    assert hashlib.sha256(scheme).hexdigest() == told["scheme"]["digest"]
    again = {one.code: one for one in rated(json.loads(facts), read_scheme(scheme))}
    assert set(again) == {"harbin-a", "jinan-b"}
    for company in told["companies"]:
        found = again[company["company"]]
        assert found.rating.exact == Fraction(company["exact"])
        assert (found.rating.grade, found.rank.rank) == (company["grade"], company["rank"])
        assert (found.interval.best, found.interval.worst) == (company["rank_low"], company["rank_high"])


def test_page_json_and_csv_tell_the_same_and_the_same_bytes_carry_the_same_etag(
    app: TestApp, season: Season
) -> None:
    season.release()
    answer = app.get(f"/ratings/{SEASON}.json")
    page = app.get(f"/ratings/{SEASON}")
    rows = list(csv.DictReader(io.StringIO(app.get(f"/ratings/{SEASON}.csv").body.decode("utf-8-sig"))))
    for company in answer.json["companies"]:
        own = [row for row in rows if row["company"] == company["company"]]
        assert len(own) == len(company["indicators"]) == 8
        assert {row["score"] for row in own} == {f"{Decimal(company['score']):.6f}"}
        assert company["name_zh"] in page
        shown = Decimal(company["score"]).quantize(Decimal("0.01"), "ROUND_FLOOR")
        assert f">{shown}<" in page
    app.get(f"/ratings/{SEASON}.json", headers={"If-None-Match": answer.headers["ETag"]}, status=304)


def test_the_card_is_served_once_it_is_made(app: TestApp, season: Season) -> None:
    season.release()
    app.get(f"/ratings/{SEASON}/harbin-a.pdf", status=503)
    assert season.work("render_document") == 2
    first = app.get(f"/ratings/{SEASON}/harbin-a.pdf", status=200)
    assert first.body.startswith(b"%PDF-")
    assert first.content_type == "application/pdf"
    assert app.get(f"/ratings/{SEASON}/harbin-a.pdf").body == first.body


def test_a_correction_is_public_with_its_reason_and_what_it_changed(app: TestApp, season: Season) -> None:
    first = season.release()
    season.complain("jinan-b", "explanation", at=dt.datetime(2025, 12, 1, tzinfo=dt.UTC))
    season.release(WHY)
    page = app.get(f"/ratings/{SEASON}")
    assert WHY in page
    assert "投诉属实或重开占比：100% → 50%" in page
    before = app.get(f"/ratings/{SEASON}?release={first}", status=200)
    assert "已被后来的发布更正" in before
    app.get(f"/ratings/{SEASON}/jinan-b?release={first}", status=200)
    states = [one["state"] for one in app.get("/ratings.json").json["releases"]]
    assert states == ["released", "superseded"]


def test_a_correction_without_its_reason_is_refused_on_the_form(
    app: TestApp, season: Season, sign_in: SignIn
) -> None:
    with begin(season.engine) as session:
        _file_something(session, season)
    season.release()
    sign_in(app, "officer")
    form = app.get("/officer/ratings").forms["form"]
    form["season"] = SEASON
    assert "写明更正的原因" in form.submit(status=422)


def test_a_withdrawn_rating_leaves_its_reason_and_no_numbers(
    app: TestApp, browser: Callable[[], TestApp], season: Season, sign_in: SignIn
) -> None:
    public_id = season.release()
    sign_in(app, "supervising-officer")
    form = next(
        one
        for one in app.get(f"/officer/ratings/{public_id}").forms.values()
        if one.action.endswith("/withdrawal")
    )
    assert form.submit(status=422)
    form["reason"] = "投诉数据取数有误，待核实。"
    assert "评级已撤回" in form.submit(status=303).follow()
    public = browser()
    page = public.get(f"/ratings/{SEASON}", status=200)
    assert "投诉数据取数有误，待核实。" in page
    assert "哈尔滨甲热力有限公司" not in page
    told = public.get(f"/ratings/{SEASON}.json").json
    assert (told["state"], told["companies"]) == ("withdrawn", [])
    public.get(f"/ratings/{SEASON}.csv", status=410)
    public.get(f"/ratings/{SEASON}/harbin-a", status=410)
    public.get(f"/ratings/{SEASON}/harbin-a.pdf", status=410)
    public.get(f"/ratings/releases/{public_id}/facts.json", status=410)


def test_the_scheme_is_public_with_every_weight_and_its_source(app: TestApp, season: Season) -> None:
    season.release()
    digest = app.get(f"/ratings/{SEASON}.json").json["scheme"]["digest"]
    page = app.get(f"/ratings/schemes/{digest}", status=200)
    scheme = read_scheme(app.get(f"/ratings/schemes/{digest}.toml").body)
    for indicator in scheme.indicators:
        assert indicator.zh in page
        assert all(scheme.sources[key] in page for key in indicator.source)
    app.get(f"/ratings/schemes/{'0' * 64}", status=404)
    app.get(f"/ratings/schemes/{'0' * 64}.toml", status=404)


@pytest.mark.parametrize("path", ["/ratings", f"/ratings/{SEASON}/harbin-a"])
def test_pages_speak_english_to_who_asks_for_it(app: TestApp, season: Season, path: str) -> None:
    season.release()
    app.get("/language/en")
    page = app.get(path, status=200)
    assert 'lang="en"' in page
    for chinese in ("等级", "名次", "得分", "权重", "时限", "采暖季"):
        assert chinese not in page.text.replace("中文", "")


@pytest.mark.parametrize(
    "path",
    [
        f"/ratings/{SEASON}?release=",
        f"/ratings/{SEASON}?release={'x' * 25}",
        f"/ratings/{SEASON}?release=nothing",
        "/ratings/2024-25",
        f"/ratings/{SEASON}/nobody",
        "/ratings/releases/nothing/facts.json",
    ],
)
def test_what_is_not_there_is_not_found(app: TestApp, season: Season, path: str) -> None:
    season.release()
    app.get(path, status=404)


def test_a_post_without_the_form_token_computes_nothing(
    app: TestApp, season: Season, sign_in: SignIn
) -> None:
    sign_in(app, "officer")
    app.post("/officer/ratings", {"season": SEASON}, status=403)
    assert csrf_token(app)
    assert season.work("compute_ratings") == 0
