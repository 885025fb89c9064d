"""A made history of claims whose ends are known, from a seed. Every chance in it is invented: it shows how counting works, no shop."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from houbei.case.lineage import Standing
from houbei.case.observed import Count, Observed
from tests.case.counted_looks import Ended

HALF_YEAR_US = 180 * 86_400_000_000
UNITS = (1, 2, 3, 5, 12, 60)
SHARES = (0.62, 0.22, 0.09, 0.04, 0.025, 0.005)
FAULTY = 0.03
NOT_YET_CONFIRMED = 0.35
SLIPS = ((Standing.ONE_OFF, 0.03), (Standing.UNKNOWN, 0.02), (Standing.REPLACED, 0.01), (Standing.ELSEWHERE, 0.002))
NEVER_IN_ORDER = 0.02
"""Which share of the claims are made not to be in order, each in one of four ways."""


@dataclass(frozen=True, kw_only=True)
class _Shop:
    whole: Count
    spread: tuple[int, ...]


def made_claims(seed: int, *, buyers: int) -> Iterator[Ended]:
    """One claim for each buyer who has any, the last one: most in order, some not."""
    dice = np.random.default_rng(seed)
    units = dice.choice(UNITS, size=buyers, p=SHARES)
    reported = dice.binomial(units, FAULTY)
    unconfirmed = np.maximum(dice.binomial(reported, NOT_YET_CONFIRMED), np.minimum(reported, 1))
    whole = Count(units=int(units.sum()), reported=int(reported.sum()), confirmed=int((reported - unconfirmed).sum()))
    shop = _Shop(whole=whole, spread=tuple(np.bincount(unconfirmed).tolist()))
    for buyer in np.flatnonzero(reported).tolist():
        all_reports = int(reported[buyer])
        own = Count(units=int(units[buyer]), reported=all_reports, confirmed=all_reports - int(unconfirmed[buyer]))
        in_order = bool(dice.random() >= NEVER_IN_ORDER)
        yield Ended(observed=_observed(dice, buyer, own, shop, way=-1 if in_order else buyer % 4), in_order=in_order)


def _observed(dice: np.random.Generator, buyer: int, own: Count, shop: _Shop, *, way: int) -> Observed:
    standing = Standing.PRESENT
    for slip, chance in SLIPS:
        standing = slip if dice.random() < chance else standing
    if way == 0:
        own = Count(units=own.units + 4, reported=own.reported + 4, confirmed=own.confirmed)
    return Observed(
        case_id=f"R{buyer}",
        buyer=f"b{buyer}",
        serial=f"S{buyer}",
        standing=standing,
        of_buyer=own,
        of_shop=shop.whole,
        buyers_by_reports=shop.spread,
        window_us=HALF_YEAR_US,
        left_us=int(dice.integers(0, HALF_YEAR_US)),
        photo_taken=bool(dice.random() >= 0.04),
        inspected_serial_fits=way != 1 and bool(dice.random() >= 0.003),
        parts_checked=4,
        parts_other=2 if way == 2 else int(dice.random() < 0.01),
        box_expected_g=60_000,
        box_g=9_000 if way == 3 else int(60_000 * dice.normal(1, 0.02)),
        batch_warned=bool(dice.random() < 0.05),
    )
