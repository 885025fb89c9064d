"""What a request for a look may rest on: the facts of one claim, listed one by one. Nothing else can enter.

No fact says who somebody is, where they live, how old they are or what they bought before for how much; a buyer and an address are
names for counting, given as the shop's own opaque ids and hashes. A fact that is not known is None and raises nothing.
"""

from dataclasses import dataclass
from typing import TypeVar

from houbei.case.lineage import Standing

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Units delivered in a period: how many, how many of them were reported faulty, how many of those an inspection confirmed."""

    units: int
    reported: int
    confirmed: int

    @property
    def unconfirmed(self) -> int:
        """The reports that count: a confirmed fault speaks for its buyer and is never counted against them."""
        return self.reported - self.confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The facts of one claim; docs/signals.md says what each is. Those about the shop as a whole are what the others are compared with."""

    case_id: str
    buyer: str
    address: str | None = None
    serial: str | None = None
    period_days: int = 365
    standing: Standing | None = None
    unit_reports: int | None = None
    unit_confirmed: int | None = None
    of_buyer: Count | None = None
    at_address: Count | None = None
    of_shop: Count | None = None
    units_by_reports: tuple[int, ...] | None = None
    buyers_by_reports: tuple[int, ...] | None = None
    addresses_by_reports: tuple[int, ...] | None = None
    window_us: int | None = None
    left_us: int | None = None
    inspected_serial_fits: bool | None = None
    parts_checked: int | None = None
    parts_other: int | None = None
    photo_taken: bool | None = None
    box_g: int | None = None
    box_expected_g: int | None = None
    batch_warned: bool | None = None
