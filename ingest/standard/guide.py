"""The guide for companies, written from the standard and the catalogue of edits.

``python -m ingest.standard.guide docs/data-standard.md`` writes it; without a file it goes to standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from ingest.edits import CATALOGUE, Edit, EditClass
from ingest.edits.thresholds import bare
from ingest.standard import FEEDS, PERIOD_NAMES, STANDARD_VERSION, Code, Column, Feed, Kind

KIND_NAMES: dict[Kind, tuple[str, str]] = {
    Kind.TEXT: ("文字", "text"),
    Kind.IDENTIFIER: ("编号", "identifier"),
    Kind.CODE: ("代码", "code"),
    Kind.SEASON: ("采暖季 2025-26", "season 2025-26"),
    Kind.MONEY: ("金额，元，2 位小数", "money, CNY, 2 decimals"),
    Kind.AREA: ("面积，平方米，2 位小数", "area, m2, 2 decimals"),
    Kind.HEAT: ("热量，3 位小数", "heat, 3 decimals"),
    Kind.HEIGHT: ("高度，米，2 位小数", "height, m, 2 decimals"),
    Kind.TEMPERATURE: ("温度，℃，2 位小数", "temperature, °C, 2 decimals"),
    Kind.VOLUME: ("体积，立方米，3 位小数", "volume, m3, 3 decimals"),
    Kind.FLOW: ("流量，立方米每小时，3 位小数", "flow, m3/h, 3 decimals"),
    Kind.POWER: ("功率，千瓦，3 位小数", "power, kW, 3 decimals"),
    Kind.HOURS: ("小时，2 位小数", "hours, 2 decimals"),
    Kind.MASS: ("质量，吨，3 位小数", "mass, t, 3 decimals"),
    Kind.ELECTRICITY: ("电量，千瓦时，3 位小数", "electricity, kWh, 3 decimals"),
    Kind.QUANTITY: ("数量，3 位小数", "quantity, 3 decimals"),
    Kind.COUNT: ("整数", "whole number"),
    Kind.DATE: ("日期 2025-11-15", "date 2025-11-15"),
    Kind.INSTANT: ("时刻 2025-12-03T08:00:00+08:00", "instant 2025-12-03T08:00:00+08:00"),
    Kind.BOOL: ("true / false", "true / false"),
}
_CLASSES: dict[EditClass, tuple[str, str]] = {
    EditClass.SYNTACTICAL: ("读不出来，整个文件退回", "It cannot be read; the file is returned"),
    EditClass.VALIDITY: ("违反标准，整个文件退回", "It breaks the standard; the file is returned"),
    EditClass.QUALITY: ("不太可能，须签字说明", "It is unlikely; a signed explanation is needed"),
    EditClass.MACRO: (
        "整个文件不太可能，须签字说明",
        "The whole file is unlikely; a signed explanation is needed",
    ),
    EditClass.CROSS_FEED: (
        "与其他报送不一致，双方可见，不退回",
        "It disagrees with another filing; shown to both sides, never returned",
    ),
}

_OPENING = f"""\
# 供热监管数据标准 · Heat Supervision Data Standard

第 {STANDARD_VERSION} 版。本页由标准本身生成，是供热企业报送数据的指南。

*Version {STANDARD_VERSION}. This page is generated from the standard itself; it is the guide for companies that file.*

## 怎样报送 · How to file

