"""Which facts of a claim are worth a person's look: signals with points, and their sum. It never decides.

The only outcome is `look`, put before a person with its reasons, or `nothing`. What a person cleared is not counted again; facts that
rest on one another count once.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from houbei.case.lineage import Standing
from houbei.case.observed import Count, Observed
from houbei.case.rarity import one_in_chance, one_in_spread
from houbei.case.scorecard import SPEAKS_FOR_BUYER, Scorecard, Signal
from houbei.errors import InputError

HOUR_US = 3_600_000_000


class Outcome(StrEnum):
    """What a score leads to."""

    LOOK = "look"
    NOTHING = "nothing"


class Aside(StrEnum):
    """Why the points of a signal do not count."""

    CLEARED = "cleared"
    """A person has looked at it before."""
    SAME_FACT = "same_fact"
    """A graver signal rests on the same fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What a person looked at and found in order: a signal about a subject, up to a measure of it."""

    signal: Signal
    subject: str
    measure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One signal of a score.

    `measure` is how much of it the subject itself has (reports, parts, thousandths): what clearing remembers. `value` is what points
    are given for, as the scorecard measures the signal. `facts` are the numbers and names that its sentence speaks of.
    """

    signal: Signal
    subject: str
    measure: int
    value: int
    points: int
    facts: tuple[tuple[str, int | str], ...]
    aside: Aside | None = None

    @property
    def counted(self) -> int:
        """The points that it adds to the sum."""
        return 0 if self.aside else self.points


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What the facts of a claim came to under a version of the scorecard: parts, the gravest first, and the sum at which a person looks."""

    case_id: str
    version: int
    look_at: int
    parts: tuple[Part, ...]

    @property
    def total(self) -> int:
        """The sum of the parts that count."""
        return sum(part.counted for part in self.parts)

    @property
    def outcome(self) -> Outcome:
        """Whether a person is asked to look."""
        return Outcome.LOOK if self.total >= self.look_at else Outcome.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A signal in the facts, before points."""

    subject: str
    measure: int
    value: int
    facts: tuple[tuple[str, int | str], ...] = ()


def score(
    observed: Observed,
    *,
    scorecard: Scorecard,
    cleared: Collection[Cleared] = (),
    look_at: int | None = None,
) -> Score:
    """Add up what is worth a look in the facts of a claim.

    Args:
        observed: The facts; what is not known raises nothing.
        scorecard: The points.
        cleared: What people found in order before.
        look_at: The shop's own threshold, None for the scorecard's.

    Raises:
        InputError: A threshold below 1, at which everybody would be looked at.
    """
    if look_at is not None and look_at < 1:
        raise InputError(
            came=f"{look_at}",
            where="the threshold of looks",
            expected="a whole number above 0",
            todo="Choose a sum of points at which a person should look.",
        )
    parts = []
    for signal, find in _FINDERS.items():
        seen = find(observed)
        if seen is not None and (points := scorecard.weights[signal].points(seen.value)):
            parts.append(
                Part(
                    signal=signal,
                    subject=seen.subject,
                    measure=seen.measure,
                    value=seen.value,
                    points=points,
                    facts=seen.facts,
                    aside=Aside.CLEARED if _is_cleared(signal, seen, cleared) else None,
                )
            )
    return Score(
        case_id=observed.case_id,
        version=scorecard.version,
        look_at=scorecard.look_at if look_at is None else look_at,
        parts=_once_each(parts, scorecard),
    )


def _is_cleared(signal: Signal, seen: _Seen, cleared: Collection[Cleared]) -> bool:
    """Whether a person looked at as much of it before; what speaks for the buyer stays, whatever was looked at."""
    return signal not in SPEAKS_FOR_BUYER and any(
        one.signal is signal and one.subject == seen.subject and seen.measure <= one.measure for one in cleared
    )


def _once_each(parts: list[Part], scorecard: Scorecard) -> tuple[Part, ...]:
    """The gravest part first, and of those that rest on one fact only the gravest that counts."""
    told: set[str] = set()
    ordered = []
    for part in sorted(parts, key=lambda part: (-part.points, part.signal)):
        fact = scorecard.weights[part.signal].same_fact
        again = part.aside is None and fact in told
        ordered.append(replace(part, aside=Aside.SAME_FACT) if again else part)
        if part.aside is None:
            told.add(fact)
    return tuple(ordered)


def _serial_is(standing: Standing) -> "_Finder":
    def find(observed: Observed) -> _Seen | None:
        if observed.standing is not standing:
            return None
        subject = observed.case_id if observed.serial is None else f"{observed.buyer} {observed.serial}"
        return _Seen(subject=subject, measure=1, value=1, facts=(("serial", observed.serial or "?"),))

    return find


