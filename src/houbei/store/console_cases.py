"""What a page shows of a case: how it stands, what happened, by whom, under which clauses, for how much money, and whom to thank.

Everything is read from facts and folded again here, so a page never says more than the steps do. Names are looked up last: whoever asked
not to be named has none anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection

from houbei.calendars.days import Days
from houbei.case.deadlines import Deadline, next_deadline
from houbei.case.fold import Advanced, fold
from houbei.case.moves import Moved
from houbei.case.stages import Case, Need, Rules, Stage
from houbei.facts.steps import Step, Teller, Told, What
from houbei.ledger.accounts import Account
from houbei.store.case_rules import leading
from houbei.store.cases import Standing, asks_of_person, find_case
from houbei.store.console import Entry, entries_of_cover
from houbei.store.line_rows import decoded
from houbei.store.people import Known, people_by_key
from houbei.store.promises import Promise, published
from houbei.store.statements import ask
from houbei.store.steps import steps_of
from houbei.terms.model import Clause


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One step on the page.

    `person` is the name to show, '' where there is none to show; `role` their part; `automatic` says that a rule or a clock did it.
    `set_aside` says that it could not happen then and changed nothing; `stage` is where the case stood after it.
    """

    at_us: int
    known_us: int
    what: What
    teller: Teller
    person: str
    role: str
    automatic: bool
    told: Mapping[str, Told]
    set_aside: bool
    stage: Stage
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLine:
    """What one code of entries came to in this case, minor units, with the entries themselves."""

    code: str
    debit: str
    credit: str
    amount_minor: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A person who agreed to be named: their name, the parts they had, and what they did, in the order in which they first did something."""

    name: str
    roles: tuple[str, ...]
    deeds: tuple[What, ...]
    first_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A file that came with a step; width and height are pixels, None where they are not known."""

    sha256: str
    kind: str
    bytes: int
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case as a page shows it.

    `facts` are the line's own: sku, order_id, line_id, quantity, paid_minor, buyer_id, region, category, title and whatever else it came
    with. `day` is which day of the window it is now, `of_days` how many it has; None where no window runs. `needs` is what waits for a
    person, `due` until when the stage it is in may last. `recommendation` is what an inspector wrote, '' where nobody did.
    `net_minor` is what the case cost the shop so far.
    """

    number: str
    facts: Mapping[str, Any]
    unit: int
    serial: str
    currency: str
    promise: Promise | None
    rules: Rules
    case: Case
    opened_us: int
    day: int | None
    of_days: int | None
    needs: tuple[Need, ...]
    due: Deadline | None
    recommendation: str
    deeds: tuple[Deed, ...]
    clauses: tuple[Clause, ...]
    money: tuple[MoneyLine, ...]
    net_minor: int
    shown: Mapping[str, Shown]
    credits: tuple[Credit, ...]


def read_case(connection: Connection, number: str, *, now_us: int) -> CaseView | None:
    """Read a case for a page.

    Args:
        connection: A state of the store.
        number: Like R-2026-0219.
        now_us: What time it is.

    Returns:
        The case, None where there is none of that number.

    Cost: a few look-ups, and folding its steps.
    """
    standing = find_case(connection, number)
    if standing is None:
        return None
    promise = next((one for one in published(connection) if one.seq == standing.terms), None)
    rules = leading(None if promise is None else promise.terms, standing.currency)
    steps = steps_of(connection, number)
    _, done = fold(steps, rules=rules)
    people = people_by_key(connection, {step.person.name for step in steps if step.person is not None})
    entries = _entries(connection, standing, steps)
    return CaseView(
        number=number,
        facts=_facts(connection, standing.line),
        unit=standing.unit,
        serial=standing.serial,
        currency=standing.currency,
        promise=promise,
        rules=rules,
        case=standing.case,
        opened_us=standing.opened_us,
        day=_day(steps, promise, now_us),
        of_days=_of_days(promise),
        needs=asks_of_person(standing.case),
        due=next_deadline(standing.case, rules=rules),
        recommendation=_recommendation(steps),
        deeds=tuple(_deed(step, one, people) for step, one in zip(steps, done, strict=True)),
        clauses=_clauses(steps, entries, promise),
        money=_money(entries),
        net_minor=_net(entries),
        shown=_shown(connection, number),
        credits=credits_of([step for step, one in zip(steps, done, strict=True) if not one.set_aside], people),
    )


def credits_of(steps: Sequence[Step], people: Mapping[str, Known]) -> tuple[Credit, ...]:
    """Give the people of a case who are named, in the order in which they first did something.

    Args:
        steps: Of one case, those that counted; people by their keys.
        people: Who they are, and whether they are shown.
    """
    first: dict[str, tuple[int, int]] = {}
    roles: dict[str, dict[str, None]] = {}
    deeds: dict[str, dict[What, None]] = {}
    for place, step in enumerate(steps):
        person = step.person
        if person is None or not (person.name in people and people[person.name].named):
            continue
        first[person.name] = min(first.get(person.name, (step.at_us, place)), (step.at_us, place))
        roles.setdefault(person.name, {})[person.role] = None
        deeds.setdefault(person.name, {})[step.what] = None
    return tuple(
        Credit(name=people[key].name, roles=tuple(roles[key]), deeds=tuple(deeds[key]), first_us=first[key][0])
        for key in sorted(first, key=lambda key: first[key])
    )


def _facts(connection: Connection, line: int) -> dict[str, Any]:
    row = ask(
        connection,
        "SELECT source, line_id, order_id, sku, quantity, paid_minor, placed_us, buyer_id, seller, region, channel, category, more"
        " FROM lines WHERE seq = :line",
        line=line,
    ).one()
    facts = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's own way to a row's columns
    return {**decoded(facts.pop("more")), **facts}


def _day(steps: Sequence[Step], promise: Promise | None, now_us: int) -> int | None:
    """The day of the window it is now: that of the report, and the local days since."""
    judged = next((step for step in steps if step.what is What.JUDGED and "day" in step.told), None)
    if judged is None or promise is None:
        return None
    reported = next(step for step in steps if step.what is What.REPORTED)
    from_us = min(reported.at_us, judged.at_us)
    days = Days.over(promise.terms.zone, from_us=from_us, to_us=max(now_us, from_us))
    then, now = days.day_of(np.array([from_us, max(now_us, from_us)]))
    return int(judged.told["day"]) + int(now - then)


def _of_days(promise: Promise | None) -> int | None:
    length = None if promise is None else promise.terms.window.length
    if length is None or length.years or length.months or length.exact_us is not None:
        return None
    return length.days


def _recommendation(steps: Sequence[Step]) -> str:
    found = [str(step.told.get("findings", "")) for step in steps if step.what is What.INSPECTED]
    return found[-1] if found else ""


def _deed(step: Step, done: Advanced, people: Mapping[str, Known]) -> Deed:
    person = step.person
    return Deed(
        at_us=step.at_us,
        known_us=step.known_us,
        what=step.what,
        teller=step.teller,
        person="" if person is None or person.name not in people else people[person.name].shown,
        role="" if person is None else person.role,
        automatic=person is None and step.teller is Teller.HOUBEI,
        told=step.told,
        set_aside=done.set_aside,
        stage=done.case.stage,
        moved=done.moved,
    )


def _entries(connection: Connection, standing: Standing, steps: Sequence[Step]) -> list[Entry]:
    """The entries of a case: those that its steps led to, and the settlements of what they owe."""
    if standing.cover is None:
        return []
    facts = {step.fact for step in steps}
    found = entries_of_cover(connection, standing.cover)
    mine = {entry.sequence for entry in found if entry.fact in facts}
    return [entry for entry in found if entry.sequence in mine or entry.settles in mine]


def _clauses(steps: Sequence[Step], entries: Sequence[Entry], promise: Promise | None) -> tuple[Clause, ...]:
    """The clauses that the case rests on: what the answer cites, then what its entries do."""
    if promise is None:
        return ()
    cited = [str(step.told["clause"]) for step in steps if step.what is What.JUDGED]
    cited += [entry.clause for entry in entries]
    known = {clause.id: clause for clause in promise.terms.clauses}
    return tuple(known[name] for name in dict.fromkeys(cited) if name in known)


def _money(entries: Sequence[Entry]) -> tuple[MoneyLine, ...]:
    by_code: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in entries:
        by_code.setdefault((entry.code, entry.debit, entry.credit), []).append(entry)
    return tuple(
        MoneyLine(
            code=code,
            debit=debit,
            credit=credit,
            amount_minor=sum(entry.amount_minor for entry in found),
            entries=tuple(found),
        )
        for (code, debit, credit), found in by_code.items()
    )


def _net(entries: Sequence[Entry]) -> int:
    """What stands on the account of what replacements cost."""
    cost = Account.REPLACEMENT_GUARANTEE.value
    return sum(entry.amount_minor * ((entry.debit == cost) - (entry.credit == cost)) for entry in entries)


def _shown(connection: Connection, number: str) -> dict[str, Shown]:
    rows = ask(
        connection,
        "SELECT sha256, kind, bytes, width, height FROM exhibits WHERE case_id = :number ORDER BY seq",
        number=number,
    )
    return {
        row.sha256: Shown(sha256=row.sha256, kind=row.kind, bytes=row.bytes, width=row.width, height=row.height)
        for row in rows
    }
