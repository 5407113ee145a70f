"""Which rules judge the rows of which feed."""

from __future__ import annotations

from ingest.edits.accounts import ACCOUNT_RULES
from ingest.edits.bills import BILL_RULES
from ingest.edits.rows import RowRule, period_rules
from ingest.standard import FEEDS

_OWN_RULES: dict[str, tuple[RowRule, ...]] = {"accounts": ACCOUNT_RULES, "bills": BILL_RULES}

ROW_RULES: dict[str, tuple[RowRule, ...]] = {
    code: (*_OWN_RULES.get(code, ()), *period_rules(feed)) for code, feed in FEEDS.items()
}
