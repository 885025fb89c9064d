"""Which lines arrive together under one promise, and which delivery a scan is about."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houbei.facts.arrow import text_array
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import Lines
from houbei.facts.promises import PromisesGiven
from houbei.facts.rejected import Rejection
from houbei.facts.scans import ScansTold

Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

_OF_A_LINE = ("shipped:", "delivered:", "installed:")
"""How the ids begin of what a line itself says (see `sightings`), which a dispute may name."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Together:
    """Lines that arrive together, one entry a delivery, and one entry a line of a delivery.

    `ids` and `orders` are codes of the dictionaries `delivery_id` and `order_id` (of several orders that of its first line). `delivery` and `line` go together: line `line[k]` belongs to delivery
    `delivery[k]`, ordered by delivery, then line. `of_promise` is the delivery of each promise given, -1 where none of these lines is
    meant.
    """

    ids: NDArray[np.int64]
    orders: NDArray[np.int64]
    delivery: Whole
    line: Whole
    of_promise: Whole

    def __len__(self) -> int:
        return len(self.ids)


def group_lines(
    lines: Lines, promises: PromisesGiven, *, bound: Marks, by_order: bool, dictionaries: Dictionaries
) -> Together:
    """Find which lines arrive together: those that promises given say, else those of an order.

    Args:
        lines: A batch of lines that holds every line of its orders, with `order_id`.
        promises: What was shown to their buyers.
        bound: Which lines are asked for; a delivery without one is left out.
        by_order: Whether the lines of an order always arrive together, whatever was shown.
        dictionaries: The codes that both use.

    Returns:
        The deliveries. A line that no promise names belongs to the delivery that has the id of its order, unless that one has other lines.

    Cost: a few sorts.
    """
    here = np.flatnonzero(lines.live & bound)
    order = lines.texts["order_id"].codes[here].astype(np.int64)
    own = _own_delivery(dictionaries)[order]
    pairs = np.stack((own, here))
    if not by_order:
        named = _named(lines, here, promises, dictionaries)
        left = ~np.isin(here, named[1]) & ~np.isin(own, named[0])
        pairs = _distinct(np.concatenate((named, pairs[:, left]), axis=1))
    order_of_pairs = np.lexsort((pairs[1], pairs[0]))
    codes, line = pairs[0][order_of_pairs], pairs[1][order_of_pairs]
    ids, first, delivery = np.unique(codes, return_index=True, return_inverse=True)
    places = np.full(len(dictionaries["delivery_id"]) + 1, -1, dtype=np.int64)
    places[ids] = np.arange(len(ids))
    mine = _own_delivery(dictionaries)[promises.order_ids.codes] if by_order else promises.delivery_ids.codes
    return Together(
        ids=ids,
        orders=lines.texts["order_id"].codes[line[first]].astype(np.int64),
        delivery=delivery.reshape(-1).astype(np.int64),
        line=line,
        of_promise=np.where(promises.live, places[mine], -1),
    )


def place_scans(
    scans: ScansTold, together: Together, promises: PromisesGiven, lines: Lines, *, dictionaries: Dictionaries
) -> Whole:
    """Find the delivery of each scan: by its delivery_id, else by its order where that has one delivery or one of its own id.

    Args:
        scans: The scans.
        together: The deliveries.
        promises: What was shown of them; a delivery_id that they name leads to the delivery.
        lines: The lines of the deliveries.
        dictionaries: The codes that all use.

    Returns:
        The place of the delivery, -1 where none of these is meant.

    Cost: a few look-ups a scan.
    """
    of_id = np.full(len(dictionaries["delivery_id"]) + 1, -1, dtype=np.int64)
    shown = np.flatnonzero(together.of_promise >= 0)
    of_id[promises.delivery_ids.codes[shown]] = together.of_promise[shown]
    of_id[together.ids] = np.arange(len(together))
    of_order = np.full(len(dictionaries["order_id"]) + 1, -1, dtype=np.int64)
    pairs = _distinct(np.stack((lines.texts["order_id"].codes[together.line].astype(np.int64), together.delivery)))
    orders, first, counts = np.unique(pairs[0], return_index=True, return_counts=True)
    of_order[orders] = np.where(counts == 1, pairs[1][first], of_id[_own_delivery(dictionaries)[orders]])
    by_id, by_order = of_id[scans.delivery_ids.codes], of_order[scans.order_ids.codes]
    return np.where(scans.live, np.where(by_id >= 0, by_id, by_order), -1)


