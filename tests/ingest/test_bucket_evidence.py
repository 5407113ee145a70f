"""Evidence in a bucket keeps the promises of evidence in a folder, for several machines."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ingest.bucket import Bucket, BucketUnavailable
from ingest.bucket_evidence import BucketEvidenceStore
from ingest.evidence import EvidenceDamaged, EvidenceMissing, EvidenceStore
from tests.bucket_server import client, new_bucket, object_store

CONTENT = "账单编号,合计\nB1,1200.50\n".encode()
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NOW = dt.datetime(2025, 11, 24, 1, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with object_store() as found:
        yield found


@pytest.fixture
def bucket(address: str) -> Bucket:
    return new_bucket(address)


@pytest.fixture
def store(bucket: Bucket, tmp_path: Path) -> BucketEvidenceStore:
    return BucketEvidenceStore(tmp_path / "here", bucket)


@pytest.fixture
def elsewhere(bucket: Bucket, tmp_path: Path) -> BucketEvidenceStore:
    """The store of another machine, which holds no copies yet."""
    return BucketEvidenceStore(tmp_path / "elsewhere", bucket)


def replaced(bucket: Bucket, digest: str, content: bytes) -> None:
    """Somebody with the operator's key put other bytes there."""
    key = f"{bucket.prefix}{digest[:2]}/{digest}"
    client(bucket.endpoint).put_object(Bucket=bucket.name, Key=key, Body=content)


def test_what_one_machine_keeps_every_other_reads_and_proves(
    store: BucketEvidenceStore, elsewhere: BucketEvidenceStore
) -> None:
    kept = store.put_bytes(CONTENT)
    assert (kept.digest, kept.size) == (DIGEST, len(CONTENT))
    assert elsewhere.read_bytes(DIGEST) == CONTENT
    assert elsewhere.path(DIGEST).read_bytes() == CONTENT
    assert elsewhere.verify(DIGEST)
    assert oct(elsewhere.path(DIGEST).stat().st_mode)[-3:] == "440"
    with elsewhere.open(DIGEST) as stream:
        assert stream.read() == CONTENT


def test_tables_are_the_same_evidence_in_a_bucket_and_in_a_folder(
    store: BucketEvidenceStore, elsewhere: BucketEvidenceStore, tmp_path: Path
) -> None:
    table = pa.table({"source_row": pa.array(range(1, 40_001), pa.int32()), "bill_no": ["B"] * 40_000})
    digest = store.put_table(table).digest
    assert digest == EvidenceStore(tmp_path / "folder").put_table(table).digest
    assert elsewhere.read_rows(digest, [40_000, 1])["source_row"].to_pylist() == [40_000, 1]


def test_a_name_is_given_once_and_what_lies_there_is_never_overwritten(
    bucket: Bucket, store: BucketEvidenceStore, tmp_path: Path
) -> None:
    path = tmp_path / "content"
    path.write_bytes(CONTENT)
    first, second = (bucket.put_new("ab/name", path, DIGEST, len(CONTENT)) for _ in range(2))
    assert (first, second) == (True, False)
    store.put_bytes(CONTENT)
    store.put_bytes(CONTENT)
    versions = client(bucket.endpoint).list_object_versions(Bucket=bucket.name)["Versions"]
    assert sorted(one["Key"] for one in versions) == ["heat/ab/name", f"heat/{DIGEST[:2]}/{DIGEST}"]


def test_eight_machines_that_keep_the_same_bytes_at_once_write_them_once(
    bucket: Bucket, tmp_path: Path
) -> None:
    stores = [BucketEvidenceStore(tmp_path / str(number), bucket) for number in range(8)]
    start = threading.Barrier(8)

    def keep(one: BucketEvidenceStore) -> str:
        start.wait()
        return one.put_bytes(CONTENT).digest

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(keep, stores)) == {DIGEST}
    assert len(client(bucket.endpoint).list_object_versions(Bucket=bucket.name)["Versions"]) == 1


def test_bytes_that_are_not_those_of_the_name_are_noticed_wherever_they_are_read(
    bucket: Bucket, store: BucketEvidenceStore, elsewhere: BucketEvidenceStore
) -> None:
    store.put_bytes(CONTENT)
    replaced(bucket, DIGEST, CONTENT.replace(b"1200", b"1300"))
    assert not store.verify(DIGEST)  # its own copy is sound; the bucket is what is judged
    with pytest.raises(EvidenceDamaged):
        elsewhere.path(DIGEST)
    with pytest.raises(EvidenceDamaged):
        elsewhere.put_bytes(CONTENT)
    assert not list((elsewhere.root / "incoming").iterdir())


