"""Claims from rows: which are accepted, which are rejected and why, and which unit each is about."""

import numpy as np
import pyarrow as pa
import pytest

from houbei.columns import MISSING
from houbei.errors import InputError
from houbei.facts.claims import ClaimReading, Claims, find_lines, read_claims, reject_unplaced
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import Lines, Reading, columns_wanted, read_lines
from houbei.facts.rejected import Rejection
from houbei.facts.reported import DIFFERS, MATCHES, NOT_KNOWN, units_reported

READING = ClaimReading(zone="Asia/Shanghai", named=frozenset({"failed_repairs", "unit", "intact"}))
GOOD = {"claim_id": "C1", "line_id": "L1", "reported_at": "2026-09-01T10:00:00+08:00"}
LINE = {
    "order_id": "O",
    "line_id": "L1",
    "sku": "S",
    "quantity": "2",
    "paid": "10.00",
    "currency": "CNY",
    "placed_at": "2026-08-01",
    "serials": '["A", "B"]',
}


def table_of(*rows: dict) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows], type=pa.string()) for name in names})


def claims_of(*rows: dict, reading: ClaimReading = READING, dictionaries: Dictionaries | None = None) -> Claims:
    return read_claims(table_of(*rows), first_row=1, reading=reading, dictionaries=dictionaries or Dictionaries())


def lines_of(*rows: dict, dictionaries: Dictionaries) -> Lines:
    table, reading = table_of(*rows), Reading(zone="Asia/Shanghai", serials=True)
    wanted = columns_wanted(table.column_names, reading)
    return read_lines(table.select(wanted), first_row=1, reading=reading, dictionaries=dictionaries)


@pytest.mark.parametrize(
    ("spoiled", "rejection"),
    [
        ({"claim_id": None}, Rejection.MISSING_VALUE),
        ({"line_id": None}, Rejection.MISSING_VALUE),
        ({"reported_at": None}, Rejection.MISSING_VALUE),
        ({"reported_at": "yesterday"}, Rejection.BAD_TIME),
        ({"settled_at": "2026-02-30"}, Rejection.BAD_TIME),
        ({"settled_at": "2026-09-01T09:59:59+08:00"}, Rejection.IMPOSSIBLE_ORDER),
        ({"unit": "first"}, Rejection.BAD_NUMBER),
        ({"unit": "0"}, Rejection.BAD_QUANTITY),
        ({"unit": "-1"}, Rejection.BAD_QUANTITY),
        ({"intact": "maybe"}, Rejection.BAD_FLAG),
        ({"kind": "repair"}, Rejection.BAD_WORD),
        ({"wants": "money"}, Rejection.BAD_WORD),
        ({"outcome": "broken"}, Rejection.BAD_WORD),
    ],
)
def test_a_row_with_one_flaw_is_rejected_for_it_and_the_next_is_read(spoiled: dict, rejection: Rejection):
    claims = claims_of({**GOOD, **spoiled}, {**GOOD, "claim_id": "C2"})
    assert claims.findings.codes.tolist() == [rejection, 0]
    assert claims.live.tolist() == [False, True]


def test_of_rows_with_one_claim_id_the_first_that_is_accepted_is_kept():
    claims = claims_of({**GOOD, "unit": "0"}, GOOD, GOOD)
    assert claims.findings.codes.tolist() == [Rejection.BAD_QUANTITY, 0, Rejection.DUPLICATE_CLAIM]


def test_what_is_left_out_is_unknown_or_the_usual():
    claims = claims_of(GOOD)
    assert (claims.kind[0], claims.wants[0], claims.outcome[0], claims.unit[0]) == (0, -1, -1, 0)
    assert (claims.settled_us[0], claims.serials.codes[0], claims.faults.codes[0]) == (MISSING, -1, -1)
    assert claims.intact.known is not None
    assert not claims.intact.known[0]
    assert not claims.others["unit"].known[0]
    assert claims.others["failed_repairs"].codes.tolist() == [-1]


def test_after_the_last_moment_nothing_is_claimed_and_nothing_settled():
    as_of = ClaimReading(zone="Asia/Shanghai", as_of_us=1_788_228_000_000_000)  # 2026-09-01T10:00+08:00
    late = {**GOOD, "claim_id": "C2", "reported_at": "2026-09-01T10:00:00.000001+08:00", "kind": "unheard of"}
    claims = claims_of({**GOOD, "settled_at": "2026-09-02T00:00"}, late, reading=as_of)
    assert claims.exists.tolist() == [True, False]
    assert claims.findings.codes.tolist() == [0, 0]
    assert claims.settled_us[0] == MISSING