def reject_unplaced(promises: PromisesGiven, scans: ScansTold, lines: Lines, *, dictionaries: Dictionaries) -> None:
    """Reject the promises and scans of which no order is known, and scans of which the delivery cannot be told.

    Args:
        promises: All promises given; their findings are noted.
        scans: All scans; their findings are noted.
        lines: All lines, of every order.
        dictionaries: The codes that all use.
    """
    everything = np.ones(len(lines), dtype=np.bool_)
    together = group_lines(lines, promises, bound=everything, by_order=False, dictionaries=dictionaries)
    meant = promises.whole.copy()
    meant[_lines_named(lines, np.flatnonzero(lines.live), promises, dictionaries)[0]] = True
    promises.findings.note(promises.live & ((together.of_promise < 0) | ~meant), Rejection.UNKNOWN_ORDER)
    placed = place_scans(scans, together, promises, lines, dictionaries=dictionaries)
    known = np.zeros(len(dictionaries["order_id"]) + 1, dtype=np.bool_)
    known[together.orders] = True
    known[-1] = False
    told_of = known[scans.order_ids.codes] | (scans.order_ids.codes < 0)
    scans.findings.note(scans.live & (placed < 0) & ~told_of, Rejection.UNKNOWN_ORDER)
    scans.findings.note(scans.live & (placed < 0) & told_of, Rejection.UNKNOWN_DELIVERY)
    told = np.full(len(dictionaries["scan_id"]) + 1, -1, dtype=np.int64)
    live = np.flatnonzero(scans.live)
    told[scans.scan_ids.codes[live]] = placed[live]
    own = [text.startswith(_OF_A_LINE) for text in scans.disputes.values]
    by_line = np.array([*own, False], dtype=np.bool_)[scans.disputes.codes]
    lost = scans.live & (scans.disputes.codes >= 0) & (told[scans.disputes.codes] != placed) & ~by_line
    scans.findings.note(lost, Rejection.UNKNOWN_SCAN)


def _own_delivery(dictionaries: Dictionaries) -> Whole:
    """By order code the code of the delivery that has the order's id; -1 for no order."""
    codes = dictionaries["delivery_id"].codes_of(text_array([*dictionaries["order_id"].values]))
    return np.append(codes, np.int32(-1)).astype(np.int64)


def _named(lines: Lines, here: Whole, promises: PromisesGiven, dictionaries: Dictionaries) -> NDArray[np.int64]:
    """Pairs of delivery code and line that promises given say belong together."""
    order = lines.texts["order_id"].codes
    by_order = here[np.argsort(order[here], kind="stable")]
    whole = np.flatnonzero(promises.live & promises.whole)
    wanted = promises.order_ids.codes[whole]
    starts, ends = (np.searchsorted(order[by_order], wanted, side=side) for side in ("left", "right"))
    counts = ends - starts
    offset = np.repeat(starts - np.cumsum(counts) + counts, counts)
    of_whole = by_order[offset + np.arange(len(offset))]
    row, line = _lines_named(lines, here, promises, dictionaries)
    delivery = promises.delivery_ids.codes.astype(np.int64)
    pairs = np.stack(
        (
            np.concatenate((np.repeat(delivery[whole], counts), delivery[row])),
            np.concatenate((of_whole, line)),
        )
    )
    return _distinct(pairs)


def _distinct(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each pair once, in their order; none of the numbers is below 0 or has more than 32 bits."""
    packed = np.unique((pairs[0] << 32) + pairs[1])
    return np.stack((packed >> 32, packed & 0xFFFFFFFF))


def _lines_named(lines: Lines, here: Whole, promises: PromisesGiven, dictionaries: Dictionaries) -> tuple[Whole, Whole]:
    """Rows that name lines of their own order, and these lines."""
    codes = dictionaries["line_id"].codes_of(lines.line_ids(here))
    place = np.full(len(dictionaries["line_id"]) + 1, -1, dtype=np.int64)
    place[codes] = here
    row = promises.lines.row
    line = place[promises.lines.code]
    good = promises.live[row] & (line >= 0)
    order = np.append(lines.texts["order_id"].codes, np.int32(-2))
    good &= order[line] == promises.order_ids.codes[row]
    return row[good], line[good]
