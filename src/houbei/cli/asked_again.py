"""What a backtest was asked, read again for one line: its rows, the rows that share caps with it, the prices of their SKUs."""

import csv
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from houbei.backtest.inputs import Inputs, open_again
from houbei.errors import InputError
from houbei.facts.orders import Lines, read_lines
from houbei.facts.prices import Prices, price_columns_wanted, read_prices
from houbei.facts.raw import plain_text
from houbei.store.files import RowFile
from houbei.terms.document import parse_terms
from houbei.terms.model import Terms
from houbei.terms.moments import parse_moment

Whole = NDArray[np.int64]

QUESTION, SUMMARY = "question.json", "summary.json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """A backtest's question and the folder of its answer; `rejected` are the order rows it refused, with code and reason."""

    folder: Path
    inputs: Inputs
    rejected: dict[int, tuple[str, str]]

    @property
    def terms(self) -> Terms:
        """The promise that was asked about."""
        return self.inputs.terms


def answers_in(out: Path) -> list[Path]:
    """Name the folders of answers: the one given, or those in it, one for each of several terms.

    Raises:
        InputError: there is none.
    """
    if (out / QUESTION).is_file():
        return [out]
    found = sorted(path.parent for path in out.glob(f"*/{QUESTION}"))
    if not found:
        raise InputError(
            came="no answer of a backtest",
            where=str(out),
            expected=f"a folder that houbei backtest wrote, with {QUESTION} in it",
            todo="Run houbei backtest, or name its folder with --out.",
        )
    return found


def read_asked(folder: Path) -> Asked:
    """Read what was asked, and open its inputs.

    Raises:
        InputError: a file of the answer is missing, or an input has moved or changed since.

    Cost: one pass over the bytes of both inputs; a CSV file is read whole.
    """
    question, summary = _read_json(folder / QUESTION), _read_json(folder / SUMMARY)
    terms = parse_terms(json.dumps(question["terms"], ensure_ascii=False), where=str(folder / QUESTION))
    as_of_us = parse_moment(question["as_of"], zone="UTC", where=str(folder / QUESTION))
    orders, prices = Path(question["orders"]), Path(question["prices"])
    for path in (orders, prices):
        _check_there(path)
    inputs = open_again(terms, orders=orders, prices=prices, as_of_us=as_of_us)
    if inputs.fingerprint.result() != summary["input_fingerprint"] or terms.sha256 != summary["terms_sha256"]:
        raise InputError(
            came="inputs that differ from those that were answered",
            where=f"{orders} or {prices}",
            expected=f"the bytes with the fingerprint {summary['input_fingerprint']}",
            todo="Run houbei backtest again.",
        )
    return Asked(folder=folder, inputs=inputs, rejected=_read_rejected(folder / "rejected.csv"))


def _check_there(path: Path) -> None:
    if not path.is_file():
        raise InputError(
            came="no such file any more",
            where=str(path),
            expected="the input that the backtest read",
            todo="Put it back, or run houbei backtest again.",
        )


def _read_json(path: Path) -> dict[str, Any]:
    check_answer(path)
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read


def check_answer(path: Path) -> None:
    """Refuse an answer that lacks one of its files."""
    if not path.is_file():
        raise InputError(
            came="no such file",
            where=str(path),
            expected="the whole answer of a backtest",
            todo="Run houbei backtest again.",
        )


def _read_rejected(path: Path) -> dict[int, tuple[str, str]]:
    check_answer(path)
    with path.open(encoding="utf-8", newline="") as file:
        return {
            int(row["row"]): (row["code"], row["reason"]) for row in csv.DictReader(file) if row["file"] == "orders"
        }


