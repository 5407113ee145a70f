"""One rule that other tariff engines can express, beside them: a base fee by area and heat by the meter, each line rounded
to the fen. OpenFisca computes columns in 32-bit floats; SAM's ``utilityrate5`` computes one bill from an hourly load in
doubles and does not round, so its sum is rounded here.

python bench/recompute_engines.py [--bills 1000000] [--sam-bills 300] [--runs 5]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import pyarrow.compute as pc
from _bills import BASE_PRICE, CITY, HEAT_PRICE, bills
from _mixed import PEERS
from _timing import compare

from checks.recompute import recompute
from checks.recompute.columns import AREA, HEAT, MONEY, Ints, unscaled
from checks.recompute.execution import execute
from checks.recompute.outcomes import recompute_columns
from checks.tariffs.load import load_published

YEAR = "2025"
HOURS = 8760


def openfisca(area: Ints, heat: Ints) -> Callable[[], Ints]:
    """The rule as an OpenFisca formula; a call computes every bill anew and gives fen."""
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import YEAR as A_YEAR
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    bill = build_entity(key="bill", plural="bills", label="bill", is_person=True)

    def variable(name: str, **given: object) -> type:
        fixed = {"value_type": float, "entity": bill, "definition_period": A_YEAR}
        return type(name, (Variable,), fixed | given)

    def due(them: object, period: object) -> object:
        base = np.round(them("area", period) * (BASE_PRICE / 100), 2)  # type: ignore[operator]
        return base + np.round(them("heat", period) * (HEAT_PRICE / 100), 2)  # type: ignore[operator]

    system = TaxBenefitSystem([bill])
    for one in (variable("area"), variable("heat"), variable("due", formula=due)):
        system.add_variable(one)

    def run() -> Ints:
        simulation = SimulationBuilder().build_default_simulation(system, count=len(area))
        simulation.set_input("area", YEAR, area / 100)
        simulation.set_input("heat", YEAR, heat / 1000)
        return np.rint(simulation.calculate("due", YEAR).astype(np.float64) * 100).astype(np.int64)

    return run


def sam(area: Ints, heat: Ints) -> Callable[[], Ints]:
    """The rule in SAM's rate calculator: the base fee as a fixed monthly charge, the price of heat as its energy price."""
    from PySAM import Utilityrate5

    always = [[1] * 24] * 12
    endless = 9.9999999e37

    def one(of_area: int, of_heat: int) -> int:
        model = Utilityrate5.new()
        model.Lifetime.analysis_period = 1
        model.Lifetime.inflation_rate = 0
        model.Lifetime.system_use_lifetime_output = 0
        model.SystemOutput.gen = [0.0] * HOURS
        model.SystemOutput.degradation = [0.0]
        model.Load.load = [of_heat / 1000 / HOURS] * HOURS
        rates = model.ElectricityRates
        rates.rate_escalation = [0.0]
        rates.ur_metering_option = 0
        rates.ur_monthly_fixed_charge = of_area / 100 * (BASE_PRICE / 100) / 12
        rates.ur_ec_sched_weekday = rates.ur_ec_sched_weekend = always
        rates.ur_ec_tou_mat = [[1, 1, endless, 0, HEAT_PRICE / 100, 0.0]]
        rates.ur_en_ts_sell_rate = rates.ur_nm_yearend_sell_rate = 0
        model.execute(0)
        return round(model.Outputs.utility_bill_wo_sys[1] * 100)

    return lambda: np.array([one(*pair) for pair in zip(area.tolist(), heat.tolist(), strict=True)])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--bills", type=int, default=1_000_000)
    asked.add_argument("--sam-bills", type=int, default=300)
    asked.add_argument("--runs", type=int, default=5)
    options = asked.parse_args()
    everything = bills(options.bills * 4, wrong_share=0.0)
    table = everything.filter(pc.equal(everything["billing_method"], "metered")).slice(0, options.bills)
    area, _ = unscaled(table, "billed_area_m2", AREA)
    heat, _ = unscaled(table, "heat_used", HEAT)
    tariffs = load_published()
    found: dict[str, Ints] = {}

    def keep(name: str, run: Callable[[], Ints]) -> Callable[[], None]:
        def kept() -> None:
            found[name] = run()

        return kept

    def ours() -> Ints:
        return unscaled(recompute(table, None, tariffs, city=CITY), "recomputed_total", MONEY)[0]

    prepared = recompute_columns(table, None, tariffs, city=CITY).prepared

    def rules_alone() -> Ints:
        due = execute(prepared.facts, prepared.group, prepared.terms, compiled=True)
        return np.asarray(due.total)

    some = options.sam_bills
    contenders = {
        "rules alone, compiled": keep("ours", rules_alone),
        "recompute, tariff lookup and outcomes included": keep("recompute", ours),
    }
    for name, make, count in (("OpenFisca", openfisca, len(area)), ("SAM utilityrate5", sam, some)):
        try:
            contenders[f"{name}, {count:,} bills"] = keep(name, make(area[:count], heat[:count]))
        except ImportError as error:
            print(f"  {name} is not installed ({error.name}): see bench/peers.txt; looked in {PEERS}")
    print(f"{len(area):,} two-part bills (medians of {options.runs}, interleaved):")
    medians = compare(contenders, runs=options.runs)
    exact = found.pop("ours")
    if not np.array_equal(exact, found.pop("recompute")):
        raise SystemExit("the two executions differ")
    a_bill = next(iter(medians.values())) / len(exact)
    for name, totals in found.items():
        took = medians[f"{name}, {len(totals):,} bills"] / len(totals)
        differs = totals - exact[: len(totals)]
        print(
            f"  {name}: {took * 1e6:,.2f} µs a bill, × {took / a_bill:,.1f}; differs on {np.count_nonzero(differs):,} of "
            f"{len(totals):,} bills, by at most {np.abs(differs).max() / 100:.2f} CNY"
        )


if __name__ == "__main__":
    main()
