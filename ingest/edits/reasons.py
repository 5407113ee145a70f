"""Why an edit was not evaluated, in words."""

from __future__ import annotations

from ingest.standard import FEEDS

#: Where the reason is no other edit.
REASONS: dict[str, tuple[str, str]] = {
    "no_roster": ("没有本采暖季已签署的用户台账可对照", "no signed roster of this season to compare with"),
    "no_earlier_accounts": (
        "没有上一采暖季已签署的用户台账可对照",
        "no signed roster of the season before to compare with",
    ),
    "no_roster_value": ("台账没有该口径的面积", "the roster has no area of that kind"),
    "other_season": ("被更正的账单属于其他采暖季", "the corrected bill is of another season"),
    "meter_exchanged": ("其间换表、翻转或清零", "the meter was exchanged, rolled over or reset in between"),
}


def reason(cause: str) -> tuple[str, str]:
    """The cause in both languages; the id of an edit is its own name."""
    if cause in REASONS:
        return REASONS[cause]
    feed = FEEDS.get(cause.removeprefix("no_")) if cause.startswith("no_") else None
    if feed is None:
        return cause, cause
    return f"没有本采暖季已签署的“{feed.zh}”可对照", f"no signed “{feed.en}” of this season to compare with"