def _inspected_serial(observed: Observed) -> _Seen | None:
    return _Seen(subject=observed.case_id, measure=1, value=1) if observed.inspected_serial_fits is False else None


def _parts_other(observed: Observed) -> _Seen | None:
    other = observed.parts_other or 0
    if not other:
        return None
    facts = (("other", other), ("checked", max(observed.parts_checked or 0, other)))
    return _Seen(subject=observed.case_id, measure=other, value=other, facts=facts)


def _unit_again(observed: Observed) -> _Seen | None:
    reports, confirmed = observed.unit_reports or 0, observed.unit_confirmed or 0
    unconfirmed, spread = reports - confirmed, observed.units_by_reports
    if unconfirmed < 1 or spread is None:
        return None
    one_in = one_in_spread(unconfirmed, spread)
    facts = (("reported", reports), ("confirmed", confirmed), ("one_in", one_in), ("days", observed.period_days))
    subject = observed.case_id if observed.serial is None else f"{observed.buyer} {observed.serial}"
    return _Seen(subject=subject, measure=unconfirmed, value=one_in, facts=facts)


def _buyer_often(observed: Observed) -> _Seen | None:
    own, spread = observed.of_buyer, observed.buyers_by_reports
    if own is None or spread is None or own.unconfirmed < 1:
        return None
    return _repeated(observed, own, one_in_spread(own.unconfirmed, spread), subject=observed.buyer)


def _buyer_share(observed: Observed) -> _Seen | None:
    own, shop = observed.of_buyer, observed.of_shop
    if own is None or shop is None or own.unconfirmed < 1 or own.units < 1:
        return None
    return _repeated(observed, own, one_in_chance(own, shop), subject=observed.buyer)


def _address_often(observed: Observed) -> _Seen | None:
    here, spread = observed.at_address, observed.addresses_by_reports
    if here is None or spread is None or here.unconfirmed < 1:
        return None
    subject = observed.case_id if observed.address is None else observed.address
    return _repeated(observed, here, one_in_spread(here.unconfirmed, spread), subject=subject)


def _repeated(observed: Observed, count: Count, one_in: int, *, subject: str) -> _Seen:
    facts = (
        ("units", count.units),
        ("reported", count.reported),
        ("confirmed", count.confirmed),
        ("one_in", one_in),
        ("days", observed.period_days),
    )
    return _Seen(subject=subject, measure=count.unconfirmed, value=one_in, facts=facts)


def _near_end(observed: Observed) -> _Seen | None:
    window, left = observed.window_us or 0, observed.left_us
    if left is None or not 0 <= left <= window or not window:
        return None
    over = (window - left) * 1000 // window
    return _Seen(subject=observed.case_id, measure=over, value=over, facts=(("hours", left // HOUR_US),))


def _no_photo(observed: Observed) -> _Seen | None:
    return _Seen(subject=observed.case_id, measure=1, value=1) if observed.photo_taken is False else None


def _light_box(observed: Observed) -> _Seen | None:
    box, expected = observed.box_g, observed.box_expected_g
    if box is None or not expected or box >= expected:
        return None
    missing = (expected - box) * 1000 // expected
    facts = (("box", box), ("expected", expected))
    return _Seen(subject=observed.case_id, measure=missing, value=missing, facts=facts)


def _batch_warned(observed: Observed) -> _Seen | None:
    return _Seen(subject=observed.case_id, measure=1, value=1) if observed.batch_warned else None


_Finder = Callable[[Observed], _Seen | None]
_FINDERS: Mapping[Signal, _Finder] = MappingProxyType(
    {
        Signal.SERIAL_ELSEWHERE: _serial_is(Standing.ELSEWHERE),
        Signal.SERIAL_LEFT: _serial_is(Standing.LEFT),
        Signal.SERIAL_REPLACED: _serial_is(Standing.REPLACED),
        Signal.SERIAL_UNKNOWN: _serial_is(Standing.UNKNOWN),
        Signal.SERIAL_ONE_OFF: _serial_is(Standing.ONE_OFF),
        Signal.INSPECTED_SERIAL: _inspected_serial,
        Signal.PARTS_OTHER: _parts_other,
        Signal.UNIT_AGAIN: _unit_again,
        Signal.BUYER_OFTEN: _buyer_often,
        Signal.BUYER_SHARE: _buyer_share,
        Signal.ADDRESS_OFTEN: _address_often,
        Signal.NEAR_END: _near_end,
        Signal.NO_PHOTO: _no_photo,
        Signal.LIGHT_BOX: _light_box,
        Signal.BATCH_WARNED: _batch_warned,
    }
)
