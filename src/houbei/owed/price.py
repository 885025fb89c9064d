"""Price protection: the lowest price in force while a cover is open, against what was paid.

For a unit with basis b, over every moment of its cover, take the lowest counting price p in force in any series open to the
buyer. Owed is max(0, b − p) under the remedy, as a high-water mark: each new low owes the difference to what was owed before.
The walk over moments is `walk.decide`, the only place where this rule stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from houbei.columns import NULL_CODE
from houbei.cover.units import Covers
from houbei.cover.windows import Openings
from houbei.owed.remedy import Rule
from houbei.owed.series import Book
from houbei.owed.walk import decide

Whole = NDArray[np.int64]


class Outcome(IntEnum):
    """What a walk over a line's prices came to, weakest first."""

    NO_COVER = 0
    """The promise does not protect the line."""
    NEVER_OPEN = 1
    """Its covers have no open moment: what opens them has not happened, or they ended before."""
    NO_PRICE = 2
    """No counting price was in force while it was open."""
    PAID_NO_MORE = 3
    """It paid no more than every counting price."""
    HELD = 4
    """The only lower prices look like errors; a person must release them."""
    BELOW_MIN = 5
    """Less is owed than the least amount that is paid."""
    OWED = 6
    """Something is owed."""


class Step(IntEnum):
    """Rows of the table of steps."""

    LINE = 0
    COVER = 1
    AT = 2
    PRICE = 3
    UNITS = 4
    AMOUNT = 5
    HELD = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seekers:
    """Lines looking for prices: for each, codes of what a series may be closed by. `line_cap` is -1 where there is none."""

    sku: NDArray[np.int32]
    attributes: Mapping[str, NDArray[np.int32]]
    currency: NDArray[np.int32]
    quantity: Whole
    gift_minor: Whole
    line_cap: Whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """Steps of lines' high-water marks, a column each; `price` is an index into the book's prices, `held` is 0 or 1.

    `cover` is the cover that took the step when covers were asked for one by one, else -1. `outcome` is one a line.
    """

    line: Whole
    cover: Whole
    at: Whole
    price: Whole
    units: Whole
    amount: Whole
    held: Whole
    outcome: NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class PriceTexts:
    """The ids of the book's prices as text, for the tie between series: bytes and where each price's id starts."""

    starts: Whole
    text: NDArray[np.uint8]


def find_price_drops(  # noqa: PLR0913  three kinds of columns and what they are compared under
    covers: Covers,
    openings: Openings,
    seekers: Seekers,
    *,
    book: Book,
    ids: PriceTexts,
    rules: Whole,
    same: tuple[str, ...] = (),
    one_by_one: bool = False,
) -> Steps:
    """Find every price drop that each line is owed for.

    Args:
        covers: Runs of units of the lines.
        openings: When each cover is open.
        seekers: What the lines bring to the comparison, one entry a line.
        book: The price series.
        ids: The text ids of the book's prices; read only where two series have the same price at the same moment.
        rules: One row a currency code, columns of `Rule`.
        same: Attributes that must be equal and known.
        one_by_one: A step for each cover instead of one for the line.

    Returns:
        The steps, ordered by line and moment, and each line's outcome.

    Cost: for each line, a binary search and one look for each lower price of its series inside the window; for lines whose
    units have several dates, one look for each price inside.

    Clause: the remedy's. Cases A1–A8, A10, A11, A21–A27.
    """
    lines = len(seekers.sku)
    closed_by = [name for name in book.attributes if name in same or (book.attributes[name] >= 0).any()]
    widest = int(np.diff(book.of_sku).max(initial=1))
    most = int(np.diff(covers.of_line).max(initial=1))
    outcome = np.zeros(lines, dtype=np.int8)
    scratch = (
        *(np.zeros(max(widest, 1), dtype=np.int64) for _ in ("chosen", "position", "current")),
        np.zeros((max(most, 1), 4), dtype=np.int64),
        np.zeros((2 * max(most, 1), 6), dtype=np.int64),
        np.zeros(2, dtype=np.int64),
    )
    facts = (
        *(covers.of_line, covers.units, covers.larger, covers.basis),
        *(openings.starts, openings.ends, openings.counted_from, openings.counted_until),
        *(seekers.sku, _stacked(seekers.attributes, closed_by, lines), seekers.quantity, seekers.currency),
        *(seekers.gift_minor, seekers.line_cap, book.of_sku, _stacked(book.attributes, closed_by, book.series)),
        *(book.min_quantity, book.currency, book.gift_minor, book.of_series, book.since, book.at, book.end),
        *(book.price_minor, book.row, book.lower, ids.starts, ids.text, rules.reshape(-1)),
        np.array([name in same for name in closed_by], dtype=np.int64),
    )
    pieces, size, next_line = [], 2 * lines + 4 * most + 1024, 0
    while next_line < lines:
        out = np.empty((len(Step), size), dtype=np.int64)
        stopped, n = decide(next_line, *facts, one_by_one, *scratch, out, outcome, rows=lines)
        pieces.append(out[:, :n])
        size = 2 * size if stopped == next_line else size
        next_line = stopped
    steps = pieces[0] if len(pieces) == 1 else np.concatenate([np.empty((7, 0), dtype=np.int64), *pieces], axis=1)
    return Steps(**{name.name.lower(): steps[name] for name in Step}, outcome=outcome)


def _stacked(attributes: Mapping[str, NDArray[np.int32]], names: list[str], rows: int) -> NDArray[np.int32]:
    """The named attributes one below the other; one that is absent is open (or unknown) throughout."""
    stacked = np.full((max(len(names), 1), rows), NULL_CODE, dtype=np.int32)
    for place, name in enumerate(names):
        if name in attributes:
            stacked[place] = attributes[name]
    return stacked


__all__ = ["Outcome", "PriceTexts", "Rule", "Seekers", "Step", "Steps", "find_price_drops"]
