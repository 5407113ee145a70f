"""What went wrong, for programs: application/problem+json (RFC 9457), in Chinese and English."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response

from supervision.filings.problems import FilingRefused

KIND = "application/problem+json"

#: Which part of the request a problem lies in, by its code.
WHERE: dict[str, str] = {
    "T01": "body",
    "T02": "body",
    "T03": "sha256",
    "T05": "sha256",
    "T06": "filename",
    "T08": "body",
    "T09": "feed",
    "T10": "period",
    "T13": "Idempotency-Key",
    "T14": "file",
    "T15": "sha256",
    "T16": "rows, totals",
    "F11": "correction",
    "U01": "Upload-Length",
    "U02": "Upload-Offset",
    "U03": "body",
    "U04": "Tus-Resumable",
    "U06": "Upload-Checksum",
    "U07": "Content-Type",
    "U08": "Upload-Length",
    "U09": "Upload-Checksum",
    "U10": "Upload-Metadata",
    "A01": "Authorization",
    "A02": "Authorization",
    "A03": "Authorization",
    "A04": "Authorization",
    "A05": "Authorization",
    "A06": "feed, period",
    "A07": "Content-Type",
}
STATUS_TEXTS = {
    400: ("请求无法识别", "The request cannot be read"),
    404: ("没有这个内容", "There is no such thing"),
    405: ("不支持的请求方法", "This method is not spoken here"),
    409: ("状态已变化", "It has moved meanwhile"),
    503: ("系统繁忙", "The portal is busy"),
}
ADVICE = {
    400: ("请对照接口说明检查请求。", "Compare the request with the guide of the interface."),
    404: (
        "请核对编号；其他企业或令牌范围以外的内容同样不显示。",
        "Check the identifier; what is another company's, or outside the token, is not shown either.",
    ),
    405: ("允许的方法见 Allow 头。", "The header Allow says which are."),
    409: ("请重新读取后再试。", "Read it again and try again."),
    503: ("请稍候几秒再试，操作尚未生效。", "Try again in a few seconds; nothing was done."),
}
OTHERWISE = ("系统出错", "The portal failed")
OTHERWISE_ADVICE = (
    "操作没有生效。请稍后再试，并把事件编号告知系统管理员。",
    "Nothing was done. Try again later and tell the operator the number of the incident.",
)


def language_of(request: Any) -> str:
    """``en`` where the program asks for English first, else ``zh``."""
    asked = str(request.headers.get("Accept-Language", "")).strip().lower()
    return "en" if asked.startswith("en") else "zh"


def refusal(request: Any, refused: FilingRefused, where: str | None = None) -> Response:
    """The problem of a refusal: its code, what, where, and how to mend it."""
    return _answer(
        request,
        refused.status,
        refused.code,
        refused.name,
        (refused.zh, refused.en),
        (refused.mend_zh, refused.mend_en),
        where=where or WHERE.get(refused.code),
    )


def problem(request: Any, status: int, **more: Any) -> Response:
    """The problem that a status stands for by itself."""
    return _answer(
        request,
        status,
        f"H{status}",
        f"http_{status}",
        STATUS_TEXTS.get(status, OTHERWISE),
        ADVICE.get(status, OTHERWISE_ADVICE),
        **more,
    )


def _answer(
    request: Any,
    status: int,
    code: str,
    name: str,
    told: tuple[str, str],
    mend: tuple[str, str],
    **more: Any,
) -> Response:
    place = 1 if language_of(request) == "en" else 0
    body = {
        "type": f"{request.conf.public_url}/filing-api#{code}",
        "title": told[place],
        "detail": mend[place],
        "status": status,
        "code": code,
        "name": name,
        "zh": told[0],
        "en": told[1],
        "mend_zh": mend[0],
        "mend_en": mend[1],
        **{key: value for key, value in more.items() if value is not None},
    }
    answer = Response(json_body=body, status=status)
    answer.content_type = KIND
    answer.headers["Content-Language"] = "en" if place else "zh-CN"
    return answer
