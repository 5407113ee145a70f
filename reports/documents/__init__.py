"""What leaves the building: one frozen dataclass a document, holding every word and figure that will be
printed."""

from reports.documents.document import Bilingual, Document, DocumentRefused, EvidenceReference, Signatory
from reports.documents.guide import Guide, GuideColumn, GuideFeed, GuideRule
from reports.documents.notice import Annex, AnnexRow, Demand, LegalBasis, Notice, NoticeKind
from reports.documents.rating import Indicator, Limiter, RatingCard
from reports.documents.receipt import Receipt, Total
from reports.documents.worksheet import Outcome, Worksheet, WorksheetLine, WorksheetStep

__all__ = [
    "Annex",
    "AnnexRow",
    "Bilingual",
    "Demand",
    "Document",
    "DocumentRefused",
    "EvidenceReference",
    "Guide",
    "GuideColumn",
    "GuideFeed",
    "GuideRule",
    "Indicator",
    "LegalBasis",
    "Limiter",
    "Notice",
    "NoticeKind",
    "Outcome",
    "RatingCard",
    "Receipt",
    "Signatory",
    "Total",
    "Worksheet",
    "WorksheetLine",
    "WorksheetStep",
]
