"""What a swap does to promises: the replacement's own goes on, begins anew or ends; price protection is not touched (D8, D9)."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from houbei.calendars.days import Days
from houbei.case.after_swap import carry, units_of, windows_of
from houbei.case.lineage import forest_of
from houbei.case.units import Chain, Ending, Left, Sale, Swap
from houbei.columns import MISSING
from houbei.cover.windows import FOREVER
from houbei.terms.model import Length
from houbei.terms.moments import parse_moment
from houbei.terms.replacement import AfterSwap
from tests.clauses.pages import decide, lines_of, prices_of, terms_of

ZONE = "Asia/Shanghai"
HALF_YEAR, DAY_US = Length(days=180), 86_400_000_000


def moment(text: str) -> int:
    return parse_moment(text, zone=ZONE, where="a test")


def local(us: int) -> str:
    return str(np.datetime64(us, "us") + np.timedelta64(8, "h"))[:16]


BOUGHT, DELIVERED = moment("2026-07-30T09:00"), moment("2026-08-01T12:00")
DAYS = Days.over(ZONE, from_us=0, to_us=BOUGHT)


def chain_of(*swaps: tuple[str, str], left: str | None = None) -> Chain:
    """The chain of a unit that was swapped at each moment under a promise."""
    told = [
        Swap(
            old=f"U{place}",
            new=f"U{place + 1}",
            at_us=moment(at),
            case_id="R1",
            source="courier",
            step_id=at,
            promise=by,
        )
        for place, (at, by) in enumerate(swaps)
    ]
    back = [] if left is None else [Left(serial=f"U{len(swaps)}", at_us=moment(left), ending=Ending.TAKEN_BACK)]
    return forest_of(sales=[Sale(serial="U0", line_id="L1", unit=1, at_us=DELIVERED)], swaps=told, left=back).chain_of(
        "U0"
    )


def windows(chain: Chain, after_swap: AfterSwap, uses: int | None = None, promise: str | None = "own") -> list[str]:
    """The window of each unit of a chain, in words of the shop's clock; `-` where it is empty."""
    units = units_of([chain], promise=promise)
    rows = len(units.chain)
    carried = carry(units, anchor_us=np.full(rows, DELIVERED), after_swap=after_swap, uses=uses)
    starts, ends = windows_of(units, carried, opens_us=np.full(rows, BOUGHT), length=HALF_YEAR, days=DAYS)
    return [
        f"{local(start)}/{local(end)}" if start < end else "-"
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]


SWAPPED = chain_of(("2026-12-20T10:00", "own"), ("2027-01-10T10:00", "own"))
FIRST = "2026-07-30T09:00/2026-12-20T10:00"


def test_inherited_the_last_unit_is_covered_until_the_end_of_the_first():
    second, third = "2026-12-20T10:00/2027-01-10T10:00", "2027-01-10T10:00/2027-01-29T00:00"
    assert windows(SWAPPED, AfterSwap.INHERIT) == [FIRST, second, third]


def test_restarted_the_last_unit_is_covered_180_days_from_its_own_swap():
    second, third = "2026-12-20T10:00/2027-01-10T10:00", "2027-01-10T10:00/2027-07-10T00:00"
    assert windows(SWAPPED, AfterSwap.RESTART) == [FIRST, second, third]


def test_ended_the_swapped_unit_has_nothing_left_of_the_shops_promise():
    """D8: statute answers."""
    assert windows(SWAPPED, AfterSwap.END) == [FIRST, "-", "-"]


@pytest.mark.parametrize(("uses", "covered"), [(1, [True, False, False]), (2, [True, True, False]), (3, [True] * 3)])
def test_a_promise_that_is_good_for_so_many_swaps_covers_so_many_units(uses: int, covered: list[bool]):
    assert [window != "-" for window in windows(SWAPPED, AfterSwap.INHERIT, uses)] == covered
    assert [window != "-" for window in windows(SWAPPED, AfterSwap.RESTART, uses)] == covered


def test_a_swap_under_the_law_uses_nothing_of_the_shops_promise_and_moves_none_of_its_days():
    chain = chain_of(("2026-08-10T10:00", "cn-sanbao"), ("2026-12-20T10:00", "own"))
    units = units_of([chain], promise="own")
    carried = carry(units, anchor_us=np.full(3, DELIVERED), after_swap=AfterSwap.END, uses=1)
    assert carried.uses_used.tolist() == [0, 0, 1]
    assert carried.covered.tolist() == [True, True, False]
    assert windows(chain, AfterSwap.RESTART)[1] == "2026-08-10T10:00/2026-12-20T10:00"
    late = chain_of(("2026-08-10T10:00", "cn-sanbao"))
    assert windows(late, AfterSwap.RESTART) == [
        "2026-07-30T09:00/2026-08-10T10:00",
        "2026-08-10T10:00/2027-01-29T00:00",
    ]
    assert windows(late, AfterSwap.RESTART, promise=None)[1] == "2026-08-10T10:00/2027-02-07T00:00"


