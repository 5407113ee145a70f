"""Charges that officers entered in the province: one waits for its approval, and one is on the desk of each."""

from __future__ import annotations

from typing import Any

# More names of charges that the register knows, from the law that abolished them.
_ORDER_129 = {
    "standing": "",
    "source_name": "国办函〔2020〕129号《关于清理规范城镇供水供电供气供暖行业收费促进行业高质量发展的意见》",
    "source_name_en": "State Council General Office letter 129 of 2020",
    "source_url": "https://www.gov.cn/fuwu/2021-01/08/content_5577975.htm",
    "known_from": "2021-01-08",
}


def enter_charges(portal: Any) -> None:
    """``portal`` is the province's."""
    waiting = _enter(portal, "officer", "grid_connection_fee", "热力接网费")
    portal.submit("officer", waiting, "submit", reason="与文件逐条核对。")
    for name, named in (("officer", "热计量改造费"), ("supervisor", "热表押金")):
        _enter(portal, name, "meter_fee", named)


def _enter(portal: Any, name: str, of: str, named: str) -> str:
    """The path of the draft."""
    form = portal.as_(name).get("/officer/fees/new").forms["form"]
    for field, value in {**_ORDER_129, "of": of, "names": named}.items():
        form[field] = value
    return str(form.submit(status=303).location).replace("http://localhost", "")
