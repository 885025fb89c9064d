"""What reports have cost, claim by claim and SKU by SKU: the unit given, the service, less what a supplier or a buyer of salvage paid."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from houbei.quality.observed import Real, Whole, sums_by


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reports:
    """Claims, one entry a claim; amounts are minor units of its currency, 0 where nothing is known.

    `settled` says that the claim is done and its amounts are final; of an open claim they count as unknown. `goods_minor` is what the
    unit given or the refund was worth, `unit_minor` what a unit of the line costs the shop. `sku` and `currency` are codes.
    """

    sku: Whole
    currency: Whole
    settled: NDArray[np.bool_]
    unit_minor: Whole
    goods_minor: Whole
    service_minor: Whole
    recovered_minor: Whole
    salvage_minor: Whole

    def __len__(self) -> int:
        return len(self.sku)

    @property
    def back_minor(self) -> Whole:
        """What came back: from the supplier, and for the old unit."""
        return self.recovered_minor + self.salvage_minor

    @property
    def net_minor(self) -> Whole:
        """What the claim cost after what came back; below 0 where more came back than was given."""
        return self.goods_minor + self.service_minor - self.back_minor


class Costs(NamedTuple):
    """Sums of one currency by SKU code, minor units; `settled` and `open` count claims."""

    settled: Whole
    open: Whole
    goods_minor: Whole
    service_minor: Whole
    back_minor: Whole
    net_minor: Whole


def costs_by_sku(reports: Reports, currency: int, skus: int) -> Costs:
    """Add up what settled claims in a currency cost, by SKU."""
    mine = reports.currency == currency
    done, still = mine & reports.settled, mine & ~reports.settled

    def sums(amounts: Whole) -> Whole:
        totals = np.zeros(skus, dtype=np.int64)
        np.add.at(totals, reports.sku[done], amounts[done])
        return totals

    return Costs(
        settled=sums_by(reports.sku[done], np.ones(int(done.sum())), skus).astype(np.int64),
        open=sums_by(reports.sku[still], np.ones(int(still.sum())), skus).astype(np.int64),
        goods_minor=sums(reports.goods_minor),
        service_minor=sums(reports.service_minor),
        back_minor=sums(reports.back_minor),
        net_minor=sums(reports.net_minor),
    )


class Severity(NamedTuple):
    """What one report costs each SKU on average, the spread of single reports, how many reports say so, and whether they are its own."""

    mean: Real
    spread: Real
    reports: Whole
    own: NDArray[np.bool_]


OWN_MIN = 20
"""With so many settled reports a SKU speaks for itself; with fewer, all reports of the currency speak for it."""


def severity_by_sku(reports: Reports, currency: int, unit_minor: Real) -> Severity:
    """Estimate what a report costs, by SKU.

    A report costs a part of the unit's worth (the unit given, less what came back) and a service that does not depend on it.

    Args:
        reports: Claims; only settled ones of this currency count.
        currency: Its code.
        unit_minor: What a unit of each SKU costs the shop.
    """
    done = reports.settled & (reports.currency == currency)
    worth = np.maximum(reports.unit_minor[done], 1)
    part = (reports.goods_minor - reports.back_minor)[done] / worth
    service = reports.service_minor[done].astype(np.float64)
    sku = reports.sku[done]
    mean, spread = _of_pool(part, service, unit_minor)
    count = np.full(len(unit_minor), len(part), dtype=np.int64)
    own = np.bincount(sku, minlength=len(unit_minor))
    for code in np.flatnonzero(own >= OWN_MIN).tolist():
        here = sku == code
        mean[code], spread[code] = (x[0] for x in _of_pool(part[here], service[here], unit_minor[code : code + 1]))
        count[code] = own[code]
    return Severity(mean, spread, count, own >= OWN_MIN)


def _of_pool(part: Real, service: Real, unit_minor: Real) -> tuple[Real, Real]:
    if len(part) == 0:
        return np.zeros(len(unit_minor)), np.zeros(len(unit_minor))
    mean = unit_minor * part.mean() + service.mean()
    if len(part) == 1:
        return mean, np.zeros(len(unit_minor))
    (a, ab), (_, b) = np.cov(part, service)
    return mean, np.sqrt(np.maximum(unit_minor**2 * a + 2 * unit_minor * ab + b, 0))
