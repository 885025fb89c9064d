"""The live store's cases as holds see them: what leads each, which card is asked, and where the provider's side is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from houbei.case.stages import Secured
from houbei.facts.steps import Step, check_step
from houbei.money import minor_of
from houbei.runs.cases import promises_by_seq, tell_in
from houbei.runs.hold_settling import plan_hold
from houbei.runs.hold_wants import SecuredCase
from houbei.store.case_rules import leading
from houbei.store.cases import Standing, find_case, to_secure
from houbei.store.marks import live_through
from houbei.store.promises import Promise
from houbei.store.statements import ask
from houbei.terms.model import Terms


@dataclass(frozen=True, slots=True)
class StoredCases:
    """The cases of the store that a connection belongs to (see `SecuredCases`)."""

    def find(self, connection: Connection, case_id: str) -> SecuredCase | None:
        """Give a case. Cost: four look-ups."""
        standing = find_case(connection, case_id)
        return None if standing is None else _secured(connection, standing, promises_by_seq(connection))

    def to_secure(self, connection: Connection, *, after: str, most: int) -> Sequence[SecuredCase]:
        """Give cases that want a hold or rely on one. Cost: a pass over the cases that are not over."""
        promises = promises_by_seq(connection)
        found = to_secure(connection, after=after, most=most)
        return [_secured(connection, one, promises) for one in found]

    def tell(self, connection: Connection, step: Step) -> bool:
        """Take a step in, and note what the case wants of holds since."""
        check_step(step, where=f"case {step.case}")
        now_us = live_through(connection, step.known_us)
        led = tell_in(connection, step, now_us=now_us)
        plan_hold(connection, _secured(connection, led.now, promises_by_seq(connection)), now_us=now_us)
        return not led.known


def _secured(connection: Connection, standing: Standing, promises: dict[int, Promise]) -> SecuredCase:
    terms = None if standing.terms is None else promises[standing.terms].terms
    rules = leading(terms, standing.currency)
    line = ask(connection, "SELECT source, line_id, order_id FROM lines WHERE seq = :line", line=standing.line).one()
    return SecuredCase(
        case_id=standing.case_id,
        thread=f"{line.source}\n{line.line_id}\n{standing.unit}\n{_report(connection, standing.case_id)}",
        case=standing.case,
        rules=rules,
        payment=line.order_id,
        currency=standing.currency,
        limit_minor=_limit(terms, standing.currency) if rules.secured_by is Secured.HOLD else -1,
    )


def _report(connection: Connection, case_id: str) -> str:
    """Name the report that opened a case: two cases of one unit are told apart by it, whatever numbers they have."""
    row = ask(
        connection,
        "SELECT source, step_id FROM steps WHERE case_id = :case_id ORDER BY seq LIMIT 1",
        case_id=case_id,
    ).one_or_none()
    return "" if row is None else f"{row.source}/{row.step_id}"


def _limit(terms: Terms | None, currency: str) -> int:
    """The most that a promise lets be held; -1 for the value of the unit."""
    promised = None if terms is None else terms.replacement
    if terms is None or promised is None or promised.security_limit is None:
        return -1
    return minor_of(promised.security_limit, currency, where=f"the limit of the hold of {terms.term}")
