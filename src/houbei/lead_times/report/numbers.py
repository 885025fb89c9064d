"""Estimates as text: days and shares, rounded once, where they are written."""

from fractions import Fraction

from houbei.backtest.report.amounts import decimal_text, per_cent
from houbei.backtest.report.tables import NONE

_MILLION = 10**6


def days_text(days: float | None) -> str:
    """Write days with one digit: 21.84 is 21.8."""
    return NONE if days is None else decimal_text(Fraction(round(days * _MILLION), _MILLION), 1)


def share_text(share: float | None) -> str:
    """Write a share as a percentage: 0.957 is 95.7%."""
    return NONE if share is None else per_cent(round(share * _MILLION), _MILLION)


def percent_text(percent: float | None) -> str:
    """Write per cent that may be below nothing, with one digit: -1.23 is −1.2%."""
    if percent is None:
        return NONE
    text = decimal_text(Fraction(round(abs(percent) * _MILLION), _MILLION), 1)
    return f"{'−' if percent < 0 and text != '0.0' else ''}{text}%"
