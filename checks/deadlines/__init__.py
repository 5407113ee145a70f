"""Deadlines (时限): the one place of the product that turns a duty into an instant.

Everything here is computed in Asia/Shanghai and never in SQL. The calendar and the rules are data beside the code.
"""

from checks.deadlines.calendar import (
    SHANGHAI,
    CalendarMissing,
    add_hours,
    add_working_days,
    calendar_digest,
    end_of_day,
    is_working_day,
)
from checks.deadlines.complaint import Deadline, TimeLimit, complaint_deadline, is_late
from checks.deadlines.filing import (
    AnsweredBy,
    DueRule,
    OwedWhen,
    Unavailable,
    due_rules,
    kept_free,
    rule_for,
    rules_of,
    sign_by,
    sign_within,
)
from checks.deadlines.rules import TOPICS, RuleError, Stage, rules_digest

__all__ = [
    "SHANGHAI",
    "TOPICS",
    "AnsweredBy",
    "CalendarMissing",
    "Deadline",
    "DueRule",
    "OwedWhen",
    "RuleError",
    "Stage",
    "TimeLimit",
    "Unavailable",
    "add_hours",
    "add_working_days",
    "calendar_digest",
    "complaint_deadline",
    "due_rules",
    "end_of_day",
    "is_late",
    "is_working_day",
    "kept_free",
    "rule_for",
    "rules_digest",
    "rules_of",
    "sign_by",
    "sign_within",
]
