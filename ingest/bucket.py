"""A bucket that speaks S3, as the evidence uses it: a name is given once and never again, and what lies there is read back.

Reading and listing go through pyarrow. It cannot write on the condition that a name is free, so writing is one signed
request of our own (AWS Signature Version 4, https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html)
whose signature covers the SHA-256 of the content: the bucket itself refuses bytes that are not those of the name.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import http.client
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote, urlsplit

LARGEST: Final = 5 << 30  # bytes that S3 takes in one request
_TRIES: Final = 3
_SECONDS: Final = 60
_CREATED, _IS_THERE = (200, 201), 412
_TRY_AGAIN: Final = (409, 429, 500, 502, 503, 504)


class BucketUnavailable(OSError):
    """The bucket did not do what was asked; the text says which request and what it answered."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where, and with which key. ``endpoint`` is an address such as ``https://s3.example``; ``encryption`` is empty for what
    the bucket does by itself, or ``AES256`` or ``aws:kms``."""

    name: str
    prefix: str
    endpoint: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    encryption: str = ""

    def put_new(self, key: str, path: Path, digest: str, size: int) -> bool:
        """The bytes of ``path`` lie under ``key``, where nothing was; False where something was, and is still there.
        Raises BucketUnavailable."""
        said = ""
        for _ in range(_TRIES):
            try:
                with path.open("rb") as content:
                    status, said = self._put(key, content, digest, size)
            except (OSError, http.client.HTTPException) as error:
                said = repr(error)
                continue
            if status in _CREATED:
                return True
            if status == _IS_THERE:
                return False
            said = f"{status} {said}"
            if status not in _TRY_AGAIN:
                break
        raise BucketUnavailable(f"PUT {self.name}/{key}: {said}")

    def open(self, key: str) -> BinaryIO:
        """The bytes under ``key`` as a stream. Raises FileNotFoundError, OSError."""
        stream: Any = self._files().open_input_stream(f"{self.name}/{self.prefix}{key}")
        return stream  # type: ignore[no-any-return]

    def written_at(self, key: str) -> dt.datetime | None:
        """When ``key`` was written; None where nothing lies there. Raises OSError."""
        from pyarrow.fs import FileType

        found = self._files().get_file_info(f"{self.name}/{self.prefix}{key}")
        return None if found.type is FileType.NotFound else found.mtime

    def names(self) -> Iterator[str]:
        """Every key below the prefix, without it, in no order. Raises OSError."""
        from pyarrow.fs import FileSelector, FileType

        base = f"{self.name}/{self.prefix}".rstrip("/")
        selector = FileSelector(base, allow_not_found=True, recursive=True)
        for found in self._files().get_file_info(selector):
            if found.type is FileType.File:
                yield found.path[len(base) + 1 :]

    def _files(self) -> Any:
        from pyarrow.fs import S3FileSystem

        parts = urlsplit(self.endpoint)
        return S3FileSystem(
            access_key=self.access_key,
            secret_key=self.secret_key,
            session_token=self.session_token or None,
            region=self.region,
            scheme=parts.scheme,
            endpoint_override=parts.netloc,
        )

    def _put(self, key: str, content: BinaryIO, digest: str, size: int) -> tuple[int, str]:
        parts = urlsplit(self.endpoint)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=_SECONDS)
        path = f"{parts.path.rstrip('/')}/{quote(f'{self.name}/{self.prefix}{key}')}"
        try:
            headers = self._signed(path, parts.netloc, digest, dt.datetime.now(dt.UTC))
            connection.request("PUT", path, body=content, headers={**headers, "content-length": str(size)})
            answer = connection.getresponse()
            return answer.status, answer.read(2000).decode("utf-8", "replace")
        finally:
            connection.close()

    def _signed(self, path: str, host: str, digest: str, now: dt.datetime) -> dict[str, str]:
        headers = {
            "host": host,
            "if-none-match": "*",
            "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(digest)).decode("ascii"),
            "x-amz-content-sha256": digest,
            "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
        }
        if self.session_token:
            headers["x-amz-security-token"] = self.session_token
        if self.encryption:
            headers["x-amz-server-side-encryption"] = self.encryption
        scope = f"{now:%Y%m%d}/{self.region}/s3/aws4_request"
        return headers | {"authorization": self._authorization(path, headers, digest, scope)}

    def _authorization(self, path: str, headers: Mapping[str, str], digest: str, scope: str) -> str:
        named = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        asked = hashlib.sha256(f"PUT\n{path}\n\n{lines}\n{named}\n{digest}".encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{asked}"
        key = f"AWS4{self.secret_key}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        return f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, SignedHeaders={named}, Signature={signature}"
