"""The guide to the data standard as a document: what the standard and the catalogue of edits say, frozen for print."""

from __future__ import annotations

from ingest.edits import CATALOGUE
from ingest.edits.thresholds import bare
from ingest.standard import FEEDS, PERIOD_NAMES, PUBLISHED_ON, STANDARD_VERSION, Column, Feed
from ingest.standard.guide import KIND_NAMES, notes_of
from reports.documents import Bilingual, Guide, GuideColumn, GuideFeed, GuideRule


def guide_document(authority_zh: str, authority_en: str) -> Guide:
    """The whole guide: every feed with its columns and codes, and every rule."""
    return Guide(
        authority=Bilingual(authority_zh, authority_en),
        standard_version=STANDARD_VERSION,
        published_on=PUBLISHED_ON,
        feeds=tuple(_feed(feed) for feed in FEEDS.values()),
        rules=tuple(
            GuideRule(
                edit.id,
                Bilingual(
                    bare(edit.zh + edit.mend_zh, edit.id),
                    bare(f"{edit.en} {edit.mend_en}", edit.id),
                ),
                "、".join(edit.feeds),
            )
            for edit in CATALOGUE.values()
        ),
    )


def _feed(feed: Feed) -> GuideFeed:
    periods = [PERIOD_NAMES[kind] for kind in feed.periods]
    return GuideFeed(
        feed.code,
        Bilingual(feed.zh, feed.en),
        Bilingual(feed.description_zh, feed.description_en),
        Bilingual("、".join(zh for zh, _ in periods), ", ".join(en for _, en in periods)),
        ", ".join(feed.key),
        tuple(_column(column) for column in feed.columns),
    )


def _column(column: Column) -> GuideColumn:
    zh, en = notes_of(column)
    codes = "、".join(f"{code.code} {code.zh}" for code in column.codes)
    codes_en = ", ".join(f"{code.code} {code.en}" for code in column.codes)
    return GuideColumn(
        column.code,
        Bilingual(column.zh, column.en),
        column.required,
        Bilingual(*KIND_NAMES[column.kind]),
        Bilingual(" ".join(filter(None, (zh, codes))) or "—", " ".join(filter(None, (en, codes_en)))),
    )
