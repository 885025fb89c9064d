"""Rows that cannot be read, each with its reason; the rest goes on."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Rejection(IntEnum):
    """Why a row was rejected, in order of precedence: the first that applies is the one given."""

    COLUMNS_DIFFER = 1
    MISSING_VALUE = 2
    BAD_NUMBER = 3
    BAD_QUANTITY = 4
    BAD_MONEY = 5
    BAD_CURRENCY = 6
    BAD_TIME = 7
    BAD_FLAG = 8
    BAD_JSON = 9
    DUPLICATE_LINE = 10
    PAID_DISAGREES = 11
    RETURNED_TOO_MANY = 12
    DELIVERED_TOO_MANY = 13
    IMPOSSIBLE_ORDER = 14
    KNOWN_DIFFERENTLY = 15
    BAD_WORD = 16
    DUPLICATE_CLAIM = 17
    UNKNOWN_LINE = 18
    NO_SUCH_UNIT = 19
    DUPLICATE_PROMISE = 20
    DUPLICATE_SCAN = 21
    DUPLICATE_CLOSURE = 22
    PASSED_WHEN_SHOWN = 23
    UNKNOWN_ORDER = 24
    UNKNOWN_DELIVERY = 25
    UNKNOWN_SCAN = 26
    OTHER_CURRENCY = 27


REASONS = {
    Rejection.COLUMNS_DIFFER: "the row has another number of fields than the header; expected one field a column",
    Rejection.MISSING_VALUE: "a required value is empty; expected a value in every required column",
    Rejection.BAD_NUMBER: "the value is not written as a whole number",
    Rejection.BAD_QUANTITY: "the quantity is not above 0 (a returned quantity: below 0), or too large to be meant",
    Rejection.BAD_CURRENCY: "the currency is not three capital letters known to ISO 4217",
    Rejection.BAD_MONEY: "the amount is not digits with at most one point and no more digits than the currency has",
    Rejection.BAD_TIME: "the moment is not an ISO 8601 date or time between the years 1970 and 2200",
    Rejection.BAD_FLAG: "the value is neither true nor false",
    Rejection.BAD_JSON: "the JSON text is not in the shape of the contract",
    Rejection.PAID_DISAGREES: "the decimal amount and the amount in minor units differ",
    Rejection.RETURNED_TOO_MANY: "more units were returned than were bought",
    Rejection.DELIVERED_TOO_MANY: "more units were delivered than were bought",
    Rejection.IMPOSSIBLE_ORDER: "something happened to the line before it was placed, a claim was settled before it was reported, a slot or a closure ends before it begins, or a closure corrects itself",
    Rejection.KNOWN_DIFFERENTLY: "what is known under this id is different; expected a new fact under an id of its own",
    Rejection.BAD_WORD: "the value is none of the words that the column may hold",
    Rejection.DUPLICATE_CLAIM: "the claim_id stands in an earlier row of the file, which is kept",
    Rejection.UNKNOWN_LINE: "no accepted line of the orders has this line_id",
    Rejection.NO_SUCH_UNIT: "the line has fewer units than the number of the unit that is named",
    Rejection.DUPLICATE_PROMISE: "the promise_id stands in an earlier row of the file, which is kept",
    Rejection.DUPLICATE_SCAN: "the scan_id stands in an earlier row of the file, which is kept",
    Rejection.DUPLICATE_CLOSURE: "the closure_id stands in an earlier row of the file, which is kept",
    Rejection.PASSED_WHEN_SHOWN: "the promise had passed when it was shown; expected promised_by after shown_at",
    Rejection.UNKNOWN_ORDER: "no accepted line of the orders has this order_id, or none of it the line_ids that are named",
    Rejection.UNKNOWN_DELIVERY: "no promise is known under this delivery_id, and the order does not tell which of its deliveries is meant",
    Rejection.UNKNOWN_SCAN: "no accepted scan of the delivery has the scan_id that is named in disputes",
    Rejection.OTHER_CURRENCY: "the slot was paid for in another currency than the lines of the delivery",
    Rejection.DUPLICATE_LINE: "the line_id stands in an earlier row of the file, which is kept",
}
"""One sentence a code, for people: what was found and what was expected."""


@dataclass(slots=True)
class Findings:
    """The verdict on each row of a batch: 0 accepted, else a `Rejection`; the first in the order of `Rejection` stays."""

    codes: NDArray[np.uint8]

    @classmethod
    def of(cls, rows: int, broken: Collection[int] = ()) -> "Findings":
        """Nothing found yet in `rows` rows, but for the `broken` places, whose fields do not fit the header."""
        findings = cls(np.zeros(rows, dtype=np.uint8))
        findings.codes[list(broken)] = int(Rejection.COLUMNS_DIFFER)
        return findings

    def note(self, bad: NDArray[np.bool_], rejection: Rejection) -> None:
        """Reject the rows marked in `bad`; a reason that comes earlier in the order of `Rejection` stays."""
        if bad.any():
            self.codes[bad & ((self.codes == 0) | (self.codes > int(rejection)))] = int(rejection)

    def forget(self, rows: NDArray[np.bool_]) -> None:
        """Reject none of these rows after all: they are known to lie after the last moment that exists."""
        if rows.any():
            self.codes[rows] = 0

    @property
    def accepted(self) -> NDArray[np.bool_]:
        """Which rows are accepted so far."""
        return np.equal(self.codes, 0)
