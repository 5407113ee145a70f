"""An object store that answers like one: moto on a real socket, with a bucket for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ingest.bucket import Bucket


@contextmanager
def object_store() -> Iterator[str]:
    """The address of a server that lives as long as the block."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def client(address: str) -> Any:
    """What the operator of the object store uses, and nobody else."""
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="portal",
        aws_secret_access_key="secret of the portal",
    )


def new_bucket(address: str) -> Bucket:
    """A bucket of its own with versions, as docs/operations.md asks for."""
    name = "evidence-" + os.urandom(6).hex()
    operator = client(address)
    operator.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return Bucket(name, "heat/", address, "us-east-1", "portal", "secret of the portal")
