"""Which facts are missing where a claim is referred: unknown is not no, and a person is told what to ask for."""

from collections.abc import Mapping

from houbei.columns import Column, Text
from houbei.facts.claims import Claims
from houbei.facts.orders import Lines
from houbei.owed.tracks import Reason
from houbei.terms.expressions import Condition
from houbei.terms.model import Terms

_ONE = {
    Reason.UNIT_UNKNOWN: "unit",
    Reason.FAULT_UNKNOWN: "fault",
    Reason.INTACT_UNKNOWN: "intact",
}


def facts_missing(
    terms: Terms, reason: Reason, claims: Claims, lines: Lines, *, place: int, line: int
) -> tuple[str, ...]:
    """Name the facts that keep a promise from being decided for a claim.

    Args:
        terms: The promise.
        reason: Why it is not decided; nothing is missing for any other reason.
        claims: The batch.
        lines: The lines it is of.
        place: The claim.
        line: Its line.

    Returns:
        Columns of the orders or of the claims, in the order of their names. `serials` is what was delivered, of which nobody took note;
        `serial` what the claim does not name.
    """
    promises = terms.replacement
    if promises is None:
        return ()
    match reason:
        case Reason.SCOPE_UNKNOWN:
            return _unknown(terms.scope, lines.others, line)
        case Reason.CLAIM_UNKNOWN:
            return _unknown(promises.claims_where, claims.others, place)
        case Reason.SERIAL_UNKNOWN:
            return ("serials",) if claims.serials.codes[place] >= 0 else ("serial",)
        case _:
            return (_ONE[reason],) if reason in _ONE else ()


def _unknown(condition: Condition | None, columns: Mapping[str, Column], row: int) -> tuple[str, ...]:
    if condition is None:
        return ()
    return tuple(sorted(name for name in condition.columns if not _is_known(columns.get(name), row)))


def _is_known(column: Column | None, row: int) -> bool:
    if column is None:
        return False
    if isinstance(column, Text):
        return bool(column.codes[row] >= 0)
    return column.known is None or bool(column.known[row])
