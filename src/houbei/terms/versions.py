"""Which version of a promise a sold unit keeps, and which later ones may better it.

A unit keeps the version in force when it was sold. A later version reaches units already sold only if it says so
(`on_change: better_of_open_covers`), and then only where it is better for the buyer.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from houbei.errors import InputError
from houbei.terms.model import OnChange, Terms


def bind(sold_at_us: NDArray[np.int64], versions: Sequence[Terms]) -> NDArray[np.int64]:
    """Find the version that each line was sold under.

    Args:
        sold_at_us: Moments of sale, µs UTC.
        versions: Versions of one term, in any order.

    Returns:
        For each line the place in `versions` of the highest version with `sold_from <= sold_at < sold_until`; -1 where
        there is none. A version without `sold_from` was always sold, one without `sold_until` still is.

    Raises:
        InputError: The versions are of several terms, or one number occurs twice.

    Cost: two passes over the lines for each version.
    """
    bound = np.full(sold_at_us.shape, -1, dtype=np.int64)
    for place in _ascending(versions):
        terms = versions[place]
        sold = np.ones(sold_at_us.shape, dtype=np.bool_)
        if terms.sold_from_us is not None:
            sold &= sold_at_us >= terms.sold_from_us
        if terms.sold_until_us is not None:
            sold &= sold_at_us < terms.sold_until_us
        bound[sold] = place
    return bound


def open_to(place: int, versions: Sequence[Terms]) -> tuple[int, ...]:
    """Find the later versions that also apply to open covers sold under one version.

    Args:
        place: The place in `versions` of the version a line was sold under.
        versions: Versions of one term, in any order.

    Returns:
        Places in `versions`, ascending by version. Whether such a version betters a cover, and whether the cover was
        still open when that version came into force (`sold_from`), is for whoever knows the cover.

    Raises:
        InputError: The versions are of several terms, or one number occurs twice.
    """
    return tuple(
        later
        for later in _ascending(versions)
        if versions[later].version > versions[place].version
        and versions[later].on_change is OnChange.BETTER_OF_OPEN_COVERS
    )


def _ascending(versions: Sequence[Terms]) -> list[int]:
    names = {terms.term for terms in versions}
    numbers = [terms.version for terms in versions]
    if len(names) > 1 or len(set(numbers)) < len(numbers):
        raise InputError(
            came=f"versions {numbers} of {', '.join(sorted(names))}",
            where="terms",
            expected="versions of one term, each number once",
            todo="Bind each term apart, and give every version a number of its own.",
        )
    return sorted(range(len(versions)), key=lambda place: versions[place].version)
