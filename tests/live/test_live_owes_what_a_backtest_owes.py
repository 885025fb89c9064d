"""A store that is told facts one by one, late, early, twice or all at once owes what a backtest of the same files owes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from houbei.runs.audit import audit
from houbei.store.database import writing
from tests.live.stores import balances, empty_store, entries, held, live
from tests.live.telling import Fact, Tale, held_by_line, owed_by_line, told_live, us_of
from tests.oracle.agreement import Said, engine_says
from tests.oracle.price_protection import adjudicate
from tests.oracle.promise import open_case
from tests.oracle.smallest import as_code, smallest
from tests.oracle.strategies import History, histories, histories_side_by_side

MANY = settings(max_examples=settings().max_examples // 2, phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""Each example is several runs; what fails is made smaller by `smallest`."""
DAY_US = 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Way = Callable[[History], str | None]


def assert_no_fault(history: History, find: Way) -> None:
    """Fail with the smallest history that has the fault which this one has."""

    def fault_of(one: History) -> str | None:
        try:
            one = told_live(one)
            return find(one) if one.orders and one.prices else None
        except Exception as error:  # noqa: BLE001  any error at all is a fault to be made small
            return f"{type(error).__name__}: {error}"

    fault = fault_of(history)
    if fault is not None:
        kind = fault.split(":", 1)[0]
        small = smallest(history, lambda one: (fault_of(one) or "").split(":", 1)[0] == kind)
        pytest.fail(f"{fault_of(small)}\n{as_code(told_live(small))}", pytrace=False)


def differs(database: Engine, history: History, *, said: Said | None = None) -> str | None:
    """What a store owes or holds differently from a backtest of the whole history."""
    said = said or engine_says(history)
    owed = owed_by_line((row[0], row[5]) for row in said["payouts"])
    waits = held_by_line((row[0], row[2], row[4], row[5]) for row in said["held"])
    if balances(database) != owed:
        return f"owed: live {balances(database)}, backtest {owed}"
    if held(database) != waits:
        return f"held: live {held(database)}, backtest {waits}"
    return None


def differs_from_oracle(database: Engine, history: History) -> str | None:
    """What a store owes or holds differently from the oracle, or from itself when it is audited."""
    verdict = adjudicate(history.orders, history.prices, history.terms, history.as_of)
    owed = owed_by_line((row["line_id"], row["owed_minor"]) for row in verdict.payouts)
    waits = held_by_line((row["line_id"], row["price_id"], row["quantity"], row["held_minor"]) for row in verdict.held)
    if (balances(database), held(database)) != (owed, waits):
        return f"oracle: live {balances(database)} {held(database)}, oracle {owed} {waits}"
    found = audit(database, progress=lambda *_: None).differences
    return f"audit: {found}" if found else None


def end_of(history: History) -> int:
    """The moment as of which a history is judged."""
    case = open_case(history.orders, history.prices, history.terms, as_of=history.as_of)
    return (case.as_of - EPOCH) // timedelta.resolution


def all_at_once(history: History) -> str | None:
    """Told whole before it happened; then lived through until `as_of`, until the last fact, until long after."""
    last = replace(history, as_of=None)
    end_us = end_of(last)
    after = replace(history, as_of=f"{np.datetime64(end_us + 40 * DAY_US, 'us')}Z")
    with empty_store(history.terms) as database:
        tale = Tale(history, apart=False)
        with writing(database) as connection:
            tale.tell_whole(connection)
        # A backtest lets whoever has not claimed by `as_of` ask at the last moment; nobody who lives through it does.
        asked_first = history.as_of is None or history.terms.get("compare", {}).get("against") == "at_claim"
        for one in (last, after) if asked_first else (history, last, after):
            live(database, end_of(one))
            if fault := differs(database, one):
                return fault
        return differs_from_oracle(database, after)


@MANY
@given(history=histories_side_by_side(of=4))
def test_facts_told_all_at_once(history: History) -> None:
    assert_no_fault(history, all_at_once)


