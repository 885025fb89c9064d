"""THE function: facts and terms in, covers and what is owed out. Live, backtest and audit all call it.

It knows no disk, no clock and no chance: the same facts in any order give the same cents.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.calendars.days import Days
from houbei.calendars.rolling import Rolling, rolling
from houbei.columns import MISSING, NULL_CODE, Column, Text
from houbei.cover.asked import ask_once
from houbei.cover.units import Covers, split_units
from houbei.cover.windows import FOREVER, Openings, open_covers
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import ATTRIBUTES, Lines, Reading
from houbei.facts.prices import Prices
from houbei.owed.price import PriceTexts, Seekers, Steps, find_price_drops
from houbei.owed.rules import cannot_bind, limit_of, remedy_rules
from houbei.owed.series import Book, PriceRows, arrange
from houbei.owed.shared_caps import claims_of, grant, shared
from houbei.terms.lengths import Length
from houbei.terms.model import Against, Scope, Terms
from houbei.terms.truth import evaluate

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Market:
    """The prices, arranged for one version of the terms.

    `unknown` rows had a condition that could not be decided (they do not count); `endless` rows are of a kind other than
    `list` and name no end.
    """

    book: Book
    ids: PriceTexts
    skus: int
    unknown: int
    endless: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Binding:
    """Which lines the promise protects: `bound`, else out of scope, or `undecided` because a fact is missing."""

    bound: NDArray[np.bool_]
    undecided: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decision:
    """What a batch of lines came to: who is protected, from when to when, and what is owed before shared caps."""

    binding: Binding
    covers: Covers
    openings: Openings
    steps: Steps


class Engine:
    """One version of terms, made ready for facts of one span of time.

    Args:
        terms: The promise.
        dictionaries: The codes that facts use.
        from_us: The first moment of the facts; only speed depends on it.
        as_of_us: The last moment that exists.
    """

    def __init__(self, terms: Terms, *, dictionaries: Dictionaries, from_us: int, as_of_us: int) -> None:
        self.terms = terms
        self.dictionaries = dictionaries
        self.as_of_us = as_of_us
        self.days = Days.over(terms.zone, from_us=from_us, to_us=as_of_us)
        self.rolling = self._rolling(from_us, as_of_us)

    def under(self, terms: Terms) -> "Engine":
        """The same engine under terms that differ in anything but zone, calendar and roll."""
        other = copy(self)
        other.terms = terms
        return other

    def _rolling(self, from_us: int, as_of_us: int) -> Rolling | None:
        window = self.terms.window
        first, last = (int(day) for day in self.days.day_of(np.array([from_us, as_of_us])))
        return rolling(window.calendar_id, roll=window.roll, from_day=first - 31, to_day=last + 800)

    def arrange(self, prices: Prices, *, texts: PriceTexts) -> Market:
        """Arrange prices into series under the terms' rules on which prices count.

        Args:
            prices: Every price fact, one batch.
            texts: The id of each row, by row.

        Cost: see `series.arrange`.
        """
        compare = self.terms.compare
        row = np.flatnonzero(prices.live)
        live = slice(None) if len(row) == len(prices) else row
        counts, unknown = np.ones(len(prices), dtype=np.bool_), 0
        if compare.prices_where is not None:
            truth = evaluate(compare.prices_where, prices.others, rows=len(prices))
            counts, unknown = truth == 1, int((truth[live] == -1).sum())
        if compare.in_stock_required:
            counts &= prices.in_stock == 1
        skus = len(self.dictionaries["sku"])
        kinds = prices.texts["kind"]
        listed = kinds.codes == self.dictionaries["kind"].code_of("list")
        gift = prices.gift_minor
        if gift is None or self.terms.allocation.gifts != "strict":
            # What comes with the goods makes a series of its own only where the terms ask for it.
            gift = np.zeros(len(prices), dtype=np.int64)
        rows = PriceRows(
            sku=prices.texts["sku"].codes[live],
            attributes={name: _codes(prices.texts.get(name), rows=len(prices))[live] for name in ATTRIBUTES},
            kind=kinds.codes[live],
            currency=prices.texts["currency"].codes[live],
            min_quantity=prices.min_quantity[live],
            gift_minor=gift[live],
            at=prices.at[live],
            until=prices.until[live],
            price_minor=prices.price_minor[live],
            row=row,
            counts=counts[live],
        )
        day = self.days.day_of(rows.at) if compare.seen_at_least > 1 else None
        book = arrange(rows, skus=skus, day=day, seen_at_least=compare.seen_at_least)
        endless = int((~listed[live] & (rows.until == MISSING)).sum())
        return Market(book=book, ids=texts, skus=skus, unknown=unknown, endless=endless)

    def bind(self, lines: Lines) -> Binding:
        """Say which lines of a batch the promise protects.

        Clause: the scope's. A missing fact is unknown, not no: the line is undecided.
        """
        live = lines.live
        bound, undecided = live, np.zeros(len(lines), dtype=np.bool_)
        if self.terms.scope is not None:
            truth = evaluate(self.terms.scope, self._named(lines), rows=len(lines))
            bound, undecided = live & (truth == 1), live & (truth == -1)
        for name in self.terms.compare.same:
            lacking = _codes(lines.texts.get(name), rows=len(lines)) == NULL_CODE
            undecided = undecided | (bound & lacking)
            bound = bound & ~lacking
        return Binding(bound=bound, undecided=undecided)

    def _named(self, lines: Lines) -> Mapping[str, Column]:
        """The columns that the scope names; of a statute, one that the orders do not have is unknown throughout."""
        scope = self.terms.scope
        if scope is None or not self.terms.statute:
            return lines.others
        unknown = Text(np.full(len(lines), NULL_CODE, dtype=np.int32), ())
        return {name: lines.others.get(name, unknown) for name in scope.columns}

    def asked(self, lines: Lines, binding: Binding) -> Binding:
        """Bind, of a promise that pays on claims, only the lines whose buyer has claimed: live, nobody else has asked yet."""
        if self.terms.compare.against is not Against.AT_CLAIM:
            return binding
        claimed = lines.moments.get("claimed", np.full(len(lines), MISSING)) != MISSING
        return Binding(bound=binding.bound & claimed, undecided=binding.undecided)

    def open(self, lines: Lines, *, binding: Binding, length: Length | None = None) -> tuple[Covers, Openings]:
        """Split the bound lines into covers and work out when each is open.

        Args:
            lines: The batch.
            binding: Which lines are bound.
            length: A length of the window to try instead of the term's own.
        """
        covers = split_units(lines, bound=binding.bound, total=self.basis_of(lines))
        openings = open_covers(
            covers,
            lines,
            window=self.terms.window,
            length=length or self.terms.window.length,
            days=self.days,
            rolling=self.rolling,
            as_of_us=self.as_of_us,
            at_open_counts=self.terms.compare.at_open_counts,
        )
        return covers, openings

    def basis_of(self, lines: Lines) -> NDArray[np.int64]:
        """What each whole line's price protection measures from: paid, less tenders that count as discounts, less gifts netted."""
        basis = lines.paid_minor
        if lines.discount_minor is not None:
            basis = np.maximum(basis - lines.discount_minor, 0)
        if lines.gift_minor is not None and self.terms.allocation.gifts == "netted":
            basis = np.maximum(basis - lines.gift_minor, 0)
        return basis

    def decide(self, lines: Lines, *, market: Market, length: Length | None = None) -> Decision:
        """Decide what a batch of lines is owed, before caps that several lines share.

        Args:
            lines: The batch; one line or millions.
            market: The prices.
            length: A length of the window to try instead of the term's own.
        """
        return self.decide_bound(lines, binding=self.bind(lines), market=market, length=length)

    def decide_bound(self, lines: Lines, *, binding: Binding, market: Market, length: Length | None = None) -> Decision:
        """Decide lines that are bound already (see `decide`)."""
        covers, openings = self.open(lines, binding=binding, length=length)
        if self.terms.compare.against is Against.AT_CLAIM:
            within = self.terms.compare.claim_within
            openings = ask_once(openings, claimed=claims_in(lines, covers), within=within, days=self.days)
        steps = self.compare(lines, covers=covers, openings=openings, market=market)
        return Decision(binding=binding, covers=covers, openings=openings, steps=steps)

    def compare(
        self, lines: Lines, *, covers: Covers, openings: Openings, market: Market, one_by_one: bool = False
    ) -> Steps:
        """Walk the prices of each line's covers (see `owed.price.find_price_drops`)."""
        strict = self.terms.allocation.gifts == "strict"
        gift = lines.gift_minor if lines.gift_minor is not None else np.zeros(len(lines), dtype=np.int64)
        seekers = Seekers(
            sku=lines.texts["sku"].codes,
            attributes={name: lines.texts[name].codes for name in ATTRIBUTES if name in lines.texts},
            currency=lines.texts["currency"].codes,
            quantity=lines.quantity,
            gift_minor=gift if strict else np.full(len(lines), -1, dtype=np.int64),
            line_cap=self.line_caps(lines),
        )
        return find_price_drops(
            covers,
            openings,
            seekers,
            book=market.book,
            ids=market.ids,
            rules=remedy_rules(self.terms, lines.texts["currency"].values),
            same=self.terms.compare.same,
            one_by_one=one_by_one,
        )

    @property
    def shares_caps(self) -> bool:
        """Whether caps are shared by several lines, so that none is final before all of them are decided."""
        return bool(shared(self.terms))

    def grant(self, batches: Sequence[tuple[Lines, Steps]]) -> list[tuple[Whole, Whole]]:
        """Cut the paying steps of batches to the caps that lines share.

        Args:
            batches: Lines and what was decided on them before shared caps; every line that may share a purse is in one of them.

        Returns:
            For each batch the places of its paying steps, and what each of them pays.

        Cost: one pass over the steps, and a sort where a cap is shared.
        """
        claims = [claims_of(self.terms, lines, steps, basis_minor=self.basis_of(lines)) for lines, steps in batches]
        granted = grant(self.terms, claims, days=self.days)
        return [(mine.step, amounts) for mine, amounts in zip(claims, granted, strict=True)]

    def line_caps(self, lines: Lines) -> NDArray[np.int64]:
        """The ceiling over all units of each line, minor units; -1 where none can bind."""
        caps = np.full(len(lines), -1, dtype=np.int64)
        for cap in self.terms.remedy.caps:
            if cap.scope is not Scope.LINE or cannot_bind(self.terms, cap):
                continue
            limit = limit_of(cap, lines.texts["currency"], self.basis_of(lines))
            caps = np.where(caps < 0, limit, np.minimum(caps, limit))
        return caps


