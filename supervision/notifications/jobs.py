"""The background work of notifications: e-mails are sent."""

from __future__ import annotations

from supervision.jobs import JobContext, job


@job("send_mail")
def send_mail(context: JobContext, mail_id: int) -> None:
    """The e-mail is sent, or on record with why not."""
    from supervision.notifications import sending

    sending.send(context, mail_id)
