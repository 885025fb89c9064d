"""The audit of cases: each is folded again from its steps, and how it stands, when it is due and every entry agree, or are named."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from houbei.case.moves import Moved
from houbei.case.units import Swap
from houbei.facts.steps import Step
from houbei.ledger.accounts import Account
from houbei.ledger.entries import Code
from houbei.ledger.swaps import ACCOUNTS_OF, code_of
from houbei.runs.case_needs import CASE
from houbei.runs.cases import Led, lead_through, promises_by_seq
from houbei.store.books import moved_of_covers
from houbei.store.cases import Standing, asks_of_person, every_case, opened_cases, state_of
from houbei.store.checks import count_rows
from houbei.store.needs import refs_needed
from houbei.store.statements import ask
from houbei.store.steps import steps_of_cases
from houbei.store.swaps import swaps_by_case

CASES_MAX = 1_000
"""How many cases are read at once."""
_PAYABLE = frozenset({Account.PAYABLE_TO_BUYERS.value, Account.PAYABLE_TO_FUNDERS.value})


def compare_cases(connection: Connection) -> Iterator[tuple[int, list[str]]]:
    """Fold every case again and compare.

    Args:
        connection: A state of the store.

    Yields:
        How many cases were done, and where they differ, in one sentence each; last, what belongs to no case.

    Cost: some look-ups a case, a few statements for many of them, and folding its steps.
    """
    promises, waiting = promises_by_seq(connection), refs_needed(connection, kind=CASE)
    after, matched, steps_seen = 0, 0, 0
    while found := every_case(connection, after=after, most=CASES_MAX):
        after = found[-1][0]
        kept = _read(connection, [one for _, one in found])
        differences = list[str]()
        for _, one in found:
            steps_seen += len(kept.steps[one.case_id])
            if one.case_id not in kept.opened:
                differences.append(f"case {one.case_id} was never opened")
                continue
            opened = kept.opened[one.case_id]
            led = lead_through(opened, kept.steps[one.case_id], promises)
            differences += _differs(one, led[-1].now if led else opened)
            differences += _needs_differ(one, waiting)
            differences += _swaps_differ(one, led, kept.swaps.get(one.case_id, []))
            count, wrong = _entries_differ(one, led, kept.moved.get(one.cover or 0, []))
            matched += count
            differences += wrong
        yield len(found), differences
    yield 0, list(_left_over(connection, matched=matched, steps=steps_seen))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the store keeps of some cases: as they were opened, their steps and swaps, and what was moved on their covers."""

    opened: Mapping[str, Standing]
    steps: Mapping[str, Sequence[Step]]
    swaps: Mapping[str, Sequence[Swap]]
    moved: Mapping[int, Sequence[tuple[str, str, str, str, str, int]]]


def _read(connection: Connection, cases: Sequence[Standing]) -> _Kept:
    ids = [one.case_id for one in cases]
    return _Kept(
        opened=opened_cases(connection, ids),
        steps=steps_of_cases(connection, ids),
        swaps=swaps_by_case(connection, [one.line for one in cases]),
        moved=moved_of_covers(connection, sorted({one.cover for one in cases if one.cover is not None})),
    )


def _differs(one: Standing, now: Standing) -> Iterator[str]:
    """How a case stands, against what its steps make of it."""
    where = f"case {one.case_id}"
    if (one.line, one.unit, one.serial, one.currency) != (now.line, now.unit, now.serial, now.currency):
        yield f"{where} is about another unit than the one it was opened for"
    if one.terms != now.terms:
        yield f"{where} is led by promise {one.terms}, its steps say {now.terms}"
    if one.case != now.case:
        yield f"{where} stands at {state_of(one.case)}, its steps say {state_of(now.case)}"
    if one.due_us != now.due_us:
        yield f"{where} is due at {one.due_us}, its steps say {now.due_us}"


def _needs_differ(one: Standing, waiting: frozenset[str]) -> Iterator[str]:
    if bool(asks_of_person(one.case)) != (one.case_id in waiting):
        yield f"case {one.case_id} {'is' if one.case_id in waiting else 'is not'} on somebody's list, its steps say the opposite"


def _swaps_differ(one: Standing, led: Sequence[Led], swaps: Sequence[Swap]) -> Iterator[str]:
    told = Counter((swap.source, swap.step_id) for swap in swaps)
    made = Counter((done.step.source, done.step.step_id) for done in led if done.hands_over)
    for source, step_id in sorted((told - made) + (made - told)):
        yield f"case {one.case_id}: the swap by step {source}/{step_id} is {'not ' if (source, step_id) in made else ''}in the lineage, its steps say the opposite"


def _entries_differ(
    one: Standing, led: Sequence[Led], entries: Sequence[tuple[str, str, str, str, str, int]]
) -> tuple[int, list[str]]:
    """How many entries of the cover are this case's, and where they differ from what its steps moved."""
    facts = {done.step.fact for done in led}
    posted, moved, count = Counter[tuple[str, ...]](), Counter[tuple[str, ...]](), 0
    for fact, code, debit, credit, currency, amount_minor in entries:
        if fact in facts:
            count += 1
            posted[fact, code, debit, _side(code, credit), currency] += amount_minor
    for done in led:
        for move in done.moved:
            moved[_key(done.step, move, one.currency)] += move.amount_minor
    wrong = [
        f"case {one.case_id}: {key[0]} moves {moved[key]} of {key[4]} as {key[1]} from {key[2]} to {key[3]}, the ledger says {posted[key]}"
        for key in sorted({*posted, *moved})
        if posted[key] != moved[key]
    ]
    return count, wrong


def _key(step: Step, move: Moved, currency: str) -> tuple[str, ...]:
    debit, credit = (account.value for account in ACCOUNTS_OF[move.move])
    code = code_of(move.move)
    return step.fact, code, debit, _side(code, credit), currency


def _side(code: str, credit: str) -> str:
    """What is owed to a funder of the price is owed like what is owed to the buyer."""
    return Account.PAYABLE_TO_BUYERS.value if code == Code.OWED and credit in _PAYABLE else credit


def _left_over(connection: Connection, *, matched: int, steps: int) -> Iterator[str]:
    """What belongs to no case: entries, steps, openings."""
    entries = ask(
        connection, "SELECT COUNT(*) FROM entries WHERE settles IS NULL AND fact >= 'step:' AND fact < 'step;'"
    ).scalar_one()
    if entries != matched:
        yield f"{entries} entries cite steps of cases, {matched} of them belong to one"
    if (kept := count_rows(connection, "steps")) != steps:
        yield f"{kept} steps are kept, {steps} of them belong to a case"
    if (opened := count_rows(connection, "openings")) != (cases := count_rows(connection, "cases")):
        yield f"{opened} cases were opened, {cases} are there"
