"""Live, oracle and engine owe every late delivery alike, however its facts are told: shuffled, apart, again, late, and before they happen."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from houbei.owed.delivery import Verdict
from houbei.runs.arrivals import Teller, take_closures, take_lines, take_promises, take_scans
from houbei.runs.audit import audit
from houbei.store.database import writing
from tests.deliveries_live.parcels import live_on
from tests.live.stores import SOURCE, empty_store, rows_of
from tests.oracle.arrival_agreement import CLOSURES, EPOCH, PROMISES, SCANS, ArrivalHistory, by_engine, table
from tests.oracle.arrival_strategies import START, arrival_histories
from tests.oracle.arrivals import Row, Said, judge_arrivals

QUICK = settings(phases=(Phase.explicit, Phase.reuse, Phase.generate))
Fact = tuple[str, Row]
TAKE = {"orders": take_lines, "promises": take_promises, "scans": take_scans, "closures": take_closures}
UNITS = {"money": "CNY", "points": "points"}


def us(history: ArrivalHistory) -> int:
    """The last moment that exists."""
    return (history.as_of - EPOCH) // timedelta(microseconds=1)


def facts_of(history: ArrivalHistory) -> list[Fact]:
    """Every fact by itself."""
    return [
        *(("orders", row) for row in history.orders),
        *(("promises", row) for row in history.promises),
        *(("scans", row) for row in history.scans),
        *(("closures", row) for row in history.closures),
    ]


def tell(database: Engine, history: ArrivalHistory, fact: Fact) -> None:
    """Take one fact in."""
    kind, row = fact
    names = {"orders": list(row), "promises": PROMISES, "scans": SCANS, "closures": CLOSURES}[kind]
    teller = Teller(source=SOURCE, zone=str(history.document["zone"]), known_us=0)
    with writing(database) as connection:
        TAKE[kind](connection, table([row], names), teller=teller)


def by_hand(history: ArrivalHistory) -> dict[str, Said]:
    """What the oracle says."""
    told = (history.orders, history.promises, history.scans, history.closures)
    return judge_arrivals(*told, document=history.document, as_of=history.as_of)


def sums(said: dict[str, Said], *, held: bool) -> Counter[str]:
    """What is owed in all, or held, by unit."""
    found = Counter[str]()
    for one in said.values():
        for form, amount, _, _, is_held, _ in one.steps:
            if is_held == held:
                found[UNITS[form]] += amount
    return +found


def of_books(database: Engine) -> Counter[str]:
    """What the books say is owed for late deliveries, by unit."""
    query = (
        "SELECT currency, SUM(CASE WHEN debit = 'delivery_guarantee' THEN amount_minor ELSE 0 END)"
        " - SUM(CASE WHEN credit = 'delivery_guarantee' THEN amount_minor ELSE 0 END) FROM entries GROUP BY currency"
    )
    return +Counter(dict(rows_of(database, query)))


def differences(database: Engine, history: ArrivalHistory) -> Iterator[str]:
    """Where the store differs from the oracle."""
    said = by_hand(history)
    kept = {
        row[0]: row[1:] for row in rows_of(database, "SELECT delivery_id, verdict, by_us, arrived_us FROM deliveries")
    }
    promised = {name for name, one in said.items() if one.verdict != Verdict.NONE.name.lower()}
    # A promise that is told before it is shown has a row, of which nothing is said yet.
    if not promised <= kept.keys() or any(kept[name][0] != "none" for name in kept.keys() - said.keys()):
        yield f"kept {sorted(kept)}, promised {sorted(promised)}"
        return
    for name, (verdict, by_us, arrived_us) in ((name, kept[name]) for name in kept.keys() & said.keys()):
        moments = [
            None if at is None else (at - EPOCH) // timedelta(microseconds=1)
            for at in (said[name].by, said[name].arrived)
        ]
        if (verdict, by_us) != (said[name].verdict, moments[0]) or (arrived_us != moments[1] and verdict != "none"):
            yield f"{name}: {(verdict, by_us, arrived_us)} where the words say {said[name]}"
    if of_books(database) != sums(said, held=False):
        yield f"booked {of_books(database)} where the words say {sums(said, held=False)}"
    disputed = rows_of(database, "SELECT COALESCE(SUM(amount_minor), 0) FROM needs WHERE kind = 'late_disputed'")[0][0]
    if disputed != sums(said, held=True)["CNY"]:
        yield f"held {disputed} where the words say {sums(said, held=True)}"


@settings(parent=QUICK, max_examples=60, deadline=None)
@given(history=arrival_histories(), data=st.data())
def test_live_owes_what_oracle_and_engine_owe_however_it_is_told(history: ArrivalHistory, data: st.DataObject) -> None:
    assert by_engine(history) == by_hand(history)
    facts = data.draw(st.permutations(facts_of(history)))
    again = data.draw(st.lists(st.sampled_from(facts), max_size=4))
    last_us, first_us = us(history), (START - EPOCH) // timedelta(microseconds=1)
    moments = sorted(
        data.draw(st.lists(st.integers(min(first_us, last_us), last_us), min_size=len(facts), max_size=len(facts)))
    )
    with empty_store(dict(history.document)) as database:
        for fact, now_us in zip(facts, moments, strict=True):
            tell(database, history, fact)
            if data.draw(st.booleans()):
                live_on(database, now_us, deliveries_max=data.draw(st.sampled_from([1, 2_000])))
        for fact in again:
            tell(database, history, fact)
        live_on(database, last_us)
        assert list(differences(database, history)) == []
        found = audit(database, progress=lambda *_: None)
        assert (found.differences, found.waiting) == ((), False)


@settings(parent=QUICK, max_examples=25, deadline=None)
@given(history=arrival_histories(), seed=st.randoms(use_true_random=False))
def test_all_at_once_and_one_by_one_leave_the_same_books(history: ArrivalHistory, seed) -> None:  # type: ignore[no-untyped-def]
    found = list[Any]()
    for facts in (facts_of(history), seed.sample(facts_of(history), len(facts_of(history)))):
        with empty_store(dict(history.document)) as database:
            for fact in facts:
                tell(database, history, fact)
                if found:
                    live_on(database, us(history))
            live_on(database, us(history))
            found.append(
                (of_books(database), sorted(rows_of(database, "SELECT delivery_id, verdict, by_us FROM deliveries")))
            )
    assert found[0] == found[1]
