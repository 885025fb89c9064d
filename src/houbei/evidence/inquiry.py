"""The same engine asked again under terms relaxed in one point: what that point kept a line from.

No rule stands here. Each question is the engine's own decision with one field of the terms, the prices or the lines replaced.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING, NULL_CODE, Text
from houbei.cover.windows import FOREVER
from houbei.engine import Binding, Decision, Engine, Market
from houbei.facts.dictionary import Dictionary
from houbei.facts.orders import Lines
from houbei.facts.prices import Prices
from houbei.owed.price import Steps
from houbei.owed.series import Book
from houbei.terms.model import Against, Anchor, Scope, Terms, Window
from houbei.terms.truth import evaluate

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

IN_STOCK = "in_stock"
SEEN = "seen_at_least"
"""What keeps a price from counting besides the parts of its condition."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inquiry:
    """An engine with its prices, ready to be asked why.

    `every_price` is the market in which every price counts, None where the terms let every price count. In `every_series` each
    series of a SKU is open to everybody. `refused_by` says for each price row what keeps it from counting; code -1 where nothing does.
    `words` are the texts that answers name; `price_rows` is the 1-based data row of each price.
    """

    engine: Engine
    prices: Prices
    market: Market
    every_price: Market | None
    every_series: Market
    refused_by: Text
    words: Dictionary
    price_rows: Whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """The deciding price of each line that has one: its place in the book, its row, and the moment at which it would have paid."""

    line: Whole
    price: Whole
    row: Whole
    at: Whole


def prepare_inquiry(engine: Engine, *, prices: Prices, market: Market, price_rows: Whole | None = None) -> Inquiry:
    """Make ready to ask why.

    Args:
        engine: The engine that decided.
        prices: Every price fact.
        market: The same prices as the engine arranged them.
        price_rows: The 1-based data row of each price, where the prices are not a run of their file's rows.

    Cost: where some prices do not count, they are arranged once more; a few passes over them.
    """
    compare = engine.terms.compare
    picky = compare.prices_where is not None or compare.in_stock_required or compare.seen_at_least > 1
    words = Dictionary()
    every_price = None
    if picky:
        lenient = replace(compare, prices_where=None, in_stock_required=False, seen_at_least=1)
        every_price = engine.under(replace(engine.terms, compare=lenient)).arrange(prices, texts=market.ids)
    return Inquiry(
        engine=engine,
        prices=prices,
        market=market,
        every_price=every_price,
        every_series=replace(market, book=_opened(market.book)),
        refused_by=_refusals(engine.terms, prices, market.book, words),
        words=words,
        price_rows=np.arange(prices.first_row, prices.first_row + len(prices)) if price_rows is None else price_rows,
    )


def _opened(book: Book) -> Book:
    """The book with every series open to everybody who pays in its currency."""
    return replace(
        book,
        attributes={name: np.full_like(codes, NULL_CODE) for name, codes in book.attributes.items()},
        min_quantity=np.zeros_like(book.min_quantity),
    )


def _refusals(terms: Terms, prices: Prices, book: Book, words: Dictionary) -> Text:
    """What keeps each price row from counting: the first part of its condition that is not true, its stock, or how seldom it was seen."""
    refused = np.full(len(prices), NULL_CODE, dtype=np.int32)
    where = terms.compare.prices_where
    for part in where.parts if where is not None else ():
        untrue = evaluate(part, prices.others, rows=len(prices)) != 1
        refused[untrue & (refused == NULL_CODE)] = words.code_of(part.text)
    if terms.compare.in_stock_required:
        refused[(prices.in_stock != 1) & (refused == NULL_CODE)] = words.code_of(IN_STOCK)
    if terms.compare.seen_at_least > 1:
        counting = np.zeros(len(prices), dtype=np.bool_)
        counting[book.row] = True
        refused[~counting & (refused == NULL_CODE)] = words.code_of(SEEN)
    return Text(refused, words.values)


def lowest_of(steps: Steps, which: Marks, book: Book) -> Found:
    """The lowest price among some steps of each line, one that pays before one that is held, the earliest of equal ones."""
    places = np.flatnonzero(which)
    price_minor = book.price_minor[steps.price[places]]
    order = places[np.lexsort((places, price_minor, steps.held[places], steps.line[places]))]
    line = steps.line[order]
    first = order[np.concatenate(([True], line[1:] != line[:-1]))] if len(order) else order
    price = steps.price[first]
    return Found(line=steps.line[first], price=price, row=book.row[price], at=steps.at[first])


def total_of(steps: Steps, lines: int) -> Whole:
    """What the steps pay each line in all, minor units."""
    total = np.zeros(lines, dtype=np.int64)
    paid = steps.held == 0
    np.add.at(total, steps.line[paid], steps.amount[paid])
    return total


def bound_to(which: Marks) -> Binding:
    """Bind the marked lines alone."""
    return Binding(bound=which, undecided=np.zeros_like(which))


def without_caps(inquiry: Inquiry, lines: Lines, which: Marks) -> Steps:
    """What the marked lines would get if nothing were capped."""
    terms = inquiry.engine.terms
    engine = inquiry.engine.under(replace(terms, remedy=replace(terms.remedy, caps=())))
    return engine.decide_bound(lines, binding=bound_to(which), market=inquiry.market).steps


def without_least(inquiry: Inquiry, lines: Lines, which: Marks) -> Steps:
    """What the marked lines would get if every amount were worth paying."""
    terms = inquiry.engine.terms
    engine = inquiry.engine.under(replace(terms, remedy=replace(terms.remedy, min_payout=None)))
    return engine.decide_bound(lines, binding=bound_to(which), market=inquiry.market).steps


