"""The background work of tariffs: an approved one becomes public on its day."""

from __future__ import annotations

from supervision.jobs import JobContext, job


@job("publish_tariff")
def publish_tariff(context: JobContext, draft_id: int) -> None:
    """The draft is published, unless it was withdrawn before its day."""
    from ingest.evidence import EvidenceStore
    from supervision.tariffs.deciding import DraftService
    from supervision.tariffs.lifecycle import DraftState
    from supervision.tariffs.models import TariffDraft

    evidence = EvidenceStore(context.settings.evidence_root)
    with context.transaction(final=True) as session:
        draft = session.get_one(TariffDraft, draft_id)
        if draft.state is DraftState.APPROVED:
            DraftService(session, context.clock, evidence).publish(draft)
