"""What each tier of a promise's table comes to: fixed, the fee of the slot, or a share of what was paid; then floor, then cap."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from houbei.columns import Text
from houbei.money import exponent_of, minor_of
from houbei.terms.delivery import Arrival, Form, Of, Pay

Whole = NDArray[np.int64]

FORMS = tuple(Form)
"""What is paid in, by its code."""


def amounts_of(promises: Arrival, paid_minor: Whole, fee_minor: Whole, money: Text) -> Whole:
    """Work out what each tier is in all.

    Args:
        promises: What the document says.
        paid_minor: What was paid for the lines of each delivery.
        fee_minor: What was paid for its slot.
        money: Its currency.

    Returns:
        Minor units, or points: by form (`FORMS`), tier and delivery.

    Raises:
        InputError: an amount of the document has more digits than a currency.

    Cost: a pass over the deliveries for each payment and currency.
    Clause: `breach[].pay`. Shares are exact, half-up once; then floor, then cap; points are rounded half-up from that.
    """
    amounts = np.zeros((len(FORMS), len(promises.tiers), len(paid_minor)), dtype=np.int64)
    for code in np.unique(money.codes).tolist():
        here = np.flatnonzero(money.codes == code)
        for place, tier in enumerate(promises.tiers):
            for pay in tier.pays:
                found = _pays(pay, paid_minor[here], fee_minor[here], money.values[code], promises.points_per_major)
                amounts[FORMS.index(pay.form), place, here] += found
    return amounts


def _pays(pay: Pay, paid_minor: Whole, fee_minor: Whole, currency: str, points_per_major: int) -> Whole:
    where = "breach"
    if pay.of is Of.FIXED:
        amount = pay.amount or "0"
        fixed = int(amount) if pay.form is Form.POINTS else minor_of(amount, currency, where=where)
        return np.full(len(paid_minor), fixed)
    found = _half_up(fee_minor if pay.of is Of.SLOT_FEE else paid_minor, pay.part)
    if pay.floor is not None:
        found = np.maximum(found, minor_of(pay.floor, currency, where=where))
    if pay.cap is not None:
        found = np.minimum(found, minor_of(pay.cap, currency, where=where))
    if pay.form is Form.POINTS:
        found = _half_up(found, Fraction(points_per_major, 10 ** exponent_of(currency)))
    return found


def _half_up(amount: Whole, part: Fraction) -> Whole:
    """A share of amounts of at least 0, exact and rounded half up once."""
    rounded: Whole = (2 * amount * part.numerator + part.denominator) // (2 * part.denominator)
    return rounded
