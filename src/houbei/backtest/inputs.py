"""The files of a backtest: opened, checked, their prices read whole and their order lines made ready to be read by batches."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING
from houbei.engine import reading_of
from houbei.facts.arrow import flags_of
from houbei.facts.dictionary import Dictionaries
from houbei.facts.grouping import grouped
from houbei.facts.hashes import hash_texts
from houbei.facts.moments import read_moments
from houbei.facts.orders import KNOWN as ORDER_COLUMNS
from houbei.facts.orders import MOMENTS, Lines, Reading, columns_wanted, read_lines
from houbei.facts.parts import read_parts
from houbei.facts.prices import KNOWN as PRICE_COLUMNS
from houbei.facts.prices import Prices, joined, price_columns_wanted, read_prices
from houbei.facts.raw import plain_text
from houbei.facts.rejected import Rejection
from houbei.facts.twins import find_suspects
from houbei.store.files import Batch, RowFile
from houbei.terms.model import Terms

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, rows done and rows in all."""
_In = TypeVar("_In")
_Out = TypeVar("_Out")


@dataclass(slots=True)
class Inputs:
    """Two files and the terms they are read under.

    `suspects` are the rows that may repeat a line_id, and `fingerprint` the sha256 over both files; both are worked out beside
    the reading of prices.
    """

    orders: RowFile
    prices: RowFile
    terms: Terms
    dictionaries: Dictionaries
    threads: int
    order_reading: Reading
    price_reading: Reading
    as_of_us: int
    from_us: int
    suspects: Future[NDArray[np.bool_]]
    fingerprint: Future[str]
    _turn: "Turnstile"

    @property
    def order_columns(self) -> list[str]:
        """The columns of the orders that are read; order_id only where it is needed as a key or may be missing."""
        wanted = columns_wanted(self.orders.columns, self.order_reading)
        reading = self.order_reading
        if "order_id" in reading.keys | reading.named or not self.orders.never_null("order_id"):
            return wanted
        return [name for name in wanted if name != "order_id"]

    def read_lines(self, batch: Batch, place: int) -> Lines:
        """Read a batch of order lines and reject the rows that repeat an accepted line_id of an earlier row.

        The lines come ordered by SKU: each SKU's prices are then looked up while they are near (4 times faster).

        Args:
            batch: The rows.
            place: The batch's place in the file; batches take turns in it.
        """
        with self._turn.held(place):
            table = self.orders.read(batch, self.order_columns)
            lines = read_lines(
                table,
                first_row=batch.first_row,
                reading=self.order_reading,
                dictionaries=self.dictionaries,
                broken=self.orders.broken,
            )
            self._reject_twins(lines, batch, self._turn.wait(place))
        skus = lines.texts["sku"].codes.astype(np.int64) + 1
        return lines.in_order(grouped(skus, size=int(skus.max(initial=0)) + 1)[0])

    def _reject_twins(self, lines: Lines, batch: Batch, seen: set[str]) -> None:
        first = batch.first_row - 1
        here = np.flatnonzero(self.suspects.result()[first : first + batch.size] & flags_of(lines.ids.is_valid()))
        live = lines.live
        twins = np.zeros(len(lines), dtype=np.bool_)
        for row, text in zip(here, lines.line_ids(here).to_pylist(), strict=True):
            twins[row] = text in seen
            if live[row]:
                seen.add(text)
        lines.findings.note(twins, Rejection.DUPLICATE_LINE)

    def restart(self, *, as_of_us: int) -> None:
        """Make ready to read the files once more, as of another moment."""
        self.as_of_us = as_of_us
        self.order_reading = replace(self.order_reading, as_of_us=as_of_us)
        self.price_reading = replace(self.price_reading, as_of_us=as_of_us)
        self._turn = Turnstile()


class Turnstile:
    """Lets batches that are read side by side through one after the other, in the order of the file."""

    def __init__(self) -> None:
        self._next = 0
        self._broken = False
        self._seen: set[str] = set()
        self._moved = threading.Condition()

    @contextmanager
    def held(self, place: int) -> Iterator[None]:
        """Let the next batch through when the block ends; a block that fails lets nobody wait for it."""
        try:
            yield
        except BaseException:
            with self._moved:
                self._broken = True
                self._moved.notify_all()
            raise
        with self._moved:
            self._next = place + 1
            self._moved.notify_all()

    def wait(self, place: int) -> set[str]:
        """Wait for the turn of `place`; give the line_ids accepted so far among those that may repeat."""
        with self._moved:
            self._moved.wait_for(lambda: self._next == place or self._broken)
            return self._seen


