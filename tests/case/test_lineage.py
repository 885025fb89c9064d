"""Units that replace one another: chains, standings, and facts that contradict each other."""

from typing import Any

import pytest

from houbei.case.lineage import Forest, Standing, forest_of
from houbei.case.units import Conflict, Ending, Left, Sale, Swap

Told = dict[str, Any]


def sale(serial: str, line_id: str = "L1", *, unit: int = 1, at: int = 0) -> Sale:
    return Sale(serial=serial, line_id=line_id, unit=unit, at_us=at)


def swap(old: str, new: str, at: int, *, promise: str = "swap-180", step: str = "") -> Swap:
    case, step_id = f"R-{old}-{at}", step or f"{old}-{new}-{at}"
    return Swap(old=old, new=new, at_us=at, case_id=case, source="courier", step_id=step_id, promise=promise)


def back(serial: str, at: int, ending: Ending = Ending.TAKEN_BACK) -> Left:
    return Left(serial=serial, at_us=at, ending=ending)


def grown(*facts: Sale | Swap | Left) -> Forest:
    return forest_of(
        sales=[fact for fact in facts if isinstance(fact, Sale)],
        swaps=[fact for fact in facts if isinstance(fact, Swap)],
        left=[fact for fact in facts if isinstance(fact, Left)],
    )


def serials(forest: Forest, serial: str) -> list[str]:
    return [unit.serial for unit in forest.chain_of(serial)]


def conflicts(forest: Forest) -> list[Conflict]:
    return [found.conflict for found in forest.contradictions]


def test_a_chain_runs_from_the_unit_that_was_sold_to_the_one_the_buyer_has():
    forest = grown(sale("A"), swap("A", "B", 5), swap("B", "C", 9))
    assert serials(forest, "A") == serials(forest, "B") == serials(forest, "C") == ["A", "B", "C"]
    assert forest.chain_of_sale("L1", 1)[-1].serial == "C"
    assert forest.contradictions == ()


def test_pieces_of_one_line_have_chains_of_their_own():
    forest = grown(sale("A", unit=1), sale("X", unit=2), swap("A", "B", 5))
    assert [unit.serial for unit in forest.chain_of_sale("L1", 1)] == ["A", "B"]
    assert [unit.serial for unit in forest.chain_of_sale("L1", 2)] == ["X"]
    assert forest.chain_of_sale("L1", 3) == ()


def test_one_swap_told_by_courier_and_warehouse_is_one_swap():
    forest = grown(sale("A"), swap("A", "B", 5), swap("A", "B", 6, step="warehouse"))
    assert serials(forest, "A") == ["A", "B"]
    assert forest.contradictions == ()


