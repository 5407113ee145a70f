"""Charts as plain SVG, the same in a page and in a PDF.

Every value is printed beside its mark, kinds differ in texture as well as in colour, and all words
(labels, units, title, description) come from the caller in the language of the page. Values are
integers or Decimals and are only drawn; what is printed is what the caller passed. No inline style: a
strict CSP lets everything through.
"""

from reports.charts.bars import Bar, OutcomeRow, Score, horizontal_bars, score_bars, stacked_outcomes
from reports.charts.plots import Bin, Series, Step, histogram, step_line

__all__ = [
    "Bar",
    "Bin",
    "OutcomeRow",
    "Score",
    "Series",
    "Step",
    "histogram",
    "horizontal_bars",
    "score_bars",
    "stacked_outcomes",
    "step_line",
]
