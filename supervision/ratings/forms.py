"""The forms of officers: which season is computed and why it is corrected, and why a release is withdrawn."""

from __future__ import annotations

from typing import Any

import colander
import deform

from supervision.ratings.service import REASON_LENGTH, RatingService


@colander.deferred
def _season_widget(node: colander.SchemaNode, kw: dict[str, Any]) -> deform.widget.Widget:
    seasons = kw["request"].service(RatingService).seasons_to_rate()
    return deform.widget.SelectWidget(values=[(season, season) for season in seasons])


@colander.deferred
def _known_season(node: colander.SchemaNode, kw: dict[str, Any]) -> colander.OneOf:
    return colander.OneOf(kw["request"].service(RatingService).seasons_to_rate())


class ComputeSchema(colander.Schema):
    season = colander.SchemaNode(
        colander.String(), title="采暖季", widget=_season_widget, validator=_known_season
    )
    reason = colander.SchemaNode(
        colander.String(),
        title="更正原因",
        description="仅在该采暖季已发布过评级时填写；发布后向社会公开。",
        validator=colander.Length(max=REASON_LENGTH[1]),
        widget=deform.widget.TextAreaWidget(rows=3),
        missing="",
    )


class WithdrawalSchema(colander.Schema):
    version = colander.SchemaNode(colander.Integer(), widget=deform.widget.HiddenWidget())
    reason = colander.SchemaNode(
        colander.String(),
        title="撤回原因",
        description="向社会公开。撤回后不再有现行评级，重新计算并由另一人发布后才有新的评级。",
        validator=colander.Length(min=REASON_LENGTH[0], max=REASON_LENGTH[1]),
        widget=deform.widget.TextAreaWidget(rows=4),
    )
