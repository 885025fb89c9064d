"""How honest the figures on quality are, measured on invented shops whose truth is known.

    python -m benchmarks.quality [--shops N]

False warnings and the time to find a bad batch; how often what came later lay in the interval of the reserve; how often the band of
the share that failed held the true share. Every shop has a seed of its own, so the figures repeat.
"""

import argparse
from collections.abc import Iterator

import numpy as np

from houbei.demo.appliances import Shop
from houbei.quality.ages import curve_of
from houbei.quality.observed import WEEK_US
from houbei.quality.watch import verdicts_of
from tests.quality.shops import back_dated, observed, shop_of

BATCHES, SKUS, BAD = 500, 50, 235


def main() -> None:
    """Print every figure of docs/quality.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=50, help="how many shops of each sort")
    shops = parser.parse_args().shops
    for units in (200, 400):
        healthy(shops, units)
    for units in (200, 400):
        bad(shops, units)
    for weeks in (13, 20, 26):
        reserve(8 * shops, weeks)
    ages(8 * shops)


def _watched(shops: int, *, units: int, bad: int | None) -> Iterator[tuple[Shop, int]]:
    for seed in range(shops):
        yield shop_of(7000 + seed, skus=SKUS, batches=10, batch_units=units, weeks=52, spread=0.4, bad=bad), seed


def healthy(shops: int, units: int) -> None:
    """Print how many healthy batches are warned of, or put on the list to be looked at."""
    warned, looked = list[bool](), list[float]()
    for shop, _ in _watched(shops, units=units, bad=None):
        found = verdicts_of(observed(shop, shop.end_us), batches=BATCHES, skus=SKUS)
        warned.append(bool((found.warned_us >= 0).any()))
        looked.append((found.watched_us >= 0).mean())
    print(
        f"healthy, {units} units a batch: {np.mean(warned):.1%} of {shops} shops warned, {np.mean(looked):.2%} of batches looked at"
    )


def bad(shops: int, units: int) -> None:
    """Print how soon a batch that fails three times as often is found, in weeks since its first delivery."""
    warned, looked, expected = list[float](), list[float](), list[float]()
    for shop, _ in _watched(shops, units=units, bad=BAD):
        seen = observed(shop, shop.end_us)
        found = verdicts_of(seen, batches=BATCHES, skus=SKUS)
        first = seen.starts_us[seen.batch == BAD].min()
        expected.append(found.expected[BAD])
        for weeks, moments in ((warned, found.warned_us), (looked, found.watched_us)):
            weeks.append((moments[BAD] - first) / WEEK_US if moments[BAD] >= 0 else np.inf)
    print(
        f"3 × bad, {units} units a batch ({np.median(expected):.0f} faults expected in all): warned of in {np.isfinite(warned).mean():.0%}"
        f" of {shops} shops, median week {np.median(warned):.0f}; looked at in {np.isfinite(looked).mean():.0%}, median week"
        f" {np.median(looked):.0f}"
    )


def reserve(shops: int, weeks: int) -> None:
    """Print how often later costs lay in the 80 % interval, and what they came to beside what was expected."""
    held, ratio = 0, []
    for seed in range(shops):
        shop = shop_of(seed, skus=12, batches=4, batch_units=150, weeks=26)
        found = back_dated(shop, weeks=weeks, promise_days=180, seed=seed)
        held += found.reserve.low <= found.later_minor <= found.reserve.high
        ratio.append(found.later_minor / found.reserve.expected)
    print(
        f"reserve as of week {weeks}: {held / shops:.1%} of {shops} in the 80 % interval; later over expected {np.mean(ratio):.2f} on average"
    )


def ages(shops: int) -> None:
    """Print how often the band at week 13 holds the share that units of this kind truly fail by then."""
    truth = observed(shop_of(9, skus=1, batches=1, batch_units=400_000, spread=0.0, weeks=60), 2**61)
    share = (truth.faulty & (truth.age_us <= 13 * WEEK_US)).sum() / len(truth)
    held = 0
    for seed in range(shops):
        shop = shop_of(seed, skus=1, batches=4, batch_units=40, spread=0.0, weeks=30)
        curve = curve_of(observed(shop, shop.end_us))
        held += int(curve.ends.low[13] <= share <= curve.ends.high[13])
    print(f"share failed by week 13 ({share:.2%}), 160 units a shop: {held / shops:.1%} of {shops} bands hold it")


if __name__ == "__main__":
    main()
