"""Rules on the desk: proposals for a supervising officer, filings judged anew for their company."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import select

from supervision.filings.models import Filing, ReplacedVerdict
from supervision.rules.service import RuleService
from supervision.security import Permission
from supervision.web.request import Request
from supervision.web.waiting import Waiting

TOLD_FOR = dt.timedelta(days=30)


def on_the_desk(request: Request) -> Iterator[Waiting]:
    if request.may(Permission.RULE_APPROVE):
        proposed = request.service(RuleService).proposed()
        path = request.route_path("rules", _query={"standing": "proposed"})
        yield Waiting("等待批准的规则撤销", proposed, path, "now")
    if request.may(Permission.OWN_FILING_READ):
        since = request.now() - TOLD_FOR
        query = (
            select(Filing.public_id)
            .join(ReplacedVerdict, ReplacedVerdict.filing_id == Filing.id)
            .where(Filing.company_id == request.viewer.company_id, ReplacedVerdict.replaced_at >= since)
            .order_by(ReplacedVerdict.id.desc())
        )
        found = request.db.scalars(query).all()
        if found:
            path = request.route_path("company_filing", public_id=found[0])
            yield Waiting(
                "规则撤销后重新审核的报送", len(set(found)), path, "watch", request.say("原结论仍可查看。")
            )