def told_wrongly_first(fact: Fact, chance: np.random.Generator) -> list[Fact]:
    """A fact; of events some after another one that was wrong, and that the right one supersedes."""
    if fact.kind != "events" or chance.random() < 0.7:
        return [fact]
    source, event_id, line_source, line, what, at_us, quantity, _, known_us = fact.event
    wrong_us = at_us + int(chance.integers(-3 * DAY_US, 3 * DAY_US))
    wrong = (source, f"{event_id}:wrong", line_source, line, what, wrong_us, quantity, None, known_us)
    right = (source, f"{event_id}:right", line_source, line, what, at_us, quantity, wrong[1], known_us)
    gone = (source, f"{event_id}:gone", line_source, line, "withdrawn", at_us, None, event_id, known_us)
    return [replace(fact, event=event) for event in (fact.event, wrong, right, gone)]


def shuffled(facts: list[Fact], chance: np.random.Generator) -> list[Fact]:
    """Facts in handfuls that stand in any order; some handfuls come twice."""
    cuts = sorted({0, *chance.integers(0, len(facts), len(facts) // 2).tolist()})
    handfuls = [facts[first:last] for first, last in pairwise([*cuts, len(facts)])]
    places = [*range(len(handfuls)), *chance.integers(0, len(handfuls), len(handfuls) // 4)]
    return [fact for place in chance.permutation(places) for fact in handfuls[place]]


def in_pieces(seed: int) -> Way:
    def find(history: History) -> str | None:
        history, chance = replace(history, as_of=None), np.random.default_rng(seed)
        tale, end_us = Tale(history, apart=True), end_of(history)
        begin_us = min(fact.at_us for fact in tale.facts)
        facts = shuffled([told for fact in tale.facts for told in told_wrongly_first(fact, chance)], chance)
        pieces = int(chance.integers(1, 8))
        nows = sorted(int(chance.integers(begin_us, end_us + 1)) for _ in range(pieces))
        with empty_store(history.terms) as database:
            for piece, now_us in enumerate(nows):
                with writing(database) as connection:
                    tale.tell(connection, facts[piece * len(facts) // pieces : (piece + 1) * len(facts) // pieces])
                live(database, now_us, facts_max=int(chance.integers(1, 40)))
            live(database, end_us)
            return differs_from_oracle(database, history)

    return find


@MANY
@given(history=histories_side_by_side(of=4), seed=st.integers(0, 2**32))
def test_facts_told_shuffled_twice_late_and_in_advance(history: History, seed: int) -> None:
    assert_no_fault(history, in_pieces(seed))


def as_they_happen(history: History) -> str | None:
    """Every fact told at its moment and looked at before the next one."""
    history = replace(history, as_of=None)
    tale = Tale(history, apart=True)
    with empty_store(history.terms) as database:
        for now_us in sorted({fact.at_us for fact in tale.facts}):
            with writing(database) as connection:
                tale.tell(connection, [fact for fact in tale.facts if fact.at_us == now_us])
            live(database, now_us)
        said = engine_says(history)
        if fault := differs(database, history, said=said):
            return fault
        steps = Counter[tuple[str, str, int, str]]()
        for *step, amount in entries(database, "code", "at_us", "fact", "amount_minor"):
            steps[tuple(step)] += amount
    expected = {
        (line_id, "owed", us_of(at, zone="UTC"), f"price:{price_id}"): amount
        for line_id, at, price_id, _, _, amount, _ in said["payouts"]
    }
    return None if steps == expected else f"steps: live {steps}, backtest {expected}"


@MANY
@given(history=histories())
def test_facts_told_as_they_happen_are_posted_step_by_step(history: History) -> None:
    """How often a price was seen on a day is known at its end alone: what that lets count comes late."""
    prices = {key: part for key, part in history.terms["compare"].get("prices", {}).items() if key != "seen_at_least"}
    terms = {**history.terms, "compare": {**history.terms["compare"], "prices": prices}}
    assert_no_fault(replace(history, terms=terms), as_they_happen)
