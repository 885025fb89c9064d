"""Promises given, scans and closures from raw rows: what is read, and what is rejected with which reason."""

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from houbei.columns import MISSING
from houbei.errors import InputError
from houbei.facts.closures import ClosuresTold, lies_in, read_closures
from houbei.facts.dictionary import Dictionaries
from houbei.facts.promises import DeliveryReading, PromisesGiven, read_promises
from houbei.facts.rejected import Rejection
from houbei.facts.scans import ScansTold, What, read_scans
from houbei.money import EXPONENTS, POINTS, exponent_of, minor_of, text_of
from houbei.terms.moments import parse_moment

ZONE = "Asia/Shanghai"
READING = DeliveryReading(zone=ZONE, as_of_us=parse_moment("2026-03-01", zone=ZONE, where="test"))


def table(rows: list[dict[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: pa.array([row.get(name) for row in rows], type=pa.string()) for name in names})


def promises(*rows: dict[str, Any]) -> PromisesGiven:
    base = {"promise_id": "P", "order_id": "O", "shown_at": "2026-02-13T10:00", "promised_by": "2026-02-16"}
    told = [{**base, **row} for row in rows]
    return read_promises(table(told), first_row=1, reading=READING, dictionaries=Dictionaries())


def scans(*rows: dict[str, Any]) -> ScansTold:
    told = [{"scan_id": "S", "order_id": "O", "at": "2026-02-16T10:00", "what": "delivered", **row} for row in rows]
    return read_scans(table(told), first_row=1, reading=READING, dictionaries=Dictionaries())


def closures(*rows: dict[str, Any]) -> ClosuresTold:
    base = {"closure_id": "C", "code": "snow", "from_at": "2026-02-15", "known_at": "2026-02-14"}
    told = [{**base, **row} for row in rows]
    return read_closures(table(told), first_row=1, reading=READING, dictionaries=Dictionaries())


def us(text: str) -> int:
    return parse_moment(text, zone=ZONE, where="test")


def codes(rows: PromisesGiven | ScansTold | ClosuresTold) -> list[str | None]:
    return [Rejection(code).name.lower() if code else None for code in rows.findings.codes.tolist()]


def test_a_date_is_a_promise_of_the_whole_day_and_a_moment_of_itself():
    read = promises(
        {},
        {"promise_id": "Q", "promised_by": "2026-02-16T15:00"},
        {"promise_id": "R", "promised_by": "2026-02-16T15:00Z"},
    )
    assert read.by_us.tolist() == [us("2026-02-17T00:00"), us("2026-02-16T15:00"), us("2026-02-16T23:00")]
    assert codes(read) == [None, None, None]


def test_dates_of_a_date_column_are_days_and_timestamps_are_moments():
    base = {"promise_id": ["P"], "order_id": ["O"], "shown_at": pa.array([datetime(2026, 2, 13, tzinfo=UTC)])}
    midnight = datetime(2026, 2, 16)  # noqa: DTZ001  a timestamp without a zone is what is asked about
    for column, by in (
        (pa.array([date(2026, 2, 16)]), "2026-02-17T00:00"),
        (pa.array([midnight]), "2026-02-16T00:00"),
    ):
        read = read_promises(
            pa.table({**base, "promised_by": column}), first_row=1, reading=READING, dictionaries=Dictionaries()
        )
        assert read.by_us.tolist() == [us(by)]


def test_the_day_of_a_promise_is_that_of_the_zone_when_clocks_change():
    reading = DeliveryReading(zone="Europe/Berlin", as_of_us=2**62)
    rows = [{"promise_id": "P", "order_id": "O", "shown_at": "2026-10-01", "promised_by": "2026-10-25"}]
    read = read_promises(table(rows), first_row=1, reading=reading, dictionaries=Dictionaries())
    assert read.by_us.tolist() == [us("2026-10-25T23:00Z")]


def test_what_a_row_leaves_out_takes_the_default_of_the_contract():
    read = promises({})
    assert (read.parcels[0], read.by_buyer[0], read.fee_minor[0], read.whole[0]) == (1, False, 0, True)
    assert read.delivery_ids.values[read.delivery_ids.codes[0]] == "O"
    assert read.from_us[0] == MISSING
    assert not read.provisional.known[0]


def test_what_a_row_says_is_read():
    read = promises({
        "delivery_id": "D", "lines": '["L1", "L2"]', "slot_from": "2026-02-16T14:00", "promised_by": "2026-02-16T15:00",
        "slot_fee": "39.00", "currency": "CNY", "parcels": "2", "asked_by": "buyer", "provisional": "true", "chance_permille": "950",
    })  # fmt: skip
    assert codes(read) == [None]
    assert (read.fee_minor[0], read.parcels[0], read.by_buyer[0], read.provisional.values[0]) == (3900, 2, True, True)
    assert (read.lines.row.tolist(), len(set(read.lines.code.tolist())), read.whole[0]) == ([0, 0], 2, False)
    assert read.from_us[0] == us("2026-02-16T14:00")
    assert read.further["chance_permille"].to_pylist() == ["950"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"promised_by": None}, "missing_value"),
        ({"promised_by": "16.02.2026"}, "bad_time"),
        ({"promised_by": "2026-02-13T10:00"}, "passed_when_shown"),
        ({"promised_by": "2026-02-13T10:00:00.000001"}, None),
        ({"slot_from": "2026-02-17T00:00"}, "impossible_order"),
        ({"slot_from": "2026-02-16T23:59"}, None),
        ({"slot_fee": "39.00"}, "missing_value"),
        ({"slot_fee": "39.001", "currency": "CNY"}, "bad_money"),
        ({"slot_fee": "39", "currency": "points"}, "bad_currency"),
        ({"parcels": "0"}, "bad_quantity"),
        ({"parcels": "two"}, "bad_number"),
        ({"asked_by": "carrier"}, "bad_word"),
        ({"lines": "L1"}, "bad_json"),
        ({"lines": "[]"}, "bad_json"),
        ({"lines": '["L1", "L1"]'}, "bad_json"),
        ({"provisional": "perhaps"}, "bad_flag"),
    ],
)
def test_a_promise_that_cannot_be_read_is_rejected_with_its_reason(row: dict[str, Any], reason: str | None):
    assert codes(promises(row)) == [reason]


