"""Every page that somebody can reach: well formed, fit for a telephone, in the right language, usable by everybody."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import pytest
from crawling import Routes, faults, is_page, pages
from playwright.sync_api import Page, expect
from visitors import DESKTOP, TELEPHONE, Portal, Visit, sign_in

TABLE = Path(__file__).parents[1] / "functional" / "routes_and_roles.csv"
SHOTS = os.environ.get("SHOTS")  # a folder: every page is also kept there as a picture

# Who looks, as whom they sign in, and their column in the table of routes and roles.
VISITORS = {
    "public": (None, "public"),
    "officer": ("officer", "officer"),
    "supervising officer": ("supervisor", "supervising_officer"),
    "company clerk": ("bj-jn-clerk", "company_clerk"),
    "company signatory": ("bj-jn-signer", "company_signatory"),
    "system administrator": ("system-admin", "system_administrator"),
    "security administrator": ("security-admin", "security_administrator"),
    "audit administrator": ("audit-admin", "audit_administrator"),
}
# Pages between two steps of one act, which no link leads to; the tour and the functional tests go there.
BETWEEN_TWO_STEPS = {"sign_in_code", "own_second_factor_confirm", "complaint_received"}
# A public page is looked at as the public, except the first one.
FOR_ALL = {"home"}


def wanted_routes(column: str) -> set[str]:
    """The pages of this column of the table that the visitor's own part of the portal holds."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["method"] == "GET" and is_page(row["route"])]
    found = {row["route"] for row in rows if row[column] == "allow"} - BETWEEN_TWO_STEPS
    if column != "public":
        found -= {row["route"] for row in rows if row["public"] == "allow"} - FOR_ALL
    # The pages of the other side answer "not found": permissions are by act, the audience is the address.
    others = "officer_" if column.startswith("company_") else "company_"
    return {route for route in found if not route.startswith(others)}


def ways_in(who: str, portal: Portal, visitor: Page) -> list[str]:
    """Where the visitor goes besides: what no link leads to, and what is one among many."""
    marks = portal.landmarks
    if who == "public":
        visitor.goto("/complaints")
        visitor.fill("input[name=number]", marks.complaint_no)
        visitor.fill("input[name=code]", marks.tracking_code)
        visitor.click("main form button[type=submit]")
        expect(visitor.locator("h1")).to_have_text(marks.complaint_no)
        return [f"/complaints/{marks.complaint_no}", marks.document, marks.receipt]
    found = []
    if VISITORS[who][1] in ("officer", "supervising_officer"):
        found = [marks.notified_case, marks.drafted_case, marks.submitted_tariff, marks.run_as_of]
    if who.startswith("company"):
        found = [path.replace("/officer/", "/company/") for path in (marks.notified_case, marks.run_as_of)]
    side = "/company/" if who.startswith("company") else "/officer/"
    days = "calendar/days?feed=network_days&period=2026-11"
    found.append(f"{side}{days}" + ("&company=bj-jn" if side == "/officer/" else ""))
    if who == "company signatory":
        found.append("/company/calendar/nothing?feed=payments&period=2026-10")
    if who == "officer":
        found.append("/officer/rules/BIL03/withdrawal")
    if who == "supervising officer":
        found += ["/officer/rules/BIL03/withdrawal", "/officer/rules/BIL02/decision"]
    filings = (
        marks.rejected_filing,
        marks.ready_filing,
        marks.signed_filing,
        marks.unlikely_filing,
        marks.judged_anew_filing,
        marks.signed_profile,
    )
    if who.startswith("company"):
        found.append(marks.drafted_profile)
    return [*found, *(path.replace("/company/", side) for path in filings)]


def keep(page: Page, who: str, language: str, route: str, width: int, place: int) -> None:
    if SHOTS:
        folder = Path(SHOTS) / who.replace(" ", "-") / f"{language}-{width}"
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{route}{place or ''}.png", full_page=True)


@pytest.fixture(scope="module")
def routes(portal: Portal) -> Routes:
    return Routes.of_the_portal(portal.data)


# Who sees the same pages as somebody else, with other buttons, looks in Chinese only.
ALIKE = {"supervising officer", "company signatory"}


@pytest.mark.parametrize(
    ("who", "language"),
    [
        (who, language)
        for who in VISITORS
        for language in ("zh", "en")
        if language == "zh" or who not in ALIKE
    ],
)
def test_every_page_is_sound(who: str, language: str, visit: Visit, portal: Portal, routes: Routes) -> None:
    name, column = VISITORS[who]
    visitor = visit(name, language=language)
    wanted = wanted_routes(column)
    found: dict[str, Any] = {}
    seen: list[str] = []
    for route, path in pages(visitor, routes, ways_in(who, portal, visitor), wanted):
        for width, height in (DESKTOP, TELEPHONE):
            visitor.set_viewport_size({"width": width, "height": height})
            # The rules of accessibility are asked once a page: in Chinese on the desktop, in English on the telephone.
            with_rules = (width == DESKTOP[0]) == (language == "zh")
            wrong = faults(visitor, language, with_rules=with_rules)
            if wrong:
                found[f"{path} at {width}"] = wrong
            keep(visitor, who, language, route, width, seen.count(route))
        seen.append(route)
    assert not found, "\n".join(f"{page}: {one}" for page, all_of_it in found.items() for one in all_of_it)
    assert set(seen) == wanted, f"no way leads to {sorted(wanted - set(seen))}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_that_is_not_there_and_one_that_is_not_for_you_say_so(visit: Visit, language: str) -> None:
    # The browser reports the answer itself on the console; it is what is wanted here.
    visitor = visit(language=language)
    answer = visitor.request.get("/no/such/page")
    assert answer.status == 404
    visitor.set_content(answer.text())
    assert visitor.locator("h1").count() == 1
    sign_in(visitor, "bj-jn-clerk")
    assert visitor.request.get("/journal").status in (403, 404)
