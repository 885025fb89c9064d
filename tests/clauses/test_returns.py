"""What a return or a cancellation refunds beside what price protection gave back: cases A12, A18 and C17."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from houbei.cover.units import Covers, split_units
from houbei.engine import Engine, reading_of
from houbei.facts.dictionary import Dictionaries
from houbei.facts.orders import Lines, read_lines
from houbei.owed.returned import refund_returns
from tests.clauses.pages import Fields, decide, lines_of, prices_of, terms_of

RETURNED = "returned_at: 2026-11-14T09:00"


def read_line(fields: Fields) -> tuple[Lines, Covers]:
    """Read one line and split what was paid for it."""
    table = pa.table({name: pa.array([value], type=pa.string()) for name, value in fields.items()})
    terms, dictionaries = terms_of(""), Dictionaries()
    lines = read_lines(table, first_row=1, reading=reading_of(terms)[0], dictionaries=dictionaries)
    engine = Engine(terms, dictionaries=dictionaries, from_us=0, as_of_us=0)
    bound = engine.bind(lines).bound
    assert bound.all()
    return lines, split_units(lines, bound=bound, total=lines.paid_minor)


def refunds(bought: str, *, adjusted: list[int], kept_gift: int = 0) -> list[int]:
    """What each run of the line's units refunds."""
    lines, covers = read_line(lines_of(bought)[0])
    gifts = np.full(len(covers), kept_gift, dtype=np.int64)
    return refund_returns(covers, lines, adjusted_minor=np.array(adjusted), kept_gift_minor=gifts).tolist()


def test_a_return_refunds_what_earlier_drops_left(tmp_path: Path):
    """A12: 400.00 were adjusted, so that 4599.00 go back and both together are the 4999.00 that were paid."""
    bought = f"4999.00, {RETURNED}"
    prices = prices_of("4599.00 at 2026-11-13<br>4499.00 at 2026-11-15")
    steps = decide(lines_of(bought), prices, terms_of(""), tmp_path).steps["L"]
    adjusted = sum(minor for _, minor, _ in steps)
    assert adjusted == 400_00
    assert refunds(bought, adjusted=[adjusted]) == [4599_00]


@pytest.mark.parametrize(("deducted", "refund"), [(199_00, 4800_00), (0, 4999_00)])
def test_a_gift_that_stays_is_deducted_where_the_terms_say_so(deducted: int, refund: int):
    """A18: the gift is worth 199.00."""
    assert terms_of("allocation.unreturned_gifts_deducted: true").allocation.unreturned_gifts_deducted
    assert refunds(f"4999.00, {RETURNED}", adjusted=[0], kept_gift=deducted) == [refund]


def test_a_cancellation_refunds_everything_and_a_later_drop_adds_nothing(tmp_path: Path):
    """C17."""
    bought = "4999.00, delivered_at: null, cancelled_at: 2026-11-02T12:00"
    drop = prices_of("4599.00 at 2026-11-02T13:00")
    assert decide(lines_of(bought), drop, terms_of(""), tmp_path).steps["L"] == []
    assert refunds(bought, adjusted=[0]) == [4999_00]


def test_only_the_units_that_go_back_are_refunded_each_its_own_share():
    """Of 33.34, 33.33 and 33.33 the larger share goes back first."""
    assert refunds(f"100.00, quantity: 3, {RETURNED}, returned_quantity: 1", adjusted=[0, 0]) == [33_34, 0]
    assert refunds(f"100.00, quantity: 3, {RETURNED}, returned_quantity: 2", adjusted=[3_34, 0]) == [63_33, 0]
    assert refunds(f"100.00, quantity: 3, {RETURNED}", adjusted=[10_00]) == [90_00]


def test_nothing_goes_back_for_what_the_buyer_keeps():
    assert refunds("4999.00", adjusted=[400_00]) == [0]


def test_a_refund_is_never_below_nothing():
    """A promise of twice the difference may have paid more than the unit cost."""
    assert refunds(f"100.00, {RETURNED}", adjusted=[150_00]) == [0]
    assert refunds(f"100.00, {RETURNED}", adjusted=[0], kept_gift=100_01) == [0]
