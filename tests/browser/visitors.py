"""Who looks at the portal in a browser, and on what screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect
from province import PASSWORD, Landmarks

DESKTOP, TELEPHONE = (1280, 900), (360, 780)
PATIENCE = 60  # seconds a page or a process may take on a busy machine
Visit = Callable[..., Page]


@dataclass(frozen=True)
class Portal:
    """Where the portal of this test process answers, and what stands in it."""

    address: str
    data: Path
    landmarks: Landmarks


def sign_in(page: Page, name: str) -> None:
    """Through the sign-in page, as ``name`` of the demonstration."""
    page.goto("/sign-in")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    expect(page).not_to_have_url(f"{page.url.split('/sign-in')[0]}/sign-in")
