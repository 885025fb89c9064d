"""The numbers by which promises under way are watched, all in one place.

Nobody has measured them: they are chosen, and a shop that knows better gives its own. What is measured are the lead times they are used with.
"""

from dataclasses import dataclass

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRules:
    """When a promise counts as at risk, who is asked and when a buyer is told. Lengths are µs; times of day are µs after local midnight."""

    may_permille: int = 500
    """Below this chance a promise may not be kept."""
    will_permille: int = 50
    """Below this one it most likely is not."""
    kept_permille: int = 900
    """How many of a thousand promises are kept where none of its own is known."""
    behind_permille: int = 900
    """A parcel that is not there when so many of a thousand usually are is behind."""
    day_begins_us: int = 8 * HOUR_US
    day_ends_us: int = 22 * HOUR_US
    """Parcels arrive between these times of day, evenly; a lead time knows whole days alone."""
    out_permille: int = 950
    """Of parcels that a courier took along this morning, how many arrive before the day ends."""
    hand_over_warn_us: int = 6 * HOUR_US
    """How long before its last moment a hand-over that is missing is noticed; a quarter of a shorter promise."""
    carrier_needs_us: int = 4 * HOUR_US
    """A carrier that is asked later than this before the end changes nothing any more."""
    quiet_days: int = 1
    """Whole days on which its carrier scanned others and not this parcel, after which that is said."""
    lost_days: int = 3
    """As many of them after which it counts as lost."""
    tell_opens_us: int = 8 * HOUR_US
    tell_closes_us: int = 21 * HOUR_US
    """Buyers are told between these times of day."""
    tell_ahead_us: int = 2 * HOUR_US
    """A buyer hears of the risk at least this long before the promise passes."""
    tell_lead_us: int = 4 * HOUR_US
    """Of what is only possible a buyer hears no earlier than this before the last moment for telling."""
    look_every_us: int = HOUR_US
    """How often a promise is looked at while it is at risk, or in its last day."""


USUAL = WatchRules()
"""The rules of a shop that gives none."""
