"""Promise the orders of a day with a model: a date for each, and the chance of keeping it as it is told to the buyer."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.errors import InputError
from houbei.lead_times.calibration import stated
from houbei.lead_times.choosing import Spread, chance_at, days_by_dial
from houbei.lead_times.history import Orders
from houbei.lead_times.model import Model
from houbei.lead_times.rolling import Dial
from houbei.lead_times.shapes import PLACES
from houbei.lead_times.traits import texts_of

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]

_LEFT_MIN = 1e-9
EVERYONE = "all"
_SAME = 1e-9
"""Shares written in text are the same when they are this near."""


NO_DAY = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dates:
    """What is promised to each order: days after its purchase (`NO_DAY` where no date can be promised with that chance), and the chance.

    `groups` names the places that it was judged by.
    """

    days: Whole
    chance_permille: Whole
    groups: list[str]


def promise(
    model: Model, dials: Mapping[Spread, Dial], orders: Orders, *, spread: Spread, chance: float, now: int
) -> Dates:
    """Promise orders on a day; one is a batch of one.

    An order that has been open already is promised on its own, whatever the way: it is no longer one of many that are being bought,
    and what is known of it is that it has not arrived.

    Args:
        model: What was learnt.
        dials: Where the dial of each way stands.
        orders: Orders bought before, on or after that day. One bought before it is still open.
        spread: Which way the days of orders are chosen that are bought on that day or later.
        chance: The share to keep.
        now: The day on which the promise is made.

    Raises:
        InputError: the dial has no place for that share.
    """
    days_open = now - orders.purchased_day
    late = given_open(model.late(orders), days_open)
    new_days, new_told = _choose(late, dials[spread], chance)
    open_days, open_told = _choose(late, dials[Spread.EACH], chance)
    waiting = days_open > 0
    hopeless = waiting & (chance_at(late, open_days) < _value(dials[Spread.EACH], chance) - 1e-9)
    return Dates(
        days=np.where(hopeless, NO_DAY, np.where(waiting, open_days, new_days)),
        chance_permille=np.where(hopeless, 0, np.floor(np.where(waiting, open_told, new_told) * 1000)).astype(np.int64),
        groups=_groups(model, orders),
    )


def _choose(late: Reals, dial: Dial, chance: float) -> tuple[Whole, Reals]:
    days = days_by_dial(late, dial.spread, np.array([_value(dial, chance)]))[0]
    return days, stated(chance_at(late, days), float(dial.shift[_place(dial, chance)]))


def _value(dial: Dial, chance: float) -> float:
    return float(dial.value[_place(dial, chance)])


def _place(dial: Dial, chance: float) -> int:
    place = int(np.argmin(np.abs(dial.asked - chance)))
    if abs(float(dial.asked[place]) - chance) > _SAME:
        raise InputError(
            came=f"{chance:.1%}",
            where="--chance",
            expected=f"a share from {dial.asked[0]:.1%} to {dial.asked[-1]:.1%} in steps of 0.5%",
            todo="Give another --chance.",
        )
    return place


def given_open(late: Reals, days_open: Whole) -> Reals:
    """Give the chance to be late of orders that are known not to have arrived before a day.

    Args:
        late: The chance not to have arrived by the end of each day after purchase: a row an order.
        days_open: How many whole days each order has been open; 0 or less for one that is being bought.

    Returns:
        The same for what is left of them; 1 on the days that are over.
    """
    last = late.shape[1] - 1
    over = np.clip(days_open - 1, 0, last)
    left = np.where(days_open > 0, late[np.arange(len(late)), over], 1.0)
    rest = np.minimum(late / np.maximum(left, _LEFT_MIN)[:, None], 1.0)
    return np.where(np.arange(last + 1)[None, :] < days_open[:, None], 1.0, rest)


def _groups(model: Model, orders: Orders) -> list[str]:
    """Name the places of each order that the model knows by an effect of their own."""
    known = [place for place in PLACES if place in model.traits.places and place in orders.places]
    columns = [
        [f"{place}={text}" if text in model.traits.places[place] else "" for text in texts_of(orders, place).tolist()]
        for place in known
    ]
    rows = zip(*columns, strict=True) if columns else ((),) * len(orders)
    return [" ".join(part for part in row if part) or EVERYONE for row in rows]
