"""Evaluate: what would have been promised from a day on, week by week, and what came of it, beside what the shop promised itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.errors import InputError
from houbei.lead_times.baselines import fixed_days, recent_percentile, shop_days
from houbei.lead_times.choosing import Spread
from houbei.lead_times.delivery_clock import first_day_of_week, week_of
from houbei.lead_times.frontier import Curve, compare, shifted
from houbei.lead_times.history import UNKNOWN, History
from houbei.lead_times.measures import Json, Outcomes, clumping, figures_of, judged, share_interval
from houbei.lead_times.rolling import Learner, Progress, Promised, roll
from houbei.lead_times.traits import texts_of

Whole = NDArray[np.int64]

LANES_MAX = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """What is judged: the orders `rows` of the history, what became of them, and what each way promised, in days.

    `ways` holds the ways to promise by name: `ours`, `ours_without_estimate`, `ours_each`, `shop`, `fixed`, `percentile_95`; those that
    need the shop's estimate are left out where it made none. `pending` orders are open with promises that have not all passed.
    """

    history: History
    rows: Whole
    outcomes: Outcomes
    ways: dict[str, Whole]
    promised: Promised
    without: Promised | None
    chance: float
    from_day: int
    pending: int
    called_off: int


def evaluate(
    history: History, *, from_day: int, chances: Sequence[float], spread: Spread, progress: Progress
) -> Evaluation:
    """Promise every order from a day on as it would have been promised in its week, and see what came of it.

    Args:
        history: Everything that happened.
        from_day: The first day whose orders are judged.
        chances: The shares to keep; the one nearest to 90 % is the one that ways are compared at.
        spread: Which way days are chosen; see `choosing`.
        progress: Told of each week.

    Raises:
        InputError: there is too little history before that day, or none after it.

    Cost: two or three fits a week.
    """
    headline = min(chances, key=lambda chance: (abs(chance - 0.9), chance))
    promised, without, ways = _promise_every_way(history, from_day, chances, headline, spread, progress)
    rows = promised.rows
    fit_to_judge = judged(history, rows, np.max(np.stack(list(ways.values())), axis=0))
    called_off = history.called_off[rows]
    if not fit_to_judge.any():
        raise InputError(
            came="no promise that can be judged yet",
            where="--from",
            expected="orders that arrived, or whose promises have passed",
            todo="Begin earlier.",
        )
    return Evaluation(
        history=history,
        rows=rows[fit_to_judge],
        outcomes=Outcomes.of(history, rows[fit_to_judge]),
        ways={name: days[fit_to_judge] for name, days in ways.items()},
        promised=_cut(promised, fit_to_judge),
        without=None if without is None else _cut(without, fit_to_judge),
        chance=headline,
        from_day=from_day,
        pending=int((~fit_to_judge & ~called_off).sum()),
        called_off=int(called_off.sum()),
    )


def _promise_every_way(
    history: History, from_day: int, chances: Sequence[float], headline: float, spread: Spread, progress: Progress
) -> tuple[Promised, Promised | None, dict[str, Whole]]:
    """Promise the same orders in every way there is: ours, ours without the shop's estimate, and what a shop could do without learning."""
    learner = Learner(history)

    def rolled(seen: Learner, wanted: Sequence[float], how: Spread, stage: str) -> Promised:
        return roll(
            seen,
            from_day=from_day,
            chances=wanted,
            spread=how,
            progress=lambda _, done, total: progress(stage, done, total),
        )

    promised = rolled(learner, chances, spread, "weeks")
    other = Spread.EACH if spread is Spread.TOGETHER else Spread.TOGETHER
    ways = {
        "ours": promised.asked[headline],
        f"ours_{other}": rolled(learner, [headline], other, f"weeks_{other}").asked[headline],
    }
    without = None
    if bool((history.orders.estimated_day != MISSING).any()):
        without = rolled(Learner(history.without_estimate()), [headline], spread, "weeks_without")
        shop = shop_days(history.orders.at(promised.rows))
        ways |= {"ours_without_estimate": without.asked[headline], "shop": shop}
    ways["fixed"] = np.full(len(promised.rows), fixed_days(history.known_by(from_day), share=headline))
    ways["percentile_95"] = recent_percentile(history, promised.rows)
    return promised, without, ways


def _cut(promised: Promised, wanted: NDArray[np.bool_]) -> Promised:
    return replace(
        promised,
        rows=promised.rows[wanted],
        by_place=promised.by_place[:, wanted],
        asked={chance: days[wanted] for chance, days in promised.asked.items()},
    )


