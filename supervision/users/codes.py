"""The second factor: time-based codes (RFC 6238, SHA-1, six digits, 30 seconds) of an authenticator app."""

from __future__ import annotations

import datetime as dt
import hmac
import unicodedata

import pyotp
import segno
from markupsafe import Markup

STEP_SECONDS = 30
TOLERATED_STEPS = 1  # clocks of telephones differ


def new_secret() -> str:
    return pyotp.random_base32()


def clean_code(typed: str) -> str | None:
    """Six ASCII digits, or None. Spaces go, full-width digits of a Chinese keyboard count as digits."""
    code = "".join(unicodedata.normalize("NFKC", typed).split())
    return code if len(code) == 6 and code.isascii() and code.isdigit() else None


def step_of(at: dt.datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS


def matching_step(secret: str, typed: str, at: dt.datetime) -> int | None:
    """The step whose code was typed, within one step of now; None for a wrong code. Whether the step was used
    before is for the register to say."""
    code = clean_code(typed)
    if code is None:
        return None
    otp, now = pyotp.TOTP(secret), step_of(at)
    found = None
    for step in range(now - TOLERATED_STEPS, now + TOLERATED_STEPS + 1):
        if hmac.compare_digest(otp.generate_otp(step), code):
            found = step
    return found


def enrolment_uri(secret: str, name: str, issuer: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def qr_svg(text: str, title: str) -> Markup:
    """A QR code as an SVG element without inline style (the content security policy forbids it)."""
    code = segno.make(text, error="m")
    svg = code.svg_inline(border=4, dark="#17232f", light="#fff", title=title, omitsize=True)
    return Markup(svg)  # noqa: S704 -- made here; segno escapes the title
