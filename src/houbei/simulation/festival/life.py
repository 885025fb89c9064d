"""The New Year lived through day by day, judged every midnight, and compared at the end with what was really so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from houbei.columns import MISSING
from houbei.delivery.festival_days import PlanDays
from houbei.delivery.network import Loaded
from houbei.errors import InvariantError
from houbei.owed.delivery import Verdict
from houbei.simulation.festival.account import Ending, keep_account
from houbei.simulation.festival.crews_needed import Needed, find_crews_needed
from houbei.simulation.festival.doors import Crews, Doors, Sent, call_crews, go_round
from houbei.simulation.festival.facts import facts_known
from houbei.simulation.festival.judged import Standing, judge
from houbei.simulation.festival.noticed import Noticed, watch_orders
from houbei.simulation.festival.orders import new_year_of, take_orders
from houbei.simulation.festival.promised import promise_orders
from houbei.simulation.festival.roads import send_parcels
from houbei.simulation.festival.shop import LAST_DAYS
from houbei.simulation.festival.shown import Row, naive_rows, shown_rows
from houbei.simulation.festival.telling import Scan, at_hours, tell_scans
from houbei.simulation.festival.wishes import make_wishes
from houbei.terms.model import Terms

Progress = Callable[[str, int, int], None]
_JUDGED_UNTIL_DAYS = 25
"""Until so many days after New Year's Day every midnight is judged; then only the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is lived through: a seed, so many orders, promises that are to be kept so often, the plan, the network with the plan in it, the promise."""

    seed: int
    orders: int
    chance_permille: int
    days: PlanDays
    loaded: Loaded
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A world that was made: what is on its way, who brings it, what is shown and told of it; `end_us` is when the last is told."""

    asked: Asked
    sent: Sent
    crews: Crews
    doors: Doors
    rows: Sequence[Row]
    scans: Sequence[Scan]
    end_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What became of a world.

    `truth` is the world's own account by order id, `final` Houbei's answer at the end, `paid` the most that it said was owed at any midnight (money, points),
    `naive` the world's account for a shop that promises a fixed number of days. `faults` says in sentences where the two differ.
    """

    made: Made
    truth: Mapping[str, Ending]
    final: Mapping[str, Standing]
    paid: Mapping[str, tuple[int, int]]
    naive: Mapping[str, Ending]
    noticed: Noticed
    needed: Sequence[Needed]
    faults: tuple[str, ...]


def make_world(asked: Asked, progress: Progress) -> Made:
    """Make a world: let buyers order, promise, and let everything happen.

    Args:
        asked: What is asked.
        progress: Told a stage, how much of it is done, and of how much.
    """
    days, seed = asked.days, asked.seed
    orders = take_orders(days, seed=seed, orders=asked.orders)
    given = promise_orders(
        orders,
        asked.loaded,
        days,
        chance_permille=asked.chance_permille,
        progress=lambda done, total: progress("promising", done, total),
    )
    sent = Sent(
        orders=orders,
        given=given,
        wishes=make_wishes(orders, given, seed=seed),
        parcels=send_parcels(orders, given, days, seed=seed),
        days=days,
        seed=seed,
    )
    crews = call_crews(days, seed=seed)
    doors = go_round(sent, crews)
    return Made(
        asked=asked,
        sent=sent,
        crews=crews,
        doors=doors,
        rows=shown_rows(orders, given, sent.wishes),
        scans=tell_scans(sent, doors),
        end_us=at_hours(days, 24 * LAST_DAYS),
    )


def live_through(asked: Asked, progress: Progress) -> Lived:
    """Live through the New Year.

    Args:
        asked: What is asked.
        progress: Told a stage, how much of it is done, and of how much.

    Returns:
        What became of it; the same for the same seed, orders, plan, network and promise.

    Cost: some seconds for a thousand orders and the first time; then about five for each thousand.
    """
    made = make_world(asked, progress)
    arrival = asked.terms.arrival
    if arrival is None:
        raise InvariantError(asked.terms.term)
    paid, final = _judge_days(made, progress)
    truth = keep_account(made.sent, made.doors, made.rows, arrival, until_us=made.end_us)
    naive = keep_account(
        made.sent, made.doors, naive_rows(made.sent.orders, made.sent.given), arrival, until_us=made.end_us
    )
    by_us = np.array(
        [
            truth[order].by_us if order in truth and truth[order].ended in {"kept", "late"} else MISSING
            for order in made.sent.orders.ids
        ]
    )
    return Lived(
        made=made,
        truth=truth,
        final=final,
        paid=paid,
        naive=naive,
        noticed=watch_orders(
            made.sent,
            made.rows,
            made.scans,
            arrival,
            progress=lambda done, total: progress("watching", done, total),
        ),
        needed=find_crews_needed(
            made.sent,
            made.doors,
            made.crews,
            by_us,
            progress=lambda done, total: progress("crews", done, total),
        ),
        faults=tuple(differences(truth, final)),
    )


