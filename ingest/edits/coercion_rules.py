"""The rules by which a value is read otherwise than it stands. None is silent: each value is listed with its rule."""

from __future__ import annotations

#: What each rule says of a value; a value may come under several, joined by "+".
RULES: dict[str, tuple[str, str]] = {
    "binary_noise": ("表格数值取 15 位有效数字", "a workbook number is taken to 15 digits"),
    "boolean_form": ("是否的其他写法", "another way to write yes or no"),
    "code_label": ("代码的中文名或别名", "a code's label or another name of it"),
    "date_form": ("日期的其他写法", "another way to write a date"),
    "excel_serial": ("Excel 日期序号", "an Excel day number"),
    "full_width": ("全角字符", "full-width characters"),
    "header_form": ("列名的其他写法", "another name of a column"),
    "header_row": ("表头所在的行", "a row of the header"),
    "header_unit": ("表头中的单位", "a unit in the header"),
    "hidden_column": ("隐藏的列，照样读取", "a hidden column, read like the others"),
    "hidden_rows": ("隐藏或筛选掉的行，照样读取", "rows hidden or filtered out, read like the others"),
    "instant_form": ("时刻的其他写法", "another way to write an instant"),
    "mbus": ("电报中的数值换成标准单位", "a telegram's value in the standard's unit"),
    "mbus_rounded": ("电报中的数值按标准小数位取整", "a telegram's value rounded to the standard's decimals"),
    "midnight": ("日期后的零点时刻", "midnight behind a date"),
    "number_cell": ("数字单元格作文字", "a number cell taken as text"),
    "offset_assumed": ("未写时区，按北京时间", "no offset; taken as Asia/Shanghai"),
    "plus_sign": ("正号", "a plus sign"),
    "profile_code": ("对应方案：代码", "mapping profile: a code"),
    "profile_constant": ("对应方案：固定值", "mapping profile: a fixed value"),
    "profile_header": ("对应方案：列名", "mapping profile: a column"),
    "profile_left_out": ("对应方案：略去的列", "mapping profile: a column left out"),
    "season_form": ("采暖季的其他写法", "another way to write a season"),
    "spaces": ("前后空格", "spaces around the value"),
    "thousands": ("千分位", "thousands separators"),
    "title_row": ("表头上方的标题行", "a title row above the header"),
    "total_row": ("文件末尾的合计行", "a row of totals at the end"),
    "trailing_zeros": ("多余的末尾零", "trailing zeros beyond the decimals"),
    "unit_row": ("表头下的单位行", "a row of units under the header"),
    "unit_word": ("数值中的单位", "a unit behind a number"),
}
