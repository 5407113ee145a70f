"""A QR code as an SVG that lives inside the page: nothing is fetched, nothing is styled inline."""

from __future__ import annotations

import segno
from markupsafe import Markup, escape

_QUIET_ZONE = 4  # modules, ISO/IEC 18004


def qr_svg(address: str, title: str) -> Markup:
    """The QR code of ``address`` (error correction M) as SVG of class ``qr``, named ``title`` for who
    cannot see it."""
    code = segno.make(address, error="m", micro=False, boost_error=False)
    size = len(code.matrix) + 2 * _QUIET_ZONE
    path = "".join(
        f"M{column + _QUIET_ZONE} {row + _QUIET_ZONE}h1v1h-1z"
        for row, modules in enumerate(code.matrix)
        for column, is_dark in enumerate(modules)
        if is_dark
    )
    return Markup(  # noqa: S704 - the only text is escaped
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {size} {size}" role="img">'
        f"<title>{escape(title)}</title>"
        f'<rect width="{size}" height="{size}" fill="#ffffff"/>'
        f'<path d="{path}" fill="#000000"/></svg>'
    )