def differences(truth: Mapping[str, Ending], final: Mapping[str, Standing]) -> list[str]:
    """Say where Houbei's final answer is not what was really so."""
    found = [
        f"order {order} is judged although nothing was promised"
        for order in sorted(final.keys() - truth.keys())
        if final[order].verdict is not Verdict.NONE
    ]
    for order, one in sorted(truth.items()):
        said = final.get(order)
        if said is None:
            found.append(f"order {order} was promised an arrival and is not judged")
            continue
        really = (one.ended, one.money, one.points)
        told = (said.verdict.name.lower(), said.money, said.points)
        if really != told or said.held_money or said.held_points:
            found.append(
                f"order {order} is really {really} and judged {told}, held {(said.held_money, said.held_points)}"
            )
        elif one.ended == "excused" and one.closure != said.closure:
            found.append(f"order {order} is excused by {one.closure} and judged as by {said.closure}")
    return found


def _judge_days(made: Made, progress: Progress) -> tuple[dict[str, tuple[int, int]], Mapping[str, Standing]]:
    """Judge every midnight on what is known by then: the most that was ever said to be owed, and what is said at the end.

    As in a live store, an order of which nothing new is known and that the clock cannot change is not looked at again; at the end all are.
    """
    new_year = new_year_of(made.asked.days)
    first = int(made.sent.orders.day[0]) - new_year + 1
    days = range(first, _JUDGED_UNTIL_DAYS + 1)
    paid: dict[str, tuple[int, int]] = {}
    settled: set[int] = set()
    touched_us = _touched(made)
    for number, day in enumerate(days, start=1):
        now_us = at_hours(made.asked.days, day * 24)
        said = _judge(made, now_us, set(np.flatnonzero(made.sent.orders.placed_us < now_us).tolist()) - settled)
        _note_paid(paid, said)
        places = {made.sent.orders.ids[order]: order for order in range(len(made.sent.orders))}
        settled |= {
            places[order]
            for order, one in said.items()
            if one.verdict in _SETTLED and touched_us[places[order]] < now_us
        }
        progress("judging", number, len(days) + 1)
    final = _judge(made, made.end_us, None)
    _note_paid(paid, final)
    progress("judging", len(days) + 1, len(days) + 1)
    return paid, final


_SETTLED = (Verdict.KEPT, Verdict.ENDED, Verdict.NONE)
"""How a promise stands that no clock changes."""


def _judge(made: Made, now_us: int, only: set[int] | None) -> Mapping[str, Standing]:
    facts = facts_known(
        made.sent.orders, made.sent.wishes, made.rows, made.scans, made.asked.days, until_us=now_us, only=only
    )
    return judge(facts, made.asked.terms, as_of_us=now_us)


def _note_paid(paid: dict[str, tuple[int, int]], said: Mapping[str, Standing]) -> None:
    for order, one in said.items():
        if one.money or one.points:
            money, points = paid.get(order, (0, 0))
            paid[order] = (max(money, one.money), max(points, one.points))


def _touched(made: Made) -> dict[int, int]:
    """By order the last moment at which anything of it becomes known."""
    found = {order: int(placed) for order, placed in enumerate(made.sent.orders.placed_us.tolist())}
    told = [(row.order, row.shown_us) for row in made.rows]
    told += [(scan.order, max(scan.known_us, scan.again_us)) for scan in made.scans]
    told += [(order, at_us) for order, at_us in enumerate(made.sent.wishes.cancelled_us.tolist()) if at_us != MISSING]
    for order, at_us in told:
        found[order] = max(found[order], at_us)
    return found
