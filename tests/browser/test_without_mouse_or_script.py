"""The keyboard alone is enough everywhere; the public part needs no script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from province import COMPANY, PASSWORD
from visitors import DESKTOP, TELEPHONE, Visit


def tab_to(page: Page, what: str, *, most: int = 40) -> None:
    """Tab until the element that matches ``what`` has the focus, and it can be seen that it has."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(what) => document.activeElement.matches(what)", what):
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{what} does not show its focus"
            return
    raise AssertionError(f"{most} tabs do not lead to {what}")


@pytest.mark.parametrize("size", [DESKTOP, TELEPHONE], ids=["desktop", "telephone"])
def test_the_first_tab_offers_to_skip_the_menu(visit: Visit, size: tuple[int, int]) -> None:
    page = visit(None, size=size)
    page.keyboard.press("Tab")
    skip = page.locator(".skip-link")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.querySelector('main').contains(document.activeElement)")


def test_a_person_signs_in_and_out_with_the_keyboard(visit: Visit) -> None:
    page = visit(None)
    page.goto("/sign-in")
    tab_to(page, "input[name=name]")
    page.keyboard.type("officer")
    tab_to(page, "input[name=password]", most=1)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".dropdown-toggle")).to_be_visible()
    tab_to(page, ".dropdown-toggle")
    page.keyboard.press("Enter")
    expect(page.locator(".dropdown-menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".dropdown-menu")).to_be_hidden()
    expect(page.locator(".dropdown-toggle")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, ".dropdown-menu button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="工作人员登录")).to_be_visible()


def test_the_menu_of_a_telephone_opens_and_leads_on_with_the_keyboard(visit: Visit) -> None:
    page = visit(None, language="en", size=TELEPHONE)
    tab_to(page, ".navbar-toggler")
    page.keyboard.press("Enter")
    expect(page.locator("#navigation.show")).to_be_visible()
    tab_to(page, "#navigation a[href='/tariffs']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tariffs")


def test_a_table_wider_than_the_telephone_is_scrolled_with_the_arrow_keys(visit: Visit) -> None:
    page = visit(None, size=TELEPHONE)
    page.goto("/tariffs")
    tab_to(page, ".table-scroll")
    box = page.locator(".table-scroll").first
    assert box.get_attribute("aria-label")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.table-scroll').scrollLeft > 0")
    first = page.locator(".table-scroll tbody th").first
    assert first.bounding_box()["x"] >= 0  # the city stays in sight while its prices pass
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    expect(box).not_to_have_attribute("tabindex", "0")  # nothing to scroll, nothing to stop at


def test_the_public_part_works_without_any_script(visit: Visit) -> None:
    page = visit(None, size=TELEPHONE, java_script_enabled=False)
    page.get_by_role("link", name="热价公示").first.click()  # the menu stands open
    page.select_option("#city", "济南市")
    page.locator("form.filters button[type=submit]").click()
    page.locator("main table tbody th a").first.click()
    expect(page.locator("section.panel h2").first).to_be_visible()

    page.goto("/complain")
    page.select_option("select[name=company]", COMPANY)
    page.select_option("select[name=topic]", "leak")
    page.fill("input[name=place]", "云光苑 9 号楼")
    page.fill("textarea[name=text]", "楼道暖气管漏水，已关闭阀门，请来修理。")
    page.get_by_role("button", name="提交投诉").click()
    number, code = page.locator(".figure-value").all_inner_texts()[:2]
    page.goto("/complaints")
    page.fill("input[name=number]", number)
    page.fill("input[name=code]", code)
    page.locator("main form button[type=submit]").click()
    expect(page.locator("h1")).to_have_text(number)
    page.goto("/ratings")
    page.locator("main table tbody th a").first.click()
    expect(page.locator("section[aria-labelledby=sum] tfoot")).to_be_visible()


def test_a_page_is_printed_without_menus_and_whole(visit: Visit) -> None:
    page = visit(None)
    page.goto("/tariffs")
    page.emulate_media(media="print")
    expect(page.locator(".masthead")).to_be_hidden()
    expect(page.locator("form.filters")).to_be_hidden()
    assert page.locator(".table-scroll").evaluate("(one) => getComputedStyle(one).overflowX") == "visible"
