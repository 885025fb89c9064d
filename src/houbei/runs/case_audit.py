"""The audit of cases: each is folded again from its steps, and how it stands, when it is due and every entry agree, or are named."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from houbei.case.moves import Moved
from houbei.facts.steps import Step
from houbei.ledger.accounts import Account
from houbei.ledger.entries import Code
from houbei.ledger.swaps import ACCOUNTS_OF, code_of
from houbei.runs.case_needs import CASE
from houbei.runs.cases import Led, lead_through, promises_by_seq
from houbei.store.books import entries_of_cover
from houbei.store.cases import Standing, asks_of_person, every_case, opened_cases, state_of
from houbei.store.checks import count_rows
from houbei.store.needs import refs_needed
from houbei.store.statements import ask
from houbei.store.steps import steps_of
from houbei.store.swaps import swaps_of_line

CASES_MAX = 1_000
"""How many cases are read at once."""
_PAYABLE = frozenset({Account.PAYABLE_TO_BUYERS.value, Account.PAYABLE_TO_FUNDERS.value})


def compare_cases(connection: Connection) -> Iterator[tuple[int, list[str]]]:
    """Fold every case again and compare.

    Args:
        connection: A state of the store.

    Yields:
        How many cases were done, and where they differ, in one sentence each; last, what belongs to no case.

    Cost: a few look-ups a case, and folding its steps.
    """
    promises, waiting = promises_by_seq(connection), refs_needed(connection, kind=CASE)
    after, matched, steps_seen = 0, 0, 0
    while found := every_case(connection, after=after, most=CASES_MAX):
        opened = opened_cases(connection, [one.case_id for _, one in found])
        differences = list[str]()
        for place, one in found:
            after = place
            steps = steps_of(connection, one.case_id)
            steps_seen += len(steps)
            if one.case_id not in opened:
                differences.append(f"case {one.case_id} was never opened")
                continue
            led = lead_through(opened[one.case_id], steps, promises)
            differences += _differs(one, led[-1].now if led else opened[one.case_id])
            differences += _needs_differ(one, waiting)
            differences += _swaps_differ(connection, one, led)
            count, wrong = _entries_differ(connection, one, led)
            matched += count
            differences += wrong
        yield len(found), differences
    yield 0, list(_left_over(connection, matched=matched, steps=steps_seen))


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


def _swaps_differ(connection: Connection, one: Standing, led: Sequence[Led]) -> Iterator[str]:
    told = Counter(
        (swap.source, swap.step_id) for swap in swaps_of_line(connection, one.line) if swap.case_id == one.case_id
    )
    made = Counter((done.step.source, done.step.step_id) for done in led if done.hands_over)
    for source, step_id in sorted((told - made) + (made - told)):
        yield f"case {one.case_id}: the swap by step {source}/{step_id} is {'not ' if (source, step_id) in made else ''}in the lineage, its steps say the opposite"


def _entries_differ(connection: Connection, one: Standing, led: Sequence[Led]) -> tuple[int, list[str]]:
    """How many entries of the cover are this case's, and where they differ from what its steps moved."""
    facts = {done.step.fact: done.step for done in led}
    rows = [] if one.cover is None else [row for row in entries_of_cover(connection, one.cover) if row.settles is None]
    mine = [row for row in rows if row.fact in facts]
    posted, moved = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for row in mine:
        posted[row.fact, row.code, row.debit, _side(row.code, row.credit), row.currency] += row.amount_minor
    for done in led:
        for move in done.moved:
            moved[_key(done.step, move, one.currency)] += move.amount_minor
    wrong = [
        f"case {one.case_id}: {key[0]} moves {moved[key]} of {key[4]} as {key[1]} from {key[2]} to {key[3]}, the ledger says {posted[key]}"
        for key in sorted({*posted, *moved})
        if posted[key] != moved[key]
    ]
    return len(mine), wrong


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