def test_a_damaged_copy_is_thrown_away_and_fetched_again(store: BucketEvidenceStore) -> None:
    store.put_bytes(CONTENT)
    copy = store.path(DIGEST)
    copy.chmod(0o640)
    copy.write_bytes(b"altered")
    assert store.verify(DIGEST)
    assert store.read_bytes(DIGEST) == CONTENT


def test_what_nobody_put_is_missing(store: BucketEvidenceStore) -> None:
    for ask in (store.path, store.verify, store.read_bytes, store.written_at):
        with pytest.raises(EvidenceMissing):
            ask("0" * 64)


def test_the_inventory_is_that_of_the_bucket(
    bucket: Bucket, store: BucketEvidenceStore, elsewhere: BucketEvidenceStore
) -> None:
    assert list(store.digests()) == []
    kept = sorted(store.put_bytes(bytes([number])).digest for number in range(5))
    client(bucket.endpoint).put_object(Bucket=bucket.name, Key="heat/readme.txt", Body=b"no evidence")
    client(bucket.endpoint).put_object(Bucket=bucket.name, Key=f"other/{DIGEST[:2]}/{DIGEST}", Body=CONTENT)
    assert list(elsewhere.digests()) == kept
    assert abs(elsewhere.written_at(kept[0]) - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=10)


def test_the_sweep_takes_old_copies_and_never_evidence(bucket: Bucket, store: BucketEvidenceStore) -> None:
    old, fresh = store.put_bytes(b"old"), store.put_bytes(b"fresh")
    for kept, age in ((old, dt.timedelta(days=8)), (fresh, dt.timedelta(days=6))):
        at = (NOW - age).timestamp()
        os.utime(store.root / kept.digest[:2] / kept.digest, (at, at))
    assert [path.name for path in store.sweep(NOW)] == [old.digest]
    assert store.read_bytes(old.digest) == b"old"
    assert set(store.digests()) == {old.digest, fresh.digest}


def test_a_bucket_that_does_not_answer_is_said_and_nothing_counts_as_kept(
    bucket: Bucket, tmp_path: Path
) -> None:
    away = BucketEvidenceStore(tmp_path / "away", replace(bucket, endpoint="http://127.0.0.1:9"))
    with pytest.raises(BucketUnavailable, match=f"PUT {bucket.name}/{DIGEST[:2]}"):
        away.put_bytes(CONTENT)
    assert [path for path in away.root.rglob("*") if path.is_file()] == []


def test_a_bucket_that_is_not_there_is_said(bucket: Bucket, tmp_path: Path) -> None:
    wrong = BucketEvidenceStore(tmp_path / "wrong", replace(bucket, name="no-such-bucket"))
    with pytest.raises(BucketUnavailable, match="404"):
        wrong.put_bytes(CONTENT)


@pytest.mark.parametrize("token", ["", "session/token+="], ids=["key", "session"])
@pytest.mark.parametrize("encryption", ["", "aws:kms"], ids=["plain", "kms"])
def test_requests_are_signed_as_amazons_own_client_signs_them(
    bucket: Bucket, token: str, encryption: str
) -> None:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    given = replace(bucket, session_token=token, encryption=encryption, region="cn-north-1")
    path, host = f"/{given.name}/heat/ab/{DIGEST}", "s3.example"
    ours = given._signed(path, host, DIGEST, NOW)
    headers = {name: text for name, text in ours.items() if name not in ("authorization", "host")}
    theirs: Any = AWSRequest("PUT", f"https://{host}{path}", headers=headers, data=b"")
    theirs.context["timestamp"] = ours["x-amz-date"]
    signer = S3SigV4Auth(Credentials(given.access_key, given.secret_key, token or None), "s3", "cn-north-1")
    canonical = signer.canonical_request(theirs)
    signature = signer.signature(signer.string_to_sign(theirs, canonical), theirs)
    assert ours["authorization"].endswith(f"Signature={signature}")
    assert given.secret_key not in repr(given)