def rows_with(file: RowFile, column: str, values: Collection[str]) -> Whole:
    """Find the 1-based data rows whose text in a column is one of some values, ascending."""
    wanted = pa.array(sorted(values), type=pa.string())
    found = [np.zeros(0, dtype=np.int64)]
    for first, texts in _texts(file, column):
        hits = pc.is_in(texts, value_set=wanted.cast(texts.type))
        found.append(np.flatnonzero(hits.to_numpy(zero_copy_only=False)) + first)
    return np.concatenate(found)


def _texts(file: RowFile, column: str) -> Iterator[tuple[int, pa.Array]]:
    """A column as plain text, batch by batch, each with its first row."""
    for batch in file.batches():
        texts = file.read(batch, [column]).column(0).combine_chunks()
        yield batch.first_row, plain_text(texts, where=column)


def every_text(file: RowFile, column: str) -> list[str]:
    """Every text of a column that is there."""
    return [text for _, texts in _texts(file, column) for text in texts.to_pylist() if text is not None]


def _read_rows(file: RowFile, columns: list[str], rows: Whole) -> pa.Table:
    """Read some rows of a file, in the order of their numbers."""
    pieces, batches = [], file.batches()
    for batch in batches:
        here = rows[(rows >= batch.first_row) & (rows < batch.first_row + batch.size)]
        if len(here):
            pieces.append(file.read(batch, columns).take(pa.array(here - batch.first_row)))
    return (
        pa.concat_tables(pieces or [file.read(batches[0], columns).slice(0, 0)]).unify_dictionaries().combine_chunks()
    )


def read_with_mates(asked: Asked, rows: Whole) -> Lines:
    """Read order rows, and every other row that shares a cap with them, directly or through a third.

    Args:
        asked: What was asked.
        rows: 1-based data rows that were accepted.

    Cost: where caps are shared, a pass over their columns for each widening of the circle; seldom more than three.
    """
    file, keys = asked.inputs.orders, sorted(asked.inputs.order_reading.keys & set(asked.inputs.orders.columns))
    found, refused = rows, np.array(sorted(asked.rejected), dtype=np.int64)
    while keys:
        table = _read_rows(file, keys, found)
        wider = [found]
        for key in keys:
            values = plain_text(table.column(key).combine_chunks(), where=key).drop_null().unique().to_pylist()
            wider.append(rows_with(file, key, values))
        circle = np.setdiff1d(np.concatenate(wider), refused)
        if len(circle) == len(found):
            break
        found = circle
    lines = read_lines(
        _read_rows(file, asked.inputs.order_columns, found),
        first_row=1,
        reading=asked.inputs.order_reading,
        dictionaries=asked.inputs.dictionaries,
    )
    return replace(lines, row=found)


def read_prices_of(asked: Asked, lines: Lines) -> tuple[Prices, Whole]:
    """Read the prices of some lines' SKUs, and the data row of each; those without an id are named by that row."""
    inputs, sku = asked.inputs, lines.texts["sku"]
    rows = rows_with(inputs.prices, "sku", {sku.values[code] for code in np.unique(sku.codes) if code >= 0})
    columns = price_columns_wanted(inputs.prices.columns, inputs.price_reading)
    table = _read_rows(inputs.prices, columns, rows)
    numbered = pc.binary_join_element_wise("row:", pa.array(rows).cast(pa.string()), "")
    if "price_id" in columns:
        own = plain_text(table.column("price_id").combine_chunks(), where="prices.price_id").cast(pa.string())
        table = table.set_column(columns.index("price_id"), "price_id", pc.coalesce(own, numbered))
    else:
        table = table.append_column("price_id", numbered)
    return read_prices(table, first_row=1, reading=inputs.price_reading, dictionaries=inputs.dictionaries), rows


def as_of_span(asked: Asked, lines: Lines, prices: Prices) -> Inputs:
    """The inputs with the first moment of what was read."""
    moments = [*(values[lines.live] for values in lines.moments.values()), prices.at[prices.live]]
    known = np.concatenate([values[values >= 0] for values in moments])
    return replace(asked.inputs, from_us=int(known.min(initial=asked.inputs.as_of_us)))
