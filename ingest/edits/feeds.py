"""Which rules judge the rows of which feed."""

from __future__ import annotations

from ingest.edits.accounts import ACCOUNT_RULES
from ingest.edits.bills import BILL_RULES
from ingest.edits.costs import COST_RULES
from ingest.edits.heat_units import heat_unit_rules
from ingest.edits.network_days import NETWORK_DAY_RULES
from ingest.edits.outages import OUTAGE_RULES
from ingest.edits.payments import PAYMENT_RULES
from ingest.edits.readings import READING_RULES
from ingest.edits.readings_sequence import SEQUENCE_RULES
from ingest.edits.room_temperatures import ROOM_TEMPERATURE_RULES
from ingest.edits.rows import RowRule, period_rules
from ingest.edits.rows_together import TOGETHER_RULES
from ingest.edits.service_requests import SERVICE_REQUEST_RULES
from ingest.edits.tables import TABLE_RULES, TableRule
from ingest.standard import FEEDS

_OWN_RULES: dict[str, tuple[RowRule, ...]] = {
    "accounts": ACCOUNT_RULES,
    "bills": BILL_RULES,
    "readings": READING_RULES,
    "room_temperatures": ROOM_TEMPERATURE_RULES,
    "payments": PAYMENT_RULES,
    "service_requests": SERVICE_REQUEST_RULES,
    "outages": OUTAGE_RULES,
    "network_days": NETWORK_DAY_RULES,
    "costs": COST_RULES,
}

ROW_RULES: dict[str, tuple[RowRule, ...]] = {
    code: (*_OWN_RULES[code], *heat_unit_rules(feed), *period_rules(feed)) for code, feed in FEEDS.items()
}

#: Rules over the whole table; each says itself for which feeds.
WHOLE_TABLE_RULES: tuple[TableRule, ...] = (*TABLE_RULES, *SEQUENCE_RULES, *TOGETHER_RULES)