def test_of_rows_with_one_id_the_first_is_kept_and_what_is_later_does_not_exist():
    read = promises(
        {}, {"promised_by": "2026-02-18"}, {"promise_id": "Q", "shown_at": "2026-03-02", "promised_by": "2026-03-01"}
    )
    assert codes(read) == [None, "duplicate_promise", None]
    assert read.live.tolist() == [True, False, False]


def test_a_required_column_that_is_absent_stops_the_run():
    rows = table([{"promise_id": "P", "order_id": "O", "shown_at": "2026-02-13"}])
    with pytest.raises(InputError, match="no column promised_by"):
        read_promises(rows, first_row=1, reading=READING, dictionaries=Dictionaries())


def test_a_scan_is_read_with_who_told_of_it():
    read = scans({"parcel_id": "A", "told_by": "courier", "person": "c-7", "evidence": "photo-1"})
    assert (read.what[0], read.told_by[0], read.evidence.to_pylist()) == (What.DELIVERED, 1, ["photo-1"])
    assert scans({}).told_by[0] == 0
    assert scans({}).parcel_ids.codes[0] == -1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"what": "delievered"}, "bad_word"),
        ({"told_by": "neighbour"}, "bad_word"),
        ({"order_id": None}, "missing_value"),
        ({"order_id": None, "delivery_id": "D"}, None),
        ({"what": "disputed"}, "missing_value"),
        ({"what": "disputed", "disputes": "S"}, "unknown_scan"),
        ({"what": "disputed", "disputes": "T"}, None),
        ({"at": None}, "missing_value"),
        ({"at": "2026-03-01T00:00:01"}, None),
    ],
)
def test_a_scan_that_cannot_be_read_is_rejected_with_its_reason(row: dict[str, Any], reason: str | None):
    assert codes(scans(row)) == [reason]


def test_a_scan_after_as_of_has_not_happened():
    assert scans({"at": "2026-03-01T00:00"}, {"scan_id": "T", "at": "2026-03-01T00:00:00.000001"}).live.tolist() == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"until_at": "2026-02-15"}, "impossible_order"),
        ({"until_at": "2026-02-15T00:00:00.000001"}, None),
        ({"regions": "CN-21"}, "bad_json"),
        ({"regions": '["CN-21"]'}, None),
        ({"known_at": None}, "missing_value"),
    ],
)
def test_a_closure_that_cannot_be_read_is_rejected_with_its_reason(row: dict[str, Any], reason: str | None):
    assert codes(closures(row)) == [reason]


def test_a_correction_takes_the_place_of_what_it_corrects_once_it_is_known():
    later = {"closure_id": "D", "supersedes": "C"}
    assert closures({}, later).live.tolist() == [False, True]
    assert codes(closures({}, {**later, "supersedes": "D"})) == [None, "impossible_order"]
    assert closures({}, {**later, "known_at": "2026-03-02"}).live.tolist() == [True, False]
    assert closures({}, {**later, "from_at": "nonsense"}).live.tolist() == [True, False]


def test_a_region_lies_in_itself_and_in_those_that_its_name_begins_with():
    assert all(lies_in("CN-21-01", other) for other in ("CN-21-01", "CN-21", "CN"))
    assert lies_in("CN-21/01", "CN-21")
    assert not any(lies_in("CN-21", other) for other in ("CN-2", "CN-21-01", "C", ""))


def test_points_are_whole_numbers_and_no_currency_of_an_order():
    assert (exponent_of(POINTS), minor_of("1000", POINTS, where="test"), text_of(1000, POINTS)) == (0, 1000, "1000")
    with pytest.raises(InputError, match="digits and one point"):
        minor_of("1.5", POINTS, where="test")
    assert POINTS not in EXPONENTS
