"""The receipt of a signed filing: its number, what it says, and the document made of it once."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING, Any

from ingest.standard import feed as feed_of
from supervision.filings import telling
from supervision.filings.models import Filing
from supervision.filings.trace import record
from supervision.jobs import CannotSucceed, JobContext
from supervision.journal import SYSTEM, JournalEntry
from supervision.settings import Settings
from supervision.settings.clock import local_date
from supervision.settings.evidence import open_evidence

if TYPE_CHECKING:
    from reports.documents import Receipt

# Without 0 O 1 I L U: a number is read out on the telephone.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_receipt_no(at: dt.datetime) -> str:
    """``R20251124-`` and ten letters that nobody can guess from another receipt."""
    return f"R{local_date(at):%Y%m%d}-" + "".join(secrets.choice(_LETTERS) for _ in range(10))


def frozen(
    filing: Filing, *, number: str, signer: str, at: dt.datetime, entry: JournalEntry, settings: Settings
) -> dict[str, Any]:
    """Everything the receipt says, as it stands at the moment of signing."""
    feed = feed_of(filing.feed)
    return {
        "receipt_no": number,
        "authority_zh": settings.authority_zh,
        "authority_en": settings.authority_en,
        "company_zh": filing.company.name_zh,
        "company_en": filing.company.name_en,
        "company_code": filing.company.code,
        "feed": feed.code,
        "feed_zh": feed.zh,
        "feed_en": feed.en,
        "period": filing.period,
        "number": filing.number,
        "filename": filing.filename,
        "bytes_digest": filing.bytes_digest,
        "size": filing.size,
        "rows": filing.rows,
        "totals": shown_totals(filing),
        "pack_digest": filing.pack_digest,
        "profile_version": filing.profile_version,
        "profile_digest": filing.profile_digest,
        "signer": signer,
        "received_at": filing.received_at.isoformat(),
        "signed_at": at.isoformat(),
        "journal_index": entry.index,
        "journal_hash": entry.entry_hash,
        "verify_url": f"{settings.public_url}/verify/{number}",
    }


_UNIT_NAMES = {"CNY": ("元", "CNY"), "m2": ("平方米", "m²"), "m": ("米", "m")}


def shown_totals(filing: Filing) -> list[dict[str, str]]:
    """The control totals in their order, with the standard's labels and units. A total of heat has its unit in its
    name (``heat_used kWh``)."""
    feed = feed_of(filing.feed)
    shown = []
    for name, value in filing.totals.items():
        code, _, unit = name.partition(" ")
        column = feed.column(code)
        unit_zh, unit_en = (unit, unit) if unit else _UNIT_NAMES[column.unit]
        shown.append(
            {
                "column": name,
                "zh": column.zh,
                "en": column.en,
                "value": value,
                "unit_zh": unit_zh,
                "unit_en": unit_en,
            }
        )
    return shown


def document(receipt: dict[str, Any]) -> Receipt:
    """The printable receipt of what was frozen at signing."""
    from reports.documents import Bilingual, Receipt, Signatory, Total

    return Receipt(
        receipt_id=receipt["receipt_no"],
        authority=Bilingual(receipt["authority_zh"], receipt["authority_en"]),
        company=Bilingual(receipt["company_zh"], receipt["company_en"]),
        company_code=receipt["company_code"],
        feed=Bilingual(receipt["feed_zh"], receipt["feed_en"]),
        feed_code=receipt["feed"],
        period=receipt["period"],
        filing_version=receipt["number"],
        file_name=receipt["filename"],
        content_digest=receipt["bytes_digest"],
        size_bytes=receipt["size"],
        rows=receipt["rows"],
        totals=tuple(
            Total(
                Bilingual(total["zh"], total["en"]),
                total["value"],
                Bilingual(total["unit_zh"], total["unit_en"]),
            )
            for total in receipt["totals"]
        ),
        rule_pack_digest=receipt["pack_digest"],
        signer=Signatory(receipt["signer"], Bilingual("报送签署人", "Filing signatory")),
        received_at=dt.datetime.fromisoformat(receipt["received_at"]),
        journal_index=receipt["journal_index"],
        journal_hash=receipt["journal_hash"],
        verify_url=receipt["verify_url"],
        profile=f"v{receipt['profile_version']}" if receipt.get("profile_digest") else "",
        profile_digest=receipt.get("profile_digest"),
    )


def profile_text(receipt: dict[str, Any]) -> str:
    """The mapping profile that a receipt names, ``v3 sha256:…``; empty where the file was read by the standard alone."""
    digest = receipt.get("profile_digest")
    return "" if digest is None else f"v{receipt['profile_version']} sha256:{digest}"


def render(context: JobContext, filing_id: int) -> None:
    """The receipt is a PDF in the evidence and the filing names it; one that has its PDF keeps it for ever."""
    from reports.render import render_pdf

    with context.transaction() as session:
        filing = session.get_one(Filing, filing_id)
        frozen_receipt, is_made = filing.receipt, filing.receipt_digest is not None
    if is_made:
        return
    if frozen_receipt is None:
        raise CannotSucceed(f"filing {filing_id} is not signed: there is nothing to receipt")
    content = render_pdf(document(frozen_receipt))
    stored = open_evidence(context.settings).put_bytes(content)
    with context.transaction(final=True) as session:
        filing = session.get_one(Filing, filing_id)
        filing.receipt_digest = stored.digest
        record(session, context.clock, filing, "filing.receipt_made", SYSTEM, digest=stored.digest)
        telling.receipted(session, context.clock, filing)


def instant(text: str) -> dt.datetime:
    """An instant of a frozen receipt."""
    return dt.datetime.fromisoformat(text)
