"""The background work of complaints: who must act is reminded."""

from __future__ import annotations

import datetime as dt

from supervision.jobs import JobContext, job


@job("remind_of_complaints", every=dt.timedelta(hours=1))
def remind_of_complaints(context: JobContext) -> None:
    """Company and officers were told, once, of each deadline of an open complaint that has passed."""
    from supervision.complaints import reminding

    reminding.remind(context)
