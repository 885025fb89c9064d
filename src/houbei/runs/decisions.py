"""Facts of the store put to the engine: what the covers that are looked at are owed now. Live, audit and console all ask here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection

from houbei.columns import MISSING
from houbei.cover.windows import FOREVER
from houbei.engine import Decision, Engine, Market, reading_of
from houbei.errors import InvariantError
from houbei.facts.dictionary import Dictionaries
from houbei.facts.happened import LISTS, is_moment
from houbei.facts.moments import DAY_US
from houbei.facts.orders import Lines, columns_wanted, read_lines
from houbei.facts.prices import Prices, price_columns_wanted, price_ids, read_prices
from houbei.facts.texts import bytes_of
from houbei.owed.price import PriceTexts
from houbei.store.promises import Promise
from houbei.store.touched import Found, read_touched, touch_mates, touched_in_parts
from houbei.terms.model import Terms
from houbei.terms.moments import parse_moment

Whole = NDArray[np.int64]
COVERS_MAX = 100_000
"""How many covers are decided at once."""
A_DAY_US = 3 * 43_200_000_000
"""The local day of a moment ends at most this long after it, in every zone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decided:
    """What some lines of the store are owed under one promise.

    `amounts` is one a step of the decision: what it pays after caps that lines share, or what it holds. `price_ids` are by price row.
    """

    promise: Promise
    found: Found
    engine: Engine
    lines: Lines
    prices: Prices
    market: Market
    price_ids: pa.Array
    decision: Decision
    amounts: Whole

    def paying(self) -> Whole:
        """The places of the steps that pay something, ordered by line and moment."""
        return np.flatnonzero((self.decision.steps.held == 0) & (self.amounts > 0))

    def closes(self) -> Whole:
        """For each line the moment from which on no later price matters to it; `MISSING` for a line without a cover."""
        closes = np.full(len(self.lines), MISSING)
        until = matters_until(self.decision.openings.closes, terms=self.promise.terms)
        np.maximum.at(closes, self.decision.covers.line, until)
        return closes

    def opens_later(self) -> tuple[Whole, Whole]:
        """The moments after `as_of` at which covers open, and the places of their lines."""
        starts = self.decision.openings.starts
        later = (starts > self.engine.as_of_us) & (starts < FOREVER)
        cover, stretch = np.nonzero(later)
        return starts[cover, stretch], self.decision.covers.line[cover]


def named_in(terms: Terms) -> tuple[list[str], list[str]]:
    """The columns that must be there for some terms: of lines and of prices."""
    orders, prices = reading_of(terms)
    anchors = [f"{name}_at" for name in sorted(orders.anchors)]
    return [*sorted(orders.named - {"gift"}), *anchors], sorted(prices.named)


def matters_until(closes: Whole, *, terms: Terms) -> Whole:
    """From when on no later price matters to covers that close.

    Where sightings are counted, those of the whole local day do; where a claim may follow the closing, a price until then ends
    the one that it would have been paid for.
    """
    slack = A_DAY_US if terms.compare.seen_at_least > 1 else 0
    if (within := terms.compare.claim_within) is not None:
        days = 366 * within.years + 31 * within.months + within.days
        slack += days * DAY_US + A_DAY_US if within.exact_us is None else within.exact_us
    return np.minimum(closes, FOREVER - slack) + slack


def moments_told(more: Mapping[str, Any], *, zone: str) -> Iterator[int]:
    """Give every moment that a line's further columns tell of, whether it has happened or not; `zone` is for lists that name none."""
    yield from (value for name, value in more.items() if is_moment(name))
    for name in LISTS.values():
        if name in more:
            yield from (parse_moment(part["at"], zone=zone, where=name) for part in msgspec.json.decode(more[name]))


def read_bound(terms: Terms, found: Found, *, as_of_us: int) -> tuple[Engine, Lines]:
    """Read lines of the store for some terms, and make an engine ready for them.

    Raises:
        InvariantError: a line that was accepted cannot be read.
    """
    dictionaries = Dictionaries()
    reading, _ = reading_of(terms, as_of_us=as_of_us)
    wanted = columns_wanted(found.lines.column_names, reading)
    if "order_id" not in reading.keys | reading.named:
        wanted.remove("order_id")
    lines = read_lines(found.lines.select(wanted), first_row=1, reading=reading, dictionaries=dictionaries)
    if lines.findings.codes.any():
        place = int(np.flatnonzero(lines.findings.codes)[0])
        said = f"line {lines.line_ids(np.array([place]))[0]} was accepted and cannot be read: {lines.findings.codes[place]}"
        raise InvariantError(said)
    # A line that is placed later has no moment yet.
    from_us = int(lines.moments["placed"][lines.exists].min(initial=as_of_us))
    return Engine(terms, dictionaries=dictionaries, from_us=from_us, as_of_us=as_of_us), lines


def decide(promise: Promise, found: Found, *, as_of_us: int) -> Decided:
    """Decide lines of the store under one promise, as of a moment.

    Args:
        promise: The promise; all lines that share a purse with one of them are among them.
        found: Lines and the prices that may concern them.
        as_of_us: Later facts do not exist.

    Cost: 2 ms, and some µs a line.
    """
    terms = promise.terms
    engine, lines = read_bound(terms, found, as_of_us=as_of_us)
    _, reading = reading_of(terms, as_of_us=as_of_us)
    wanted = price_columns_wanted(found.prices.column_names, reading)
    prices = read_prices(found.prices.select(wanted), first_row=1, reading=reading, dictionaries=engine.dictionaries)
    ids = price_ids(prices)
    starts, text, _ = bytes_of(ids)
    market = engine.arrange(prices, texts=PriceTexts(starts.astype(np.int64), text))
    decision = engine.decide_bound(lines, binding=engine.asked(lines, engine.bind(lines)), market=market)
    amounts = decision.steps.amount
    if engine.shares_caps:
        amounts = amounts.copy()
        ((paying, granted),) = engine.grant([(lines, decision.steps)])
        amounts[paying] = granted
    return Decided(
        promise=promise,
        found=found,
        engine=engine,
        lines=lines,
        prices=prices,
        market=market,
        price_ids=ids,
        decision=decision,
        amounts=amounts,
    )


def decide_touched(
    connection: Connection, promise: Promise, *, as_of_us: int, every_series: bool = False
) -> Iterator[Decided]:
    """Decide the covers of one promise that are looked at, part by part.

    Args:
        connection: Where `touched` is; it holds the covers of the part that is given while it is given.
        promise: The promise. Covers that share a purse with one that is looked at are looked at, too.
        as_of_us: Later facts do not exist.
        every_series: Read also the prices that the lines cannot buy at.

    Cost: as `read_touched` and `decide`, for at most `COVERS_MAX` covers at once unless they share purses or are of one SKU.
    """
    terms = promise.terms
    keys = sorted(reading_of(terms)[0].keys)
    if keys:
        touch_mates(connection, terms=promise.seq, keys=keys)
    named, named_of_prices = named_in(terms)
    for _ in touched_in_parts(connection, terms=promise.seq, covers_max=2**62 if keys else COVERS_MAX):
        found = read_touched(
            connection,
            terms=promise.seq,
            named=named,
            named_of_prices=named_of_prices,
            whole_days=terms.compare.seen_at_least > 1,
            every_series=every_series,
        )
        yield decide(promise, found, as_of_us=as_of_us)
