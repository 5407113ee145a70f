"""The register of charges beside the price, for everybody."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from checks.fees import Standing, shipped_register
from checks.recompute.text import Text
from supervision.security import Permission
from supervision.web.files import open_data

STANDINGS: dict[Standing, Text] = {
    Standing.ABOLISHED: Text("已取消", "abolished"),
    Standing.FORBIDDEN: Text("不得收取", "must not be charged"),
    Standing.INSIDE_PRICE: Text("已含在热价内", "inside the price"),
    Standing.NO_AUTHORITY: Text("没有定价依据", "set by nobody"),
    Standing.CONDITIONAL: Text("限额内有条件", "on a condition, limited"),
}


@view_config(
    route_name="fees",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="tariffs/fees.jinja2",
)
def fee_register(_request: Any) -> dict[str, Any]:
    register = shipped_register()
    return {"fees": register.fees, "standings": STANDINGS, "source_of": register.source_of}


@view_config(route_name="fees_json", request_method="GET", permission=Permission.PUBLIC_READ)
def fee_register_json(_request: Any) -> Response:
    register = shipped_register()
    listed = [
        dataclasses.asdict(fee)
        | {
            "rulings": [
                dataclasses.asdict(one) | {"source": dataclasses.asdict(register.source_of(one))}
                for one in fee.rulings
            ]
        }
        for fee in register.fees
    ]
    body = json.dumps({"fees": listed}, ensure_ascii=False, indent=1, allow_nan=False, default=str)
    return open_data(body.encode(), "application/json")
