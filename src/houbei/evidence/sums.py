"""The sum behind a step, group of like units by group of like units, as it would be done by hand."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from houbei.cover.units import Covers
from houbei.cover.windows import Openings
from houbei.engine import Engine, Market
from houbei.evidence.amounts import MINUS, TIMES, amount_text, ratio_text
from houbei.facts.orders import Lines
from houbei.money import round_half_up
from houbei.owed import remedy
from houbei.owed.price import Rule, Steps
from houbei.owed.rules import remedy_rules
from houbei.terms.model import Remedy

_PERCENT = 100

# The engine's own functions, in the types they have outside a kernel.
_owed_for: Callable[[int, int, Sequence[int], int], int] = remedy.owed_for
_capped: Callable[[int, int, Sequence[int], int], int] = remedy.capped
_is_suspicious: Callable[[int, int, Sequence[int], int], bool] = remedy.is_suspicious


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What like units add to a step: `units` of them, each `due_minor` in all less `before_minor` that it was owed before.

    `formula` is the whole sum in figures: `2 × (4,999.00 − 4,799.00) = 400.00`.
    """

    units: int
    basis_minor: int
    price_minor: int
    due_minor: int
    before_minor: int
    formula: str

    @property
    def amount_minor(self) -> int:
        """What the units add in all."""
        return self.units * (self.due_minor - self.before_minor)


def like_units(covers: Covers, openings: Openings) -> tuple[Covers, Openings]:
    """Cut each cover into the units with the larger share and the others, so that units of one cover are alike."""
    take = np.repeat(np.arange(len(covers)), 2)
    larger = np.tile([True, False], len(covers))
    units = np.where(larger, covers.larger[take], (covers.units - covers.larger)[take])
    cut = replace(
        covers,
        line=covers.line[take],
        units=units,
        larger=np.zeros_like(units),
        basis=covers.basis[take] + larger,
        delivered=covers.delivered[take],
        returned=covers.returned[take],
        of_line=2 * covers.of_line,
    )
    columns = ("starts", "ends", "closes", "anchor", "counted_from", "counted_until")
    return cut, replace(openings, **{name: getattr(openings, name)[take] for name in columns})


class Sums:
    """The sums of one line's steps.

    Args:
        engine: The engine that decided.
        lines: The batch.
        place: The line's place in it.
        covers: Its covers alone, and `openings` when they are open.
        market: The prices.
    """

    def __init__(
        self, engine: Engine, lines: Lines, place: int, *, covers: Covers, openings: Openings, market: Market
    ) -> None:
        currency = lines.texts["currency"]
        self._currency = currency.values[currency.codes[place]]
        self._rules = [int(n) for n in remedy_rules(engine.terms, currency.values)[currency.codes[place]]]
        self._remedy = engine.terms.remedy
        self._book = market.book
        self._covers, self._openings = like_units(covers, openings)
        self._steps = engine.compare(
            lines, covers=self._covers, openings=self._openings, market=market, one_by_one=True
        )

    def of_paid(self, at_us: int, price: int) -> tuple[Sum, ...]:
        """The sums of the step that a price (its place in the book) paid at a moment, larger shares first."""
        steps, sums = self._steps, []
        for step in np.flatnonzero((steps.held == 0) & (steps.at == at_us) & (steps.price == price)):
            cover = int(steps.cover[step])
            earlier = np.flatnonzero((steps.held == 0) & (steps.cover == cover))
            before = max((self._due(cover, int(steps.price[i])) for i in earlier if i < step), default=0)
            sums.append(self._sum(cover, price, due=self._due(cover, price), before=before))
        return tuple(sums)

    def of_held(self, held: Steps) -> list[tuple[Sum, ...]]:
        """The sums of held steps, in their order; empty where they cannot be told apart cover by cover."""
        marks = [0] * len(self._covers)
        found = []
        for step in np.flatnonzero(held.held == 1):
            at, price, sums = int(held.at[step]), int(held.price[step]), []
            for cover in range(len(self._covers)):
                due = self._owed(cover, price)
                before = max(marks[cover], self._paid_by(cover, at))
                if self._sees(cover, at, price) and due > before:
                    sums.append(self._sum(cover, price, due=due, before=before))
                    marks[cover] = due
            whole = sum(part.amount_minor for part in sums) == int(held.amount[step])
            found.append(tuple(sums) if whole else ())
        return found

    def _sees(self, cover: int, at_us: int, price: int) -> bool:
        """Whether a suspicious price counts for a cover's units at a moment."""
        openings, since = self._openings, int(self._book.since[price])
        if not self._covers.units[cover] or not _is_suspicious(self._minor(price), self._basis(cover), self._rules, 0):
            return False
        return any(
            openings.starts[cover, k] <= at_us < openings.ends[cover, k]
            and openings.counted_from[cover, k] <= since < openings.counted_until[cover, k]
            for k in range(openings.starts.shape[1])
        )

    def _paid_by(self, cover: int, at_us: int) -> int:
        steps = self._steps
        mine = np.flatnonzero((steps.held == 0) & (steps.cover == cover) & (steps.at <= at_us))
        return max((self._owed(cover, int(steps.price[i])) for i in mine), default=0)

    def _basis(self, cover: int) -> int:
        return int(self._covers.basis[cover])

    def _minor(self, price: int) -> int:
        return int(self._book.price_minor[price])

    def _owed(self, cover: int, price: int) -> int:
        return _owed_for(self._basis(cover), self._minor(price), self._rules, 0)

    def _due(self, cover: int, price: int) -> int:
        return _capped(self._owed(cover, price), self._basis(cover), self._rules, 0)

    def _sum(self, cover: int, price: int, *, due: int, before: int) -> Sum:
        units, basis, minor = int(self._covers.units[cover]), self._basis(cover), self._minor(price)
        owed = self._owed(cover, price)
        limits = [limit for limit in (due,) if limit < owed]
        each = _each(self._remedy, basis, minor, self._currency, floor=self._rules[Rule.FLOOR], limits=limits)
        less = f" {MINUS} {amount_text(before, self._currency)}" if before else ""
        total = amount_text(units * (due - before), self._currency)
        return Sum(
            units=units,
            basis_minor=basis,
            price_minor=minor,
            due_minor=due,
            before_minor=before,
            formula=f"{units:,} {TIMES} ({each}{less}) = {total}",
        )


def _each(by: Remedy, basis_minor: int, price_minor: int, currency: str, *, floor: int, limits: Iterable[int]) -> str:
    """What one unit is owed in all, in figures: times and percentage, rounded once, then the floor, then the cap."""
    price = amount_text(price_minor, currency)
    text = f"{amount_text(basis_minor, currency)} {MINUS} {price}"
    exact = (basis_minor - price_minor) * by.times + price_minor * by.plus_part
    if by.times != 1:
        text = f"{ratio_text(Fraction(by.times))} {TIMES} ({text})"
    if by.plus_part:
        text = f"{text} + {ratio_text(by.plus_part * _PERCENT)}% {TIMES} {price}"
    if exact.denominator != 1:
        text = f"round({text})"
    if round_half_up(exact) < floor:
        text = f"max({text}, {amount_text(floor, currency)})"
    for limit in limits:
        text = f"min({text}, {amount_text(limit, currency)})"
    return text
