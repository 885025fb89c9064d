"""What must hold of entries before they are committed, in production too; when it does not, nothing is paid."""

import numpy as np
from numpy.typing import NDArray

from houbei.errors import InvariantError
from houbei.facts.grouping import sums
from houbei.ledger.entries import Code
from houbei.ledger.posting import POSTED, Books, Postings

Whole = NDArray[np.int64]
_TO_COST = {Code.OWED: 1, Code.TAKEN_UP: 1, Code.STOPPED: -1, Code.GIVEN: -1}
_TO_GIVEN = {Code.OWED: 0, Code.TAKEN_UP: -1, Code.STOPPED: 0, Code.GIVEN: 1}


def check_postings(postings: Postings, *, books: Books, owed_minor: Whole) -> None:
    """Check that the books will say what is owed, that every amount is above 0 and no cover has given less than nothing.

    Args:
        postings: What is about to be added.
        books: What was posted before.
        owed_minor: What each cover is owed.

    Raises:
        InvariantError: one of them does not hold.
    """
    covers = len(books.last)
    by_code = [np.array([effect[code] for code in POSTED])[postings.code] for effect in (_TO_COST, _TO_GIVEN)]
    cost, given = (sums(postings.cover, sign * postings.amount_minor, covers) for sign in by_code)
    wrong = (books.owed_minor + cost != owed_minor) | (books.given_minor + given < 0)
    wrong[postings.cover[postings.amount_minor <= 0]] = True
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        said = (
            f"cover {place} of the batch is owed {owed_minor[place]}, the books would say"
            f" {books.owed_minor[place] + cost[place]} and {books.given_minor[place] + given[place]} given"
        )
        raise InvariantError(said)
