"""Inks of the charts: Okabe–Ito hues darkened until each has at least 4.5 : 1 on white, told apart with
any colour vision; kinds differ in texture, dash or marker besides."""

from decimal import Decimal
from typing import Final

WIDTH: Final = 400  # units of every chart; at the 360 px of a phone its smallest text is 9 px or more

BLUE: Final = "#0b5c9c"
VERMILION: Final = "#b34700"
GREEN: Final = "#00704f"
PURPLE: Final = "#8a3a72"
GREY: Final = "#5b6770"

SMALLEST_MARK: Final = Decimal("1.5")  # units; what is not nothing is never drawn as nothing
