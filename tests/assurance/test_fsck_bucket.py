"""A whole filing with its evidence in a bucket, and fsck over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ingest.bucket import Bucket
from supervision.companies import CompanyService
from supervision.db import begin
from supervision.findings.proof import flaws, notes
from supervision.journal import SYSTEM
from supervision.settings import FixedClock, Settings, SettingsError
from supervision.settings.evidence import ACCESS_KEY, SECRET_KEY, open_evidence
from tests.bucket_server import client, new_bucket, object_store
from tests.filings.filing_desk import Desk, bill, csv_bytes


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with object_store() as found:
        yield found


@pytest.fixture
def bucket(address: str) -> Bucket:
    return new_bucket(address)


@pytest.fixture
def settings(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv(ACCESS_KEY, bucket.access_key)
    monkeypatch.setenv(SECRET_KEY, bucket.secret_key)
    return Settings.from_mapping(
        {
            "supervision.environment": "test",
            "supervision.data": str(tmp_path / "data"),
            "supervision.evidence_bucket": bucket.name,
            "supervision.evidence_prefix": "heat",
            "supervision.evidence_endpoint": bucket.endpoint,
        }
    )


def test_a_filing_lives_in_the_bucket_and_fsck_names_what_is_altered_there(
    sqlite_engine: Engine, clock: FixedClock, settings: Settings, bucket: Bucket, tmp_path: Path
) -> None:
    with begin(sqlite_engine) as session:
        company = CompanyService(session, clock).register(
            code="harbin-a",
            name_zh="甲热力公司",
            name_en="A Heat",
            province="黑龙江",
            city="哈尔滨",
            service_areas=[],
            by=SYSTEM,
        )
    desk = Desk(sqlite_engine, clock, settings, tmp_path, company.id)
    filing = desk.signed(csv_bytes("bills", [bill(1), bill(2)]))
    desk.work()
    filing = desk.again(filing)
    named = {filing.bytes_digest, filing.table_digest, filing.report_digest, filing.receipt_digest}
    evidence = open_evidence(settings)
    assert named <= set(evidence.digests())
    with begin(sqlite_engine) as session:
        assert list(flaws(session, evidence, clock)) == []
        assert list(notes(session, evidence, settings.incoming_root, clock)) == []
    key = f"heat/{filing.bytes_digest[:2]}/{filing.bytes_digest}"
    client(bucket.endpoint).put_object(Bucket=bucket.name, Key=key, Body=b"altered")
    client(bucket.endpoint).delete_object(
        Bucket=bucket.name, Key=f"heat/{str(filing.table_digest)[:2]}/{filing.table_digest}"
    )
    with begin(sqlite_engine) as session:
        said = "\n".join(flaw.en for flaw in flaws(session, evidence, clock))
    assert f"Evidence {filing.bytes_digest} no longer matches" in said
    assert f"Evidence {filing.table_digest} is not in the store" in said


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"evidence_endpoint": "s3.example"}, "evidence_endpoint is 's3.example'"),
        ({"evidence_encryption": "rot13"}, "evidence_encryption is 'rot13'"),
        ({"evidence_access_key": ""}, "evidence_access_key must be given"),
        ({"evidence_secret_key_file": ""}, "evidence_secret_key_file must name a file"),
        ({"evidence_secret_key_file": "/nowhere"}, "does not exist"),
        ({"max_upload_bytes": str((5 << 30) + 1)}, "max_upload_bytes must be at most"),
    ],
    ids=["endpoint", "encryption", "key", "secret", "secret-file", "too-large"],
)
def test_a_wrong_setting_is_named_with_how_to_mend_it(
    tmp_path: Path, wrong: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (ACCESS_KEY, SECRET_KEY):
        monkeypatch.delenv(name, raising=False)
    secret = tmp_path / "secret"
    secret.write_text("of the portal\n")
    given = {
        "environment": "test",
        "data": str(tmp_path),
        "evidence_bucket": "evidence",
        "evidence_endpoint": "https://s3.example",
        "evidence_access_key": "portal",
        "evidence_secret_key_file": str(secret),
    }

    def settings(**changes: str) -> Settings:
        return Settings.from_mapping({f"supervision.{key}": text for key, text in (given | changes).items()})

    assert settings().bucket is not None
    with pytest.raises(SettingsError) as refused:
        settings(**wrong)
    assert said in str(refused.value)
