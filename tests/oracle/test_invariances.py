"""What may not change what is owed: the order of rows, repetition, delay, batches, threads, file formats, compiled code."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from houbei.kernels import can_compile
from tests.oracle.agreement import COMPARED, Said, columns_of, differences, engine_says, read_files
from tests.oracle.moments import read_stamp, read_zone
from tests.oracle.promise import Case, open_case
from tests.oracle.remedies import limit_of
from tests.oracle.rows import HAPPENINGS
from tests.oracle.strategies import History, Row, acting_unasked, histories, histories_side_by_side

SEVERAL = settings(max_examples=settings().max_examples // 5, phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""Each example is two or more runs; what fails is for `smallest` to make small, not for minutes of shrinking."""
HAPPENED = {f"{name}_at" for name in HAPPENINGS if name != "paid"}
OWED = ("payouts", "held", "currencies", "ways")


def changed(one: Said, other: Said, *names: str) -> dict[str, Any]:
    """What two say differently, of the named things or of all."""
    return {name: said for name, said in differences(one, other).items() if not names or name in names}


def case_of(history: History) -> Case:
    return open_case(history.orders, history.prices, history.terms, as_of=history.as_of)


def accepted(history: History) -> History:
    """The history without the rows that cannot be read, whatever the moment."""
    rejected = {(name, number) for name, number, _ in case_of(replace(history, as_of=None)).rejected}
    kept = {
        name: [row for number, row in enumerate(rows, start=1) if (name, number) not in rejected]
        for name, rows in (("orders", history.orders), ("prices", history.prices))
    }
    return replace(history, **kept)


def named(history: History) -> History:
    """The history with an id of its own for every price, so that none is named by its row."""
    prices = [{**row, "price_id": row["price_id"] or f"p{number:02}"} for number, row in enumerate(history.prices)]
    return replace(history, prices=prices)


