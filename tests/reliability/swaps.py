"""Cases with holds: steps in a table of the same store, folded by the pure core, beside a sandbox that holds; and what must be true of both."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import httpx2
import msgspec
from sqlalchemy import Connection

from houbei.case.deadlines import deadlines_of
from houbei.case.fold import Advanced, fold
from houbei.case.moves import Move
from houbei.case.stages import Case, Rules, Secured, Stage
from houbei.facts.steps import BY_PEOPLE, SHAPES, Person, Step, Teller, What, check_step
from houbei.ledger.accounts import Account
from houbei.ledger.swaps import ACCOUNTS_OF
from houbei.runs.hold_settling import ask_capture, plan_hold
from houbei.runs.hold_wants import SecuredCase
from houbei.runs.holds import reconcile_holds, run_holds
from houbei.runs.hooks import look_at_events
from houbei.store.database import reading, writing
from tests.case.test_every_state import expected
from tests.reliability.shop import DAY_US, SECOND_US, Shop, rows_of

VALUE = 10_000
HELD = Rules(secured_by=Secured.HOLD)
CLERK, OTHER = (Person(name=name, role="clerk", named=False) for name in ("first", "second"))
CAPTURED = frozenset({Move.CAPTURED_FOR_UNIT, Move.CAPTURED_FOR_REVERSAL})
ALIVE = frozenset({"authorised", "renewed"})
_TABLE = "CREATE TABLE IF NOT EXISTS told_here (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, case_id TEXT, step TEXT)"
_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(Step).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldCases:
    """Cases whose steps stand in a table `told_here` of the store: the part of the live store that holds need, and no more."""

    rules: Rules = HELD
    limit_minor: int = -1

    def find(self, connection: Connection, case_id: str) -> SecuredCase | None:
        steps = self.steps(connection, case_id)
        if not steps:
            return None
        case, _ = fold(steps, rules=self.rules)
        return SecuredCase(
            case_id=case_id,
            thread=f"shop/{case_id}/1",
            case=case,
            rules=self.rules,
            payment=f"order-{case_id}",
            currency="USD",
            limit_minor=self.limit_minor,
        )

    def to_secure(self, connection: Connection, *, after: str, most: int) -> Sequence[SecuredCase]:
        found = [self.find(connection, name) for name in names_of(connection) if name > after]
        hold = {Secured.HOLD, Secured.LAPSED}
        wanted = [one for one in found if one and (one.case.stage is Stage.SECURING or one.case.secured in hold)]
        return wanted[:most]

    def tell(self, connection: Connection, step: Step) -> bool:
        check_step(step, where=f"case {step.case}")
        name = f"{step.source}/{step.step_id}"
        known = connection.exec_driver_sql("SELECT step FROM told_here WHERE id = ?", (name,)).scalar()
        if known is not None:
            before = replace(_DECODE(known), known_us=step.known_us)
            assert before == step, (before, step)
            return False
        row = (name, step.case, _ENCODE(step).decode())
        connection.exec_driver_sql("INSERT INTO told_here (id, case_id, step) VALUES (?, ?, ?)", row)
        plan_hold(connection, self.found(connection, step.case), now_us=step.known_us)
        return True

    def found(self, connection: Connection, case_id: str) -> SecuredCase:
        secured = self.find(connection, case_id)
        assert secured is not None
        return secured

    def steps(self, connection: Connection, case_id: str) -> list[Step]:
        rows = connection.exec_driver_sql("SELECT step FROM told_here WHERE case_id = ? ORDER BY seq", (case_id,))
        return [_DECODE(row[0]) for row in rows]


def names_of(connection: Connection) -> list[str]:
    return [row[0] for row in connection.exec_driver_sql("SELECT DISTINCT case_id FROM told_here ORDER BY case_id")]


def step_for(case_id: str, what: What, *, number: int, now_us: int, **told: Any) -> Step:
    """A step as somebody who may would tell it; `by` names a person, `teller` who else tells it."""
    by, teller = told.pop("by", None), told.pop("teller", None)
    tellers = SHAPES[what].tellers
    teller = teller or (Teller.SHOP if Teller.SHOP in tellers else min(tellers))
    person = by or (CLERK if teller in BY_PEOPLE else None)
    return Step(
        source="shop",
        step_id=f"{case_id}/{number}",
        case=case_id,
        what=what,
        teller=teller,
        at_us=now_us,
        known_us=now_us,
        person=person,
        told=told,
    )


@dataclass(slots=True, kw_only=True)
class Swaps:
    """Cases of a shop, whose provider holds."""

    shop: Shop
    cases: ToldCases = field(default_factory=ToldCases)

    def __post_init__(self) -> None:
        with writing(self.shop.database) as connection:
            connection.exec_driver_sql(_TABLE)

    # --- what happens -------------------------------------------------------------------------------------------------

    def opens(self, case_id: str, *, value: int = VALUE) -> None:
        """A buyer reports, and is to have a new unit first."""
        self.shop.stage.capture({f"order-{case_id}": value})
        self.say(case_id, What.REPORTED, channel="app")
        self.say(case_id, What.JUDGED, answer="replace", value_minor=value, refund_minor=value, clause="S-1")

    def say(self, case_id: str, what: What, **told: Any) -> None:
        with writing(self.shop.database) as connection:
            number = len(self.cases.steps(connection, case_id)) + 1
            step = step_for(case_id, what, number=number, now_us=self.shop.now_us, **told)
            self.cases.tell(connection, step)

    def capture(self, case_id: str, minor: int) -> str | None:
        """A person asks that a part be taken."""
        with writing(self.shop.database) as connection:
            return ask_capture(
                connection,
                self.cases.found(connection, case_id),
                amount_minor=minor,
                note="the old unit stays away",
                now_us=self.shop.now_us,
            )

    # --- what Houbei does ---------------------------------------------------------------------------------------------

    def round(self, *, holder: str = "one", provider: Any = None) -> int:
        shop = self.shop
        asked = provider or shop.provider
        return run_holds(shop.database, asked, self.cases, now_us=shop.now_us, holder=holder).claimed

    def carry_out(self) -> None:
        """Rounds until nothing is due now."""
        for _ in range(50):
            if not self.round():
                return
        raise AssertionError(self.holds())

    def look(self) -> None:
        look_at_events(self.shop.database, self.shop.provider, now_us=self.shop.now_us, cases=self.cases)

    def reconcile(self) -> Any:
        return reconcile_holds(self.shop.database, self.shop.provider, self.cases, now_us=self.shop.now_us)

    def time_out(self) -> None:
        """Tell every case of the deadlines that have passed, as the clock of the live loop does."""
        with reading(self.shop.database) as connection:
            found = [self.cases.found(connection, name) for name in names_of(connection)]
        for one in found:
            for due in deadlines_of(one.case, rules=one.rules):
                if due.at_us <= self.shop.now_us:
                    self.say(one.case_id, What.TIMED_OUT, stage=due.kind)

    def live(self, by_us: int, *, every_us: int = DAY_US // 4) -> None:
        """Time passes, and what is due is done as it goes."""
        until_us = self.shop.now_us + by_us
        while self.shop.now_us < until_us:
            self.shop.turn(min(every_us, until_us - self.shop.now_us))
            self.carry_out()
            self.time_out()

    def settle_all(self) -> None:
        """Live on without faults until nothing waits for an answer."""
        for _ in range(40):
            self.carry_out()
            self.reconcile()
            self.carry_out()
            if not rows_of(self.shop.database, "SELECT 1 FROM holds WHERE attempts > 0"):
                return
            self.shop.turn(3700 * SECOND_US)
        raise AssertionError(self.holds())

    # --- what is to be seen -------------------------------------------------------------------------------------------

    def case(self, case_id: str) -> Case:
        with reading(self.shop.database) as connection:
            return self.cases.found(connection, case_id).case

    def steps(self, case_id: str) -> list[Step]:
        with reading(self.shop.database) as connection:
            return self.cases.steps(connection, case_id)

    def told(self, case_id: str) -> list[str]:
        """What the provider's side told of a case, in order."""
        return [step.what.value for step in self.steps(case_id) if step.source.startswith("payment:")]

    def done(self, case_id: str) -> list[Advanced]:
        return fold(self.steps(case_id), rules=self.cases.rules)[1]

    def moved(self, case_id: str) -> Counter[Move]:
        moved: Counter[Move] = Counter()
        for done in self.done(case_id):
            for one in done.moved:
                moved[one.move] += one.amount_minor
        return moved

    def holds(self) -> list[tuple[Any, ...]]:
        return rows_of(
            self.shop.database,
            "SELECT case_id, number, state, reference, captured_minor, due_us, attempts, holder, reason FROM holds"
            " ORDER BY case_id, number",
        )

    def states(self, case_id: str) -> list[str]:
        return [row[2] for row in self.holds() if row[0] == case_id]

    def at_provider(self) -> list[Mapping[str, Any]]:
        """Every hold that the provider ever made, in its order."""
        return every_hold(self.shop.stage.web)

    def needs(self) -> list[str]:
        return [row[0] for row in rows_of(self.shop.database, "SELECT kind FROM needs ORDER BY kind, ref")]