def test_further_columns_are_kept_as_they_are():
    claims = claims_of({**GOOD, "service_cost": "12.50"})
    assert claims.further["service_cost"].to_pylist() == ["12.50"]
    assert set(claims.further) == {"service_cost"}


def test_a_required_column_that_is_absent_stops_the_reading():
    with pytest.raises(InputError, match="no column reported_at"):
        claims_of({"claim_id": "C1", "line_id": "L1"})


def test_no_rows_are_no_claims():
    empty = pa.table({name: pa.array([], type=pa.string()) for name in GOOD})
    assert len(read_claims(empty, first_row=1, reading=READING, dictionaries=Dictionaries())) == 0


def test_a_claim_of_no_line_and_one_of_no_unit_are_rejected():
    dictionaries = Dictionaries()
    rows = [{**GOOD, "line_id": "L9"}, {**GOOD, "claim_id": "C2", "unit": "3"}, {**GOOD, "claim_id": "C3", "unit": "2"}]
    claims = claims_of(*rows, dictionaries=dictionaries)
    lines = lines_of(LINE, {**LINE, "line_id": "L9", "quantity": "0"}, dictionaries=dictionaries)
    line = find_lines(claims, lines, dictionaries=dictionaries)
    reject_unplaced(claims, line, lines)
    assert line.tolist() == [-1, 0, 0]
    assert claims.findings.codes.tolist() == [Rejection.UNKNOWN_LINE, Rejection.NO_SUCH_UNIT, 0]


@pytest.mark.parametrize(
    ("claimed", "unit", "serial"),
    [
        ({"serial": "B"}, 2, MATCHES),
        ({"serial": "B", "unit": "1"}, 2, MATCHES),
        ({"serial": "Z", "unit": "1"}, 1, DIFFERS),
        ({"serial": "Z"}, 0, DIFFERS),
        ({"unit": "2"}, 2, NOT_KNOWN),
        ({}, 0, NOT_KNOWN),
    ],
)
def test_a_unit_is_known_by_its_serial_else_by_its_number(claimed: dict, unit: int, serial: int):
    dictionaries = Dictionaries()
    claims, lines = claims_of({**GOOD, **claimed}, dictionaries=dictionaries), lines_of(LINE, dictionaries=dictionaries)
    found = units_reported(claims, find_lines(claims, lines, dictionaries=dictionaries), lines)
    assert (found.unit[0], found.serial[0]) == (unit, serial)


def test_a_serial_that_replaced_another_belongs_to_its_unit_from_then_on():
    dictionaries = Dictionaries()
    rows = [
        {**GOOD, "claim_id": "C3", "serial": "N2", "reported_at": "2026-11-01"},
        {**GOOD, "claim_id": "C2", "serial": "N1", "replacement_serial": "N2", "reported_at": "2026-10-01"},
        {**GOOD, "claim_id": "C1", "serial": "B", "replacement_serial": "N1"},
        {**GOOD, "claim_id": "C0", "serial": "N1", "reported_at": "2026-08-15"},
    ]
    claims, lines = claims_of(*rows, dictionaries=dictionaries), lines_of(LINE, dictionaries=dictionaries)
    found = units_reported(claims, find_lines(claims, lines, dictionaries=dictionaries), lines)
    assert found.unit.tolist() == [2, 2, 2, 0]
    assert found.serial.tolist() == [MATCHES, MATCHES, MATCHES, DIFFERS]


@pytest.mark.parametrize("serials", ["A, B", "[1]", '["A", "A"]', '["A", "B", "C"]', '[""]', '{"A": 1}'])
def test_serials_that_are_no_list_of_texts_reject_the_line(serials: str):
    lines = lines_of({**LINE, "serials": serials}, LINE, dictionaries=Dictionaries())
    assert lines.findings.codes.tolist() == [Rejection.BAD_JSON, 0]


def test_serials_stay_with_their_lines_in_another_order():
    dictionaries = Dictionaries()
    lines = lines_of(LINE, {**LINE, "line_id": "L2", "serials": '["C"]'}, dictionaries=dictionaries)
    turned = lines.in_order(np.array([1, 0]))
    assert turned.serials is not None
    texts = [dictionaries["serial"].values[code] for code in turned.serials.code.tolist()]
    assert [*zip(turned.serials.line.tolist(), turned.serials.unit.tolist(), texts, strict=True)] == [
        (0, 1, "C"),
        (1, 1, "A"),
        (1, 2, "B"),
    ]


def test_lines_are_read_without_serials_where_nobody_asks():
    assert "serials" not in columns_wanted([*LINE], Reading(zone="Asia/Shanghai"))
