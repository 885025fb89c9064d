"""What Houbei says is owed on the facts known by a moment: the readers and the rule of every other shop."""

from collections.abc import Mapping
from dataclasses import dataclass

from houbei.deliveries import late_deliveries, reading_of_deliveries
from houbei.errors import InvariantError
from houbei.facts.closures import read_closures
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import read_lines
from houbei.facts.promises import read_promises
from houbei.facts.scans import read_scans
from houbei.owed.delivery import Verdict
from houbei.simulation.festival.facts import Facts
from houbei.terms.model import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a delivery stands: its verdict, and what it is owed in money (minor units) and points; `held` is what a person must look at first."""

    verdict: Verdict
    closure: str | None
    money: int
    points: int
    held_money: int
    held_points: int


def judge(facts: Facts, terms: Terms, *, as_of_us: int) -> Mapping[str, Standing]:
    """Say how every delivery stands.

    Args:
        facts: What is known.
        terms: The promise.
        as_of_us: What time it is.

    Returns:
        By order id, since here every order is one delivery.

    Raises:
        InvariantError: A fact of the world could not be read: the simulation writes nothing that cannot.
    """
    dictionaries = Dictionaries()
    for_orders, for_deliveries = reading_of_deliveries(terms, as_of_us=as_of_us)
    lines = read_lines(facts.orders, first_row=1, reading=for_orders, dictionaries=dictionaries)
    promises = read_promises(facts.promises, first_row=1, reading=for_deliveries, dictionaries=dictionaries)
    scans = read_scans(facts.scans, first_row=1, reading=for_deliveries, dictionaries=dictionaries)
    closures = read_closures(facts.closures, first_row=1, reading=for_deliveries, dictionaries=dictionaries)
    for findings in (lines.findings, promises.findings, scans.findings, closures.findings):
        if not findings.accepted.all():
            came = f"a sample fact that is rejected: {findings.codes[~findings.accepted][:1]}"
            raise InvariantError(came)
    judged = late_deliveries(terms, lines, promises, scans, closures, dictionaries=dictionaries, as_of_us=as_of_us)
    late, sums = judged.late, [[0, 0, 0, 0] for _ in range(len(judged))]
    steps = (late.step_delivery, late.step_form, late.step_held, late.step_amount)
    for delivery, form, held, amount in zip(*(column.tolist() for column in steps), strict=True):
        sums[delivery][form + 2 * held] += amount
    ids, named = judged.order_ids.to_pylist(), judged.closure_ids.to_pylist()
    return {
        order: Standing(
            verdict=Verdict(verdict),
            closure=closure,
            money=money,
            points=points,
            held_money=held_money,
            held_points=held_points,
        )
        for order, verdict, closure, (money, points, held_money, held_points) in zip(
            ids, late.verdict.tolist(), named, sums, strict=True
        )
    }
