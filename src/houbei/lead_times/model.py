"""The chance that an order arrives by each day, learnt from what was known on one day.

The logarithm of the lead time, read on the delivery clock, is a sum of shrunk effects and a rest. The effects come from a penalised
least squares that takes an open order for one that lasts on (Buckley–James); the rest has a distribution of its own for short and for
long lead times, estimated by Kaplan–Meier with the open orders in it. Newer orders count more.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from houbei.errors import InputError
from houbei.lead_times.delivery_clock import DeliveryClock, holidays_of, learn_paces, week_of
from houbei.lead_times.history import History, Orders
from houbei.lead_times.survival import excess_beyond, surviving
from houbei.lead_times.traits import Traits, learn_traits

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]
Marks = NDArray[np.bool_]

DAYS_MAX_MIN, DAYS_MAX_MAX = 30, 365
"""No promise is longer than twice what all but one order in a hundred take, and that within these bounds, in days."""
HALF_LIFE_DAYS = 180
"""An order that was bought so many days ago counts half."""
MEMORY_DAYS = 730
"""Older orders are forgotten."""
ORDERS_MIN = 30
"""Fewer arrivals teach nothing."""
_ROUNDS = 5
"""How often what open orders will still take is estimated anew; it settles after three."""
LEVELS = 9
_LEVEL_ENDS = (0.02, 0.98)
_LEVEL_WIDTH = 0.4
"""How near in expected lead time orders must be to share a distribution, as a logarithm."""
REST_STEP = 0.02
REST_MAX = 4.0
RESTS: Reals = np.round(np.arange(-REST_MAX, REST_MAX + REST_STEP / 2, REST_STEP), 2)
"""Where the distribution of the rest is kept."""
_DIGITS = 5
_CLOCK_MIN = 0.05
_ARRIVED_MIN = 0.3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """What was learnt. `effects` belong to `traits.names()`; row k of `curves` is the share of rests beyond each of `RESTS` at `levels[k]`."""

    traits: Traits
    clock: DeliveryClock
    effects: Reals
    levels: Reals
    curves: Reals
    days_max: int
    now: int
    arrived: int
    open: int

    def late(self, orders: Orders) -> Reals:
        """Estimate the chance that each order has not arrived by the end of each day after its purchase.

        Returns:
            A row an order, a column for each of the days 0 to `days_max`; never rising along a row.

        Cost: orders × days.
        """
        start = self.clock.noon(orders.purchased_day)[:, None]
        ends = self.clock.starts(orders.purchased_day[:, None] + np.arange(1, self.days_max + 2)[None, :])
        expected = self.traits.of(orders, self.clock) @ self.effects
        rest = np.log(np.maximum(ends - start, _CLOCK_MIN)) - expected[:, None]
        place = np.clip((rest + REST_MAX) / REST_STEP, 0, len(RESTS) - 1)
        below = np.minimum(place.astype(np.int64), len(RESTS) - 2)
        part = place - below
        low, share = self._levels_around(expected)
        return np.asarray(
            _between(self.curves[low[:, None], below], self.curves[low[:, None], below + 1], part)
            * (1 - share)[:, None]
            + _between(self.curves[low[:, None] + 1, below], self.curves[low[:, None] + 1, below + 1], part)
            * share[:, None]
        )

    def _levels_around(self, expected: Reals) -> tuple[Whole, Reals]:
        low = np.clip(np.searchsorted(self.levels, expected) - 1, 0, len(self.levels) - 2)
        width = np.maximum(self.levels[low + 1] - self.levels[low], 1e-9)
        return low, np.clip((expected - self.levels[low]) / width, 0.0, 1.0)


def _between(low: Reals, high: Reals, part: Reals) -> Reals:
    return low * (1 - part) + high * part


def fit(known: History) -> Model:
    """Learn from what was known when the day `known.as_of_day` began.

    Args:
        known: The history as `History.known_by` gives it: whatever is open in it had not arrived by then.

    Raises:
        InputError: fewer than `ORDERS_MIN` orders have arrived.

    Cost: a few least squares of orders × effects².
    """
    now = known.as_of_day
    recent = np.flatnonzero((known.orders.purchased_day >= now - MEMORY_DAYS) & ~known.called_off)
    orders, arrived = known.orders.at(recent), known.arrived_day[recent]
    ended = ~known.open[recent]
    if int(ended.sum()) < ORDERS_MIN:
        raise InputError(
            came=f"{int(ended.sum())} orders that had arrived by then",
            where=known.file,
            expected=f"at least {ORDERS_MIN}",
            todo="Begin later, or give a longer history.",
        )
    days_max = _days_max(known.lead_days[recent][ended])
    clock = _clock(orders, arrived[ended], known.calendar, now + 2 * days_max)
    traits = learn_traits(orders, clock, now=now)
    numbers = traits.of(orders, clock)
    lasted = np.where(ended, clock.noon(np.minimum(arrived, now)), clock.starts(np.full(len(orders), now)))
    logs = np.log(np.maximum(lasted - clock.noon(orders.purchased_day), _ARRIVED_MIN))
    weights = 0.5 ** ((now - orders.purchased_day) / HALF_LIFE_DAYS)
    penalties = traits.penalties(orders_a_week=len(orders) / len(np.unique(week_of(orders.purchased_day))))
    effects = _effects(numbers, logs, ended, weights, penalties)
    expected = numbers @ effects
    levels = np.maximum.accumulate(np.quantile(expected, np.linspace(*_LEVEL_ENDS, LEVELS)))
    near = np.exp(-0.5 * ((expected[None, :] - levels[:, None]) / _LEVEL_WIDTH) ** 2)
    curves = [surviving(logs - expected, ended=ended, weights=weights * row, at=RESTS) for row in near]
    return Model(
        traits=traits,
        clock=clock,
        effects=_rounded(effects),
        levels=_rounded(levels),
        curves=_rounded(np.stack(curves)),
        days_max=days_max,
        now=now,
        arrived=int(ended.sum()),
        open=int((~ended).sum()),
    )


def _rounded(values: NDArray[Any]) -> Reals:
    """Keep as many digits as the file does, so that a model promises the same before it is written and after it is read."""
    return np.asarray(np.round(values, _DIGITS), dtype=np.float64)


def _days_max(lead_days: Whole) -> int:
    return int(np.clip(2 * np.ceil(np.quantile(lead_days, 0.99)), DAYS_MAX_MIN, DAYS_MAX_MAX))


def _clock(orders: Orders, arrived_day: Whole, calendar: str | None, until: int) -> DeliveryClock:
    first = int(orders.purchased_day.min())
    last = max(until, int(orders.estimated_day.max()))
    holidays = holidays_of(calendar, first_day=first, last_day=last)
    return DeliveryClock.running(np.round(learn_paces(arrived_day), 6), holidays, first_day=first, last_day=last)


def _effects(numbers: Reals, logs: Reals, ended: Marks, weights: Reals, penalties: Reals) -> Reals:
    weighted = numbers.T * weights
    square = weighted @ numbers + np.diag(penalties + 1e-6)
    target = logs.copy()
    for _ in range(_ROUNDS):
        effects = np.linalg.solve(square, weighted @ target)
        rest = logs - numbers @ effects
        if ended.all():
            break
        target[~ended] = numbers[~ended] @ effects + excess_beyond(rest, ended=ended, weights=weights)
    return np.asarray(effects, dtype=np.float64)
