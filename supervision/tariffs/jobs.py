"""The background work of tariffs: an approved one becomes public on its day."""

from __future__ import annotations

from supervision.jobs import JobContext, job
from supervision.settings.evidence import open_evidence


@job("publish_tariff")
def publish_tariff(context: JobContext, draft_id: int) -> None:
    """The draft is published, unless it was withdrawn before its day."""
    from supervision.tariffs.deciding import DraftService
    from supervision.tariffs.lifecycle import DraftState
    from supervision.tariffs.models import TariffDraft

    evidence = open_evidence(context.settings)
    with context.transaction(final=True) as session:
        draft = session.get_one(TariffDraft, draft_id)
        if draft.state is DraftState.APPROVED:
            DraftService(session, context.clock, evidence).publish(draft)
