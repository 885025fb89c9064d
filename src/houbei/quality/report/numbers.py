"""Estimates as text: shares, rates and multiples, rounded once, where they are written."""

from fractions import Fraction

from houbei.backtest.report.amounts import decimal_text, per_cent, significant

_MILLION = 10**6
HUNDREDTH = Fraction(1, 100)


def share_text(share: float) -> str:
    """Write a share as a percentage: 0.0355 is 3.55%."""
    return per_cent(round(share * _MILLION), _MILLION)


def yearly_text(rate: float) -> str:
    """Write a rate per unit-year as faults per hundred units a year, to two figures where it is small."""
    hundred = Fraction(round(rate * 100 * _MILLION), _MILLION)
    return decimal_text(hundred, 1) if hundred >= 1 or not hundred else significant(hundred)


def times_text(times: float) -> str:
    """Write a multiple: 2.617 is 2.6; what is not 1 never reads 1.0."""
    exact = Fraction(round(times * _MILLION), _MILLION)
    return decimal_text(exact, 1 if abs(exact - 1) >= Fraction(1, 20) or exact == 1 else 2)


def between(low: str, high: str | None, joined: str) -> str:
    """Write two ends of an interval, an open one as ∞."""
    return f"{low}{joined}{high if high is not None else '∞'}"
