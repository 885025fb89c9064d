"""What of a promise leads a case: its document read as the rules of `case`, and which of its clauses each movement of money cites."""

from houbei.case.moves import Move
from houbei.case.stages import Rules, Secured
from houbei.facts.moments import DAY_US
from houbei.money import minor_of
from houbei.terms.lengths import Length
from houbei.terms.model import Terms
from houbei.terms.replacement import OnSilence, Replacement, Security, Way

_DAYS_OF_MONTH, _DAYS_OF_YEAR = 31, 366
_OF_OTHER_MODEL = frozenset({Move.DIFFERENCE_PAID, Move.DIFFERENCE_OWED, Move.CHEAPER_OWED})
_OF_INSPECTION = frozenset({Move.KEPT_FOR_REVERSAL, Move.CAPTURED_FOR_REVERSAL, Move.CAPTURE_OWED, Move.OLD_GIVEN_BACK})
_SECURED_BY = {Security.CARD_HOLD: Secured.HOLD, Security.DEPOSIT: Secured.DEPOSIT}


def us_of(length: Length) -> int:
    """A length as microseconds: what is waited for in a case runs to the second, a calendar day counts as 24 hours."""
    if length.exact_us is not None:
        return length.exact_us
    return (length.years * _DAYS_OF_YEAR + length.months * _DAYS_OF_MONTH + length.days) * DAY_US


def rules_of(terms: Terms | None, currency: str) -> Rules:
    """Read the rules of a case.

    Args:
        terms: The promise that leads it; None before it is judged.
        currency: Of the line, for limits.
    """
    promises = None if terms is None else terms.replacement
    if terms is None or promises is None:
        return _UNJUDGED
    key = (terms.sha256, currency)
    if key not in _READ:
        _READ[key] = _read(promises, currency)
    return _READ[key]


_UNJUDGED = Rules()
_READ: dict[tuple[str, str], Rules] = {}
"""Rules that were read before in this process: documents never change."""


def _read(promises: Replacement, currency: str) -> Rules:
    limit = -1
    if promises.security is Security.TRUST and promises.security_limit is not None:
        limit = minor_of(promises.security_limit, currency, where="the limit of trust")
    lasts = us_of(promises.hold_lasts)
    return Rules(
        advance=promises.way is Way.ADVANCE,
        secured_by=_SECURED_BY.get(promises.security, Secured.NOTHING),
        trust_minor=limit,
        silence_accepts=promises.on_silence is OnSilence.ACCEPT,
        other_model="other_model" in promises.unavailable,
        pay_up=promises.pay_up,
        pay_down=promises.pay_down,
        refund="refund" in promises.unavailable,
        decide_us=us_of(promises.decide_sla),
        choose_us=us_of(promises.choose_sla),
        return_us=us_of(promises.return_sla),
        inspect_us=us_of(promises.inspection_sla),
        stock_us=us_of(promises.stock_wait),
        # A hold is renewed a day before it lapses, or in the last quarter of a short one.
        hold_us=lasts - min(DAY_US, lasts // 4),
    )


def clause_of(move: Move, promises: Replacement) -> str:
    """Give the clause that a movement of money cites: the one it follows from, else that of the remedy."""
    if move in _OF_OTHER_MODEL:
        return promises.other_model_clause
    if move in _OF_INSPECTION:
        return promises.inspection_clause
    return promises.remedy_clause
