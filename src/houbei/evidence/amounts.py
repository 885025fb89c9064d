"""Amounts and ratios as people write them, exactly: 4,999.00 and 12.5, no currency and no language in them."""

from fractions import Fraction

from houbei.money import exponent_of

MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
_DIGITS_MAX = 12
"""How far after the point a ratio of the terms may reach."""


def amount_text(minor: int, currency: str) -> str:
    """Write minor units in major units with thousands commas: `amount_text(499900, "CNY")` is `4,999.00`."""
    exponent = exponent_of(currency)
    whole, part = divmod(minor, 10**exponent)
    return f"{whole:,}.{part:0{exponent}d}" if exponent else f"{whole:,}"


def ratio_text(ratio: Fraction) -> str:
    """Write a ratio as a decimal, 3/2 as 1.5; one that never ends stays a fraction, 1/3."""
    for digits in range(_DIGITS_MAX):
        scaled = ratio * 10**digits
        if scaled.denominator == 1:
            whole, part = divmod(scaled.numerator, 10**digits)
            return f"{whole}.{part:0{digits}d}" if digits else str(whole)
    return str(ratio)