def ways_of(found: Evaluation, wanted: Whole, *, intervals: bool = False) -> Json:
    """Give the figures of every way over some of the orders; a way that promised nothing to one of them is judged on the others."""
    answer = {}
    for name, days in found.ways.items():
        mine = wanted[days[wanted] != MISSING]
        outcomes = found.outcomes.at(mine)
        answer[name] = figures_of(outcomes, days[mine])
        if intervals:
            low, high = share_interval(outcomes, days[mine])
            answer[name] |= {"share_kept_low": low, "share_kept_high": high}
    return answer


def months_of(found: Evaluation) -> list[Json]:
    """Give the figures of every way by month of purchase."""
    months = found.outcomes.purchased_day.astype("datetime64[D]").astype("datetime64[M]")
    return [
        {"month": str(month), **ways_of(found, np.flatnonzero(months == month), intervals=True)}
        for month in np.unique(months)
    ]


def weeks_of(found: Evaluation) -> list[Json]:
    """Give the orders and the shares kept of every week of purchase: where the clumps are."""
    weeks = week_of(found.outcomes.purchased_day)
    answer = []
    for week in np.unique(weeks).tolist():
        mine = np.flatnonzero(weeks == week)
        row: Json = {"week": str(np.datetime64(first_day_of_week(week), "D")), "orders": len(mine)}
        for name in ("ours", "shop"):
            if name in found.ways:
                there = mine[found.ways[name][mine] != MISSING]
                row[f"{name}_share_kept"] = figures_of(found.outcomes.at(there), found.ways[name][there])["share_kept"]
        answer.append(row)
    return answer


def lanes_of(found: Evaluation) -> list[Json]:
    """Give the figures of every way by lane, or by the widest place that the history names; the lanes with most orders first."""
    orders = found.history.orders.at(found.rows)
    place = next((name for name in ("destination", "carrier", "service", "origin") if name in orders.places), None)
    if {"origin", "destination"} <= orders.places.keys():
        place = "lane"
    if place is None:
        return []
    texts = texts_of(orders, place)
    values, counts = np.unique(texts, return_counts=True)
    order = np.lexsort((values, -counts))[:LANES_MAX]
    return [
        {"place": place, "name": None if value == UNKNOWN else value, **ways_of(found, np.flatnonzero(texts == value))}
        for value in values[order].tolist()
    ]


def chances_of(found: Evaluation) -> list[Json]:
    """Say, for each share that was asked for, which share was kept, at how many days, and how the shop's estimate shifted to it compares."""
    shop = shop_curve(found)
    rows = []
    for chance in sorted(found.promised.asked):
        days = found.promised.asked[chance]
        low, high = share_interval(found.outcomes, days)
        row = {
            "chance_permille": round(1000 * chance),
            **figures_of(found.outcomes, days),
            "share_kept_low": low,
            "share_kept_high": high,
            "shop_days_at_same_share": None,
            "shorter_percent": None,
        }
        if shop is not None:
            mine = _with_estimate(found)
            same = figures_of(found.outcomes.at(mine), days[mine])
            shop_at = float(shop.days_at([same["share_kept"]])[0])
            if not np.isnan(shop_at):
                row["shop_days_at_same_share"] = round(shop_at, 4)
                row["shorter_percent"] = round(100 * (1 - same["mean_days_promised"] / shop_at), 4)
        rows.append(row)
    return rows


def _with_estimate(found: Evaluation) -> Whole:
    return np.flatnonzero(found.ways["shop"] != MISSING)


def shop_curve(found: Evaluation) -> Curve | None:
    """Give the curve of the shop's estimate, shifted; None where it made none."""
    if "shop" not in found.ways or not len(_with_estimate(found)):
        return None
    mine = _with_estimate(found)
    outcomes = found.outcomes.at(mine)
    return Curve.of(outcomes, shifted(found.ways["shop"][mine], outcomes.lead_days, outcomes.arrived))


def frontiers_of(found: Evaluation) -> Json:
    """Compare ours, with and without the shop's estimate, with that estimate shifted, at each share kept, on the same orders."""
    shop = shop_curve(found)
    if shop is None or found.without is None:
        return {}
    mine = _with_estimate(found)
    outcomes = found.outcomes.at(mine)
    return {
        "frontier": compare(Curve.of(outcomes, found.promised.by_place[:, mine]), shop),
        "frontier_without_estimate": compare(Curve.of(outcomes, found.without.by_place[:, mine]), shop),
    }


def clumps_of(found: Evaluation) -> Json:
    """Say how much lateness clumps by week, for ours and for the shop's own."""
    answer: Json = {}
    for name in ("ours", "shop"):
        if name in found.ways:
            mine = np.flatnonzero(found.ways[name] != MISSING)
            answer[name] = clumping(found.outcomes.at(mine), found.ways[name][mine])
    return answer