def every_hold(web: httpx2.Client) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    query = {"limit": "1000"}
    while True:
        page = web.get("/holds", params=query).json()
        if "data" not in page:  # throttled, as anybody may be
            continue
        found += page["data"]
        if page["next"] is None:
            return found
        query["after"] = page["next"]


def alive_by_case(holds: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """How many holds stand for each case."""
    return Counter(hold["metadata"]["case"] for hold in holds if hold["state"] in ALIVE)


def balances(swaps: Swaps, case_id: str) -> Counter[Account]:
    """What a case's moves come to, debits counted up."""
    found: Counter[Account] = Counter()
    for move, minor in swaps.moved(case_id).items():
        debit, credit = ACCOUNTS_OF[move]
        found[debit] += minor
        found[credit] -= minor
    return found


def agree(swaps: Swaps) -> None:
    """What must hold whatever happened, once nothing waits for an answer: books of moves, holds here, holds at the provider."""
    by_case: dict[str, list[Mapping[str, Any]]] = {}
    for hold in swaps.at_provider():
        by_case.setdefault(hold["metadata"]["case"], []).append(hold)
    explained = dict(
        rows_of(swaps.shop.database, "SELECT ref, amount_minor FROM needs WHERE kind = 'unexplained_capture'")
    )
    with reading(swaps.shop.database) as connection:
        names = names_of(connection)
    assert set(by_case) <= set(names)
    for name in names:
        _agree_on(swaps, name, by_case.get(name, []), explained)


def _agree_on(swaps: Swaps, name: str, holds: Sequence[Mapping[str, Any]], explained: Mapping[str, int]) -> None:
    case, moved, books = swaps.case(name), swaps.moved(name), balances(swaps, name)
    alive = [hold for hold in holds if hold["state"] in ALIVE]
    taken = [hold for hold in holds if hold["captured_minor"]]
    assert never_two_at_once(holds), holds
    assert len(taken) <= 1, holds
    assert all(0 < hold["captured_minor"] <= hold["amount_minor"] <= case.value_minor for hold in taken), holds
    assert sum(hold["amount_minor"] for hold in alive) == books[Account.HOLDS_AT_PROVIDER], (name, holds, case)
    in_moves = sum(moved[move] for move in CAPTURED)
    put_before = sum(explained.get(f"sandbox/{hold['id']}", 0) for hold in taken)
    assert sum(hold["captured_minor"] for hold in taken) == in_moves + put_before, (name, holds, moved)
    assert not (case.over and alive), (name, holds, case)
    still = {account: minor for account, minor in books.items() if minor and account in STILL_OPEN}
    assert still == dict(expected(case)), (name, case)


STILL_OPEN = (
    Account.UNITS_IN_EXCHANGE,
    Account.HOLDS_AT_PROVIDER,
    Account.HOLDS_OF_BUYERS,
    Account.DEPOSITS_OF_BUYERS,
    Account.RECEIVABLE_FROM_SUPPLIERS,
)


def never_two_at_once(holds: Sequence[Mapping[str, Any]]) -> bool:
    """Whether no two holds of a case stood at the same moment, by the provider's own times."""
    ever = datetime.max.replace(tzinfo=UTC)
    stood = sorted(
        (moment(hold["created_at"]), ever if hold["state"] in ALIVE else moment(hold["updated_at"]))
        for hold in holds
        if hold["state"] != "refused"
    )
    return all(end <= begin for (_, end), (begin, _) in pairwise(stood))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
