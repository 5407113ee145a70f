"""A file that somebody attaches to prove what he says: a PDF or a picture, told from its bytes and not from its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MOST_BYTES = 20 << 20
NAME_LENGTH = 200

_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
)
SUFFIXES = {media_type: suffix for _, media_type, suffix in _KINDS}
#: What a browser is told that it may offer.
ACCEPTED = ".pdf,.png,.jpg,.jpeg"


class AttachmentRefused(ValueError):
    """A file that is not taken; ``zh`` and ``en`` say why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that can be kept: ``name`` as people may see it, ``media_type`` as its first bytes say."""

    name: str
    media_type: str
    content: bytes


def attached_file(name: str, content: bytes) -> Attached:
    """Raises AttachmentRefused for a file that is empty, too large, or neither PDF nor a picture."""
    if not content:
        raise AttachmentRefused("文件为空，请重新选择。", "The file is empty; choose it again.")
    if len(content) > MOST_BYTES:
        raise AttachmentRefused(
            f"文件超过 {MOST_BYTES >> 20} MiB，请压缩或分页扫描后再上传。",
            f"The file is larger than {MOST_BYTES >> 20} MiB; compress it or scan fewer pages.",
        )
    for start, media_type, suffix in _KINDS:
        if content.startswith(start):
            return Attached(_shown(name) or f"attached.{suffix}", media_type, content)
    raise AttachmentRefused(
        "只接受 PDF、PNG 或 JPEG 文件；其他文件请另存为 PDF。",
        "Only PDF, PNG and JPEG files are accepted; save other files as PDF.",
    )


def sent_file(part: Any) -> tuple[str, bytes] | None:
    """Name and bytes of a file field of a form, one byte more than is taken at the most; None where no file was chosen."""
    if not getattr(part, "filename", None):
        return None
    return str(part.filename), part.file.read(MOST_BYTES + 1)


def _shown(name: str) -> str:
    """The file's own name without any folder, at most 200 characters, no character that cannot be seen."""
    bare = name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    return "".join(each for each in bare if each.isprintable())[-NAME_LENGTH:]
