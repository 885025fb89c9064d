"""The live store's cases as holds see them: what leads each, what tells it apart for ever, which card is asked and for how much at most."""

from collections.abc import Mapping

from sqlalchemy import Connection

from houbei.case.stages import Case, Secured, Stage
from houbei.money import minor_of
from houbei.runs.hold_settling import plan_hold
from houbei.runs.hold_wants import SecuredCase
from houbei.store.case_rules import leading
from houbei.store.cases import Standing
from houbei.store.promises import Promise
from houbei.store.statements import ask
from houbei.terms.model import Terms

_OF_HOLDS = frozenset({Secured.HOLD, Secured.LAPSED})


def plan_holds(
    connection: Connection,
    was: Mapping[str, Case],
    now: Mapping[str, Standing],
    promises: dict[int, Promise],
    *,
    now_us: int,
) -> None:
    """Note what cases want of holds since their steps were taken in.

    Args:
        connection: In the transaction that took the steps in.
        was: How the cases stood before, by their numbers.
        now: How they stand.
        promises: Every published promise by its number.
        now_us: What time it is.

    Cost: nothing for a case whose security did not change, or that no hold has to do with; else five look-ups.
    """
    for case_id, standing in now.items():
        if _changes(was[case_id], standing.case) and _is_about_holds(was[case_id], standing, promises):
            plan_hold(connection, secured_case(connection, standing, promises), now_us=now_us)


def _changes(was: Case, now: Case) -> bool:
    """Whether what secures a case changed, or whether it is being secured."""
    return now.secured is not was.secured or (now.stage is not was.stage and Stage.SECURING in {now.stage, was.stage})


def _is_about_holds(was: Case, standing: Standing, promises: dict[int, Promise]) -> bool:
    """Whether its promise asks for a hold, or one was placed all the same: a deposit is nobody's hold."""
    if _OF_HOLDS & {was.secured, standing.case.secured}:
        return True
    terms = None if standing.terms is None else promises[standing.terms].terms
    return leading(terms, standing.currency).secured_by is Secured.HOLD


def secured_case(connection: Connection, standing: Standing, promises: dict[int, Promise]) -> SecuredCase:
    """Read what holds need of a case that stands like this."""
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