CONTRADICTIONS = [
    ("replaced twice", [sale("A"), swap("A", "B", 5), swap("A", "C", 6)], Conflict.REPLACED_TWICE, ["A", "B"]),
    ("replaces two", [sale("A"), sale("X", "L2"), swap("X", "B", 5), swap("A", "B", 6)], Conflict.REPLACES_TWO, ["A"]),
    ("sold to another", [sale("A"), sale("X", "L2"), swap("A", "X", 6)], Conflict.SOLD_ALREADY, ["A"]),
    ("sold at that moment", [sale("A"), sale("X", "L2", at=6), swap("A", "X", 6)], Conflict.SOLD_ALREADY, ["A"]),
    ("sold again", [sale("A"), sale("A", "L2", at=3)], Conflict.SOLD_TWICE, ["A"]),
    ("sold after it replaced", [sale("A"), swap("A", "B", 5), sale("B", "L2", at=6)], Conflict.SOLD_TWICE, ["A", "B"]),
    ("by itself", [sale("A"), swap("A", "A", 5)], Conflict.CYCLE, ["A"]),
    ("unsold, by itself", [swap("A", "A", 5)], Conflict.CYCLE, []),
    ("round", [sale("A"), swap("A", "B", 5), swap("B", "C", 6), swap("C", "A", 7)], Conflict.CYCLE, ["A", "B", "C"]),
    ("round, unsold", [swap("B", "C", 5), swap("A", "B", 6), swap("C", "A", 7)], Conflict.CYCLE, ["A", "B", "C"]),
    ("two serials", [sale("A"), sale("X", at=1)], Conflict.TWO_SERIALS, ["A"]),
    ("scrapped", [back("B", 1, Ending.WRITTEN_OFF), sale("A"), swap("A", "B", 5)], Conflict.WRITTEN_OFF, ["A"]),
    ("scrapped, sold", [sale("A"), back("A", 1, Ending.WRITTEN_OFF), sale("A", "L2", at=2)], Conflict.WRITTEN_OFF, ["A"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "facts", "conflict", "chain"), CONTRADICTIONS, ids=[case[0] for case in CONTRADICTIONS]
)
def test_what_contradicts_is_set_aside_and_told(name: str, facts: list[Any], conflict: Conflict, chain: list[str]):
    forest = grown(*facts)
    assert conflicts(forest) == [conflict], name
    assert serials(forest, "A") == chain
    assert forest.contradictions_of("A") == forest.contradictions


def test_a_serial_that_was_set_aside_is_told_by_itself_too():
    """C is in no chain; who asks about it must learn why."""
    forest = grown(sale("A"), swap("A", "B", 5), swap("A", "C", 6), sale("X", "L2"))
    assert forest.chain_of("C") == ()
    assert forest.contradictions_of("C") == forest.contradictions
    assert forest.contradictions_of("X") == ()


def test_a_line_that_is_written_anew_with_its_replacement_contradicts_nothing():
    for at in (0, 9):
        forest = grown(sale("A"), sale("B", at=at), swap("A", "B", 5))
        assert serials(forest, "A") == ["A", "B"]
        assert forest.contradictions == ()


def test_a_unit_that_came_back_may_be_sold_again():
    forest = grown(sale("A"), swap("A", "B", 5), back("A", 6), sale("A", "L2", at=20))
    assert [unit.serial for unit in forest.chain_of_sale("L1", 1)] == ["A", "B"]
    assert serials(forest, "A") == ["A"]
    assert forest.chain_of_sale("L2", 1) == forest.chain_of("A")
    assert forest.contradictions == ()


def test_a_unit_that_came_back_may_replace_another():
    forest = grown(sale("A"), swap("A", "B", 5), back("A", 6), sale("X", "L2"), swap("X", "A", 9), swap("A", "Y", 12))
    assert [unit.serial for unit in forest.chain_of_sale("L1", 1)] == ["A", "B"]
    assert [unit.serial for unit in forest.chain_of_sale("L2", 1)] == ["X", "A", "Y"]
    assert forest.contradictions == ()


def test_an_unsold_unit_that_came_back_joins_no_chain_by_its_past():
    forest = grown(swap("A", "B", 5), back("A", 5), sale("X", "L2"), swap("X", "A", 9))
    assert serials(forest, "B") == ["A", "B"]
    assert serials(forest, "X") == ["X", "A"]


def test_a_unit_must_not_go_back_to_the_buyer_who_found_it_faulty():
    forest = grown(sale("A"), swap("A", "B", 5), back("A", 6), swap("B", "A", 9))
    assert conflicts(forest) == [Conflict.CYCLE]
    assert serials(forest, "A") == ["A", "B"]


def test_two_phones_whose_clocks_differ_still_make_one_chain():
    """B is replaced at 5 by one clock and came at 6 by the other."""
    forest = grown(sale("A"), swap("B", "C", 5), swap("A", "B", 6))
    assert serials(forest, "C") == ["A", "B", "C"]
    assert forest.chain_of_sale("L1", 1)[-1].serial == "C"
    assert len(forest.chains) == 1


def test_a_sale_that_is_dated_after_the_swap_still_begins_the_chain():
    forest = grown(swap("A", "B", 5), sale("A", at=7))
    assert [unit.serial for unit in forest.chain_of_sale("L1", 1)] == ["A", "B"]
    assert forest.contradictions == ()


FOREST = grown(
    sale("SJW-7K2041"),
    swap("SJW-7K2041", "SJW-7K3055", 5),
    sale("SJW-9A0001", "L2"),
    sale("SJW-9A0777", "L3"),
    back("SJW-9A0777", 6),
    back("SJW-0", 6, Ending.WRITTEN_OFF),
)


@pytest.mark.parametrize(
    ("serial", "standing"),
    [
        ("SJW-7K3055", Standing.PRESENT),
        ("SJW-7K2041", Standing.REPLACED),
        ("SJW-9A0001", Standing.ELSEWHERE),
        ("SJW-9A0777", Standing.LEFT),
        ("SJW-0", Standing.LEFT),
        ("SJW-7K3056", Standing.ONE_OFF),
        ("SJW-7K305", Standing.ONE_OFF),
        ("SJW-7K30555", Standing.ONE_OFF),
        ("SJW-7K3505", Standing.ONE_OFF),
        ("SJW-7K0355", Standing.ONE_OFF),
        ("SJW-7K5053", Standing.UNKNOWN),
        ("SJW-8K3056", Standing.UNKNOWN),
        ("SJW-7K3", Standing.UNKNOWN),
        ("", Standing.UNKNOWN),
    ],
)
def test_a_serial_has_one_standing_to_a_sale(serial: str, standing: Standing):
    assert FOREST.standing(serial, line_id="L1", unit=1) is standing


def test_nothing_is_near_a_serial_that_was_never_told():
    assert FOREST.standing("SJW-7K3056", line_id="L9", unit=1) is Standing.UNKNOWN
    assert FOREST.standing("SJW-7K3055", line_id="L9", unit=1) is Standing.ELSEWHERE
