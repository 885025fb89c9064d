"""What a line can come to, and which clause says so."""

from enum import IntEnum

from houbei.terms.model import Terms


class Conclusion(IntEnum):
    """What a line came to, the farthest from being paid first; of several that apply, the last one is given.

    A line that nothing is owed to gets the one change that would have paid it, the smallest there is.
    """

    NO_LINE = 0
    """The row is no line: it was rejected, or placed after the last moment that exists."""
    NOT_IN_SCOPE = 1
    """A part of the scope's condition is false for it."""
    UNDECIDED = 2
    """A fact is missing that decides whether the promise protects it; a person must look."""
    NEVER_OPEN = 3
    """What opens its covers has not happened, or they closed before they opened."""
    NO_PRICE = 4
    """No counting price was in force in any series open to it while it was protected."""
    PAID_NO_MORE = 5
    """It paid no more than the lowest counting price of its window."""
    OUTSIDE_WINDOW = 6
    """A lower price came after it was placed, but while its covers were not open."""
    NOT_OPEN_TO_BUYER = 7
    """A lower price was in force in its window, but in a series that its buyer could not buy from."""
    PRICE_NOT_ELIGIBLE = 8
    """A lower price was in force in its window and open to its buyer, but the terms do not let it count."""
    NOT_AT_CLAIM = 9
    """A lower price was in force in its window, but not one that the claim asked in time about."""
    CANCELLED_OR_RETURNED_BEFORE = 10
    """Its units were cancelled or returned before the price fell."""
    BELOW_MIN_PAYOUT = 11
    """What is owed is less than the least amount that is paid."""
    CAPPED = 12
    """A cap, its own or one it shares with other lines, leaves nothing."""
    HELD = 13
    """The lower price looks like an error; a person must release it."""
    OWED = 14
    """Something is owed."""


_SCOPE = {Conclusion.NO_LINE, Conclusion.NOT_IN_SCOPE}
_WINDOW = {Conclusion.NEVER_OPEN, Conclusion.OUTSIDE_WINDOW, Conclusion.CANCELLED_OR_RETURNED_BEFORE}
_PRICES = {
    Conclusion.UNDECIDED,
    Conclusion.NO_PRICE,
    Conclusion.NOT_OPEN_TO_BUYER,
    Conclusion.PRICE_NOT_ELIGIBLE,
    Conclusion.NOT_AT_CLAIM,
}


def clause_of(terms: Terms, conclusion: Conclusion, *, missing: str = "") -> str:
    """Name the clause that a conclusion rests on.

    Args:
        terms: The promise.
        conclusion: What a line came to.
        missing: For an undecided line, the fact that is missing: one that the scope names is the scope's matter.
    """
    if conclusion in _SCOPE or (terms.scope is not None and missing in terms.scope.columns):
        return terms.scope_clause
    if conclusion in _WINDOW:
        return terms.window.clause
    if conclusion in _PRICES:
        return terms.compare.prices_clause
    return terms.compare.suspicious_clause if conclusion is Conclusion.HELD else terms.remedy.clause
