"""Whole numbers and ratios as text, exactly: no figure of the report passes through a float on its way to the reader."""

from fractions import Fraction
from typing import NamedTuple

from houbei.money import round_half_up

MINUS = "\N{MINUS SIGN}"
DIGITS_MAX = 6
"""How far after the point a figure of a sentence may reach."""


class Scale(NamedTuple):
    """A short way of writing large amounts: so many major units, and the word after the figure."""

    size: int
    word: str


class Denomination(NamedTuple):
    """A currency and how many digits its minor unit has."""

    currency: str
    exponent: int


def decimal_text(amount: Fraction, digits: int) -> str:
    """Write an exact amount with thousands commas, rounded half up to `digits` after the point: 1234.5, 2 is 1,234.50."""
    scaled = round_half_up(abs(amount) * 10**digits)
    whole, part = divmod(scaled, 10**digits)
    sign = MINUS if amount < 0 and scaled else ""
    return f"{sign}{whole:,}.{part:0{digits}d}" if digits else f"{sign}{whole:,}"


def trimmed_text(amount: Fraction, digits: int) -> str:
    """Write an exact amount like `decimal_text`, without the zeros that end its decimals: 1.50 is 1.5, 2.00 is 2."""
    text = decimal_text(amount, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def scaled_text(amount: Fraction, scales: tuple[Scale, ...]) -> str | None:
    """Write an amount to three figures with the largest scale it reaches; None when it reaches none.

    Args:
        amount: In major units, at least 0.
        scales: Largest first.
    """
    for scale in scales:
        scaled = amount / scale.size
        if scaled >= Fraction(1999, 2000):
            digits = max(0, 3 - len(str(round_half_up(scaled))))
            return decimal_text(scaled, digits) + scale.word
    return None


def per_cent(part: int, whole: int) -> str:
    """Write part of whole as a percentage: two digits after the point below 10 %, one from there on, none at the ends.

    A share that is not zero never reads as zero, and one that is not whole never reads as 100 %.
    """
    share = Fraction(part, whole)
    if share in {0, 1}:
        return f"{share * 100}%"
    if Fraction(9995, 10000) <= share < 1:
        return ">99.9%"
    if share < Fraction(1, 20000):
        return "<0.01%"
    return f"{decimal_text(share * 100, 2 if share < Fraction(1, 10) else 1)}%"


def whole_per_cent(part: int, whole: int) -> str:
    """Write part of whole as a percentage without decimals; what is there never reads 0 %, what is missing never 100 %."""
    share = Fraction(part, whole)
    if 0 < share < Fraction(1, 200):
        return "<1%"
    if Fraction(199, 200) <= share < 1:
        return ">99%"
    return f"{round_half_up(share * 100)}%"


def significant(amount: Fraction) -> str:
    """Write a positive amount to two figures: 1.13 is 1.1, 0.0372 is 0.037, 24.6 is 25."""
    digits = 0
    while amount * 10**digits < Fraction(19, 2) and digits < DIGITS_MAX:
        digits += 1
    return trimmed_text(amount, digits)
