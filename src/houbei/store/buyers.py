"""How often units are reported, by unit and by buyer: counted from the cases of a period, for comparing one with the others."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection

from houbei.store.statements import ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Reports of a period.

    `of_unit` and `of_buyer` have the reports whose case has not come to an end that confirms it, by the unit's line and place and by the buyer's id; `units`,
    `reported` and `confirmed` are of one buyer.
    """

    of_unit: Counter[str]
    of_buyer: Counter[str]
    units: int
    reported: int
    confirmed: int


def read_reports(connection: Connection, *, buyer_id: str | None, since_us: int) -> Reports:
    """Count the reports since a moment.

    Args:
        connection: A state of the store.
        buyer_id: Of whom `units`, `reported` and `confirmed` are; None for nobody.
        since_us: From when on.

    Cost: a pass over the cases since then.
    """
    rows = ask(
        connection,
        "SELECT c.line, c.unit, l.buyer_id, COUNT(*) AS reports,"
        " SUM(CASE WHEN c.stage IN ('settled', 'refunded', 'mended') THEN 1 ELSE 0 END) AS confirmed"
        " FROM cases c JOIN lines l ON l.seq = c.line WHERE c.opened_us >= :since GROUP BY c.line, c.unit, l.buyer_id",
        since=since_us,
    ).all()
    of_unit, of_buyer = Counter[str](), Counter[str]()
    reported, confirmed = 0, 0
    for row in rows:
        of_unit[f"{row.line}/{row.unit}"] += row.reports - row.confirmed
        if row.buyer_id is not None:
            of_buyer[row.buyer_id] += row.reports - row.confirmed
            if row.buyer_id == buyer_id:
                reported, confirmed = reported + 1, confirmed + (row.confirmed > 0)
    units = 0
    if buyer_id is not None:
        units = ask(
            connection,
            "SELECT COALESCE(SUM(quantity), 0) FROM lines WHERE buyer_id = :buyer AND placed_us >= :since",
            buyer=buyer_id,
            since=since_us,
        ).scalar_one()
    return Reports(of_unit=of_unit, of_buyer=of_buyer, units=int(units), reported=reported, confirmed=confirmed)
