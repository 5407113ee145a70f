"""The command line reads a company's file by its mapping profile in force, as the portal does."""

from __future__ import annotations

import json
from pathlib import Path

from ingest.profiles import Profile
from supervision.companies import CompanyService
from supervision.db import begin
from supervision.filings import Filing
from supervision.filings.models import MappingProfile
from supervision.journal import Actor
from supervision.profiles import ProfileService
from supervision.profiles.looking import ground_of, look
from supervision.settings import Settings, SystemClock
from supervision.settings.evidence import open_evidence
from tests.cli.conftest import Portal
from tests.profiles.own_files import own_bills

CLERK, SIGNER = Actor("clerk", "company_clerk"), Actor("signer", "company_signatory")


def sign_a_profile(portal: Portal, sample: Path) -> MappingProfile:
    evidence = open_evidence(Settings.from_mapping({"supervision.data": str(portal.data)}))
    with begin(portal.engine) as session:
        service = ProfileService(session, SystemClock(), evidence)
        company_id = CompanyService(session, SystemClock()).by_code("songbei").id
        ground = ground_of(session, evidence, company_id, "bills", "2025-12", 1)
        looked = look(sample, "own.csv", ground)
        draft = service.draft(
            company_id=company_id, feed="bills", period="2025-12", path=sample, filename="own.csv",
            looked=looked, by=CLERK,
        )  # fmt: skip
        service.sign(draft, by=SIGNER, version=draft.version)
        return draft


def test_validate_and_file_read_a_companys_own_words_by_the_profile_in_force_and_validate_by_another_if_told(
    company_on_sqlite: Portal, tmp_path: Path
) -> None:
    portal, own = company_on_sqlite, tmp_path / "own.csv"
    own.write_bytes(own_bills(1, 2))
    asked = ("validate", "bills", own, "--period", "2025-12")
    assert portal.run(*asked, "--company", "songbei").code == 1
    found = sign_a_profile(portal, own)
    said = portal.run(*asked, "--company", "songbei", "--json")
    assert said.code == 0, said
    assert json.loads(said.out)["profile"] == found.profile.name
    assert found.profile.name in portal.run(*asked, "--company", "songbei").out
    assert portal.run(*asked).code == 1
    other = tmp_path / "other.json"
    other.write_text(Profile("bills", 7, {"单据号": "bill_no"}).text(), encoding="utf-8")
    assert portal.run(*asked, "--company", "songbei", "--profile", other).code == 1
    filed = portal.run("file", "bills", own, "--company", "songbei", "--period", "2025-12", "--by", "clerk")
    assert filed.code == 0, filed
    with begin(portal.engine) as session:
        assert session.query(Filing).one().profile_name == found.profile.name
    checked = portal.run("fsck")
    assert checked.code == 0, checked
