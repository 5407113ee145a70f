"""Edits of the container and the workbook of an XLSX file."""

from __future__ import annotations

from ingest.edits.edit import Edit, EditClass

_S = EditClass.SYNTACTICAL


def _edit(id: str, name: str, zh: str, en: str, mend_zh: str, mend_en: str) -> Edit:
    return Edit(id, name, _S, "container", zh, en, mend_zh, mend_en)


CONTAINER_EDITS: tuple[Edit, ...] = tuple(
    _edit(*texts)
    for texts in (
        (
            "C01",
            "not_a_container",
            "不是完整的 XLSX 文件（{detail}）。",
            "This is not a whole XLSX file ({detail}).",
            "请用 Excel 或 WPS 打开后另存为 XLSX（旧版 .xls 也要另存）。",
            "Open it in Excel or WPS and save it as XLSX (an old .xls too).",
        ),
        (
            "C02",
            "polyglot",
            "XLSX 前后附有别的内容（{detail}）。",
            "Something else stands before or after the XLSX ({detail}).",
            "请另存为新的 XLSX。",
            "Save it as a new XLSX.",
        ),
        (
            "C03",
            "encrypted",
            "文件已加密：{detail}。",
            "The file is encrypted: {detail}.",
            "请取消密码后保存。",
            "Save it without a password.",
        ),
        (
            "C04",
            "ratio",
            "压缩比过大（{detail}）。",
            "It unpacks to too many times its size ({detail}).",
            "请另存为 CSV。",
            "Save it as CSV.",
        ),
        (
            "C05",
            "unpacked_too_large",
            "解压后太大（{detail}）。",
            "It is too large unpacked ({detail}).",
            "请拆分，或另存为 CSV。",
            "Split it, or save it as CSV.",
        ),
        (
            "C06",
            "too_many_members",
            "内部文件太多（{detail}）。",
            "It has too many members ({detail}).",
            "请另存为新的 XLSX。",
            "Save it as a new XLSX.",
        ),
        (
            "C07",
            "member_path",
            "内部文件路径越界：{detail}。",
            "A member has a path that leaves the file: {detail}.",
            "请另存为新的 XLSX。",
            "Save it as a new XLSX.",
        ),
        (
            "C08",
            "special_member",
            "内部含链接或设备文件：{detail}。",
            "A member is a link or a device: {detail}.",
            "请另存为新的 XLSX。",
            "Save it as a new XLSX.",
        ),
        (
            "C09",
            "nested_archive",
            "内部又含压缩包：{detail}。",
            "There is an archive inside: {detail}.",
            "请去掉内嵌的压缩包。",
            "Remove the archive inside.",
        ),
        (
            "C10",
            "duplicate_member",
            "内部文件重名：{detail}。",
            "Two members have one name: {detail}.",
            "请另存为新的 XLSX。",
            "Save it as a new XLSX.",
        ),
        (
            "C11",
            "overlapping_members",
            "内部文件互相重叠：{detail}。",
            "Members overlap: {detail}.",
            "请另存为新的 XLSX。",
            "Save it as a new XLSX.",
        ),
        (
            "C12",
            "header_mismatch",
            "内部文件头与目录不一致：{detail}。",
            "A member's header contradicts the directory: {detail}.",
            "请另存为新的 XLSX。",
            "Save it as a new XLSX.",
        ),
        (
            "C13",
            "compression_method",
            "压缩方法不支持：{detail}。",
            "This compression is not taken: {detail}.",
            "请用 Excel 或 WPS 另存为 XLSX。",
            "Save it as XLSX from Excel or WPS.",
        ),
        (
            "C14",
            "corrupt",
            "文件已损坏：{detail}。",
            "The file is damaged: {detail}.",
            "请重新导出。",
            "Export it again.",
        ),
        (
            "C15",
            "active_content",
            "含宏、外部链接或嵌入对象：{detail}。",
            "There are macros, external links or embedded objects: {detail}.",
            "请另存为不含宏的 XLSX，断开外部链接。",
            "Save it as XLSX without macros and break its external links.",
        ),
        (
            "X01",
            "dtd_forbidden",
            "XML 含 DTD 或实体定义：{detail}。",
            "The XML has a DTD or entities: {detail}.",
            "请用 Excel 或 WPS 另存为 XLSX。",
            "Save it as XLSX from Excel or WPS.",
        ),
        (
            "X02",
            "xml_encoding",
            "XML 不是 UTF-8：{detail}。",
            "The XML is not UTF-8: {detail}.",
            "请用 Excel 或 WPS 另存为 XLSX。",
            "Save it as XLSX from Excel or WPS.",
        ),
        (
            "X03",
            "dimensions",
            "工作表过大：{detail}。",
            "The sheet is too large: {detail}.",
            "删除远处的空单元格；最多 1000000 行、64 列，更多请用 CSV。",
            "Delete cells far out; at most 1,000,000 rows and 64 columns, more as CSV.",
        ),
        (
            "X04",
            "several_sheets",
            "不止一个工作表有数据：{detail}。",
            "More than one sheet has data: {detail}.",
            "只保留要报送的一个工作表。",
            "Keep the one sheet to be filed.",
        ),
        (
            "X05",
            "formula_cell",
            "单元格是公式：{detail}。",
            "The cell is a formula: {detail}.",
            "请“选择性粘贴—数值”后保存。",
            "Paste it as a value and save.",
        ),
        (
            "X06",
            "hidden_sheet",
            "有隐藏的工作表：{detail}。",
            "There is a hidden sheet: {detail}.",
            "删除隐藏的工作表。",
            "Delete the hidden sheet.",
        ),
        (
            "X07",
            "date_system",
            "使用 1904 日期系统。",
            "It uses the 1904 date system.",
            "在 Excel 选项中取消“使用 1904 日期系统”。",
            "Switch the 1904 date system off in Excel's options.",
        ),
        (
            "X09",
            "merged_cells",
            "有合并单元格：{detail}。",
            "There are merged cells: {detail}.",
            "取消合并并补全每行的值。",
            "Unmerge them and fill in every row.",
        ),
        (
            "X10",
            "error_cell",
            "单元格是错误值：{detail}。",
            "The cell is an error value: {detail}.",
            "改正 #N/A、#REF! 等错误值。",
            "Mend #N/A, #REF! and the like.",
        ),
    )
)
