"""What a unit is owed at a price: the remedy as numbers, and the functions that apply it."""

from enum import IntEnum


class Rule(IntEnum):
    """Entries of a currency's row of the remedy's numbers; amounts in minor units, ratios as numerator and denominator."""

    TIMES = 0
    TIMES_OVER = 1
    PLUS = 2
    PLUS_OVER = 3
    FLOOR = 4
    UNIT_CAP = 5
    UNIT_SHARE = 6
    UNIT_SHARE_OVER = 7
    LEAST_PAID = 8
    SUSPICIOUS = 9
    SUSPICIOUS_OVER = 10


RULES = len(Rule)


def owed_for(basis, price, rules, r):
    """What one unit is owed at a price before caps: times and percentage exact, half-up once, then the floor.

    `rules[r:r + RULES]` is the row of the unit's currency.
    """
    if price >= basis:
        return 0
    over = rules[r + 1] * rules[r + 3]
    exact = (basis - price) * rules[r] * rules[r + 3] + price * rules[r + 2] * rules[r + 1]
    owed = exact if over == 1 else (2 * exact + over) // (2 * over)
    return max(owed, rules[r + 4]) if owed > 0 else 0


def capped(owed, basis, rules, r):
    """What the unit's own caps leave of what it is owed in all."""
    left = min(owed, rules[r + 5])
    if rules[r + 7] > 0:
        left = min(left, (2 * basis * rules[r + 6] + rules[r + 7]) // (2 * rules[r + 7]))
    return left


def is_suspicious(price, basis, rules, r):
    """Whether a price is so far below a unit's basis that a person must look first."""
    return price * rules[r + 10] < basis * rules[r + 9]
