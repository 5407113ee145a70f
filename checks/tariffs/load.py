"""Reading tariffs from files: the published ones that ship, and any other file an officer names."""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from checks.tariffs.errors import TariffDataError
from checks.tariffs.record import Tariff
from checks.tariffs.written import tariff_digest, tariff_from_dict, tariff_to_dict

__all__ = [
    "load_published",
    "load_tariffs_file",
    "tariff_digest",
    "tariff_from_dict",
    "tariff_to_dict",
]


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice, which plain YAML would silently let the last one win."""


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise TariffDataError(
                f"第 {line} 行：字段名须为文本", f"line {line}: a field name must be plain text"
            )
        key = loader.construct_object(key_node)
        if key in seen:
            raise TariffDataError(
                f"第 {line} 行：字段 {key} 写了两次",
                f"line {line}: the field {key} is given twice",
                field=str(key),
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@functools.cache
def load_published() -> tuple[Tariff, ...]:
    """Every published tariff that ships, ordered by province file and place in it; read once per process.

    Raises :class:`TariffDataError` naming file, record and field for anything the schema does not allow.
    """
    folder = files("checks.tariffs").joinpath("published")
    tariffs: list[Tariff] = []
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            tariffs += _published_file(file.name, file.read_text(encoding="utf-8"))
    _refuse_double_ids(tariffs, "published")
    return tuple(tariffs)


def load_tariffs_file(path: Path | str) -> tuple[Tariff, ...]:
    """The tariffs of one YAML or JSON file: a list of written records, or a file shaped like the published ones.

    Raises :class:`TariffDataError` (also when the file is missing or not text), never a bare parser error.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TariffDataError(
            f"无法读取：{error}；须为 UTF-8 文本",
            f"cannot be read: {error}; it must be UTF-8 text",
            file=path.name,
        ) from None
    tariffs = _published_file(path.name, text)
    _refuse_double_ids(tariffs, path.name)
    return tuple(tariffs)


def parse_yaml(name: str, text: str) -> Any:
    """What a YAML file of ours says. Raises :class:`TariffDataError` naming file and line."""
    try:
        return _parse(name, text)
    except TariffDataError as error:
        raise error.at(file=name) from None


def _published_file(name: str, text: str) -> list[Tariff]:
    try:
        data = _parse(name, text)
        if isinstance(data, list):
            return [tariff_from_dict(record) for record in data]
        return _with_shared_parts(data)
    except TariffDataError as error:
        raise error.at(file=name) from None


def _parse(name: str, text: str) -> Any:
    try:
        if name.endswith(".json"):
            # Decimals in JSON would arrive as floats; they stay floats so that the reader refuses them by name.
            return json.loads(text)
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader with one more refusal
    except json.JSONDecodeError as error:
        raise TariffDataError(
            f"不是有效的 JSON，第 {error.lineno} 行：{error.msg}",
            f"is not JSON, line {error.lineno}: {error.msg}",
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "unreadable"
        raise TariffDataError(
            f"不是有效的 YAML，第 {line} 行：{problem}", f"is not YAML, line {line}: {problem}"
        ) from None


def _with_shared_parts(data: Any) -> list[Tariff]:
    """Records of a file that says its province and its sources once: ``province``, ``sources``, ``tariffs``."""
    if not isinstance(data, dict):
        raise TariffDataError(
            "应为热价记录的列表，或含 province、sources、tariffs 的文件",
            "expected a list of tariff records, or a file with province, sources and tariffs",
        )
    for key in ("province", "sources", "tariffs"):
        if key not in data:
            raise TariffDataError("文件缺少此部分", "the file lacks this part", field=key)
    for key in data:
        if key not in ("province", "sources", "tariffs"):
            raise TariffDataError(
                "未知部分，只可有 province、sources、tariffs",
                "unknown part; a file has province, sources, tariffs",
                field=str(key),
            )
    if not isinstance(data["sources"], dict) or not isinstance(data["tariffs"], list):
        raise TariffDataError(
            "sources 应为来源表，tariffs 应为列表", "sources must be a table of sources and tariffs a list"
        )
    return [
        tariff_from_dict(_spelled_out(record, data["province"], data["sources"]))
        for record in data["tariffs"]
    ]


def _spelled_out(record: Any, province: Any, sources: dict[str, Any]) -> Any:
    if not isinstance(record, dict):
        return record  # the reader of records says what is wrong with it
    full = {"province": province, **record}
    if isinstance(record.get("sources"), list):
        full["sources"] = [_source(key, sources, str(record.get("id", ""))) for key in record["sources"]]
    return full


def _source(key: Any, sources: dict[str, Any], record: str) -> Any:
    if not isinstance(key, str):
        return key
    if key not in sources:
        raise TariffDataError(
            f"来源 {key} 不在本文件的 sources 中", f"the source {key} is not in the sources of this file",
            field="sources", record=record,
        )  # fmt: skip
    entry = sources[key]
    return {"key": key, "url": None, **entry} if isinstance(entry, dict) else entry


def _refuse_double_ids(tariffs: list[Tariff], file: str) -> None:
    seen: set[str] = set()
    for tariff in tariffs:
        if tariff.id in seen:
            raise TariffDataError("编号重复", "the id is used twice", field="id", record=tariff.id, file=file)
        seen.add(tariff.id)
