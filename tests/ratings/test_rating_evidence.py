"""What a rating counted is evidence of its own, and fsck holds it as such."""

from __future__ import annotations

import json

from supervision.db import read
from supervision.findings.proof import flaws, notes
from tests.ratings.rated_season import RatedSeason


def test_what_a_rating_counted_is_named_by_its_facts_and_missed_when_it_is_gone(season: RatedSeason) -> None:
    season.file_bills()
    season.complain()
    release = season.released()
    desk = season.company.desk
    evidence, clock = desk.evidence, desk.clock

    def found() -> list[str]:
        with read(season.company.engine) as session:
            return [flaw.en for flaw in flaws(session, evidence, clock)]

    def noted() -> str:
        with read(season.company.engine) as session:
            return "".join(note.en for note in notes(session, evidence, desk.settings.incoming_root, clock))

    (company,) = json.loads(evidence.read_bytes(release.facts_digest))["companies"]
    counted = company["sources"]["complaints"]["numbers"]
    assert found() == []
    assert counted not in noted()
    evidence.path(counted).unlink()
    assert any("sources.complaints.numbers" in line and counted in line for line in found())