def open_inputs(
    terms: Terms, *, orders: Path, prices: Path, as_of_us: int | None, threads: int, progress: Progress
) -> Inputs:
    """Open both files, find the latest moment in them and the rows that may repeat a line_id.

    Raises:
        InputError: a file, or a column that is needed, is absent or unusable.

    Cost: a pass over line_id and one over the bytes, both beside whatever follows; a pass over the moments where the file keeps no
    statistics of them.
    """
    order_file, price_file = RowFile(orders, contract=ORDER_COLUMNS), RowFile(prices, contract=PRICE_COLUMNS)
    order_reading, price_reading = reading_of(terms)
    columns_wanted(order_file.columns, order_reading)
    price_columns_wanted(price_file.columns, price_reading)
    order_span = _span(order_file, [f"{name}_at" for name in MOMENTS], terms.zone)
    for name in ("deliveries", "returns"):
        order_span = _wider(order_span, _span_of_lists(order_file, name, terms.zone))
    first, last = _wider(order_span, _span(price_file, ["at"], terms.zone))
    as_of = last if as_of_us is None else as_of_us
    return Inputs(
        orders=order_file,
        prices=price_file,
        terms=terms,
        dictionaries=Dictionaries(),
        threads=threads,
        order_reading=replace(order_reading, as_of_us=as_of),
        price_reading=replace(price_reading, as_of_us=as_of),
        as_of_us=as_of,
        from_us=min(first, as_of),
        suspects=_beside(_suspects, order_file, progress),
        fingerprint=_beside(fingerprint_of, orders, prices),
        _turn=Turnstile(),
    )


def open_again(terms: Terms, *, orders: Path, prices: Path, as_of_us: int) -> Inputs:
    """Open the files of an answered question, to look at some of their rows; no row is looked up for a second line_id."""
    order_reading, price_reading = reading_of(terms, as_of_us=as_of_us)
    return Inputs(
        orders=RowFile(orders, contract=ORDER_COLUMNS),
        prices=RowFile(prices, contract=PRICE_COLUMNS),
        terms=terms,
        dictionaries=Dictionaries(),
        threads=1,
        order_reading=order_reading,
        price_reading=price_reading,
        as_of_us=as_of_us,
        from_us=as_of_us,
        suspects=_beside(np.zeros, 0, np.bool_),
        fingerprint=_beside(fingerprint_of, orders, prices),
        _turn=Turnstile(),
    )


def _beside(work: Callable[..., _Out], *arguments: Any) -> Future[_Out]:
    """Begin a piece of work in a thread of its own; whoever needs its result waits for it."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(work, *arguments)
    pool.shutdown(wait=False)
    return future


def _suspects(file: RowFile, progress: Progress) -> NDArray[np.bool_]:
    pieces = []
    for batch in file.batches():
        texts = plain_text(file.read(batch, ["line_id"]).column(0).combine_chunks(), where="orders.line_id")
        pieces.append(hash_texts(texts))
        progress("check", batch.first_row + batch.size - 1, file.rows)
    return find_suspects(np.concatenate(pieces))


def _span(file: RowFile, columns: list[str], zone: str) -> tuple[int, int]:
    """The first and last moment in the named columns."""
    span = (2**62, 0)
    for name in columns:
        if name not in file.columns:
            continue
        known = file.span(name)
        span = _wider(span, known if known is not None else _scanned(file, name, zone))
    return span


def _scanned(file: RowFile, name: str, zone: str) -> tuple[int, int]:
    span = (2**62, 0)
    for batch in file.batches():
        moments, _ = read_moments(file.read(batch, [name]).column(0).combine_chunks(), zone=zone, where=name)
        span = _wider(span, _ends(moments))
    return span


def _span_of_lists(file: RowFile, name: str, zone: str) -> tuple[int, int]:
    span = (2**62, 0)
    for batch in file.batches() if name in file.columns else []:
        column = file.read(batch, [name]).column(0).combine_chunks()
        span = _wider(span, _ends(read_parts(column, zone=zone, where=name)[0].at))
    return span


def _ends(moments: NDArray[np.int64]) -> tuple[int, int]:
    known = moments[moments != MISSING]
    return (int(known.min()), int(known.max())) if len(known) else (2**62, 0)


def _wider(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    return min(a[0], b[0]), max(a[1], b[1])


def read_all_prices(inputs: Inputs, progress: Progress) -> Prices:
    """Read the whole price file; prices are few beside lines, and every line may need any of them."""
    columns = price_columns_wanted(inputs.prices.columns, inputs.price_reading)

    def read(batch: Batch) -> Prices:
        return read_prices(
            inputs.prices.read(batch, columns),
            first_row=batch.first_row,
            reading=inputs.price_reading,
            dictionaries=inputs.dictionaries,
            broken=inputs.prices.broken,
        )

    pieces = []
    for batch, piece in in_order(read, inputs.prices.batches(), inputs.threads):
        pieces.append(piece)
        progress("prices", batch.first_row + batch.size - 1, inputs.prices.rows)
    return joined(pieces)


def in_order(function: Callable[[_In], _Out], items: list[_In], threads: int) -> Iterator[tuple[_In, _Out]]:
    """Run a function over items in some threads and give the results in order, at most two a thread under way."""
    if threads == 1 or len(items) == 1:
        for item in items:
            yield item, function(item)
        return
    with ThreadPoolExecutor(threads) as pool:
        under_way = []
        for item in items:
            under_way.append((item, pool.submit(function, item)))
            if len(under_way) > threads:
                first, future = under_way.pop(0)
                yield first, future.result()
        for item, future in under_way:
            yield item, future.result()


def fingerprint_of(*paths: Path) -> str:
    """The sha256 over the input files, orders first: the same report needs the same bytes."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(2**20):
                digest.update(block)
    return f"sha256:{digest.hexdigest()}"
