"""A claim on a supplier, a carrier or an insurer, as a document: who owes it, why, for which units, on what evidence, how much."""

from typing import Any

import msgspec

from houbei.facts.moments import text_of_moment
from houbei.facts.steps import What
from houbei.money import text_of
from houbei.store.console_cases import CaseView


def claim_document(view: CaseView, *, supplier: str, amount_minor: int, at_us: int) -> str:
    """Write a claim as JSON.

    Args:
        view: The case.
        supplier: Who is asked.
        amount_minor: How much, minor units of the case's currency.
        at_us: When.

    Returns:
        What stands in the case as `document`: it names facts of the case alone, and no buyer.
    """
    swapped = next((deed for deed in view.deeds if deed.what in {What.SWAPPED, What.DELIVERED}), None)
    inspected = [deed for deed in view.deeds if deed.what is What.INSPECTED]
    reported = next((deed for deed in view.deeds if deed.what is What.REPORTED), None)
    document: dict[str, Any] = {
        "case": view.number,
        "to": supplier,
        "at": text_of_moment(at_us),
        "currency": view.currency,
        "amount": text_of(amount_minor, view.currency),
        "units": {
            "sku": view.facts["sku"],
            "faulty_serial": view.serial,
            "replacement_serial": "" if swapped is None else view.case.new_serial,
        },
        "why": {
            "fault": "" if reported is None else str(reported.told.get("fault", "")),
            "verdict": "" if view.case.verdict is None else view.case.verdict.value,
            "findings": str(inspected[-1].told.get("findings", "")) if inspected else "",
        },
        "cost": {
            "unit": text_of(view.case.cost_minor, view.currency),
            "service": text_of(_service(view), view.currency),
        },
        "evidence": sorted(view.shown),
        "entries": [f"{entry.cover}/{entry.sequence}" for line in view.money for entry in line.entries],
    }
    return msgspec.json.encode(document).decode()


def _service(view: CaseView) -> int:
    return sum(line.amount_minor for line in view.money if line.code == "service_cost")
