"""What a terminal and a program are told of a judgement: nothing that was skipped or read otherwise goes unsaid."""

from __future__ import annotations

from pathlib import Path

import pytest
from ingest_filings import bill, csv_bytes, judge_rows

from ingest.telling import Written, as_object, lines_of, write_judged

ODD = (bill(1, issued_on="2025.12.5"), bill(2, total="2,148.00"))


def test_an_accepted_file_says_which_rules_could_not_judge_it_and_why() -> None:
    judged = judge_rows(bill(1))
    said = "\n".join(lines_of(judged))
    count = len(judged.not_evaluated)
    assert count > 0
    assert f"{count} 条规则没有全部执行（不等于通过）" in said
    assert "没有本采暖季已签署的用户台账可对照 / no signed roster of this season to compare with:" in said
    told = as_object(judged, Path("bills.csv"))["not_evaluated"]
    assert {one["id"] for one in told} == {one.edit_id for one in judged.not_evaluated}
    assert all(one["because"] for one in told)


def test_values_read_otherwise_are_counted_by_rule_on_the_terminal_and_for_programs() -> None:
    judged = judge_rows(*ODD)
    said = "\n".join(lines_of(judged))
    assert "换写 2 处" in said
    assert "日期的其他写法 / another way to write a date × 1" in said
    told = as_object(judged, Path("bills.csv"))
    assert (told["coercions"], told["coercion_rules"]) == (2, {"date_form": 1, "thousands": 1})
    assert "换写" not in "\n".join(lines_of(judge_rows(bill(1))))


def test_the_list_of_values_read_otherwise_is_written_where_it_was_asked_for(tmp_path: Path) -> None:
    file, target = tmp_path / "bills.csv", tmp_path / "otherwise.csv"
    file.write_bytes(csv_bytes(list(ODD)))
    write_judged(judge_rows(*ODD), file, Written(coercions=target))
    assert len(target.read_text("utf-8-sig").splitlines()) == 3
    with pytest.raises(ValueError, match="--coercions must not be the file that is judged"):
        write_judged(judge_rows(*ODD), file, Written(coercions=file))
    assert file.read_bytes() == csv_bytes(list(ODD))
