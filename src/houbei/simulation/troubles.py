"""What was sold and what breaks: units fail by a hazard that depends on their age and their batch, some reports are mistaken or untrue.

The sample's units fail far more often than real ones, so that months of a small shop hold many cases.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from houbei.case.stages import Verdict
from houbei.facts.moments import DAY_US
from houbei.simulation.chance import Chance
from houbei.simulation.desk import Sold
from houbei.simulation.shop import FAULTS, MODELS

_STREAM = 1
_SOLD_BEFORE_DAYS = 200
"""The shop has sold this long when the simulation begins."""
_HAZARD = np.array([60, 30, 22, 18, 16, 15, 15, 14, 14, 14, 14, 14, 14])
"""Of 1,000 units of a good batch that many fail in each 30 days of their age: more when they are new."""
_BATCH_DAYS = 30
_BAD_BATCH, _WORSE = 80, 4
"""Of 1,000 batches that many are bad, and fail so many times as often."""
_DELIVERY_DAYS_MAX = 5
_TRUTHS = (
    (870, Verdict.CONFIRMED),
    (50, Verdict.NO_FAULT_FOUND),
    (40, Verdict.MISUSE),
    (20, Verdict.ACCESSORY_MISSING),
    (20, Verdict.OTHER_SERIAL),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A fault that a buyer will report: when, of which unit, what they say and what is true. `again_us` is 0 or when they say it again.

    `shows` says that what is asked for is shown with the report.
    """

    sold: Sold
    unit: int
    serial: str
    said_serial: str
    fault: str
    truth: Verdict
    at_us: int
    again_us: int
    by_phone: bool
    shows: bool


def draw(seed: int, *, begin_us: int, days: int, cases: int) -> tuple[list[Sold], list[Trouble]]:
    """Draw what is sold and what breaks.

    Args:
        seed: Of the simulation.
        begin_us: Its first midnight.
        days: How many days buyers report faults; the shop sells from 200 days before until then.
        cases: How many units are reported for the first time.

    Returns:
        Lines in the order of delivery and troubles in the order of their reports; ties by line.

    Cost: some µs a line, of which there are about ten a case.
    """
    generator = Generator(PCG64([seed, _STREAM]))
    batches = (_SOLD_BEFORE_DAYS + days) // _BATCH_DAYS + 1
    bad = generator.integers(1000, size=(len(MODELS), batches)) < _BAD_BATCH
    sold = list[Sold]()
    failing = list[tuple[Sold, int, int]]()
    while len(failing) < cases:
        more, broken = _some(generator, bad, first=len(sold), begin_us=begin_us, days=days)
        sold += more
        failing += broken
    last = failing[:cases][-1][0].line
    kept = [one for one in sold if one.line <= last]
    chance = Chance(seed, _STREAM + 100)
    troubles = [_trouble(one, unit, at_us, chance) for one, unit, at_us in failing[:cases]]
    kept.sort(key=lambda one: (one.delivered_us, one.line))
    troubles.sort(key=lambda one: (one.at_us, one.sold.line))
    return kept, troubles


_CHUNK = 2000
_PAIRS = 40
"""Of 1,000 lines that many are two units."""


def _some(
    generator: Generator, bad: NDArray[np.bool_], *, first: int, begin_us: int, days: int
) -> tuple[list[Sold], list[tuple[Sold, int, int]]]:
    """Draw some lines and the units of them that fail while the simulation runs, each with the moment."""
    model = generator.integers(len(MODELS), size=_CHUNK)
    placed = begin_us + generator.integers(-_SOLD_BEFORE_DAYS * DAY_US, days * DAY_US, size=_CHUNK)
    delivered = placed + generator.integers(DAY_US, _DELIVERY_DAYS_MAX * DAY_US, size=_CHUNK)
    quantity = np.where(generator.integers(1000, size=_CHUNK) < _PAIRS, 2, 1)
    reduced = generator.integers(20, size=_CHUNK)
    sold = [
        _sold(first + place, int(model[place]), int(quantity[place]), int(reduced[place]), int(placed[place]), int(delivered[place]))
        for place in range(_CHUNK)
    ]  # fmt: skip
    batch = (placed - begin_us + _SOLD_BEFORE_DAYS * DAY_US) // (_BATCH_DAYS * DAY_US)
    age_us = _ages_at_failure(generator, bad[model, batch])
    at_us = delivered + age_us
    fails = (age_us >= 0) & (at_us >= begin_us) & (at_us < begin_us + days * DAY_US)
    broken = [(sold[place], int(quantity[place]) - 1, int(at_us[place])) for place in np.flatnonzero(fails).tolist()]
    return sold, broken


def _ages_at_failure(generator: Generator, bad: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give the age at which each unit fails, microseconds, -1 for those that do not within 13 times 30 days."""
    hazard = np.where(bad[:, None], _HAZARD * _WORSE, _HAZARD)
    strikes = generator.integers(1000, size=(len(bad), len(_HAZARD))) < hazard
    within = generator.integers(DAY_US, 30 * DAY_US, size=len(bad))
    return np.where(strikes.any(axis=1), strikes.argmax(axis=1) * 30 * DAY_US + within, -1)


def _sold(number: int, model: int, quantity: int, reduced: int, placed_us: int, delivered_us: int) -> Sold:
    one = MODELS[model]
    line = f"L{number:07d}"
    return Sold(
        line=line,
        order=f"O{number:07d}",
        buyer=f"B{number:07d}",
        sku=one.sku,
        category=one.category,
        serials=tuple(f"{one.sku}-{number:07d}-{unit}" for unit in range(1, quantity + 1)),
        paid_minor=one.price_minor * quantity - reduced * 50,
        placed_us=placed_us,
        delivered_us=delivered_us,
    )


def _trouble(sold: Sold, unit: int, at_us: int, chance: Chance) -> Trouble:
    serial = sold.serials[unit]
    fault = chance.weighed(((945, chance.one_of(FAULTS[sold.category])), (20, "misuse"), (35, "")))
    return Trouble(
        sold=sold,
        unit=unit + 1,
        serial=serial,
        said_serial=chance.weighed(
            ((900, serial), (60, "" if len(sold.serials) == 1 else serial), (40, f"{serial}-x"))
        ),
        fault=fault,
        truth=chance.weighed(_TRUTHS),
        at_us=at_us,
        again_us=at_us + chance.hours_us(1, 70) if chance.happens(120) else 0,
        by_phone=chance.happens(250),
        shows=chance.happens(350),
    )


def breaks_again(chance: Chance, *, sold: Sold, unit: int, serial: str, now_us: int) -> Trouble:
    """A new unit that breaks, too: reported under its own serial, some weeks later."""
    return Trouble(
        sold=sold,
        unit=unit,
        serial=serial,
        said_serial=serial,
        fault=chance.one_of(FAULTS[sold.category]),
        truth=Verdict.CONFIRMED,
        at_us=now_us + chance.days_us(5, 60),
        again_us=0,
        by_phone=chance.happens(250),
        shows=chance.happens(350),
    )
