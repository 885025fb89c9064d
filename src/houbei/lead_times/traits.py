"""What is known of an order when it is bought, as numbers to learn from: the shop's estimate, lane, carrier, weekday, season, the pace now.

Every number is an effect on the logarithm of the lead time. Effects are shrunk: that of a group with n orders keeps n / (n + penalty)
of what it shows, so that a lane with few orders is judged as the wider group that it belongs to. Effects of time are shrunk by weeks
instead, because orders of one week are late together: a thousand orders of three weeks are three observations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.lead_times.delivery_clock import WEEK, DeliveryClock, first_day_of_week, week_of, weekday_of
from houbei.lead_times.history import UNKNOWN, Orders

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]

GROUP_PENALTY = 20.0
"""A group with so many orders keeps half of the effect that it shows."""
PENALTY = 5.0
PACE_DAYS = 21
"""How fast parcels go now is seen on the orders of so many days; the half-life of all else is much longer."""
_WEEKS_PENALTY = {"pace now": 1.5, "estimate usual": 4.0, "month": 6.0}
"""Effects of time, and in how many weeks they keep half of what they show."""
GROUP_ORDERS_MIN = 10
"""A place with fewer orders is known only as one of the rest."""
LEVEL_DAYS = 28
"""Over so many days the usual estimate of the shop is taken."""
LEVEL_ORDERS_MIN = 20
_BENDS = (-0.5, -0.25, 0.0, 0.25, 0.5)
"""Where the effect of the estimate may bend: its logarithm over that of the usual estimate."""
_YEARS_MIN, _MONTH_ORDERS_MIN = 2, 100
"""A season shows only once the same month is past in so many years, each with so many orders: seen once, it is the trend."""
_SECOND_WEEKDAY = 1
DAYS_PER_PACE = 1.4
"""A week has seven days and about five units of the clock; with this an estimate reads in days again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Which numbers are made of an order. The same for learning and for promising.

    `places` lists the values that have an effect of their own, lanes as `origin → destination`; `months` those of the year, from 1;
    `sizes` mean and spread of the logarithm. `usual_estimate` is the logarithm of the shop's usual estimate at the end of the history,
    in days of `DAYS_PER_PACE`; None where it made none. `usual_before` is the same for each week that was learnt from. Orders bought from
    `pace_from` on go at the pace of now.
    """

    places: Mapping[str, tuple[str, ...]]
    months: tuple[int, ...]
    sizes: Mapping[str, tuple[float, float]]
    usual_estimate: float | None
    pace_from: int
    usual_before: Mapping[int, float] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Name the numbers, in order."""
        names = ["all", "pace now"]
        if self.usual_estimate is not None:
            names += [
                "estimate",
                *(f"estimate over {bend:+.2f}" for bend in _BENDS),
                "estimate usual",
                "estimate missing",
            ]
        names += [f"weekday {day}" for day in range(_SECOND_WEEKDAY, WEEK)]
        names += [f"month {month}" for month in self.months]
        names += [f"{place} {value}" for place, values in self.places.items() for value in values]
        return names + [f"{size}{part}" for size in self.sizes for part in ("", " missing")]

    def penalties(self, *, orders_a_week: float) -> Reals:
        """Give how much each effect is shrunk, in orders."""
        return np.array([_penalty(name, orders_a_week) for name in self.names()])

    def of(self, orders: Orders, clock: DeliveryClock) -> Reals:
        """Make the numbers of some orders: a row an order, a column for each of `names`."""
        columns = [np.ones(len(orders)), (orders.purchased_day >= self.pace_from).astype(np.float64)]
        if self.usual_estimate is not None:
            columns += self._estimate(orders, clock)
        weekday = weekday_of(orders.purchased_day)
        columns += [(weekday == day).astype(np.float64) for day in range(_SECOND_WEEKDAY, WEEK)]
        month = month_of(orders.purchased_day)
        columns += [(month == one).astype(np.float64) for one in self.months]
        for place, values in self.places.items():
            texts = texts_of(orders, place)
            columns += [(texts == value).astype(np.float64) for value in values]
        for size, (mean, spread) in self.sizes.items():
            logs = np.log1p(np.maximum(orders.sizes.get(size, np.full(len(orders), np.nan)), 0.0))
            known = ~np.isnan(logs)
            columns += [np.where(known, (logs - mean) / spread, 0.0), (~known).astype(np.float64)]
        return np.stack(columns, axis=1)

    def _estimate(self, orders: Orders, clock: DeliveryClock) -> list[Reals]:
        known = orders.estimated_day != MISSING
        usual_now = 0.0 if self.usual_estimate is None else self.usual_estimate
        weeks, places = np.unique(week_of(orders.purchased_day), return_inverse=True)
        usual = np.array([self.usual_before.get(week, usual_now) for week in weeks.tolist()])[places]
        relative = np.where(known, estimate_logs(orders, clock) - usual, 0.0)
        bent = [np.maximum(relative - bend, 0.0) - max(-bend, 0.0) for bend in _BENDS]
        return [relative, *bent, usual - usual_now, (~known).astype(np.float64)]


