"""The notice a tariff was entered from: a file as published, told from its bytes and not from its name."""

from __future__ import annotations

from supervision.tariffs.problems import TariffRefused

MOST_BYTES = 20 << 20
NAME_LENGTH = 200

_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
)
SUFFIXES = {media_type: suffix for _, media_type, suffix in _KINDS}


def media_type_of(content: bytes) -> str:
    """Raises TariffRefused for a file that is empty, too large, or neither PDF nor a picture."""
    if not content:
        raise TariffRefused("文件为空，请重新选择。", "The file is empty; choose it again.")
    if len(content) > MOST_BYTES:
        raise TariffRefused(
            f"文件超过 {MOST_BYTES >> 20} MiB，请压缩或分页扫描后再上传。",
            f"The file is larger than {MOST_BYTES >> 20} MiB; compress it or scan fewer pages.",
        )
    for start, media_type, _ in _KINDS:
        if content.startswith(start):
            return media_type
    raise TariffRefused(
        "只接受 PDF、PNG 或 JPEG 文件；请把通知原文另存为 PDF。",
        "Only PDF, PNG and JPEG files are accepted; save the notice as PDF.",
    )


def shown_name(name: str) -> str:
    """The file's own name without any folder, at most 200 characters, no character that cannot be seen."""
    bare = name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    return "".join(each for each in bare if each.isprintable())[:NAME_LENGTH] or "notice"