def kept(lines: Lines) -> Lines:
    """The lines as if none of their units had been cancelled or returned."""
    moments = {name: at for name, at in lines.moments.items() if name not in ("cancelled", "returned")}
    return replace(lines, moments=moments, returns=None, returned_quantity=np.zeros_like(lines.returned_quantity))


def gave_back(lines: Lines) -> Marks:
    """Which lines were cancelled or had units returned."""
    marks = np.zeros(len(lines), dtype=np.bool_)
    for name in ("cancelled", "returned"):
        if name in lines.moments:
            marks |= lines.moments[name] != MISSING
    if lines.returns is not None:
        marks[lines.returns.line[lines.returns.at != MISSING]] = True
    return marks


def if_kept(inquiry: Inquiry, lines: Lines, which: Marks) -> Found:
    """The price that would have paid if nothing had been cancelled or returned."""
    return _decided(inquiry.engine, inquiry.market, kept(lines), which)


def if_unasked(inquiry: Inquiry, lines: Lines, which: Marks) -> Found:
    """The price that would have paid if nobody needed to claim."""
    return _decided(_unasked(inquiry.engine), inquiry.market, lines, which)


def if_every_price_counted(inquiry: Inquiry, lines: Lines, which: Marks) -> Found:
    """The price that would have paid if every price counted."""
    return _decided(inquiry.engine, inquiry.every_price or inquiry.market, lines, which)


def if_every_series_were_open(inquiry: Inquiry, lines: Lines, which: Marks) -> Found:
    """The price that would have paid if the buyer could have bought from every series of the SKU, in the currency charged."""
    terms = inquiry.engine.terms
    gifts = "ignored" if terms.allocation.gifts == "strict" else terms.allocation.gifts
    freer = replace(terms, compare=replace(terms.compare, same=()), allocation=replace(terms.allocation, gifts=gifts))
    return _decided(inquiry.engine.under(freer), inquiry.every_series, lines, which)


def if_always_open(inquiry: Inquiry, lines: Lines, which: Marks) -> Found:
    """The price that would have paid if covers were open from the order on and never closed."""
    engine = _unasked(inquiry.engine)
    always = Window(opens=Anchor(facts=("placed",)), closes_after=Anchor(on_us=FOREVER), length=None)
    compare = replace(engine.terms.compare, at_open_counts=True)
    return _decided(engine.under(replace(engine.terms, window=always, compare=compare)), inquiry.market, lines, which)


def lowest_in_window(inquiry: Inquiry, lines: Lines, decision: Decision, which: Marks) -> Found:
    """The lowest counting price of each marked line's window, whatever was paid: asked as if a unit had cost more than any price.

    Args:
        inquiry: What is asked.
        lines: The batch; `decision` is what was decided on it.
        decision: Its covers and openings are asked again.
        which: The lines.
    """
    terms = inquiry.engine.terms
    plain = replace(
        terms,
        remedy=replace(terms.remedy, times=Fraction(1), plus_part=Fraction(0), floor=None, min_payout=None, caps=()),
        compare=replace(terms.compare, suspicious_below=None),
    )
    covers = decision.covers
    above_all = int(inquiry.market.book.price_minor.max(initial=0)) + 1
    one_each = np.where(which[covers.line], np.int64(1), np.int64(0))
    steps = inquiry.engine.under(plain).compare(
        lines,
        covers=replace(covers, units=one_each, larger=np.zeros_like(one_each), basis=np.full_like(one_each, above_all)),
        openings=decision.openings,
        market=inquiry.market,
    )
    return lowest_of(steps, np.ones(len(steps.line), dtype=np.bool_), inquiry.market.book)


def in_other_currencies(inquiry: Inquiry, lines: Lines, decision: Decision, which: Marks) -> list[Found]:
    """The lowest price in force in each marked line's window in a currency that was not charged, currency by currency."""
    currency, left, found = lines.texts["currency"], which.copy(), []
    for code in np.unique(inquiry.market.book.currency):
        others = left & (currency.codes != code)
        if others.any():
            texts = {**lines.texts, "currency": Text(np.full_like(currency.codes, code), currency.values)}
            found.append(lowest_in_window(inquiry, replace(lines, texts=texts), decision, others))
            left[found[-1].line] = False
    return found


def can_be_capped(terms: Terms) -> bool:
    """Whether a unit or a line has a cap of its own."""
    return any(cap.scope in (Scope.UNIT, Scope.LINE) for cap in terms.remedy.caps)


def opens_ever(inquiry: Inquiry, lines: Lines, which: Marks) -> Marks:
    """Which of the marked lines have a cover that is open at some moment, whether or not somebody asks at it."""
    covers, openings = inquiry.engine.open(lines, binding=bound_to(which))
    marks = np.zeros(len(lines), dtype=np.bool_)
    marks[covers.line[(openings.starts < openings.ends).any(axis=1)]] = True
    return marks


def _unasked(engine: Engine) -> Engine:
    compare = replace(engine.terms.compare, against=Against.WINDOW_MIN, claim_within=None)
    return engine.under(replace(engine.terms, compare=compare))


def _decided(engine: Engine, market: Market, lines: Lines, which: Marks) -> Found:
    steps = engine.decide_bound(lines, binding=bound_to(which), market=market).steps
    return lowest_of(steps, np.ones(len(steps.line), dtype=np.bool_), market.book)


Question = Callable[[Inquiry, Lines, Marks], Found]