def _penalty(name: str, orders_a_week: float) -> float:
    if name == "all":
        return 0.0
    weeks = _WEEKS_PENALTY.get("month" if name.startswith("month ") else name)
    if weeks is not None:
        return weeks * orders_a_week
    return PENALTY if name.startswith(("estimate", "weekday ")) else GROUP_PENALTY


def estimate_logs(orders: Orders, clock: DeliveryClock) -> Reals:
    """Give the logarithm of the shop's estimate on the clock, in days; what it is where there is none does not count."""
    known = orders.estimated_day != MISSING
    day = np.where(known, orders.estimated_day, orders.purchased_day)
    return np.log(np.maximum((clock.noon(day) - clock.noon(orders.purchased_day)) * DAYS_PER_PACE, 1.0))


def learn_traits(orders: Orders, clock: DeliveryClock, *, now: int) -> Traits:
    """Choose the numbers to make of orders from those bought before the day `now`."""
    places = {}
    for place in (*orders.places, *(("lane",) if {"origin", "destination"} <= orders.places.keys() else ())):
        values, counts = np.unique(texts_of(orders, place), return_counts=True)
        frequent = values[(counts >= GROUP_ORDERS_MIN) & (values != UNKNOWN)].tolist()
        if frequent:
            places[place] = tuple(frequent)
    sizes = {}
    for size, numbers in orders.sizes.items():
        logs = np.log1p(np.maximum(numbers[~np.isnan(numbers)], 0.0))
        if len(logs) >= GROUP_ORDERS_MIN and logs.std() > 0:
            sizes[size] = (float(logs.mean()), float(logs.std()))
    usual, before = _usual_estimates(orders, clock, now)
    return Traits(
        places=places,
        months=_seasons(orders, now),
        sizes=sizes,
        usual_estimate=usual,
        pace_from=now - PACE_DAYS,
        usual_before=before,
    )


def _seasons(orders: Orders, now: int) -> tuple[int, ...]:
    stretches, counts = np.unique(
        orders.purchased_day.astype("datetime64[D]").astype("datetime64[M]"), return_counts=True
    )
    past = stretches < np.datetime64(now, "D").astype("datetime64[M]")
    months, years = np.unique(
        stretches[past & (counts >= _MONTH_ORDERS_MIN)].astype(np.int64) % 12 + 1, return_counts=True
    )
    return tuple(months[years >= _YEARS_MIN].tolist())


def _usual_estimates(orders: Orders, clock: DeliveryClock, now: int) -> tuple[float | None, dict[int, float]]:
    """Give the median estimate of the weeks before each week, and before now: shops change all their estimates at once."""
    known = np.flatnonzero(orders.estimated_day != MISSING)
    if not len(known):
        return None, {}
    logs = estimate_logs(orders, clock)[known]
    day = orders.purchased_day[known]
    whole = float(np.median(logs))

    def usual(start: int) -> float:
        low, high = np.searchsorted(day, [start - LEVEL_DAYS, start])
        return float(np.median(logs[low:high])) if high - low >= LEVEL_ORDERS_MIN else whole

    weeks = np.unique(week_of(orders.purchased_day)).tolist()
    return usual(now), {week: usual(first_day_of_week(week)) for week in weeks}


def texts_of(orders: Orders, place: str) -> NDArray[np.str_]:
    """Give the texts of a place, `UNKNOWN` where it has none; a lane is unknown where one of its ends is."""
    if place == "lane":
        origin, destination = texts_of(orders, "origin"), texts_of(orders, "destination")
        joined = np.char.add(np.char.add(origin, " → "), destination)
        return np.where((origin == UNKNOWN) | (destination == UNKNOWN), UNKNOWN, joined)
    codes = orders.places.get(place)
    if codes is None or not len(orders.names[place]):
        return np.full(len(orders), UNKNOWN, dtype=np.str_)
    return np.array(orders.names[place], dtype=np.str_)[codes]


def month_of(day: Whole) -> Whole:
    """Give the month of day numbers, from 1."""
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
