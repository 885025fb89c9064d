"""Lead times by group of lanes: what a delivery network reads from a model."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from houbei.lead_times.choosing import NOMINAL
from houbei.lead_times.history import UNKNOWN, History
from houbei.lead_times.model import HALF_LIFE_DAYS, Model
from houbei.lead_times.rolling import Dial
from houbei.lead_times.shapes import PLACES
from houbei.lead_times.traits import GROUP_ORDERS_MIN, texts_of

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]

_PERMILLE = 1000
_ORDERS_MAX = 20_000
"""Of more orders the latest ones speak for a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Orders that go the same way: `key` names the places they share, `within_permille[d]` how many arrive within d days of purchase."""

    key: tuple[tuple[str, str], ...]
    count: int
    within_permille: list[int]


def groups_of(model: Model, dial: Dial, known: History) -> list[Group]:
    """Work out the lead times of every group that has enough orders: of each place, of each pair of places, and of all.

    A group's curve is the mean over its orders of what the model says, newer ones counting more, so that it is shrunk as the effects are;
    then it is set right by what past promises kept.

    Args:
        model: What was learnt.
        dial: Where the dial of equal chances stands: what the model must be asked for so that a chance is kept.
        known: What was known when it was learnt.

    Returns:
        The widest group first, then by places and names.

    Cost: orders × days, and groups × orders.
    """
    recent = np.arange(max(0, len(known.orders) - _ORDERS_MAX), len(known.orders))
    orders, arrived = known.orders.at(recent), ~known.open[recent]
    within = 1.0 - model.late(orders)
    weights = 0.5 ** ((model.now - orders.purchased_day) / HALF_LIFE_DAYS)
    groups = [Group(key=(), count=int(arrived.sum()), within_permille=_permille(within, weights, dial))]
    places = [place for place in PLACES if place in orders.places]
    for names in [*combinations(places, 1), *combinations(places, 2)]:
        texts = np.stack([texts_of(orders, name) for name in names])
        values, place, counts = np.unique(texts, axis=1, return_inverse=True, return_counts=True)
        for k in np.flatnonzero(counts >= GROUP_ORDERS_MIN).tolist():
            mine = np.flatnonzero(place.reshape(-1) == k)
            key = tuple(zip(names, values[:, k].tolist(), strict=True))
            if all(value != UNKNOWN for _, value in key):
                row = _permille(within[mine], weights[mine], dial)
                groups.append(Group(key=key, count=int(arrived[mine].sum()), within_permille=row))
    return groups


def _permille(within: Reals, weights: Reals, dial: Dial) -> list[int]:
    mean = weights @ within / weights.sum()
    # The dial says which nominal chance keeps each share; read the other way round it says what a nominal chance keeps.
    nominal, first = np.unique(dial.value, return_index=True)
    inside = (mean >= nominal[0]) & (mean <= nominal[-1])
    told = np.where(inside, np.interp(mean, nominal, dial.asked[first]), np.minimum(mean, NOMINAL[-1]))
    return [int(part) for part in np.maximum.accumulate(np.floor(told * _PERMILLE)).tolist()]
