"""The remedy of a document as numbers: what the walk over prices reads, and the ceilings of caps in minor units."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from houbei.columns import Text
from houbei.cover.windows import FOREVER
from houbei.errors import InputError, InvariantError
from houbei.money import EXPONENTS, minor_of
from houbei.owed.remedy import Rule
from houbei.terms.model import Cap, Scope, Terms

_RATIO_MAX = 10_000
"""Numerators and denominators of multipliers stay below this, so that amounts stay within 64 bits."""


def remedy_rules(terms: Terms, currencies: Sequence[str]) -> NDArray[np.int64]:
    """The remedy as numbers, one row a currency code; codes that are no currency get a row that is never used.

    Raises:
        InputError: an amount of the terms has more digits than a currency has, or a ratio is out of range.
    """
    remedy, suspicious = terms.remedy, terms.compare.suspicious_below
    ratios = [remedy.times, remedy.plus_part, *([suspicious] if suspicious is not None else [])]
    shares = [cap.of_basis for cap in remedy.caps if cap.scope is Scope.UNIT and cap.of_basis is not None]
    for ratio in (*ratios, *shares):
        if max(ratio.numerator, ratio.denominator) > _RATIO_MAX:
            raise InputError(
                came=f"the ratio {ratio}",
                where=f"terms {terms.term}",
                expected=f"a ratio whose parts are at most {_RATIO_MAX}",
                todo="Write it with fewer digits.",
            )
    rules = np.zeros((max(len(currencies), 1), len(Rule)), dtype=np.int64)
    rules[:, Rule.TIMES], rules[:, Rule.TIMES_OVER] = remedy.times.numerator, remedy.times.denominator
    rules[:, Rule.PLUS], rules[:, Rule.PLUS_OVER] = remedy.plus_part.numerator, remedy.plus_part.denominator
    if shares:
        rules[:, Rule.UNIT_SHARE], rules[:, Rule.UNIT_SHARE_OVER] = min(shares).numerator, min(shares).denominator
    rules[:, Rule.SUSPICIOUS_OVER] = 1
    if suspicious is not None:
        rules[:, Rule.SUSPICIOUS], rules[:, Rule.SUSPICIOUS_OVER] = suspicious.numerator, suspicious.denominator
    for code, currency in enumerate(currencies):
        if currency in EXPONENTS:
            rules[code, Rule.FLOOR] = _minor(terms, remedy.floor, currency, absent=0)
            rules[code, Rule.LEAST_PAID] = max(1, _minor(terms, remedy.min_payout, currency, absent=1))
            limits = [cap.amount for cap in remedy.caps if cap.scope is Scope.UNIT and cap.amount is not None]
            rules[code, Rule.UNIT_CAP] = min(
                (_minor(terms, text, currency, absent=0) for text in limits), default=FOREVER
            )
    return rules


def limit_of(cap: Cap, currency: Text, basis_minor: NDArray[np.int64]) -> NDArray[np.int64]:
    """A cap's ceiling for each row, minor units: its amount in the row's currency, or its share of what was paid, half up."""
    if cap.of_basis is not None:
        numerator, denominator = cap.of_basis.numerator, cap.of_basis.denominator
        return (2 * basis_minor * numerator + denominator) // (2 * denominator)
    if cap.amount is None:
        raise InvariantError(str(cap))
    limits = [
        minor_of(cap.amount, code, where="remedy.amount.caps") if code in EXPONENTS else 0 for code in currency.values
    ]
    return np.array([*limits, 0], dtype=np.int64)[currency.codes]


def _minor(terms: Terms, amount: str | None, currency: str, *, absent: int) -> int:
    return absent if amount is None else minor_of(amount, currency, where=f"terms {terms.term}, remedy.amount")


def cannot_bind(terms: Terms, cap: Cap) -> bool:
    """A cap of the whole basis cannot bind a plain difference."""
    plain = terms.remedy.times <= 1 and terms.remedy.plus_part == 0 and terms.remedy.floor is None
    return plain and cap.of_basis is not None and cap.of_basis >= 1
