"""What every request passes: known methods, clean bytes, no forwarded headers from strangers, safe headers out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.tweens import EXCVIEW, INGRESS

ALIVE = (
    "/healthz"  # asked by address from the machine itself or a balancer; says only that the portal answers
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}

Handler = Callable[[Any], Any]


def _plain(status: int, text: str) -> Response:
    return Response(text, status=status, content_type="text/plain", charset="utf-8")


def refuse_malformed(handler: Handler, registry: Any) -> Handler:
    """Answers 400 to hosts that are not ours, 405 to methods we do not speak, 403 to writes that another site sends, and
    400 to bytes that are not UTF-8 or hold control characters."""
    knows_host = registry.supervision.knows_host

    def tween(request: Any) -> Any:
        if request.environ.get("PATH_INFO") != ALIVE and not knows_host(_host(request)):
            return _plain(
                400,
                "本平台不以此主机名提供服务，请使用公布的网址 / "
                "the portal does not serve this host; use its published address\n",
            )
        if request.method not in METHODS:
            answer = _plain(405, f"不支持的请求方法 / method not allowed: {request.method[:16]!r}\n")
            answer.headers["Allow"] = ", ".join(sorted(METHODS))
            return answer
        if _is_from_elsewhere(request):
            return _plain(403, "请从本平台的页面提交 / submit this from a page of the portal\n")
        fault = _fault(request)
        if fault:
            return _plain(400, f"请求含有无法识别的字节，请检查链接或表单 / malformed request: {fault}\n")
        return handler(request)

    return tween


def _host(request: Any) -> str:
    """The host asked for; a request that names none has the server's, which is no name of ours."""
    host: str = request.environ.get("HTTP_HOST") or request.environ.get("SERVER_NAME", "")
    return host


def _is_from_elsewhere(request: Any) -> bool:
    """Whether a browser says that another site sends this write; form tokens are checked besides."""
    if request.method in {"GET", "HEAD"}:
        return False
    return request.headers.get("Sec-Fetch-Site", "same-origin").lower() not in {"same-origin", "none"}


def _fault(request: Any) -> str | None:
    path: str = request.environ.get("PATH_INFO", "")
    try:
        decoded = path.encode("latin-1").decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return "path"
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in decoded):
        return "path"
    raw = unquote_to_bytes(request.environ.get("QUERY_STRING", "").replace("+", " "))
    if b"\x00" in raw or len(raw) > 8192:
        return "query"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "query"
    return _body_fault(request)


def _body_fault(request: Any) -> str | None:
    kind = (request.environ.get("CONTENT_TYPE") or "").lower()
    if request.method in {"GET", "HEAD"}:
        return None
    if kind.startswith("multipart/form-data"):
        return None if "boundary=" in kind else "multipart without boundary"
    if not kind.startswith("application/x-www-form-urlencoded"):
        return None
    if (request.content_length or 0) > 1 << 20:
        return "form larger than 1 MiB"
    raw = unquote_to_bytes(request.body.replace(b"+", b" "))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return "form"
    return "form" if "\x00" in text else None


def methods_of_route(request: Any) -> set[str]:
    """The methods that the views of the matched route answer to; empty where there is no route."""
    if getattr(request, "matched_route", None) is None:
        return set()
    methods: set[str] = set()
    for view in request.registry.introspector.get_category("views") or []:
        if view["introspectable"].get("route_name") == request.matched_route.name:
            declared = view["introspectable"].get("request_methods") or ()
            methods.update([declared] if isinstance(declared, str) else declared)
    return methods | {"HEAD"} if "GET" in methods else methods


def add_headers(handler: Handler, registry: Any) -> Handler:
    """Every answer leaves with the safe headers; an answer to a signed-in person is never stored."""

    def tween(request: Any) -> Any:
        response = handler(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.environ.get("PATH_INFO", "").startswith("/static/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
            response.headers.setdefault("Vary", "Cookie")
        if response.status_int == 405 and "Allow" not in response.headers:
            response.headers["Allow"] = ", ".join(sorted(methods_of_route(request)))
        response.headers.pop("Server", None)
        return response

    return tween


def includeme(config: Configurator) -> None:
    config.add_tween(
        "supervision.web.guards.add_headers", under=INGRESS, over="supervision.web.guards.refuse_malformed"
    )
    config.add_tween(
        "supervision.web.guards.refuse_malformed", under="supervision.web.guards.add_headers", over=EXCVIEW
    )
