"""Whatever is told of units, in whatever order and however often: the same forest, chains that hold together, nothing lost."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from houbei.case.lineage import Forest, Standing, forest_of
from houbei.case.units import Ending, Fact, Left, Sale, Swap

SERIALS = st.sampled_from("ABCDEFG")
MOMENTS = st.integers(0, 6)
SALES = st.builds(
    Sale, serial=SERIALS, line_id=st.sampled_from(["L1", "L2", "L3"]), unit=st.integers(1, 2), at_us=MOMENTS
)
SWAPS = st.builds(
    Swap,
    old=SERIALS,
    new=SERIALS,
    at_us=MOMENTS,
    case_id=st.sampled_from(["R1", "R2"]),
    source=st.sampled_from(["courier", "warehouse"]),
    step_id=st.sampled_from(["1", "2", "3"]),
    promise=st.sampled_from(["swap-180", "cn-sanbao"]),
)
LEFT = st.builds(Left, serial=SERIALS, at_us=MOMENTS, ending=st.sampled_from(Ending))
FACTS = st.lists(st.one_of(SALES, SWAPS, LEFT), max_size=14)


def grown(facts: list[Fact]) -> Forest:
    return forest_of(
        sales=[fact for fact in facts if isinstance(fact, Sale)],
        swaps=[fact for fact in facts if isinstance(fact, Swap)],
        left=[fact for fact in facts if isinstance(fact, Left)],
    )


@given(FACTS, st.data())
def test_shuffled_and_repeated_facts_give_the_same_forest(facts: list[Fact], data: st.DataObject):
    again = data.draw(st.permutations(facts + data.draw(st.lists(st.sampled_from(facts)) if facts else st.just([]))))
    assert grown(again) == grown(facts)


@given(FACTS)
def test_a_chain_is_linked_both_ways_and_has_no_serial_twice(facts: list[Fact]):
    for chain in grown(facts).chains:
        serials = [unit.serial for unit in chain]
        assert len(set(serials)) == len(serials)
        assert chain[0].came_by is None
        assert chain[-1].went_by is None
        for before, after in itertools.pairwise(chain):
            assert before.went_by == after.came_by is not None
            assert (after.came_by.old, after.came_by.new) == (before.serial, after.serial)
            assert after.sale is None


@given(FACTS)
def test_every_swap_stands_in_a_chain_or_is_set_aside_with_its_reason(facts: list[Fact]):
    forest = grown(facts)
    standing = {(unit.came_by.old, unit.came_by.new) for chain in forest.chains for unit in chain if unit.came_by}
    aside = {found.aside for found in forest.contradictions}
    for fact in facts:
        if isinstance(fact, Swap):
            assert (fact.old, fact.new) in standing or fact in aside


@given(FACTS)
def test_every_sale_has_a_chain_or_is_set_aside_with_its_reason(facts: list[Fact]):
    forest = grown(facts)
    aside = {found.aside for found in forest.contradictions}
    for fact in facts:
        if isinstance(fact, Sale) and fact not in aside:
            chain = forest.chain_of_sale(fact.line_id, fact.unit)
            assert fact.serial in [unit.serial for unit in chain]


@given(FACTS)
def test_nobody_shares_a_unit(facts: list[Fact]):
    """The units that buyers have now are all different, those apart that have left their buyer."""
    present = [chain[-1].serial for chain in grown(facts).chains if chain[-1].left is None]
    assert len(set(present)) == len(present)


@given(FACTS, SERIALS)
def test_what_is_asked_of_a_serial_fits_together(facts: list[Fact], serial: str):
    forest = grown(facts)
    chain = forest.chain_of(serial)
    assert bool(chain) == (serial in forest.place)
    for line_id, unit in forest.sold:
        standing = forest.standing(serial, line_id=line_id, unit=unit)
        if standing is Standing.PRESENT:
            assert forest.chain_of_sale(line_id, unit)[-1].serial == serial
        assert (standing is Standing.UNKNOWN or standing is Standing.ONE_OFF) == (
            not chain and serial not in forest.gone
        )


@given(st.integers(1, 5), st.integers(1, 5), st.data())
def test_facts_without_a_contradiction_give_the_chains_that_were_made(chains: int, depth: int, data: st.DataObject):
    """Forests are made first, then told as facts in any order; they are found again as they were."""
    made = [[f"{chain}-{place}" for place in range(data.draw(st.integers(1, depth)))] for chain in range(chains)]
    facts: list[Fact] = []
    for number, serials in enumerate(made):
        facts.append(Sale(serial=serials[0], line_id=f"L{number}", unit=1, at_us=0))
        for place, (old, new) in enumerate(itertools.pairwise(serials)):
            step = f"{number}.{place}"
            at = data.draw(MOMENTS)
            facts.append(
                Swap(old=old, new=new, at_us=at, case_id=step, source="shop", step_id=step, promise="swap-180")
            )
    forest = grown(data.draw(st.permutations(facts)))
    assert forest.contradictions == ()
    for number, serials in enumerate(made):
        assert [unit.serial for unit in forest.chain_of_sale(f"L{number}", 1)] == serials