@contextmanager
def houbei_with(name: str, value: Any) -> Iterator[None]:
    """Set a constant of the engine for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"houbei.{name}", value)
        yield


# --- the order of rows --------------------------------------------------------------------------------------------


@SEVERAL
@given(history=histories().map(accepted).map(named), seed=st.integers(0, 2**32))
def test_the_order_of_rows_changes_nothing(history: History, seed: int) -> None:
    chance = np.random.default_rng(seed)
    orders, prices = ([rows[k] for k in chance.permutation(len(rows))] for rows in (history.orders, history.prices))
    shuffled = replace(history, orders=orders, prices=with_the_later_row_later(prices, history))
    assert not changed(engine_says(history), engine_says(shuffled))


def with_the_later_row_later(shuffled: list[Row], original: History) -> list[Row]:
    """Put shuffled prices of one moment back in their order: where two stand in one series, the later row holds."""
    waiting: dict[datetime, list[Row]] = {}
    for row in original.prices:
        waiting.setdefault(stamp(row["at"], original), []).append(row)
    return [waiting[stamp(row["at"], original)].pop(0) for row in shuffled]


# --- facts that come twice, or late ---------------------------------------------------------------------------------


@SEVERAL
@given(history=histories().map(accepted))
def test_repeated_order_lines_are_rejected_and_owed_once(history: History) -> None:
    once, twice = engine_says(history), engine_says(replace(history, orders=history.orders * 2))
    assert not changed(once, twice, *OWED, "as_of")
    # A line placed after `as_of` does not exist, and so does not stand twice.
    repeated = [row for row in twice["rejected"] if row not in once["rejected"]]
    assert {code for _, _, code in repeated} <= {"duplicate_line"}
    assert len(repeated) == once["counts"]["lines"] == twice["counts"]["lines"]


@SEVERAL
@given(history=histories().map(named))
def test_repeated_prices_owe_nothing_more(history: History) -> None:
    terms = without_counting_sightings(history.terms)
    # A repeated row stands right behind the first one: of two rows at one moment the later one holds.
    twice = [row for row in history.prices for _ in range(2)]
    once, again = (engine_says(replace(history, terms=terms, prices=rows)) for rows in (history.prices, twice))
    assert not changed(once, again, *OWED, "as_of")


def without_counting_sightings(terms: dict[str, Any]) -> dict[str, Any]:
    """Terms under which it does not matter how often a price was seen on a day."""
    prices = {key: value for key, value in terms["compare"].get("prices", {}).items() if key != "seen_at_least"}
    return {**terms, "compare": {**terms["compare"], "prices": prices}}


@SEVERAL
@given(history=histories().map(acting_unasked), place=st.integers(0, 5))
def test_facts_that_come_later_take_nothing_back(history: History, place: int) -> None:
    """What was owed as of a moment is still owed as of a later one, step by step: marks never fall."""
    history = replace(history, as_of=None, terms=without_counting_sightings(history.terms))
    late = engine_says(history)
    moments = sorted({step[1] for step in late["payouts"] + late["held"]} | {late["as_of"]})
    early_moment = moments[place % len(moments)]
    early = engine_says(replace(history, as_of=early_moment))
    for kind in ("payouts", "held"):
        assert early[kind] == [step for step in late[kind] if step[1] <= early_moment]


@SEVERAL
@given(history=histories().map(accepted).map(named), place=st.integers(0, 11))
def test_facts_that_have_not_happened_yet_say_nothing(history: History, place: int) -> None:
    """Files that stop at a moment owe what longer files owe as of it: to wait for late facts is the same as to know them."""
    history = replace(history, orders=[told_once(row) for row in history.orders])
    whole = replace(history, as_of=sorted(row["at"] or "" for row in history.prices)[place % len(history.prices)])
    moment = case_of(whole).as_of
    known = replace(
        whole,
        orders=[row for row in (known_by(row, whole, moment) for row in whole.orders) if row["placed_at"]],
        prices=[row for row in whole.prices if stamp(row["at"], whole) <= moment],
    )
    assert not changed(engine_says(whole), engine_says(known))


def told_once(row: Row) -> Row:
    """An orders row whose units are delivered, and returned, by their list alone: a date beside it would speak for the missing."""
    beside = {"deliveries": ("delivered_at",), "returns": ("returned_at", "returned_quantity")}
    spoken_for = {name for cell, names in beside.items() if row.get(cell) for name in names}
    return {name: None if name in spoken_for else text for name, text in row.items()}


def known_by(row: Row, history: History, moment: datetime) -> Row:
    """An orders row as it stood at a moment: what had not happened is empty, the placing included.

    When it will be paid stays: a row that says nothing of it was paid when it was placed.
    """
    stood = {
        name: None if text and name in HAPPENED and stamp(text, history) > moment else text
        for name, text in row.items()
    }
    for name in ("deliveries", "returns"):
        if row.get(name):
            happened = [item for item in json.loads(row[name] or "") if stamp(item["at"], history) <= moment]
            stood[name] = json.dumps(happened)
    return stood


def stamp(text: str | None, history: History) -> datetime:
    found = read_stamp(text or "", zone=read_zone(history.terms["zone"]))
    assert found is not None
    return found


# --- batches --------------------------------------------------------------------------------------------------------


@SEVERAL
@given(history=histories().map(accepted))
def test_one_line_at_a_time_owes_what_all_lines_owe_together(history: History) -> None:
    amount = {**history.terms["remedy"]["amount"], "caps": own_caps(history)}
    terms = {**history.terms, "remedy": {**history.terms["remedy"], "amount": amount}}
    whole = replace(history, terms=terms)
    together = engine_says(whole)
    alone = [
        engine_says(replace(whole, orders=[row], as_of=together["as_of"]))
        for row in history.orders
        if row["line_id"] in case_lines(whole)
    ]
    for kind in ("payouts", "held"):
        assert together[kind] == sorted(step for said in alone for step in said[kind])
    for name in ("lines", "units", "lines_owed", "undecided", "held"):
        assert together["counts"][name] == sum(said["counts"][name] for said in alone)
    owed: Counter[tuple[str, str]] = Counter()
    for said in alone:
        for currency, ways in said["ways"].items():
            owed.update({(currency, way): amount for way, amount in ways.items()})
    assert owed == {
        (currency, way): amount for currency, ways in together["ways"].items() for way, amount in ways.items()
    }


def own_caps(history: History) -> list[dict[str, str]]:
    """The caps that a line shares with no other."""
    return [cap for cap in history.terms["remedy"]["amount"]["caps"] if cap["scope"] in {"unit", "line"}]


def case_lines(history: History) -> set[str]:
    return {line.line_id for line in case_of(history).lines}


@SEVERAL
@given(history=histories_side_by_side(of=2), size=st.integers(1, 5), threads=st.integers(1, 3))
def test_batches_and_threads_change_nothing(history: History, size: int, threads: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_parquet(Path(folder), history, as_text, rows_in_a_group=size)
        whole = read_files(history, Path(folder), suffix="parquet", window=window_of(history))
        with houbei_with("store.files.BATCH_ROWS", 1):
            parts = read_files(history, Path(folder), suffix="parquet", window=window_of(history), threads=threads)
    assert not changed(whole, parts)


def window_of(history: History) -> tuple[int, int] | None:
    """Window lengths to try, where the terms have a length."""
    return (2, 6) if "length" in history.terms["window"]["closes"] else None


# --- file formats ---------------------------------------------------------------------------------------------------

INTEGERS = {"quantity", "returned_quantity", "paid_minor", "price_minor", "min_quantity", "points"}
FLAGS = {"gift", "in_stock", "vip"}
Columns = Callable[[list[Row], str, Any], pa.Array]


@SEVERAL
@given(history=histories())
def test_parquet_says_what_csv_says(history: History) -> None:
    """Rows that cannot be read included: every column but those beyond the contract is text."""
    with tempfile.TemporaryDirectory() as folder:
        write_parquet(Path(folder), history, as_text)
        parquet = read_files(history, Path(folder), suffix="parquet")
    assert not changed(engine_says(history), parquet)


@SEVERAL
@given(history=histories().map(accepted))
def test_parquet_with_typed_columns_says_what_csv_says(history: History) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_parquet(Path(folder), history, as_typed)
        parquet = read_files(history, Path(folder), suffix="parquet")
    assert not changed(engine_says(history), parquet)


def write_parquet(folder: Path, history: History, columns: Columns, *, rows_in_a_group: int = 1_000) -> None:
    zone = read_zone(history.terms["zone"])
    for name, rows in (("orders", history.orders), ("prices", history.prices)):
        table = pa.table({column: columns(rows, column, zone) for column in columns_of(name, rows)})
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=rows_in_a_group)


def as_text(rows: list[Row], name: str, zone: Any) -> pa.Array:
    """A column as text, but those beyond the contract as CSV would take them."""
    return (
        as_typed(rows, name, zone) if name in {"points", "vip"} else pa.array([row[name] for row in rows], pa.string())
    )


def as_typed(rows: list[Row], name: str, zone: Any) -> pa.Array:
    """A column of its own type: moments, whole numbers, flags, text."""
    texts = [row[name] for row in rows]
    if name in INTEGERS:
        return pa.array([None if text is None else int(text) for text in texts], pa.int64())
    if name in FLAGS:
        return pa.array([None if text is None else text == "true" for text in texts], pa.bool_())
    if name in {"at", "until"} or name.endswith("_at"):
        moments = [None if text is None else read_stamp(text, zone=zone) for text in texts]
        return pa.array(moments, pa.timestamp("us", tz="UTC"))
    return pa.array(texts, pa.string())


# --- compiled code --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not can_compile(), reason="Numba is not installed")
@SEVERAL
@given(history=histories_side_by_side(of=3))
def test_compiled_kernels_say_what_plain_ones_say(history: History) -> None:
    with houbei_with("kernels.COMPILED_ROWS_MIN", 0):
        compiled = engine_says(history, window=window_of(history))
    with houbei_with("kernels.COMPILED_ROWS_MIN", 2**62):
        plain = engine_says(history, window=window_of(history))
    assert not changed(compiled, plain)


# --- bounds ---------------------------------------------------------------------------------------------------------


@SEVERAL
@given(history=histories_side_by_side(of=3))
def test_no_step_is_below_one_minor_unit_and_no_line_is_paid_beyond_its_remedy(history: History) -> None:
    said, case = engine_says(history), case_of(history)
    assert all(step[5] > 0 for step in said["payouts"] + said["held"])
    assert all(1 <= step[4] <= next(line.quantity for line in case.lines if line.line_id == step[0])
               for step in said["payouts"] + said["held"])  # fmt: skip
    paid: Counter[str] = Counter()
    for step in said["payouts"]:
        paid[step[0]] += step[5]
    assert all(paid[line.line_id] <= most_for(line, case) for line in case.lines)


def most_for(line: Any, case: Case) -> int:
    """What a line can be paid at most: the remedy of each unit at the price that is best for it, under its caps.

    What one unit is owed changes in one direction as the price rises, so the best price is the lowest or the highest
    below the basis.
    """
    remedy, total = case.term.remedy, 0
    for unit in line.units:
        ends = (0, max(unit.basis - 1, 0))
        owed = max(remedy.amount(basis=unit.basis, price=price, currency=line.currency) for price in ends)
        limits = [limit_of(cap, basis=unit.basis, currency=line.currency) for cap in remedy.caps("unit")]
        total += min([owed, *limits])
    limits = [limit_of(cap, basis=line.basis_minor, currency=line.currency) for cap in remedy.caps("line")]
    limits += [limit_of(c, basis=None, currency=line.currency) for c in remedy.caps("order")]
    return min([total, *limits])


def test_all_that_is_compared_is_told() -> None:
    said = engine_says(History(orders=[ONE_LINE], prices=[ONE_PRICE], terms=PLAIN_TERMS, as_of=None))
    assert set(COMPARED) < set(said)
    assert said["payouts"] == [("L1", "2026-11-02T00:00:00+00:00", "row:1", 60, 1, 40, "PP-1")]


ONE_LINE: Row = {
    "order_id": "O1",
    "line_id": "L1",
    "sku": "S",
    "quantity": "1",
    "paid": "1.00",
    "currency": "CNY",
    "placed_at": "2026-11-01T00:00:00Z",
}
ONE_PRICE: Row = {"sku": "S", "at": "2026-11-02T00:00:00Z", "price": "0.60", "currency": "CNY"}
PLAIN_TERMS = {"zone": "UTC", "window": {"closes": {"after": {"at": "paid"}, "length": "P30D"}}}
