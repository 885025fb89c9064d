"""A terms document as values: what `parse` returns and the engine reads.

Every amount is still decimal text here, because a document may be bound to lines of several currencies; the engine turns
it into minor units when it meets a currency. Every ratio is an exact fraction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from houbei.terms.delivery import Arrival
from houbei.terms.expressions import Condition
from houbei.terms.lengths import Length
from houbei.terms.replacement import Replacement


class Kind(StrEnum):
    """What sort of promise a document makes."""

    PRICE_PROTECTION = "price_protection"
    REPLACEMENT = "replacement"
    """A unit that is faulty is put right: a new one, the money, a repair."""
    RETURN = "return"
    """A unit goes back, or is exchanged, for no reason."""
    DELIVERY_PROMISE = "delivery_promise"
    """What was sold arrives by the date that was shown; where it does not, the lateness is paid for."""


class Against(StrEnum):
    """Which price is compared with the basis."""

    WINDOW_MIN = "window_min"
    """The lowest price in force at any moment of the cover: what acting unasked needs."""
    AT_CLAIM = "at_claim"
    """The price in force when the buyer asked."""


class Roll(StrEnum):
    """What happens when the last day of a window is not a working day."""

    NONE = "none"
    """Nothing: the window ends on that day."""
    STATUTORY_DAY = "statutory_day"
    """A statutory holiday moves the end to the first day after it; a weekend does not."""
    OFFICIAL_BREAK = "official_break"
    """Any day of the announced break moves the end to the first day after the break."""
    NEXT_WORKDAY = "next_workday"
    """Any day that is not worked (holiday or weekend, make-up days excepted) moves the end to the next worked day."""


class Scope(StrEnum):
    """What a cap is shared by, narrowest first."""

    UNIT = "unit"
    LINE = "line"
    ORDER = "order"
    BUYER = "buyer"


class OnChange(StrEnum):
    """What a newer version of the document does to units already sold."""

    KEEP_AT_SALE = "keep_at_sale"
    BETTER_OF_OPEN_COVERS = "better_of_open_covers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A moment that a window hangs on: the latest of some facts, or a fixed moment, plus a length.

    `facts` holds fact names without `_at` (`paid`, `delivered`, …; the column is `<name>_at`); empty when `on_us` is given.
    `plus` is reckoned as every length is: an exact one is added to the moment, a calendar one gives the local midnight that ends
    its last day. A missing fact makes the whole anchor missing.
    """

    facts: tuple[str, ...] = ()
    on_us: int | None = None
    plus: Length | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From one anchor until another: a gap in the cover, or a pause of its clock."""

    starts: Anchor
    ends: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When a cover is open.

    It opens at `opens` and closes `length` after `closes_after`. With a calendar length the anchor's local day is day 0
    and the cover closes at the midnight that ends the last day, rolled by the calendar. With an anchor on a fixed
    moment and no length (`length` None), it closes at that moment.
    """

    opens: Anchor
    closes_after: Anchor
    length: Length | None
    gaps: tuple[Stretch, ...] = ()
    pauses: tuple[Stretch, ...] = ()
    calendar_id: str | None = None
    roll: Roll = Roll.NONE
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Which prices count against the basis.

    `same` holds names among seller, region, channel, audience. `suspicious_below` is a fraction of the basis
    (30 percent is 3/10), None when nothing is held. `claim_within` belongs to `Against.AT_CLAIM`: how long after a price
    took effect the buyer may still ask; None means until the cover closes.
    """

    against: Against = Against.WINDOW_MIN
    at_open_counts: bool = True
    same: tuple[str, ...] = ()
    in_stock_required: bool = False
    prices_where: Condition | None = None
    seen_at_least: int = 1
    suspicious_below: Fraction | None = None
    claim_within: Length | None = None
    prices_clause: str = ""
    suspicious_clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A ceiling. Exactly one of `amount` (decimal text, major units) and `of_basis` (fraction of what was paid) is given.

    `period` is `month` or `year` (local calendar) for `Scope.BUYER`, else None: the whole of history.
    """

    scope: Scope
    amount: str | None = None
    of_basis: Fraction | None = None
    period: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What a drop is worth: `times` the difference plus `plus_part` of the new price, then floor, then caps.

    `times` and `plus_part` are exact fractions (2 percent is 1/50); `floor` and `min_payout` are decimal text in major
    units, None when absent. `caps` is ordered narrowest first.
    """

    times: Fraction = Fraction(1)
    plus_part: Fraction = Fraction(0)
    floor: str | None = None
    min_payout: str | None = None
    caps: tuple[Cap, ...] = ()
    clause: str = ""
    pay: Mapping[str, str]
    funders: str = "follow_original_split"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What the basis is made of.

    `discount_tenders` are kinds of tender that lower the basis (an all-category voucher may be a discount);
    `gifts` is `strict` (a line sold with a gift compares only with prices that carry it), `netted` or `ignored`.
    """

    discount_tenders: tuple[str, ...] = ()
    gifts: str = "ignored"
    unreturned_gifts_deducted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One numbered part of the promise, in both languages."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One of the document's own examples, as the plain mappings written in it."""

    name: str
    given: Mapping[str, Any]
    when: tuple[Mapping[str, Any], ...]
    then: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One promise, immutable; `sha256` of its canonical JSON is its identity.

    `replacement` is None but for replacements and returns, `arrival` but for delivery promises. For kinds other than price protection `compare` and `allocation` hold what a document that says nothing
    has, nothing reads them, and `remedy` says by its `pay` how a refund reaches the buyer. `statute` says that a law asks for it.
    """

    term: str
    version: int
    kind: Kind
    jurisdiction: str | None
    zone: str
    sold_from_us: int | None
    sold_until_us: int | None
    on_change: OnChange
    scope: Condition | None
    scope_clause: str
    window: Window
    compare: Compare
    remedy: Remedy
    allocation: Allocation
    replacement: Replacement | None
    arrival: Arrival | None
    statute: bool
    clauses: tuple[Clause, ...]
    examples: tuple[Example, ...]
    title: Mapping[str, str]
    document: Mapping[str, Any]
    sha256: str