def claims_in(lines: Lines, covers: Covers) -> NDArray[np.int64] | None:
    """When the buyer of each cover asked; None where the facts do not say."""
    claimed = lines.moments.get("claimed")
    return None if claimed is None else claimed[covers.line]


def reading_of(terms: Terms, *, as_of_us: int = FOREVER) -> tuple[Reading, Reading]:
    """Say what the readers of orders and of prices must know for these terms."""
    window = terms.window
    anchors = [window.opens, window.closes_after]
    anchors += [a for s in (*window.gaps, *window.pauses) for a in (s.starts, s.ends)]
    scopes = {cap.scope for cap in terms.remedy.caps}
    keys = {name for scope, name in ((Scope.ORDER, "order_id"), (Scope.BUYER, "buyer_id")) if scope in scopes}
    orders = Reading(
        zone=terms.zone,
        named=terms.scope.columns if terms.scope else frozenset(),
        anchors=frozenset(name for anchor in anchors for name in anchor.facts),
        discount_tenders=frozenset(terms.allocation.discount_tenders),
        keys=frozenset(keys),
        as_of_us=as_of_us,
    )
    where = terms.compare.prices_where
    prices = Reading(zone=terms.zone, named=where.columns if where else frozenset(), as_of_us=as_of_us)
    return orders, prices


def _codes(text: Text | None, *, rows: int) -> NDArray[np.int32]:
    return np.full(rows, NULL_CODE, dtype=np.int32) if text is None else text.codes
