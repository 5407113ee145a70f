"""What is looked at on every page, whoever sees it."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page
from pyramid.config import Configurator

import supervision

AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
INSTANCES = 2  # of one route: two findings, two bills
FILES = (
    "_json",
    "_csv",
    "_pdf",
    "_file",
    "_original",
    "_report",
    "_verdict",
    "_annex",
    "_worksheet",
    "_certificate",
    "_example",
    "_notice",
    "_attachment",
    "_effect",
)
NO_PAGES = {"health", "__static/", "language", "rating_facts", "rating_card", "certificate_checker"}
FRAGMENTS = ("_progress",)

# Texts of the body that hold Chinese although the page is English, outside what is marked as Chinese.
CHINESE_IN_ENGLISH = """() => {
  const found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), holder = walker.currentNode.parentElement;
    if (/[\\u3001-\\u303f\\u3400-\\u9fff\\uff01-\\uff5e]/.test(text) && !holder.closest('script, style, textarea')
        && holder.closest('[lang]').lang === 'en') found.add(text.slice(0, 80));
  }
  return [...found];
}"""
# Chinese text with the punctuation of another script. Lists of document numbers (号) are as the sources have them.
HALF_WIDTH_IN_CHINESE = """() => {
  const found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent, holder = walker.currentNode.parentElement;
    if (/[\\u4e00-\\u53f6\\u53f8-\\u9fff][,;:?!]([\\s\\u4e00-\\u9fff]|$)/.test(text) && !holder.closest('script, style, code, .written')
        && holder.closest('[lang]').lang === 'zh-CN') found.add(text.trim().slice(0, 80));
  }
  return [...found];
}"""
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1
    && !one.closest('.table-scroll, .chart')).slice(0, 5).map((one) => one.outerHTML.slice(0, 120))"""
BREACHES = """(tags) => axe.run(document, {runOnly: tags}).then((said) => said.violations.map(
  (one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`))"""


@dataclass(frozen=True)
class Routes:
    """The routes of the portal, by the address that leads to them."""

    mapper: Any

    @classmethod
    def of_the_portal(cls, data: Path) -> Routes:
        from pyramid.interfaces import IRoutesMapper

        registry: Configurator = supervision.main({}, **{"supervision.data": str(data)}).registry
        return cls(registry.queryUtility(IRoutesMapper))

    def name(self, path: str) -> str:
        """The route's name, or the empty text."""
        from pyramid.request import Request

        route = self.mapper(Request.blank(path))["route"]
        return route.name if route is not None else ""


def is_page(route: str) -> bool:
    return (
        route not in NO_PAGES
        and not route.startswith("api_")
        and not route.endswith(FILES)
        and not route.endswith(FRAGMENTS)
    )


def pages(visitor: Page, routes: Routes, start: list[str], wanted: set[str]) -> Iterator[tuple[str, str]]:
    """(route, path) of every wanted page that links lead to from "/", at most INSTANCES of a route, and then of the
    pages of ``start``; the visitor is there."""
    waiting, known, seen = collections.deque(["/"]), {"/"}, collections.Counter[str]()
    start = [path for path in start if path != "/"]
    while waiting or start:
        is_start = not waiting
        path = start.pop(0) if is_start else waiting.popleft()
        route = routes.name(path)
        if (seen[route] >= INSTANCES and not is_start) or route not in wanted:
            continue
        seen[route] += 1
        answer = visitor.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path} answers {answer.status}"
        yield route, path
        links: list[str] = visitor.eval_on_selector_all(
            "a[href]", "all => all.map((one) => one.getAttribute('href'))"
        )
        for link in links:
            parts = urlsplit(link)
            if parts.netloc or not parts.path.startswith("/"):
                continue
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if target not in known:
                known.add(target)
                waiting.append(target)


def faults(page: Page, language: str, *, with_rules: bool) -> list[str]:
    """What is wrong with the page that is shown, at the width it is shown in."""
    found = []
    english = language == "en"
    if page.get_attribute("html", "lang") != ("en" if english else "zh-CN"):
        found.append(f"lang is {page.get_attribute('html', 'lang')}")
    if (headings := page.locator("h1").count()) != 1:
        found.append(f"{headings} headings of the first rank")
    if not page.title().strip(" ·"):
        found.append("no title")
    found += [f"wider than the screen: {one}" for one in page.evaluate(TOO_WIDE)]
    if english:
        found += [f"Chinese that is not marked: {one}" for one in page.evaluate(CHINESE_IN_ENGLISH)]
    else:
        found += [f"half-width punctuation: {one}" for one in page.evaluate(HALF_WIDTH_IN_CHINESE)]
    if with_rules:
        page.evaluate(AXE + ";undefined")
        found += page.evaluate(BREACHES, RULES)
    return found
