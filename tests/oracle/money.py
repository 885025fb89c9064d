"""Money read by hand: decimal text to integer minor units, and nothing else; contracts.md, "Decimal text"."""

import re
from fractions import Fraction

NO_MINOR_UNIT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
FOUR_DIGITS = "CLF UYW"
TWO_DIGITS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
    "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV "
    "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
    "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
)
EXPONENTS = {
    code: digits
    for digits, codes in ((0, NO_MINOR_UNIT), (2, TWO_DIGITS), (3, THREE_DIGITS), (4, FOUR_DIGITS))
    for code in codes.split()
}
"""ISO 4217 code to the number of digits of its minor unit."""

DECIMAL_TEXT = re.compile(r"[0-9]+(?:\.([0-9]+))?")


class UnusableError(Exception):
    """The terms or a whole file cannot be used; the command line would leave with 2."""


def is_decimal_text(text: str) -> bool:
    """Tell whether a text is digits with at most one point: no sign, exponent, separator or blank."""
    return DECIMAL_TEXT.fullmatch(text) is not None


def fits(text: str, *, currency: str) -> bool:
    """Tell whether a decimal text has no more digits after the point than its currency's minor unit."""
    decimal = DECIMAL_TEXT.fullmatch(text)
    return decimal is not None and len(decimal.group(1) or "") <= EXPONENTS[currency]


def to_minor(text: str, *, currency: str) -> Fraction:
    """Turn an amount in major units into minor units, exactly; `5.00` CNY is 500."""
    if not is_decimal_text(text):
        message = f"amount {text!r}: expected digits and one point"
        raise UnusableError(message)
    minor_units: int = 10 ** EXPONENTS[currency]
    return Fraction(text) * minor_units


def to_whole_minor(text: str, *, currency: str) -> int:
    """Turn an amount of the terms into whole minor units; an amount the currency cannot pay is unusable."""
    amount = to_minor(text, currency=currency)
    if amount.denominator != 1:
        message = f"amount {text!r}: {currency} has no such part"
        raise UnusableError(message)
    return amount.numerator


def half_up(amount: Fraction) -> int:
    """Round an amount that is not negative to the minor unit: 2.5 is 3, 2.49 is 2."""
    return (amount + Fraction(1, 2)).__floor__()


def split_by_largest_remainder(total: int, *, weights: list[int]) -> list[int]:
    """Split a total over weights; the cents left over go to the largest fractions, then to the first in order."""
    whole = sum(weights)
    exact = [Fraction(total * weight, whole) for weight in weights]
    shares = [part.__floor__() for part in exact]
    by_fraction = sorted(range(len(weights)), key=lambda index: (shares[index] - exact[index], index))
    for index in by_fraction[: total - sum(shares)]:
        shares[index] += 1
    return shares
