"""What the company and the officers are told when a profile changes, in the transaction of what happened."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ingest.standard import FEEDS
from supervision.filings.models import MappingProfile, ProfileRecheck
from supervision.notifications import Kind, officers, people_of, tell
from supervision.settings import Clock

_OUTCOMES = {
    "none": ("没有已签署的报送需要复核", "no signed filing was there to re-check"),
    "same": ("复核 {period}：逐行相同", "re-check of {period}: every row is the same"),
    "other": (
        "复核 {period}：{count} 行与已签署的不同",
        "re-check of {period}: {count} rows differ from what was signed",
    ),
    "rejected": (
        "复核 {period}：按新方案不能通过",
        "re-check of {period}: it would not pass by the new profile",
    ),
}


def signed(session: Session, clock: Clock, found: MappingProfile, recheck: ProfileRecheck | None) -> None:
    """Company and officers are told that the profile changed and what the re-check says."""
    outcome_zh, outcome_en = _outcome(recheck)
    feed = FEEDS[found.feed]
    for people, path in (
        (people_of(session, found.company_id), f"/company/profiles/{found.public_id}"),
        (officers(session), f"/officer/profiles/{found.public_id}"),
    ):
        tell(
            session,
            clock,
            Kind.PROFILE_SIGNED,
            people,
            path=path,
            company_zh=found.company.name_zh,
            company_en=found.company.name_en,
            feed_zh=feed.zh,
            feed_en=feed.en,
            number=found.number,
            outcome_zh=outcome_zh,
            outcome_en=outcome_en,
        )


def _outcome(recheck: ProfileRecheck | None) -> tuple[str, str]:
    if recheck is None:
        return _OUTCOMES["none"]
    which = "rejected" if recheck.verdict == "rejected" else "same" if recheck.is_same else "other"
    count = (recheck.added or 0) + (recheck.removed or 0) + (recheck.changed or 0)
    zh, en = _OUTCOMES[which]
    said = {"period": recheck.filing.period, "count": count}
    return zh.format(**said), en.format(**said)
