"""Histories in every shape that is known, and what becomes of rows that cannot be read."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from houbei.columns import MISSING
from houbei.errors import InputError
from houbei.lead_times.history import NEVER, read_history
from houbei.lead_times.shapes import named_columns
from tests.lead_times.made_history import Law, day_of, made_rows, write_csv, write_parquet


def row(**values: Any) -> dict[str, Any]:
    return {"order_id": "a", "purchased": "2022-03-01T10:00:00Z", "delivered": "2022-03-05T23:59:59Z"} | values


def read(folder: Path, *rows: dict[str, Any], **options: Any):
    return read_history(write_csv(list(rows), folder / "history.csv"), **options)


def test_lead_times_are_whole_local_days(tmp_path: Path):
    """23:59 of the fifth is the fifth; in Shanghai it is the sixth already."""
    assert read(tmp_path, row()).lead_days.tolist() == [4]
    assert read(tmp_path, row(), zone="Asia/Shanghai").lead_days.tolist() == [5]


def test_an_order_without_arrival_stays_as_open(tmp_path: Path):
    history = read(tmp_path, row(), row(order_id="b", delivered=""))
    assert history.orders.ids == ["a", "b"]
    assert history.arrived_day.tolist() == [day_of("2022-03-05"), NEVER]
    assert history.open.tolist() == [False, True]
    assert history.as_of_day == day_of("2022-03-05")


def test_an_order_that_was_called_off_is_marked_unless_it_arrived(tmp_path: Path):
    history = read(
        tmp_path,
        row(status="canceled"),
        row(order_id="b", delivered="", status="Canceled"),
        row(order_id="c", delivered="", status="shipped"),
    )
    assert history.called_off.tolist() == [False, True, False]


def test_bad_rows_are_rejected_with_their_reasons_and_the_rest_goes_on(tmp_path: Path):
    history = read(
        tmp_path,
        row(purchased=""),
        row(order_id="b", delivered="yesterday 2"),
        row(order_id="c", delivered="2022-02-28T00:00:00Z"),
        row(order_id="d"),
    )
    assert [(place, code.name) for place, code in history.rejected] == [
        (1, "MISSING_VALUE"),
        (2, "BAD_TIME"),
        (3, "IMPOSSIBLE_ORDER"),
    ]
    assert history.orders.ids == ["d"]
    assert history.rows == 4


def test_a_history_of_olist_is_read_as_it_is(tmp_path: Path):
    naive = pa.timestamp("us")
    table = pa.table(
        {
            "order_id": ["x", "y"],
            "order_status": ["delivered", "unavailable"],
            "order_purchase_timestamp": pa.array(["2018-01-02T21:15:00", "2018-01-03T00:00:00"]).cast(naive),
            "order_delivered_customer_date": pa.array(["2018-01-09T23:10:00", None]).cast(naive),
            "order_estimated_delivery_date": pa.array(["2018-01-20T00:00:00", "2018-01-25T00:00:00"]).cast(naive),
            "customer_state": pa.array(["SP", None]),
            "copies": [1, 1],
        }
    )
    pq.write_table(table, tmp_path / "olist.parquet")
    history = read_history(tmp_path / "olist.parquet")
    assert (history.shape, history.calendar) == ("olist", "br")
    assert history.lead_days[0] == 7
    assert (history.orders.estimated_day - history.orders.purchased_day).tolist() == [18, 22]
    assert history.called_off.tolist() == [False, True]
    assert history.orders.names["destination"] == ["", "SP"]


def test_a_history_of_scms_is_read_as_it_is(tmp_path: Path):
    """Two ways to write a date, words where there is none, the second column where the first has none."""
    head = {
        "ID": "1",
        "Country": "Kenya",
        "Shipment Mode": "Air",
        "Fulfill Via": "Direct Drop",
        "Weight (Kilograms)": "13",
    }
    dates = {"Scheduled Delivery Date": "2-Jun-06", "Delivered to Client Date": "4-Jun-06"}
    rows = [
        head | dates | {"PO Sent to Vendor Date": "5/28/06", "PQ First Sent to Client Date": "Pre-PQ Process"},
        head
        | dates
        | {
            "ID": "2",
            "PO Sent to Vendor Date": "N/A - From RDC",
            "PQ First Sent to Client Date": "5/1/06",
            "Weight (Kilograms)": "Weight Captured Separately",
        },
        head
        | dates
        | {"ID": "3", "PO Sent to Vendor Date": "Date Not Captured", "PQ First Sent to Client Date": "Pre-PQ Process"},
    ]
    history = read(tmp_path, *rows)
    assert history.shape == "scms"
    assert history.orders.ids == ["2", "1"]
    assert history.lead_days.tolist() == [34, 7]
    assert [code.name for _, code in history.rejected] == ["MISSING_VALUE"]
    assert np.isnan(history.orders.sizes["weight"]).tolist() == [True, False]


def test_columns_of_other_names_are_named(tmp_path: Path):
    rows = [{"bought": "2022-03-01", "there": "2022-03-04", "to": "north"}]
    with pytest.raises(InputError, match="--columns purchased=COLUMN"):
        read(tmp_path, *rows)
    named = named_columns("purchased=bought,delivered=there,destination=to")
    history = read(tmp_path, *rows, named=named)
    assert history.lead_days.tolist() == [3]
    assert history.orders.ids == ["row:1"]
    assert history.orders.names["destination"] == ["north"]
    assert history.orders.estimated_day.tolist() == [MISSING]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("purchased", "meaning=column"),
        ("bought=purchased", "one of order_id"),
        ("purchased=nowhere", "no column 'nowhere'"),
    ],
)
def test_columns_that_are_named_wrongly_are_refused(tmp_path: Path, text: str, says: str):
    with pytest.raises(InputError, match=says):
        read(tmp_path, row(), named=named_columns(text))


def test_a_file_in_which_no_row_can_be_read_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="no row that can be read"):
        read(tmp_path, row(purchased=""))


def test_csv_and_parquet_say_the_same(tmp_path: Path):
    rows = made_rows(3, Law(days=40, lost=0.1, estimate_days=9))
    one = read_history(write_csv(rows, tmp_path / "a.csv"))
    other = read_history(write_parquet(rows, tmp_path / "a.parquet"))
    assert one.orders.ids == other.orders.ids
    for name in ("purchased_day", "estimated_day"):
        assert getattr(one.orders, name).tolist() == getattr(other.orders, name).tolist()
    assert one.arrived_day.tolist() == other.arrived_day.tolist()
    assert one.orders.names == other.orders.names


def test_the_order_of_rows_does_not_matter(tmp_path: Path):
    rows = made_rows(3, Law(days=20))
    one, other = read(tmp_path, *rows), read(tmp_path, *rows[::-1])
    assert one.orders.ids == other.orders.ids
    assert one.arrived_day.tolist() == other.arrived_day.tolist()
