"""The engine and the oracle, written apart from the same words, owe the same to the cent."""

import pytest
from hypothesis import Phase, given, settings

from tests.oracle.agreement import compare
from tests.oracle.histories import line, price, term
from tests.oracle.smallest import as_code, smallest
from tests.oracle.strategies import History, histories, histories_side_by_side

Window = tuple[int, int] | None

MANY = settings(phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""What fails is made smaller by `smallest`, in seconds instead of minutes."""


@MANY
@given(history=histories_side_by_side())
def test_engine_and_oracle_owe_the_same(history: History) -> None:
    """Every step, held amount and rejected row, every count, and what the rival ways of paying would have paid."""
    assert_that_both_agree(history)


@MANY
@given(history=histories(sweepable=True))
def test_engine_and_oracle_agree_on_other_lengths_of_the_window(history: History) -> None:
    assert_that_both_agree(history, window=(1, 9))


def assert_that_both_agree(history: History, *, window: Window = None) -> None:
    """Fail with the smallest history on which engine and oracle differ as they do on this one."""
    fault = find_fault(history, window)
    if fault is not None:
        small = smallest(history, lambda smaller: find_fault(smaller, window) == fault)
        pytest.fail(f"{fault}\n{as_code(small)}\n{tell_fault(small, window)}", pytrace=False)


def find_fault(history: History, window: Window) -> str | None:
    """Name what the two differ in, or what either of them stumbled over; None where they agree."""
    try:
        differ = compare(history, window=window)
    except Exception as error:  # noqa: BLE001  any error at all is a fault to be made small
        return type(error).__name__
    return ", ".join(differ) or None


def tell_fault(history: History, window: Window) -> str:
    """Say what engine and oracle each say where they differ; an error goes through."""
    differ = compare(history, window=window)
    return "\n".join(f"{name}\n  engine: {said[0]}\n  oracle: {said[1]}" for name, said in differ.items())


DAYS = [f"2026-{month:02}-{day:02}" for month, last in ((9, 30), (10, 14)) for day in range(1, last + 1)][18:]
FALLING = [
    price(f"{99 - number}.00", f"{day}T{hour}:00:00+08:00")
    for number, (day, hour) in enumerate((day, hour) for day in DAYS for hour in ("00", "23"))
]
"""Two new lows a day, from 19 September to 14 October 2026."""


@pytest.mark.parametrize("roll", ["none", "statutory_day", "official_break", "next_workday"])
@pytest.mark.parametrize("length", ["P0D", "P3D", "P7D", "PT72H"])
def test_a_last_day_moves_over_the_same_holidays(roll: str, length: str) -> None:
    """A line is delivered on every day around Mid-Autumn and National Day, and every day has a price of its own."""
    terms = term(calendar={"id": "cn", "roll": roll}, closes={"after": {"at": "delivered"}, "length": length})
    moments = {"placed_at": "2026-09-18T12:00:00+08:00"}
    orders = [line("100.00", line_id=day, delivered_at=f"{day}T12:00:00+08:00", **moments) for day in DAYS[:-8]]
    assert_that_both_agree(History(orders=orders, prices=FALLING, terms=terms, as_of=None))


@pytest.mark.parametrize("within", [None, "PT24H", "P0D", "P1D", "P3D"])
@pytest.mark.parametrize("at_open", ["counts", "ignored"])
def test_a_claim_is_in_time_for_the_same_prices(within: str | None, at_open: str) -> None:
    """A claim on every half day, before, while and after the cover is open, of prices that change every other day."""
    compare = {"against": "at_claim", "at_open": at_open, **({"claim": {"within": within}} if within else {})}
    placed = {"placed_at": "2026-09-19T12:00:00+08:00", "paid_at": "2026-09-23T12:00:00+08:00"}
    claims = [f"{day}T{hour}:00:00+08:00" for day in DAYS[2:20] for hour in ("00", "12")]
    orders = [line("100.00", line_id=claim, claimed_at=claim, delivered_at=None, **placed) for claim in claims]
    terms = term(compare=compare, closes={"after": {"at": "paid"}, "length": "P7D"})
    assert_that_both_agree(History(orders=orders, prices=FALLING[::4], terms=terms, as_of=None))
