"""Week after week through a history: each Monday learn from what is known, promise the week's orders, and never look ahead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from houbei.errors import InputError
from houbei.lead_times.calibration import WINDOW_WEEKS, kept_shares, place_for, stated_shift
from houbei.lead_times.choosing import Spread, chance_at, days_by_dial, dial_of
from houbei.lead_times.delivery_clock import WEEK, first_day_of_week, week_of
from houbei.lead_times.history import History
from houbei.lead_times.model import ORDERS_MIN, Model, fit

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

_RECENT_DAYS = 28
"""What a price keeps is worked out on the orders of so many days: what is bought now is like them."""
_RECENT_ORDERS_MAX = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Learner:
    """A history, and what was learnt from it on each day that was asked for: a second way to promise learns nothing anew."""

    history: History
    models: dict[int, Model] = field(default_factory=dict)

    def on(self, day: int) -> Model:
        """Give what could be learnt from what was known when a day began.

        Raises:
            InputError: too little had arrived by then.
        """
        if day not in self.models:
            self.models[day] = fit(self.history.known_by(day))
        return self.models[day]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dial:
    """Where the dial stands for each share that may be asked for, in one week.

    `value` holds, for each of `asked`, a price in days or a chance, as `spread` says; `shift` what to add to the log-odds of the model's
    chances before they are told.
    """

    spread: Spread
    asked: Reals
    value: Reals
    shift: Reals


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Promised:
    """What was promised week by week to the orders `rows` of the history, in days after purchase.

    `by_place` has a row for each place of the dial, held still through all weeks; `asked[c]` is what was promised to keep the share c,
    with the dial set anew each week.
    """

    rows: Whole
    by_place: Whole
    asked: dict[float, Whole]
    weeks: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Week:
    rows: Whole
    by_place: Whole
    recent_late: Reals
    expected: Reals


def roll(
    learner: Learner,
    *,
    from_day: int,
    chances: Sequence[float],
    spread: Spread,
    progress: Progress,
) -> Promised:
    """Promise every order from a day on, as it would have been promised in its week.

    Args:
        learner: Everything; each week sees only what was known when it began.
        from_day: The first day whose orders count. The weeks before it, as far as calibration looks back, are promised too.
        chances: The shares to be kept.
        spread: Which way the days are chosen.
        progress: Told of each week.

    Raises:
        InputError: too little had arrived before `from_day`, or nothing was bought from then on.

    Cost: a fit a week.
    """
    history = learner.history
    purchased = history.orders.purchased_day
    first, last = week_of(np.array([from_day, int(purchased.max())])).tolist()
    if last < first or not (purchased >= from_day).any():
        raise InputError(
            came="no order bought from then on",
            where="--from",
            expected="a day within the history",
            todo="Begin earlier.",
        )
    weeks = list(range(_first_week(history, first), last + 1))
    parts: list[_Week] = []
    asked: dict[float, list[Whole]] = {chance: [] for chance in chances}
    for place, week in enumerate(weeks):
        progress("weeks", place, len(weeks))
        now = first_day_of_week(week)
        part = _promise_week(history, learner.on(now), now, spread)
        shares = _shares(parts, history, part.expected, now)
        parts.append(part)
        for chance in chances:
            asked[chance].append(part.by_place[place_for(chance, shares)])
    rows = np.concatenate([part.rows for part in parts])
    wanted = purchased[rows] >= from_day
    return Promised(
        rows=rows[wanted],
        by_place=np.concatenate([part.by_place for part in parts], axis=1)[:, wanted],
        asked={chance: np.concatenate(days)[wanted] for chance, days in asked.items()},
        weeks=len(weeks),
    )


def set_dial(learner: Learner, *, now: int, asked: Reals, spread: Spread, progress: Progress) -> Dial:
    """Set the dial for every share that may be asked for when a day begins.

    Args:
        learner: The history; what happened on that day or later is not looked at.
        now: The day.
        asked: The shares that may be asked for.
        spread: Which way the days are chosen.
        progress: Told of each week.

    Raises:
        InputError: too little had arrived by then.

    Cost: a fit a week for the weeks that calibration looks back on.
    """
    known = learner.history.known_by(now)
    start = int(week_of(np.array([now]))[0])
    days = [first_day_of_week(week) for week in range(start - WINDOW_WEEKS, start)]
    days = [day for day in days if _has_enough(known, day)]
    parts: list[_Week] = []
    for place, day in enumerate(days):
        progress("weeks", place, len(days))
        parts.append(_promise_week(known, learner.on(day), day, spread))
    today = _promise_week(known, learner.on(now), now, spread)
    shares = _shares(parts, known, today.expected, now)
    value = dial_of(spread)[np.array([place_for(share, shares) for share in asked.tolist()])]
    chosen = days_by_dial(today.recent_late, spread, value)
    told = [
        stated_shift(chance_at(today.recent_late, row), asked=share)
        for row, share in zip(chosen, asked.tolist(), strict=True)
    ]
    return Dial(spread=spread, asked=asked, value=value, shift=np.array(told))


def _has_enough(history: History, day: int) -> bool:
    arrived = (history.arrived_day < day) & (history.orders.purchased_day < day)
    return bool(arrived.sum() >= ORDERS_MIN)


def _first_week(history: History, first: int) -> int:
    """Give the first week to promise: as far back as calibration looks, but not before enough had arrived to learn from."""
    for week in range(first - WINDOW_WEEKS, first + 1):
        if _has_enough(history, first_day_of_week(week)):
            return week
    raise InputError(
        came=f"fewer than {ORDERS_MIN} orders that had arrived by then",
        where="--from",
        expected="enough history before it to learn from",
        todo="Begin later, or give a longer history.",
    )


def _promise_week(history: History, model: Model, now: int, spread: Spread) -> _Week:
    """Promise the orders bought in the week that begins, at every place of the dial, by what is known when it does."""
    purchased = history.orders.purchased_day
    start, stop = np.searchsorted(purchased, [now, now + WEEK])
    rows = np.arange(start, stop)
    recent = np.arange(np.searchsorted(purchased, now - _RECENT_DAYS), start)
    if len(recent) < ORDERS_MIN:
        recent = np.arange(max(0, start - ORDERS_MIN), start)
    recent_late = model.late(history.orders.at(recent[-_RECENT_ORDERS_MAX:]))
    return _Week(
        rows=rows,
        by_place=days_by_dial(model.late(history.orders.at(rows)), spread),
        recent_late=recent_late,
        expected=chance_at(recent_late, days_by_dial(recent_late, spread)).mean(axis=1),
    )


def _shares(parts: Sequence[_Week], history: History, expected: Reals, now: int) -> Reals:
    past = parts[-WINDOW_WEEKS:]
    if not past:
        return np.maximum.accumulate(expected)
    rows = np.concatenate([part.rows for part in past])
    days = np.concatenate([part.by_place for part in past], axis=1)
    purchased, arrived = history.orders.purchased_day[rows], history.arrived_day[rows]
    return kept_shares(days, purchased, arrived, expected=expected, now=now)
