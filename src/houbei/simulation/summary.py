"""What the months came to: endings, units, money, days, what was late and what was set aside; and whether everything is at rest."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine

from houbei.facts.moments import DAY_US
from houbei.ledger.accounts import Account
from houbei.ledger.swaps import ACCOUNTS_OF
from houbei.runs.cases import lead_through, promises_by_seq
from houbei.simulation.months import Truth
from houbei.store.cases import every_case, opened_cases
from houbei.store.database import reading
from houbei.store.steps import steps_of

_CASES_AT_ONCE = 1_000
_QUANTILES = (10, 50, 90, 99)
_UNITS = {
    "sent": ("unit_sent",),
    "back_new": ("unit_came_back", "unit_found_in_stock", "found_in_stock_paid_for"),
    "back_old": ("old_taken_back",),
    "given_back": ("old_given_back",),
    "lost": ("unit_lost", "old_lost"),
    "found": ("unit_found_at_buyer", "unit_found_in_stock", "found_at_buyer_paid_for", "found_in_stock_paid_for"),
    "let_go": ("old_let_go",),
}
"""Movements of units, by the codes of their entries."""


_TO_COME = (
    Account.UNITS_IN_EXCHANGE,
    Account.HOLDS_AT_PROVIDER,
    Account.HOLDS_OF_BUYERS,
    Account.DEPOSITS_OF_BUYERS,
    Account.RECEIVABLE_FROM_SUPPLIERS,
    Account.PAYABLE_TO_BUYERS,
    Account.IN_TRANSIT,
    Account.IN_DOUBT,
    Account.WITH_PROVIDER,
)
"""Accounts that stand for something that is still to come."""


_OF_THE_PRICE = frozenset(
    {Account.PRICE_GUARANTEE.value, Account.UNITS_IN_EXCHANGE.value, Account.DIFFERENCES_PAID.value}
)
"""What is owed from these is a part of what was paid for a line: a price that fell, a unit that went back, what a dearer model cost more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the months came to, ready to be written as JSON; `faults` says in sentences what must not be and is."""

    figures: dict[str, Any]
    faults: tuple[str, ...]


def summary_of(database: Engine, truth: Truth) -> Summary:
    """Count what the months came to.

    Args:
        database: The store at their end.
        truth: What was really so.

    Cost: folding every case once more.
    """
    with reading(database) as connection:
        aside = _set_aside(connection)
        unattended = _column(
            connection,
            "SELECT case_id FROM cases WHERE over = 0 AND due_us IS NULL AND case_id NOT IN"
            " (SELECT ref FROM needs WHERE kind = 'case')",
        )
        late = _counts(
            connection,
            "SELECT json_extract(told, '$.stage'), COUNT(*) FROM steps WHERE what = 'timed_out' GROUP BY 1 ORDER BY 1",
        )
        figures = {
            "cases": _column(connection, "SELECT COUNT(*) FROM cases")[0],
            "cases_by_ending": _counts(
                connection, "SELECT stage, COUNT(*) FROM cases WHERE over = 1 GROUP BY 1 ORDER BY 1"
            ),
            "cases_open": _counts(connection, "SELECT stage, COUNT(*) FROM cases WHERE over = 0 GROUP BY 1 ORDER BY 1"),
            "steps": _column(connection, "SELECT COUNT(*) FROM steps")[0],
            "steps_told": truth.told,
            "steps_set_aside": aside,
            "entries": _column(connection, "SELECT COUNT(*) FROM entries")[0],
            "units": _units(connection),
            "money_minor": _balances(connection),
            "days_from_report_to_swap": _days(connection),
            "deadlines_passed": late,
            "people_asked": truth.people_asked,
            "two_units_at_one_buyer": truth.doubled,
            "new_units_the_books_do_not_know": truth.unknown,
            "places": truth.places,
            "days": truth.days,
        }
    faults = [f"case {case} is open, has no deadline and is on nobody's list" for case in unattended]
    with reading(database) as connection:
        faults += [f"the buyer of line {line} got back more than was paid" for line in _paid_back_too_much(connection)]
    if not figures["cases_open"]:
        faults += _left_standing(figures["money_minor"])
    if truth.doubled:
        faults.append(f"{truth.doubled} buyers have two new units for one fault")
    return Summary(figures=figures, faults=tuple(faults))


def _paid_back_too_much(connection: Connection) -> list[str]:
    """Lines whose price was owed back more than once over, with what a cheaper model that came instead gave back at the door.

    What was paid is what the line cost, and what its buyer paid since for a dearer model.
    """
    at_the_door = set(
        _column(
            connection, "SELECT 'step:' || source || '/' || step_id FROM steps WHERE what IN ('swapped', 'delivered')"
        )
    )
    back, paid = Counter[str](), dict[str, int]()
    for line, paid_minor, debit, credit, fact, amount_minor in connection.exec_driver_sql(
        "SELECT l.line_id, l.paid_minor, e.debit, e.credit, e.fact, e.amount_minor FROM entries e JOIN covers c ON c.cover = e.cover"
        " JOIN lines l ON l.seq = c.line WHERE e.code = 'owed' OR e.credit = 'differences_paid'"
    ):
        paid.setdefault(line, paid_minor)
        if credit == Account.DIFFERENCES_PAID:
            paid[line] += amount_minor
        elif debit in _OF_THE_PRICE or fact in at_the_door:
            back[line] += amount_minor
    return [line for line in sorted(back) if back[line] > paid[line]]


def _left_standing(money: dict[str, dict[str, int]]) -> list[str]:
    """What must be at nothing once every case is over, and is not."""
    return [
        f"{name} stands at {money[name]['debit'] - money[name]['credit']} although every case is over"
        for name in _TO_COME
        if name in money and money[name]["debit"] != money[name]["credit"]
    ]


def _column(connection: Connection, query: str) -> list[Any]:
    return list(connection.exec_driver_sql(query).scalars())


def _counts(connection: Connection, query: str) -> dict[str, int]:
    return {str(name): int(count) for name, count in connection.exec_driver_sql(query)}


def _set_aside(connection: Connection) -> dict[str, int]:
    """How many steps of each kind changed nothing, because they could not happen when they were learnt."""
    promises, aside, after = promises_by_seq(connection), Counter[str](), 0
    while found := every_case(connection, after=after, most=_CASES_AT_ONCE):
        opened = opened_cases(connection, [one.case_id for _, one in found])
        for place, one in found:
            after = place
            led = lead_through(opened[one.case_id], steps_of(connection, one.case_id), promises)
            aside.update(done.step.what.value for done in led if done.set_aside)
    return dict(sorted(aside.items()))


def _units(connection: Connection) -> dict[str, int]:
    counts = _counts(connection, "SELECT code, COUNT(*) FROM entries GROUP BY 1")
    return {name: sum(counts.get(code, 0) for code in codes) for name, codes in _UNITS.items()}


def _balances(connection: Connection) -> dict[str, dict[str, int]]:
    """For each account that cases move what was debited, what was credited: one currency, minor units."""
    debited = _counts(connection, "SELECT debit, SUM(amount_minor) FROM entries GROUP BY 1")
    credited = _counts(connection, "SELECT credit, SUM(amount_minor) FROM entries GROUP BY 1")
    names = sorted({*debited, *credited, *(account.value for pair in ACCOUNTS_OF.values() for account in pair)})
    return {name: {"debit": debited.get(name, 0), "credit": credited.get(name, 0)} for name in names}


def _days(connection: Connection) -> dict[str, float]:
    """Quantiles of the days from the first report to the new unit at the buyer, as far as there was one; tenths of days."""
    waited = np.array(
        _column(
            connection,
            "SELECT MIN(s.at_us) - o.known_us FROM swaps s JOIN openings o ON o.case_id = s.case_id GROUP BY s.case_id",
        ),
        dtype=np.int64,
    )
    if not len(waited):
        return {}
    return {f"p{q}": round(float(np.percentile(waited, q)) / DAY_US, 1) for q in _QUANTILES}
