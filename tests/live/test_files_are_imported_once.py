"""A shop's files taken into the store: once, in pieces that are kept whole, and what lines tell later as events."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine

from houbei.errors import InputError
from houbei.facts.rejected import Rejection
from houbei.runs import imports
from houbei.runs.imports import Taken, import_orders, import_prices
from houbei.store.database import writing
from houbei.store.promises import publish
from tests.live.stores import SOURCE, balances, count, empty_store, live, rows_of
from tests.live.telling import ZONE, moment, table_of
from tests.oracle.agreement import Row, as_terms, write_rows
from tests.oracle.histories import line, price, term

NOW = moment("11-20")
FACTS = ("lines", "series", "prices", "events", "inbox", "batches", "marks")
Progress = Callable[[str, int, int], None]


class StoppedError(Exception):
    """The process ends here."""


def silent(_name: str, _done: int, _of: int) -> None:
    return


def orders(database: Engine, path: Path, *rows: Row, progress: Progress = silent, zone: str = ZONE) -> Taken:
    """Import rows as an orders file."""
    write_rows(path / "orders.csv", list(rows))
    return import_orders(database, path / "orders.csv", source=SOURCE, zone=zone, now_us=NOW, progress=progress)


def prices(database: Engine, path: Path, *rows: Row, progress: Progress = silent) -> Taken:
    """Import rows as a prices file."""
    write_rows(path / "prices.csv", list(rows))
    return import_prices(database, path / "prices.csv", source=SOURCE, zone=ZONE, now_us=NOW, progress=progress)


def content(database: Engine, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    return {table: rows_of(database, f"SELECT * FROM {table}") for table in tables or FACTS}  # noqa: S608  our own names


def counted(taken: Taken) -> tuple[int, int, int, int]:
    return taken.new, taken.known, taken.changed, len(taken.rejected)


def events_of(database: Engine) -> list[tuple[Any, ...]]:
    return rows_of(database, "SELECT what, at_us, quantity, supersedes FROM events ORDER BY seq")


LINES = [line(f"{10 + k}.00", line_id=f"L{k}", order_id=f"O{k // 2}", points=str(k)) for k in range(7)]
PRICES = [price(f"{9 - k}.00", f"11-{k + 10}") for k in range(5)]


def test_the_same_file_twice_tells_nothing_new(tmp_path: Path) -> None:
    with empty_store(term()) as database:
        first = (
            orders(database, tmp_path, *LINES, LINES[0], line("x", line_id="bad")),
            prices(database, tmp_path, *PRICES),
        )
        before = content(database)
        again = (
            orders(database, tmp_path, *LINES, LINES[0], line("x", line_id="bad")),
            prices(database, tmp_path, *PRICES),
        )
        assert content(database) == before
        assert [one.summary() for one in again] == [one.summary() for one in first]


def test_other_bytes_of_known_rows_are_known(tmp_path: Path) -> None:
    with empty_store(term()) as database:
        orders(database, tmp_path, *LINES)
        prices(database, tmp_path, *[{**row, "price_id": str(k)} for k, row in enumerate(PRICES)])
        before = content(database, "lines", "prices", "events", "inbox")
        assert counted(orders(database, tmp_path, *reversed(LINES))) == (0, 7, 0, 0)
        again = [{**row, "price_id": str(k)} for k, row in enumerate(PRICES)]
        assert counted(prices(database, tmp_path, *reversed(again))) == (0, 5, 0, 0)
        assert content(database, "lines", "prices", "events", "inbox") == before


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_an_import_that_was_cut_off_goes_on_where_it_was(tmp_path: Path, after: int, monkeypatch: Any) -> None:
    rows = [*LINES, LINES[2], line("x", line_id="bad"), line("5.00", line_id="L8")]
    monkeypatch.setattr(imports, "PIECE_ROWS", 3)
    left = after

    def stop(_name: str, _done: int, _of: int) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise StoppedError

    with empty_store(term()) as whole, empty_store(term()) as cut:
        expected = orders(whole, tmp_path, *rows)
        with pytest.raises(StoppedError):
            orders(cut, tmp_path, *rows, progress=stop)
        resumed = orders(cut, tmp_path, *rows)
        assert resumed.resumed_at == min(3 * after, len(rows))
        assert resumed.summary() == expected.summary()
        assert sorted(resumed.rejected) == sorted(expected.rejected)
        assert content(cut) == content(whole)


def test_a_line_that_stands_twice_in_a_file_counts_once(tmp_path: Path) -> None:
    with empty_store(term()) as database:
        taken = orders(database, tmp_path, LINES[0], {**LINES[0], "paid": "99.00"}, LINES[1], LINES[0])
        assert counted(taken) == (2, 0, 0, 2)
        assert taken.rejected == [(2, Rejection.DUPLICATE_LINE), (4, Rejection.DUPLICATE_LINE)]
        assert taken.paid_minor == {"CNY": 21_00}


@pytest.mark.parametrize(
    "fields",
    [{"paid": "4998.00"}, {"quantity": "2"}, {"sku": "T"}, {"order_id": "O9"}, {"placed_at": "2026-11-01T12:00:01+08:00"},
     {"seller": None}, {"category": "toy"}, {"points": "4"}, {"tenders": '[{"kind": "card", "amount": "1"}]'}],
)  # fmt: skip
def test_a_line_that_is_known_differently_is_rejected(tmp_path: Path, fields: Row) -> None:
    with empty_store(term()) as database:
        orders(database, tmp_path, line("4999.00", points="3"))
        before = content(database, "lines", "events")
        taken = orders(database, tmp_path, {**line("4999.00", points="3"), **fields})
        assert taken.rejected == [(1, Rejection.KNOWN_DIFFERENTLY)]
        assert content(database, "lines", "events") == before


def test_a_price_that_is_known_differently_is_rejected(tmp_path: Path) -> None:
    with empty_store(term()) as database:
        prices(database, tmp_path, price("9.00", "11-10", price_id="P"))
        for other in (price("8.00", "11-10"), price("9.00", "11-11"), price("9.00", "11-10", seller="self")):
            taken = prices(database, tmp_path, {**other, "price_id": "P"})
            assert taken.rejected == [(1, Rejection.KNOWN_DIFFERENTLY)]


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        ({}, {"delivered_at": "11-03"}, [("delivered", "11-03", None, None)]),
        ({}, {"cancelled_at": "11-02"}, [("cancelled", "11-02", None, None)]),
        ({"delivered_at": "11-03"}, {"delivered_at": "11-04"}, [("delivered", "11-04", None, "line:delivered")]),
        ({"delivered_at": "11-03"}, {}, []),
        ({}, {"returned_at": "11-05", "returned_quantity": "1"}, [("returned", "11-05", 1, None)]),
        ({}, {"deliveries": [(1, "11-03")]}, [("delivered", "11-03", 1, None)]),
        (
            {"deliveries": [(1, "11-03")]},
            {"deliveries": [(1, "11-03"), (2, "11-04")]},
            [("delivered", "11-04", 2, None)],
        ),
        (
            {},
            {"deliveries": [(1, "11-03"), (1, "11-03")]},
            [("delivered", "11-03", 2, None)],
        ),
    ],
)
def test_what_a_known_line_tells_anew_becomes_events(
    tmp_path: Path, first: dict[str, Any], then: dict[str, Any], told: list[tuple[Any, ...]]
) -> None:
    with empty_store(term()) as database:
        orders(database, tmp_path, sold(first))
        assert counted(orders(database, tmp_path, sold(then)))[:3] == (0, int(not told), int(bool(told)))
        expected = [(what, moment(at), quantity, over) for what, at, quantity, over in told]
        assert events_of(database) == expected
        orders(database, tmp_path, sold(then), line("1.00", line_id="other"))
        assert events_of(database) == expected


def sold(happened: dict[str, Any], *, zone: str = "+08:00") -> Row:
    """A line of three units, and what happened to it: moments as `11-03`, lists as pairs of quantity and moment."""
    fields = {}
    for name, value in happened.items():
        if name in {"deliveries", "returns"}:
            items = [f'{{"quantity": {count}, "at": "2026-{at}T00:00:00{zone}"}}' for count, at in value]
            fields[name] = f"[{', '.join(items)}]"
        else:
            fields[name] = value if name == "returned_quantity" else f"2026-{value}T00:00:00{zone}"
    return {**line("300.00", quantity="3", delivered_at=None), **fields}


CORRECTIONS = [
    [{"delivered_at": "11-03"}, {"delivered_at": "11-04"}, {"delivered_at": "11-03"}, {"delivered_at": "11-04"}],
    [{}, {"delivered_at": "11-03"}, {"delivered_at": "11-04"}, {"delivered_at": "11-03"}],
    [{}, {"returned_at": "11-05", "returned_quantity": "1"}, {"returned_at": "11-05", "returned_quantity": "2"}],
    [{"returned_at": "11-05", "returned_quantity": "1"}, {"returned_at": "11-06", "returned_quantity": "2"}, {"returned_at": "11-06", "returned_quantity": "3"}],
    [{}, {"returned_at": "11-05", "returned_quantity": "1"}, {"returned_at": "11-05"}],
    [{"deliveries": [(3, "11-03")]}, {"deliveries": [(3, "11-05")]}],
    [{}, {"deliveries": [(3, "11-03")]}, {"deliveries": [(3, "11-05")]}],
    [{}, {"returns": [(1, "11-03")]}, {"returns": [(1, "11-03"), (1, "11-03")]}],
    [{"returns": [(1, "11-03")]}, {"returns": [(1, "11-03"), (1, "11-03")]}, {"returns": [(2, "11-03")]}],
    [{}, {"delivered_at": "11-06"}, {"deliveries": [(1, "11-03"), (2, "11-07")]}],
    [{}, {"deliveries": [(1, "11-03")], "delivered_at": "11-06"}],
    [{"deliveries": [(1, "11-03")]}, {"deliveries": [(1, "11-03")], "delivered_at": "11-06"}],
    [{"delivered_at": "11-06", "deliveries": [(1, "11-03")]}, {"delivered_at": "11-07", "deliveries": [(1, "11-03")]}],
]  # fmt: skip


@pytest.mark.parametrize("zone", ["+08:00", ""])
@pytest.mark.parametrize("told", CORRECTIONS)
def test_a_line_told_again_and_again_stands_as_it_was_told_last(
    tmp_path: Path, told: list[dict[str, Any]], zone: str
) -> None:
    """A price falls every night, so what is owed says how many units were still open to which night."""
    terms = term(closes={"after": {"at": "delivered"}, "length": "P1D"})
    falling = [price(f"{90 - k}.00", f"11-{k + 2:02}") for k in range(10)]
    with empty_store(terms) as database, empty_store(terms) as at_once:
        for one in (database, at_once):
            prices(one, tmp_path, *falling)
        for number, happened in enumerate(told):
            orders(database, tmp_path, sold(happened, zone=zone), line("1.00", line_id=f"other {number}", sku="T"))
            live(database, NOW)
        orders(at_once, tmp_path, sold(told[-1], zone=zone))
        live(at_once, NOW)
        assert balances(database) == balances(at_once)


@pytest.mark.parametrize(("first", "then"), [("3", "three"), ("three", "3"), ("true", "1")])
def test_a_column_that_changes_its_kind_is_refused(tmp_path: Path, first: str, then: str) -> None:
    with empty_store(term()) as database:
        orders(database, tmp_path, line("1.00", points=first))
        before = content(database)
        with pytest.raises(InputError, match="points"):
            orders(database, tmp_path, line("1.00", line_id="L2", points=then))
        assert content(database) == before


@pytest.mark.parametrize("then", ["3", "three"])
def test_a_column_that_was_empty_may_become_anything(tmp_path: Path, then: str) -> None:
    with empty_store(term()) as database:
        orders(database, tmp_path, line("1.00"))
        assert orders(database, tmp_path, line("1.00", line_id="L2", points=then)).new == 1


def test_csv_and_parquet_give_the_same_store(tmp_path: Path) -> None:
    with empty_store(term()) as from_csv, empty_store(term()) as from_parquet:
        orders(from_csv, tmp_path, *LINES, LINES[0])
        prices(from_csv, tmp_path, *PRICES)
        for name, rows, take in (("orders", [*LINES, LINES[0]], import_orders), ("prices", PRICES, import_prices)):
            write_parquet(tmp_path / f"{name}.parquet", rows)
            take(from_parquet, tmp_path / f"{name}.parquet", source=SOURCE, zone=ZONE, now_us=NOW, progress=silent)
        facts = ("lines", "series", "prices", "events", "inbox", "batches")
        assert content(from_csv, *facts) == content(from_parquet, *facts)


def write_parquet(path: Path, rows: Sequence[Row]) -> None:
    pq.write_table(table_of(path.stem, rows), path, row_group_size=2)


def test_a_moment_without_a_zone_is_read_in_the_zone_of_the_import(tmp_path: Path) -> None:
    with empty_store(term()) as database:
        orders(database, tmp_path, line("1.00", placed_at="2026-11-01T12:00:00"), zone="Europe/Berlin")
        assert rows_of(database, "SELECT placed_us FROM lines") == [(moment("2026-11-01T12:00:00+01:00"),)]


def test_a_file_without_its_columns_tells_which_and_takes_nothing(tmp_path: Path) -> None:
    with empty_store(term()) as database:
        with (tmp_path / "orders.csv").open("w", newline="") as file:
            csv.writer(file).writerows([["line_id", "sku"], ["L1", "S"]])
        with pytest.raises(InputError, match="order_id"):
            import_orders(database, tmp_path / "orders.csv", source=SOURCE, zone=ZONE, now_us=NOW, progress=silent)
        assert count(database, "lines") == count(database, "marks") == 0


def test_a_file_of_which_no_row_can_be_read_is_rejected_row_by_row(tmp_path: Path) -> None:
    with empty_store(term()) as database:
        assert counted(prices(database, tmp_path, price("cheap", "11-10"), price("9.00", "soon"))) == (0, 0, 0, 2)
        assert counted(orders(database, tmp_path, line("cheap"))) == (0, 0, 0, 1)


def test_tomorrows_prices_without_ids_are_other_prices_and_todays_file_is_the_same_one(tmp_path: Path) -> None:
    today = "sku,at,price,currency\nS,2026-11-08,90.00,CNY\n"
    tomorrow = "sku,at,price,currency\nS,2026-11-09,80.00,CNY\n"
    path = tmp_path / "prices.csv"
    with empty_store() as database:
        for text in (today, tomorrow, today):
            path.write_text(text, encoding="utf-8")
            taken = import_prices(database, path, source=SOURCE, zone=ZONE, now_us=NOW, progress=silent)
            assert taken.rejected == []
        assert count(database, "prices") == 2


def test_a_promise_published_after_the_lines_were_told_binds_those_sold_under_it(tmp_path: Path) -> None:
    with empty_store() as database:
        orders(database, tmp_path, line("100.00"))
        prices(database, tmp_path, price("90.00", "11-08"))
        live(database, NOW)
        assert count(database, "covers") == 0
        with writing(database) as connection:
            publish(connection, as_terms(term()), known_us=NOW)
        live(database, NOW)
        assert list(balances(database).values()) == [10_00]
