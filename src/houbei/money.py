"""Money: whole minor units with a currency, split and rounded by named rules. Never a float.

Source of codes and minor units: ISO 4217 list one, as maintained by its agency, read 2026-11.
"""

from collections.abc import Sequence
from fractions import Fraction
from types import MappingProxyType

from houbei.errors import InputError

_TWO_DIGITS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK
DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK
LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR
RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED
VES WST XAD XCD XCG YER ZAR ZMW ZWG BOV CHE CHW COU MXV USN
"""
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DIGITS = "CLF UYW"

EXPONENTS = MappingProxyType(
    dict.fromkeys(_TWO_DIGITS.split(), 2)
    | dict.fromkeys(_NO_DIGITS.split(), 0)
    | dict.fromkeys(_THREE_DIGITS.split(), 3)
    | dict.fromkeys(_FOUR_DIGITS.split(), 4)
)
"""Digits after the point for each currency code of ISO 4217; funds without a minor unit (XAU, XDR, …) are not money here."""

POINTS = "points"
"""What stands for a currency where amounts are whole points; no order is paid in it."""

MINOR_MAX = 10**15
"""The largest amount taken in: ten trillion in a two-digit currency. It leaves room for multipliers in 64 bits."""


def exponent_of(currency: str) -> int:
    """Give the number of digits after the point of `currency`, none for `POINTS`.

    Raises:
        InputError: `currency` is neither a code of ISO 4217 nor `POINTS`.
    """
    if currency == POINTS:
        return 0
    if currency not in EXPONENTS:
        raise InputError(
            came=f"currency {currency!r}",
            where="an amount",
            expected="three capital letters known to ISO 4217",
            todo="Correct the currency.",
        )
    return EXPONENTS[currency]


def minor_of(amount: str, currency: str, *, where: str) -> int:
    """Read decimal text as minor units: digits and at most one point, no more digits than the currency has.

    Raises:
        InputError: signs, exponents, separators, too many digits, or more than `MINOR_MAX`.
    """
    exponent = exponent_of(currency)
    whole, point, part = amount.partition(".")
    digits = whole + part
    readable = digits.isascii() and digits.isdigit() and whole != "" and bool(point) == (part != "")
    if not readable or len(part) > exponent:
        raise InputError(
            came=f"amount {amount!r}",
            where=where,
            expected=f"digits and one point, at most {exponent} of them after it",
            todo=f"Write the amount in {currency} like {text_of(123456, currency)}.",
        )
    minor = int(digits + "0" * (exponent - len(part)))
    if minor > MINOR_MAX:
        raise InputError(
            came=f"amount {amount!r}",
            where=where,
            expected=f"at most {MINOR_MAX} minor units",
            todo="Check the amount.",
        )
    return minor


def text_of(minor: int, currency: str) -> str:
    """Write minor units as plain decimal text: `text_of(123456, "CNY")` is `1234.56`."""
    exponent = exponent_of(currency)
    if exponent == 0:
        return str(minor)
    whole, part = divmod(abs(minor), 10**exponent)
    return f"{'-' if minor < 0 else ''}{whole}.{part:0{exponent}d}"


def round_half_up(amount: Fraction) -> int:
    """Round a non-negative exact amount to a whole one, halves up: 1/2 is 1, 3/2 is 2, 49/100 is 0."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def allocate(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by weights so that the parts sum to the whole: largest remainder, earlier parts first when equal.

    Args:
        total_minor: The amount, at least 0.
        weights: What each part weighs, at least 0; equal shares when they sum to 0.

    Returns:
        One amount a part, in the order given.

    Source: Hamilton's method; cases A14, B7, B13.
    """
    if not weights:
        raise InputError(came="no parts", where="an allocation", expected="at least one part", todo="Name the parts.")
    scale = sum(weights)
    if scale == 0:
        return allocate(total_minor, [1] * len(weights))
    parts = [total_minor * weight // scale for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total_minor * weights[i] % scale), i))
    for i in by_remainder[: total_minor - sum(parts)]:
        parts[i] += 1
    return parts
