"""Events folded into a line's row: a set of facts, whatever their order, and however often they were told."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houbei.facts.happened import Event, fold_events
from houbei.facts.moments import text_of_moment

PLACED, QUANTITY = 10, 4
Told = dict[str, Any]


def event(
    what: str, at_us: int, quantity: int | None = None, *, named: str = "", supersedes: str | None = None
) -> Event:
    name = named or f"{what}:{at_us}:{quantity}"
    return Event(event_id=name, what=what, at_us=at_us, quantity=quantity, supersedes=supersedes)


def folded(told: Told, *events: Event) -> Told:
    return fold_events(told, events, quantity=QUANTITY, placed_us=PLACED)


def parts(*listed: tuple[int, int]) -> str:
    return json.dumps([{"quantity": count, "at": text_of_moment(at_us)} for at_us, count in listed])


def read(found: Told) -> Told:
    """Lists as pairs of moment and quantity, in any order."""
    return {
        name: sorted((part["at"], part["quantity"]) for part in json.loads(value))
        if name in {"deliveries", "returns"}
        else value
        for name, value in found.items()
    }


@pytest.mark.parametrize(
    ("told", "events", "stands"),
    [
        ({"label": "x"}, [], {"label": "x"}),
        ({}, [event("cancelled", 12)], {"@cancelled": 12}),
        ({}, [event("cancelled", 14), event("cancelled", 12)], {"@cancelled": 12}),
        ({"@shipped": 11}, [event("shipped", 12)], {"@shipped": 11}),
        ({"@shipped": 13}, [event("shipped", 12)], {"@shipped": 12}),
        ({}, [event("delivered", 9)], {}),
        ({}, [event("delivered", 10)], {"@delivered": 10}),
        ({"@delivered": 12}, [event("delivered", 15, supersedes="line:delivered")], {"@delivered": 15}),
        ({"@delivered": 12}, [event("withdrawn", 15, supersedes="line:delivered")], {}),
        ({}, [event("delivered", 12, named="E"), event("withdrawn", 15, supersedes="E")], {}),
        ({}, [event("delivered", 12, named="E"), event("delivered", 15, supersedes="E")], {"@delivered": 15}),
        ({}, [event("withdrawn", 15, supersedes="never told")], {}),
        ({}, [event("delivered", 12, 1)], {"deliveries": parts((12, 1))}),
        ({}, [event("delivered", 12, 3), event("delivered", 13, 3)], {"deliveries": parts((12, 3), (13, 1))}),
        ({}, [event("delivered", 12, 1), event("delivered", 13)], {"deliveries": parts((12, 1), (13, 3))}),
        ({"@delivered": 12}, [event("delivered", 13, 1)], {"deliveries": parts((12, 4))}),
        ({}, [event("returned", 12)], {"@returned": 12}),
        ({"@returned": 12, "returned_quantity": 1}, [event("returned", 13, 2)], {"returns": parts((12, 1), (13, 2))}),
        ({"@returned": 12, "returned_quantity": "1"}, [event("returned", 13, 2)], {"returns": parts((12, 1), (13, 2))}),
        ({"returns": parts((12, 3))}, [event("returned", 11, 3)], {"returns": parts((12, 3), (11, 1))}),
        ({"returns": parts((12, 3))}, [event("withdrawn", 20, supersedes="line:returned")], {}),
        ({"@returned": 12, "returned_quantity": 1}, [event("withdrawn", 20, supersedes="line:returned")], {}),
        ({"@delivered": 12}, [event("returned", 13, 1)], {"@delivered": 12, "returns": parts((13, 1))}),
    ],
)  # fmt: skip
def test_events_are_folded_into_what_the_row_told(told: Told, events: list[Event], stands: Told) -> None:
    assert read(folded(told, *events)) == read(stands)


KINDS = st.sampled_from(("shipped", "delivered", "returned", "withdrawn"))
QUANTITIES = st.one_of(st.none(), st.integers(1, 5))


@st.composite
def sets_of_events(draw: Any) -> list[Event]:
    count = draw(st.integers(0, 6))
    over = st.one_of(
        st.none(), st.none(), st.integers(0, 6).map(str), st.sampled_from(("line:delivered", "line:returned"))
    )
    return [
        event(draw(KINDS), draw(st.integers(8, 16)), draw(QUANTITIES), named=str(k), supersedes=draw(over))
        for k in range(count)
    ]


ROWS = st.sampled_from(
    (
        {},
        {"@delivered": 12},
        {"@delivered": 12, "@returned": 14, "returned_quantity": 2},
        {"deliveries": parts((11, 1), (13, 2))},
        {"returns": parts((12, 3)), "@shipped": 11},
    )
)


@given(told=ROWS, events=sets_of_events(), chance=st.randoms(use_true_random=False))
def test_neither_their_order_nor_repetition_matters(told: Told, events: list[Event], chance: Any) -> None:
    shuffled = [*events, *chance.choices(events, k=2)] if events else []
    chance.shuffle(shuffled)
    assert folded(told, *shuffled) == folded(told, *events)


@given(told=ROWS, events=sets_of_events())
def test_no_more_units_come_or_go_than_the_line_has(told: Told, events: list[Event]) -> None:
    found = folded(told, *events)
    for name in ("deliveries", "returns"):
        assert sum(part["quantity"] for part in json.loads(found.get(name, "[]"))) <= QUANTITY
    assert all(value >= PLACED for name, value in found.items() if name.startswith("@"))


@given(told=ROWS, events=sets_of_events())
def test_what_the_row_told_is_left_as_it_was(told: Told, events: list[Event]) -> None:
    before = dict(told)
    folded(told, *events)
    assert told == before
