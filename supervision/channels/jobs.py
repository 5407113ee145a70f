"""The background work of the channels: uploads that nobody finishes do not lie there for ever."""

from __future__ import annotations

import datetime as dt

from supervision.jobs import JobContext, job


@job("expire_upload")
def expire_upload(context: JobContext, upload_id: int) -> None:
    """The upload is gone where its time is over; where a part came meanwhile, it is looked at again later."""
    from supervision.channels.models import ResumableUpload
    from supervision.channels.resumable import ask_to_expire, remove
    from supervision.journal import SYSTEM

    now = context.clock.now()
    with context.transaction(final=True) as session:
        upload = session.get(ResumableUpload, upload_id)
        if upload is None:
            return
        if upload.expires_at > now:
            ask_to_expire(session, upload, now)
            return
        remove(session, context.clock, context.settings, upload, "upload.expired", SYSTEM)


@job("remind_of_tokens", every=dt.timedelta(days=1))
def remind_of_tokens(context: JobContext) -> None:
    """Every company was told, once 30 and once 7 days before, of a token that expires."""
    from supervision.channels import reminding

    reminding.remind(context)
