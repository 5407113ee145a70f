"""Names on bills that the register of charges does not know wait on a list, from which a charge is entered."""

from __future__ import annotations

from collections.abc import Callable

from webtest import TestApp

from tests.findings.checked_company import DECEMBER, SEASON, CheckedCompany, account, bill

SignIn = Callable[[TestApp, str], TestApp]


def test_an_unknown_name_leads_to_the_form_with_the_name_in_it(
    app: TestApp, harbin: CheckedCompany, sign_in: SignIn
) -> None:
    officer = sign_in(app, "officer")
    assert "没有未登记的收费名称" in officer.get("/officer/unknown-charges")
    harbin.file("accounts", SEASON, [account(number) for number in (1, 2, 3)])
    extra = {"other_charge": "30.00", "other_charge_name": "蓝色费", "total": "3095.60"}
    known = extra | {"other_charge_name": "入网费"}
    harbin.file_and_check("bills", DECEMBER, [bill(1, **extra), bill(2, **extra), bill(3, **known)])
    page = officer.get("/desk").click("未登记的收费名称")
    (row,) = page.html.select("main tbody tr")
    told = [cell.get_text(strip=True) for cell in row.find_all(["th", "td"])]
    assert (told[0], *told[2:6]) == ("蓝色费", "2", "60.00", "2025-12-05", "2025-12-05")
    form = page.click("登记", href="/officer/fees/new").forms["form"]
    assert form["names"].value == "蓝色费"
