"""How many crews it takes to keep the promises: the same parcels brought by one crew a region and carrier, by two, by three."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import date_of
from houbei.columns import MISSING
from houbei.delivery.festival import What
from houbei.delivery.festival_days import UNSAID
from houbei.simulation.festival import shop
from houbei.simulation.festival.doors import Crews, Doors, Sent, go_round

Whole = NDArray[np.int64]
CREWS_MAX = 8
"""More crews than this a region and carrier are not tried."""
WANTED = (950, 990)
"""Of a thousand promises, how many are to be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What it takes in one region by one carrier, over the days of the plan.

    `planned` is the most crews that the plan has there on a day; `crews` how many it takes every working day to keep so many of a thousand promises
    (None: no number tried does), `out` how many of them go out on each day, `at_hand` how many the plan has on each, `best` how many of a thousand are kept with `CREWS_MAX`. `promises` fell due.
    """

    region: str
    carrier: str
    promises: int
    planned: int
    kept_permille: int
    best: int
    at_hand: dict[str, int]
    crews: dict[int, int | None]
    out: dict[int, dict[str, int]]


def find_crews_needed(
    sent: Sent, doors: Doors, crews: Crews, by_us: Whole, *, progress: Callable[[int, int], None]
) -> list[Needed]:
    """Try how many crews it takes.

    Args:
        sent: What is on its way.
        doors: When it came, with the crews that came to work.
        crews: Who came to work.
        by_us: The first moment that is late, by order; `MISSING` for those that do not count.
        progress: Told how many numbers of crews were tried, and of how many.

    Returns:
        By region and carrier, those to whom no promise fell due left out.
    """
    days, due = sent.days, _due(sent, by_us)
    cell = sent.orders.region * len(days.plan.carriers) + _carrier_of(sent)
    works, kept = days.is_(What.WORKS), {0: _kept(sent, doors, by_us)}
    rounds: dict[int, Doors] = {}
    for count in range(1, CREWS_MAX + 1):
        tried = replace(crews, crews=np.where(crews.crews == UNSAID, UNSAID, count))
        rounds[count] = go_round(sent, tried)
        kept[count] = _kept(sent, rounds[count], by_us)
        progress(count, CREWS_MAX)
    found = []
    for one in np.unique(cell[due]).tolist():
        mine = np.flatnonzero(due & (cell == one))
        region, carrier = divmod(one, len(days.plan.carriers))
        shares = {count: int(marks[mine].sum()) * shop.PERMILLE // len(mine) for count, marks in kept.items()}
        enough = {wanted: next((c for c in range(1, CREWS_MAX + 1) if shares[c] >= wanted), None) for wanted in WANTED}
        visits = crews.visits[region, carrier]
        out = {
            wanted: {} if count is None else _out(sent, rounds[count], np.flatnonzero(cell == one), visits, crews)
            for wanted, count in enough.items()
        }
        found.append(
            Needed(
                region=days.plan.regions[region].id,
                carrier=days.plan.carriers[carrier].id,
                promises=len(mine),
                planned=int(days.crews()[region, carrier].max()),
                kept_permille=shares[0],
                best=shares[CREWS_MAX],
                at_hand={
                    date_of(days.first_day + day).isoformat(): int(count)
                    for day, count in enumerate(np.where(works, days.crews(), 0)[region, carrier])
                },
                crews=enough,
                out=out,
            )
        )
    return found


def _due(sent: Sent, by_us: Whole) -> NDArray[np.bool_]:
    """Promises that fall due on the days of the plan."""
    first, last = sent.days.plan.span
    day = (by_us + 8 * 3_600_000_000 - 1) // 86_400_000_000
    found: NDArray[np.bool_] = (by_us != MISSING) & (day >= first) & (day <= last)
    return found


def _kept(sent: Sent, doors: Doors, by_us: Whole) -> NDArray[np.bool_]:
    came_us = np.where(doors.attempted_us != MISSING, doors.attempted_us, doors.delivered_us)
    last_us = np.zeros(len(sent.orders), dtype=np.int64)
    np.maximum.at(last_us, sent.parcels.order, np.where(came_us == MISSING, np.iinfo(np.int64).max, came_us))
    kept: NDArray[np.bool_] = last_us < by_us
    return kept


def _out(sent: Sent, doors: Doors, orders: Whole, visits: Whole, crews: Crews) -> dict[str, int]:
    """How many crews go out on each day of the plan: those that reach the doors that were reached."""
    mine = np.isin(sent.parcels.order, orders) & (doors.delivered_us != MISSING)
    day = (doors.delivered_us[mine] + 8 * 3_600_000_000) // 86_400_000_000
    reached = np.unique(np.stack((day, sent.parcels.order[mine])), axis=1)[0]
    first, last = sent.days.plan.span
    counts = np.bincount(reached[(reached >= first) & (reached <= last)] - first, minlength=last - first + 1)
    a_crew = np.maximum(visits[first - crews.first_day : last - crews.first_day + 1], 1)
    return {
        date_of(first + place).isoformat(): int(-(-count // a_crew[place]))
        for place, count in enumerate(counts.tolist())
        if count
    }


def _carrier_of(sent: Sent) -> Whole:
    names = [carrier.carrier for carrier in sent.given.timetable.loaded.carriers.carriers]
    places = [[found.id for found in sent.days.plan.carriers].index(name) for name in names]
    return np.array([*places, 0])[sent.given.carrier]
