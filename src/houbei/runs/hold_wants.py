"""What a case wants of holds, and what is to be done next about one: wanted − done, from how both stand and from nothing else.

A case that gives out the new unit first wants an amount held before it leaves, kept while the case goes on, and let go when the case's
moves let it go. Whoever comes late, twice or after a crash asks the same and does what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection

from houbei.case.edges import EDGES
from houbei.case.stages import ENDS, Case, New, Old, Rules, Secured, Stage
from houbei.facts.steps import Step, What
from houbei.store.holds import ASKED, HELD, SURPLUS, WANTED, Hold

DAY_US = 86_400_000_000
CAPTURES = frozenset(edge.stage for edge in EDGES if edge.what is What.CAPTURED)
"""Stages at which a part may be taken."""
_BEFORE = frozenset({Stage.REPORTED, Stage.EVIDENCE_WANTED, Stage.TO_DECIDE})
"""Stages at which nobody knows yet whether anything must be held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuredCase:
    """A case as holds see it.

    `thread` is what the case is told apart by on every machine and after every restore, which its number is not: line, unit and the
    report that opened it. `payment` is the payment whose card is asked; `limit_minor` the most that may be held, -1 for the value of the unit.
    """

    case_id: str
    thread: str
    case: Case
    rules: Rules
    payment: str
    currency: str
    limit_minor: int = -1

    @property
    def to_hold_minor(self) -> int:
        """How much is to be held."""
        value = self.case.value_minor
        return value if self.limit_minor < 0 else min(value, self.limit_minor)


class SecuredCases(Protocol):
    """Where cases are read and told of what a provider did."""

    def find(self, connection: Connection, case_id: str) -> SecuredCase | None:
        """Give a case; None where there is none of that number."""

    def to_secure(self, connection: Connection, *, after: str, most: int) -> Sequence[SecuredCase]:
        """Give cases that are `securing`, or whose security is a hold or one that lapsed, by their numbers from one on."""

    def tell(self, connection: Connection, step: Step) -> bool:
        """Take a step in, in the caller's transaction; False where it was told before."""


class Wants(StrEnum):
    """What a case wants of holds."""

    HOLD = "hold"
    """An amount must be held."""
    KEEP = "keep"
    """What is held secures it."""
    LEAVE = "leave"
    """Nobody knows yet."""
    NOTHING = "nothing"
    """Whatever is held goes back."""


class Do(StrEnum):
    """What is to be done next about a hold: the first six ask the provider."""

    HOLD = "hold"
    FIND = "find"
    """Look whether it was made; it is no longer wanted."""
    READ = "read"
    """Its time is over, or what was asked last was not answered: look how it stands."""
    RENEW = "renew"
    CAPTURE = "capture"
    RELEASE = "release"
    TELL_HELD = "tell_held"
    """The case does not know of it yet."""
    TELL_LAPSED = "tell_lapsed"
    """The case relies on it, and it is gone."""
    DROP = "drop"
    """Nobody was asked for it, and nobody wants it."""
    REST = "rest"


CALLS = frozenset({Do.HOLD, Do.FIND, Do.READ, Do.RENEW, Do.CAPTURE, Do.RELEASE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What is to be done, and when to look again where that is to rest: None for never by itself."""

    do: Do
    again_us: int | None = None


def wants(case: Case, rules: Rules) -> Wants:
    """Say what a case wants of holds."""
    if case.secured is Secured.HOLD:
        return Wants.KEEP
    if case.stage in _BEFORE:
        return Wants.LEAVE
    unsecured = case.secured in {Secured.NOTHING, Secured.LAPSED}
    if rules.secured_by is not Secured.HOLD or not unsecured:
        return Wants.NOTHING
    lapsed = case.secured is Secured.LAPSED and _still_needed(case)
    return Wants.HOLD if case.stage is Stage.SECURING or lapsed else Wants.NOTHING


def may_capture(secured: SecuredCase, amount_minor: int) -> bool:
    """Whether a case can take so much of its hold as it stands."""
    case = secured.case
    at_most = min(case.secured_minor, case.value_minor)
    return case.stage in CAPTURES and case.secured is Secured.HOLD and 0 < amount_minor <= at_most


def next_of(hold: Hold, secured: SecuredCase | None, *, alone: bool, now_us: int) -> Next:
    """Say what is to be done next about a hold.

    Args:
        hold: As far as it has come.
        secured: Its case as it stands; None where there is none.
        alone: Whether no other hold of the case stands.
        now_us: What time it is.
    """
    wanted = Wants.LEAVE if secured is None else wants(secured.case, secured.rules)
    if hold.state == WANTED:
        return Next(do=Do.HOLD if wanted is Wants.HOLD else Do.DROP)
    if hold.state == ASKED:
        return Next(do=Do.HOLD if wanted is Wants.HOLD else Do.FIND)
    if hold.state in {HELD, SURPLUS}:
        found = _next_of_held(hold, secured, Wants.NOTHING if hold.state == SURPLUS else wanted, now_us)
        return Next(do=Do.READ) if found.do is Do.REST and hold.attempts else found
    missed = wanted is Wants.KEEP and hold.relied_on and alone
    return Next(do=Do.TELL_LAPSED if missed else Do.REST)


def _next_of_held(hold: Hold, secured: SecuredCase | None, wanted: Wants, now_us: int) -> Next:
    ends_us = hold.expires_us or 0
    if now_us >= ends_us:
        return Next(do=Do.READ)
    if secured is None or wanted is Wants.LEAVE:
        return Next(do=Do.REST, again_us=ends_us)
    if hold.capture_minor is not None and may_capture(secured, hold.capture_minor):
        return Next(do=Do.CAPTURE)
    if wanted is not Wants.KEEP:
        return Next(do=Do.TELL_HELD if wanted is Wants.HOLD else Do.RELEASE)
    renew_us = renew_at(hold, secured)
    return Next(do=Do.RENEW) if now_us >= renew_us else Next(do=Do.REST, again_us=min(renew_us, ends_us))


def renew_at(hold: Hold, secured: SecuredCase) -> int:
    """Say when a hold is renewed: a day before the case would put it before a person and before it lapses, or halfway where that is short."""
    began_us, ends_us = hold.at_us or 0, hold.expires_us or 0
    lasts_us = min(ends_us - began_us, secured.rules.hold_us or ends_us)
    return began_us + max(lasts_us - DAY_US, lasts_us // 2)


def _still_needed(case: Case) -> bool:
    """Whether a new unit is out, or to go out, before the old one is in."""
    if case.stage in ENDS:
        return False
    to_go = case.advance and case.old is Old.WITH_BUYER and not case.withdrew
    return case.new is New.WITH_BUYER or to_go