def test_a_unit_that_went_back_for_good_is_covered_until_then():
    assert windows(chain_of(left="2026-08-05T10:00"), AfterSwap.INHERIT) == ["2026-07-30T09:00/2026-08-05T10:00"]


def test_what_was_never_delivered_stays_open_and_what_never_opened_stays_shut():
    units = units_of([chain_of()])
    undelivered = carry(units, anchor_us=np.array([MISSING]), after_swap=AfterSwap.INHERIT, uses=None)
    for opens, ends in ((BOUGHT, FOREVER), (MISSING, MISSING)):
        found = windows_of(units, undelivered, opens_us=np.array([opens]), length=HALF_YEAR, days=DAYS)
        assert [column.tolist() for column in found] == [[opens], [ends]]


def test_no_units_have_no_windows():
    units = units_of([])
    carried = carry(units, anchor_us=np.zeros(0, np.int64), after_swap=AfterSwap.RESTART, uses=1)
    assert carried.covered_from_us.tolist() == carried.uses_used.tolist() == carried.covered.tolist() == []


CHAINS = st.lists(st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["own", "law"])), max_size=4), max_size=5)


def made(told: list[list[tuple[int, str]]]) -> list[Chain]:
    chains = []
    for number, swaps in enumerate(told):
        facts = [
            Swap(
                old=f"{number}-{place}",
                new=f"{number}-{place + 1}",
                at_us=DELIVERED + day * DAY_US,
                case_id="R",
                source="shop",
                step_id=f"{number}-{place}",
                promise=by,
            )
            for place, (day, by) in enumerate(sorted(swaps))
        ]
        first = Sale(serial=f"{number}-0", line_id=f"L{number}", unit=1, at_us=DELIVERED)
        chains.append(forest_of(sales=[first], swaps=facts).chain_of(f"{number}-0"))
    return chains


@given(CHAINS, st.sampled_from(AfterSwap), st.none() | st.integers(0, 3))
def test_the_columns_say_what_counting_one_unit_after_the_other_says(
    told: list[list[tuple[int, str]]], after_swap: AfterSwap, uses: int | None
):
    chains = made(told)
    units = units_of(chains, promise="own")
    anchors = DELIVERED + units.chain
    carried = carry(units, anchor_us=anchors, after_swap=after_swap, uses=uses)
    expected = []
    for number, chain in enumerate(chains):
        since, used = DELIVERED + number, 0
        for unit in chain:
            if unit.came_by is not None and unit.came_by.promise == "own":
                used += 1
                since = unit.came_by.at_us if after_swap is AfterSwap.RESTART else since
            ended = after_swap is AfterSwap.END and used > 0
            expected.append((since, used, not ended and (uses is None or used < uses)))
    columns = carried.covered_from_us, carried.uses_used, carried.covered
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected


@given(CHAINS)
def test_inherited_windows_lie_end_to_end_within_the_first_units(told: list[list[tuple[int, str]]]):
    """A swap makes no cover longer and leaves no moment out while the window lasts."""
    closes = moment("2027-01-29T00:00")
    for chain in made(told):
        units = units_of([chain], promise="own")
        rows = len(chain)
        carried = carry(units, anchor_us=np.full(rows, DELIVERED), after_swap=AfterSwap.INHERIT, uses=None)
        starts, ends = windows_of(units, carried, opens_us=np.full(rows, BOUGHT), length=HALF_YEAR, days=DAYS)
        assert int(np.maximum(ends - starts, 0).sum()) == closes - BOUGHT


def test_price_protection_stays_with_the_line_that_was_bought(tmp_path: Path):
    """D9: swapped on day 12, the shelf price falls on day 20 and again on day 40, when only the replacement's promise lasts."""
    terms, bought = terms_of(""), lines_of("4999.00, delivered_at: 2026-11-03T12:00")
    drops = prices_of("4599.00 at 2026-11-23<br>4399.00 at 2026-12-13")
    swapped = Swap(
        old="A", new="B", at_us=moment("2026-11-15T10:00"), case_id="R1", source="courier", step_id="1", promise="own"
    )
    forest = forest_of(sales=[Sale(serial="A", line_id="L", unit=1, at_us=BOUGHT)], swaps=[swapped])
    units = units_of(forest.chains, promise="own")
    anchors = np.full(2, moment("2026-11-03T12:00"))
    carried = carry(units, anchor_us=anchors, after_swap=AfterSwap.RESTART, uses=None)
    starts, ends = windows_of(units, carried, opens_us=anchors, length=HALF_YEAR, days=DAYS)
    second_drop = moment("2026-12-13T00:00")
    assert starts[1] <= second_drop < ends[1]
    steps = decide(bought, drops, terms, tmp_path).steps["L"]
    assert steps == [("pay", 400_00, moment("2026-11-23T00:00"))]