- 一次报送是一家公司一个数据类别一个报送期的数据。表头用列代码或中文列名，顺序不限；选填列可以没有。
- 文件是 CSV（UTF-8，有无 BOM 均可，或 GB18030；逗号、分号或制表符分隔）或 XLSX（只留一个工作表，不含公式、宏；数据区不得合并单元格；隐藏或筛选掉的行、列照样读取，并列出），或 JSON Lines（.jsonl，每行一个对象）；各种文件都可用 gzip（.csv.gz）或只含一个文件的 ZIP 压缩。日期写作 2025-11-15；2025/11/15、2025.11.15、2025年11月15日也能读出，并列出。
- 表头上方可以有标题、单位名称、填报日期等几行文字；表头可以有两三行、可以合并单元格（下一行的名称本身不是标准列名时，与上一行合起来读），列名后可以用括号写单位，表头下可以有一行单位。单位必须是标准的单位，标题中写“单位：万元”的整份退回；热量的单位写在表头时，可以没有单位列。表头只能有一处，从前 20 行里找。报告里的行号是您文件中的行号（file_row）。
- 表计读数也可以直接报送 M-Bus 电报（.mbus 或 .hex）：每行“读数时刻,热表编号,十六进制电报”，热表编号为空时取电报中的表号；电报没有表头和代码，不用对应方案。只取当前值（存储 0、费率 0）：累计热量和流量按表上的数原样换成标准单位，从不取整；瞬时的温度、流量、功率和小时数超出标准小数位的四舍六入五成双，并逐个列出。
- 文字按原样保存。读法与写法不同的值（全角数字、千分位、单位、Excel 日期序号、前后空格、代码的中文名）逐个列在审核报告里，从不悄悄改动；含糊的值一律退回，不作猜测。
- 数值中可以带本列自己的单位（“1,234.50元”“85.3㎡”），热量带的单位须与该行单位列相同（“12.5 GJ”）。文件最后的合计行（合计、总计、小计）与各行之和完全一致的，读取时略去并逐格列出；不一致的、夹在数据中间的退回。
- 金额以元计，两位小数，合计等于各项之和（到分）；系统从不代为取整。
- 样例、带下拉选项的空模板、JSON Schema 和 Table Schema 由同一标准生成：`python -m ingest.samples 文件夹`。
- 本机审核程序（heat-validator.pyz，在平台“数据标准”页下载）与平台同一规则包、同一结论、同一报告。业务系统的表头、代码与标准不同时，写一个对应方案（JSON：`standard`、`feed`、`version`、`headers` 表头→列代码，null 表示略去，`codes` 代码列→本企业代码→标准代码，`constants` 每行相同的列），用 `--profile` 审核，用 `--standard` 另写成标准 CSV 再报送；方案的每一处对应都列出。
- 不得报送姓名、电话、证件号码；含有这些列的文件拒收。

