"""docs/lifecycles.md shows the lifecycles as they stand in the code.

Write it anew with: python tests/db/test_lifecycle_diagrams.py
"""

from __future__ import annotations

from pathlib import Path

from supervision.cases import lifecycle as cases
from supervision.complaints import lifecycle as complaints
from supervision.db.lifecycle import diagram
from supervision.fees import lifecycle as fees
from supervision.filings import lifecycle as filings
from supervision.filings import profile_lifecycle as profiles
from supervision.findings import lifecycle as findings
from supervision.ratings import lifecycle as ratings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lifecycles.md"
TABLES = {
    "Filing (报送)": filings.LIFECYCLE,
    "Mapping profile (对应方案)": profiles.PROFILE_LIFECYCLE,
    "Charge beside the price (收费项目登记)": fees.LIFECYCLE,
    "Finding (核查发现)": findings.LIFECYCLE,
    "Case (案件)": cases.LIFECYCLE,
    "Refund order (退款决定)": cases.REFUND_LIFECYCLE,
    "Complaint (投诉)": complaints.LIFECYCLE,
    "Rating release (评级发布)": ratings.LIFECYCLE,
}


def page() -> str:
    parts = [
        "# Lifecycles",
        "Each is one table in the code, `(state, act)` to the next state and the permission it asks. An object moves by"
        " one UPDATE that names the state and version it was decided on and must hit exactly one row."
        " `system` marks steps that no person takes.",
    ]
    parts += [f"## {name}\n\n```mermaid\n{diagram(table)}\n```" for name, table in TABLES.items()]
    return "\n\n".join(parts) + "\n"


def test_the_page_shows_the_lifecycles_of_the_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
