"""How rare a count of reports is, exactly, in whole numbers: one in so many."""

from collections.abc import Sequence
from math import comb

from houbei.case.observed import Count

RAREST = 10**9
"""Rarer than one in a billion is said as one in a billion."""
_PARTS = 10**6
"""The shop's rate is taken in millionths, rounded up, in the buyer's favour."""


def one_in_spread(reports: int, spread: Sequence[int]) -> int:
    """Say one in how many of those who report at all reports so often.

    Every claim comes from somebody who reports: they are compared with one another, not with all who never had a fault.

    Args:
        reports: How many somebody has, at least 1.
        spread: How many have 0, 1, 2, … of them; who is asked about counts as one in any case.

    Returns:
        At least 1, and no more than there are: a small shop can say little about anybody.
    """
    return max(sum(spread[1:]) // max(sum(spread[reports:]), 1), 1)


def one_in_chance(own: Count, shop: Count) -> int:
    """Say one in how many buyers of as many units, of those who report at all, would have so many unconfirmed reports by chance.

    It is the exact binomial tail behind a Clopper-Pearson interval, at the rate of all others, given one report: so one report of one
    unit is not “100 %”, and a first report is never rare. The others' rate is (reports + 1) over (units + 2), so that a shop
    without reports yet takes none for a wonder.

    Args:
        own: The buyer's units, at least one of them reported.
        shop: All units of the shop, the buyer's among them.

    Cost: a few multiplications of numbers of 20 bits a report for each report, and two powers of 20 bits a unit.
    """
    units, reports = own.units, min(own.unconfirmed, own.units)
    others = max(shop.units - own.units, 0)
    faults = min(max(shop.unconfirmed - own.unconfirmed, 0), others)
    part = -(-(faults + 1) * _PARTS // (others + 2))
    rest = _PARTS - part
    fewer = 0
    for count in range(reports):
        fewer = fewer * rest + comb(units, count) * part**count
    whole, none = _power(_PARTS, units), _power(rest, units)
    return min((whole - none) // (whole - fewer * _power(rest, units - reports + 1)), RAREST)


def _power(base: int, exponent: int) -> int:
    """`base ** exponent` for exponents that are not negative: so it is a whole number, which its type alone does not say."""
    return int(base**exponent)