*A filing is one feed of one company for one period. The header is column codes or Chinese labels in any
order; optional columns may be left out. A few lines of title may stand above it; it may have two or three lines and merged
cells (a lower name that is no column by itself is read together with the one above), a unit in brackets behind a name, and a
row of units under it. Meter readings may be filed
as M-Bus telegrams (.mbus or .hex): one line “instant,meter number,telegram in hexadecimal”; with no meter number the telegram's own is taken; no mapping profile is needed. The
values of now (storage 0, tariff 0) count: energy and volume exactly, never rounded; temperatures, flow, power and hours with more decimals than the
standard's are rounded half to even and listed. The unit must be the standard's (a title 单位：万元 refuses the whole file); where the header says the unit of a heat, the column of units may be left out. There
is one header, looked for in the first 20 rows. Rows in the report are those of your own file (file_row). Files are CSV (UTF-8 with or without mark, or GB18030; comma, semicolon or tab) or
XLSX (one sheet, without formulas or macros, no merged cells among the data; hidden or filtered rows and columns are read and listed), or JSON Lines (.jsonl, one object a line); each may be packed with gzip (.csv.gz) or as the one file of a ZIP. A date is 2025-11-15; 2025/11/15, 2025.11.15 and 2025年11月15日 are read too, and listed. Text is kept as filed. A value that is read differently from how it
stands (full-width digits, thousands separators, units, Excel day numbers, spaces around it, a code's Chinese label) is listed in the
edit report, one by one; an ambiguous value is returned and never guessed. A value may carry the unit of its own column (“1,234.50元”, “85.3㎡”), a heat
the unit that its row names (“12.5 GJ”). A row of totals at the end of the file that comes to the exact sums is left out and listed cell by cell; one that does
not, or that stands between the data, is returned. Samples, templates with drop-downs, JSON
Schema and Table Schema are made from the same standard: `python -m ingest.samples FOLDER`. Money is in CNY with two decimals; nothing is
rounded for you. The validator (heat-validator.pyz, on the portal's page of the standard) has the portal's rule pack, verdict and report. Where your system's
headers and codes differ, write a profile (JSON: `standard`, `feed`, `version`, `headers` header to column or null to leave out, `codes` column to own code to
the standard's, `constants` columns alike in every row), judge with `--profile` and write the standard file to be filed with `--standard`; every mapping is listed. Names, phone numbers and identity numbers are refused.*
"""


_DECLARATIONS = """\
## 声明与分册 · Declarations and parts

- 报送时可以声明数据行数和控制合计（上传页、命令行，或 ZIP 内的 `manifest.json`）。声明了的必须与文件一致，不一致即退回，并写明声明多少、实际多少。
- 可以声明合计的列见各数据类别的金额列、面积列和热量列；热量按单位分写，如 `heat_used GJ`。
- 一次报送可以分册（如按片区）：各分册用同一数据类别的列，与 `manifest.json` 一起放进一个 ZIP。分册合起来作为一次报送审核，行号连续，主键跨分册不得重复；缺一册、多一册或有一册读不出，整体退回。分册是 CSV 或 JSON Lines，至多 100 个。

*A filing may declare its data rows and control totals (upload page, command line, or `manifest.json` in the ZIP). What is
declared must be what is found; else the filing is rejected and the report says both. Sums can be declared of columns of money,
area and heat; heat by its unit, as `heat_used GJ`. A filing may come in parts, by district for instance: CSV or JSON Lines files of one
feed, at most 100, in one ZIP with a `manifest.json` that names each. They are judged together as one filing: rows are numbered
through, a key stands once in all of them, and if one is missing, undeclared or unreadable the whole is rejected.*

```json
{
  "rows": 1200,
  "totals": {"total": "2577600.00", "billed_area_m2": "107400.00"},
  "parts": [
    {"name": "east.csv", "rows": 700, "sha256": "64 位小写十六进制 · 64 lower-case hexadecimal digits"},
    {"name": "west.csv", "rows": 500}
  ]
}
```

`rows`、`totals`、`parts` 以及分册的 `rows`、`sha256` 都可以不写。 *All of them may be left out, and so may rows and sha256 of a part.*
"""

_PROFILES = """\
## 对应方案 · Mapping profiles

- 业务系统的表头、代码与标准不同时，在平台“数据报送 → 对应方案”上传一个平时导出的文件。平台提出每个表头对应哪一列、每个代码是什么意思，写明依据，并按此试读全部数据。
- 经办人核对、修改、保存草稿；签署人签署后为现行版。此后收到的该类数据都按现行版读取，原样上传即可，不必先改写成标准文件。一个文件按收到时的现行版读取；报送页、审核报告、回执写明版本和摘要。
- 签署新版时，最近一次已签署的报送按新版重新读取，逐行核对，结果告知企业和监管人员；已签署的数据和回执不变。
- 同样的内容按另一版读取，是另一次报送。部分更正一律用标准的列和代码。个人信息的列不能略去，须从文件中删除。

*Where your system's headers and codes differ, upload a file as you export it under “Filing → Mapping profiles”. The portal suggests
which column each header is and what each code means, says why, and tries all rows. A clerk mends and saves the draft; with
the signatory's signature the version is in force and reads every file of the feed that comes in from then on, so files are
uploaded as they are. A file is read by the version in force when it came in; filing page, edit report and receipt name version
and digest. With a new version's signature the last signed filing is read again by it and compared row by row; company and
officers are told, and what was signed stays as it is. The same bytes under another version are another filing. Partial corrections
are in the columns and codes of the standard. Columns of personal data cannot be left out: remove them from the file.*
"""

_CORRECTIONS = """\
## 部分更正 · Partial corrections

已签署的报送只改几行时，可以只报这些行。更正文件的列是该数据类别的列，前面加两列：

| 列代码 Code | 中文列名 Label | 内容 Holds |
|---|---|---|
| `action` | 更正动作 | `add` 新增 Added, `change` 修改 Changed, `withdraw` 撤销 Withdrawn |
| `expected_digest` | 原行摘要 | 修改、撤销必填：被替换的现行行的摘要；新增不填。 Of the row in force that is changed or withdrawn; blank for an added one. |

- 修改和新增写整行；撤销只需主键。同一主键只能有一行。
- 摘要从平台下载（报送页“下载行摘要”，或 `supervision row-digests`）。现行的行若已被改动，摘要不同，更正即退回。
- 平台由现行报送和更正文件生成完整报送，按完整报送审核；签署人核对逐行差异后签署，更正文件和完整报送都作为证据保存。

*To change a few rows of a signed filing, file those rows alone: the feed's columns with two in front. A change and an addition
hold the whole row, a withdrawal only its key; a key stands once. Digests are downloaded from the portal (the filing's page, or
`supervision row-digests`). If the row in force has changed meanwhile its digest differs and the correction is rejected. The portal makes
the whole filing from the one in force and the correction, judges it like any other, and keeps both as evidence; the signatory
acknowledges the difference row by row before signing.*

摘要的算法：把有值的各列按标准的顺序写成 `列代码=值`，用 U+001F 连接，取 UTF-8 的 SHA-256（64 位小写十六进制）。值按标准存储的写法：小数写满位数，日期 `2025-12-03`，时间为 UTC、秒后六位小数。

*A digest is the SHA-256, in lower-case hexadecimal, of `code=value` for every filled column in the order of the standard, joined by
U+001F, in UTF-8. Values stand as stored: decimals with all their places, dates `2025-12-03`, instants in UTC with six decimals of a second.*
"""


def guide() -> str:
    """The whole guide, Chinese first and English beside it; the same text for the same standard and catalogue."""
    parts = [
        _OPENING,
        _PROFILES,
        _DECLARATIONS,
        _CORRECTIONS,
        *(_feed(feed) for feed in FEEDS.values()),
        _edits(),
    ]
    return "\n".join(parts)


def _feed(feed: Feed) -> str:
    lines = [
        f"## {feed.zh} · {feed.en} `{feed.code}`\n",
        f"{feed.description_zh}\n",
        f"*{feed.description_en}*\n",
        f"报送期 · Period: {_joined(PERIOD_NAMES[kind] for kind in feed.periods)}",
        f"主键 · Key: {', '.join(f'`{code}`' for code in feed.key)}\n",
        "| 列代码 Code | 中文列名 Label | English | 必填 Required | 内容 Holds | 说明 Notes |",
        "|---|---|---|---|---|---|",
        *(_column(column) for column in feed.columns),
        "",
        *_code_lists(feed),
        "示例 · Sample:\n",
        "```csv",
        *_sample(feed),
        "```\n",
    ]
    return "\n".join(lines)


def _joined(pairs: Iterable[tuple[str, str]]) -> str:
    said = list(pairs)
    return "、".join(zh for zh, _ in said) + " · " + ", ".join(en for _, en in said)


def _column(column: Column) -> str:
    zh, en = KIND_NAMES[column.kind]
    notes = [note for note in notes_of(column) if note]
    required = "是 yes" if column.required else ""
    holds = zh if zh == en else f"{zh} · {en}"
    return f"| `{column.code}` | {column.zh} | {column.en} | {required} | {holds} | {' '.join(notes)} |"


def notes_of(column: Column) -> tuple[str, str]:
    """What is to be known of a column besides its kind, Chinese and English: sign, bounds, where the unit stands, its note."""
    signs = {
        "charge": ("收费，正数。", "A charge, positive."),
        "reduction": ("减免，负数。", "A reduction, negative."),
    }
    said = [signs[column.line]] if column.line else []
    if column.minimum is not None and column.maximum is not None and not column.line:
        said.append((f"{column.minimum} – {column.maximum}。", f"{column.minimum} – {column.maximum}."))
    if column.unit_column is not None:
        said.append((f"单位见 {column.unit_column}。", f"In the unit that {column.unit_column} names."))
    if column.note_zh:
        said.append((column.note_zh, column.note_en))
    return "".join(zh for zh, _ in said), " ".join(en for _, en in said)


def _code_lists(feed: Feed) -> list[str]:
    lines: list[str] = []
    for column in feed.columns:
        if column.kind is Kind.CODE:
            lines += [f"`{column.code}` {column.zh} · {column.en}: {_codes(column.codes)}\n"]
    return lines


def _codes(codes: tuple[Code, ...]) -> str:
    return ", ".join(f"`{code.code}` {code.zh} {code.en}" for code in codes)


def _sample(feed: Feed) -> list[str]:
    used = [column for column in feed.columns if any(column.code in row for row in feed.sample)]
    rows = [",".join(row.get(column.code, "") for column in used) for row in feed.sample]
    return [",".join(column.code for column in used), *rows]


def _edits() -> str:
    lines = ["## 审核规则 · Edits\n", _CLASS_OPENING]
    for edit_class, (zh, en) in _CLASSES.items():
        edits = [edit for edit in CATALOGUE.values() if edit.edit_class is edit_class]
        lines += [f"### {zh} · {en} (`{edit_class.value}`)\n", *(_edit(edit) for edit in edits)]
    return "\n".join(lines)


_CLASS_OPENING = """\
每条规则有固定编号；类别决定后果。没有条件审核的规则在报告里写明“未审核”，从不算通过。

*Every edit has a stable id, and its class fixes the consequence. An edit that could not be evaluated is reported as such and
never counts as passed.*
"""


def _edit(edit: Edit) -> str:
    feeds = "、".join(edit.feeds) or "全部 all"
    return (
        f'<a id="{edit.mend_link}"></a>\n'
        f"**{edit.id}** `{edit.name}` ({feeds})  \n"
        f"{bare(edit.zh + edit.mend_zh, edit.id)}  \n"
        f"*{bare(f'{edit.en} {edit.mend_en}', edit.id)}*  \n"
        f"{_shadow(edit)}"
        f"依据 · Basis: {edit.basis_zh} · {edit.basis_en}\n"
    )


def _shadow(edit: Edit) -> str:
    if edit.shadow_from is None:
        return ""
    return (
        f"自 {edit.shadow_from} 起试行（只提示），自 {edit.valid_from} 起生效 · "
        f"told from {edit.shadow_from}, binding from {edit.valid_from}  \n"
    )


def main(arguments: list[str]) -> int:
    """Writes the guide to the file named, or to standard output; 0."""
    if arguments:
        Path(arguments[0]).write_text(guide(), encoding="utf-8")
    else:
        sys.stdout.write(guide())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
