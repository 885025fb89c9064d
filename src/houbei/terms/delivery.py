"""What a document of the kind delivery_promise promises beyond its scope, as values: which date counts, what arrival is, what a late one pays."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from houbei.terms.lengths import Length


class Made(StrEnum):
    """Where the date comes from that must be kept."""

    SHOWN = "shown"
    """The earliest that was shown to the buyer."""
    WITHIN = "within"
    """A length after something that happened to the line."""
    CUT_OFFS = "cut_offs"
    """The time of day at which the order was placed."""


class Reaches(StrEnum):
    """What must have happened to every parcel for the promise to be kept; also the words of the scans that say so."""

    HANDED_OVER = "handed_over"
    """The carrier has it."""
    DELIVERED = "delivered"
    INSTALLED = "installed"


class Per(StrEnum):
    """What a breach pays once for."""

    PROMISE = "promise"
    PARCEL = "parcel"


class Of(StrEnum):
    """What a payment is reckoned from."""

    FIXED = "fixed"
    SLOT_FEE = "slot_fee"
    """What the buyer paid for the slot that was missed."""
    LINES = "lines"
    """What was paid for the lines of the promise."""


class Form(StrEnum):
    """What a payment is made in."""

    MONEY = "money"
    POINTS = "points"


class Effect(StrEnum):
    """What an event that is excused does."""

    WAIVES = "waives"
    """A promise that it fell into owes nothing."""
    EXTENDS = "extends"
    """The clock of the promise stands still while it lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """One payment for being late: `part` of what it is reckoned `of`, or a fixed `amount`; then `floor`, then `cap`.

    `amount`, `floor` and `cap` are decimal text in major units, None where absent; `part` is an exact fraction. Points that are fixed are
    `amount` as whole points; others are the money times the points for a major unit.
    """

    of: Of
    form: Form = Form.MONEY
    amount: str | None = None
    part: Fraction = Fraction(1)
    floor: str | None = None
    cap: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What is owed in all once a promise is late by more than `over_us`; by any time at all where that is 0."""

    over_us: int
    pays: tuple[Pay, ...]
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """An order placed before `before_us` into its day arrives before `by_us` into the day `days` later (local, µs after midnight)."""

    before_us: int
    days: int
    by_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """A sort of event for which being late is excused: its code in closures, its name, and whether evidence is asked for."""

    code: str
    zh: str
    en: str
    effect: Effect
    evidence: bool
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What a delivery promise says beyond its scope.

    `within` and `after` (facts without `_at`, the latest of which starts the clock) are given where `made` is `WITHIN`; `cut_offs`, ascending, where it is `CUT_OFFS`. `tiers` ascend by `over_us`.
    `attempt_counts`: standing before a closed door in time keeps the promise. `points_per_major` is how many points a major unit is
    worth, 0 where no money is turned into points. `wait_for_scans_us` is how long what is owed is not paid yet while nobody has told of
    the arrival: scans take time to come, and what was paid is not taken back.
    """

    made: Made
    within: Length | None
    after: tuple[str, ...]
    cut_offs: tuple[CutOff, ...]
    reaches: Reaches
    attempt_counts: bool
    promise_clause: str
    slot_clause: str
    per: Per
    tiers: tuple[Tier, ...]
    excuses: tuple[Excuse, ...]
    dispute_clause: str
    points_per_major: int
    wait_for_scans_us: int

    def excuse(self, code: str) -> Excuse | None:
        """Give the excuse of a code; None where the document has none."""
        return next((excuse for excuse in self.excuses if excuse.code == code), None)
