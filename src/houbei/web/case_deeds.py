"""Who did what in a case: names as people want to be known, what happened by itself, and the latest deed of a kind."""

from collections.abc import Sequence
from dataclasses import dataclass

from houbei.backtest.report.tongue import Said
from houbei.facts.steps import BY_PEOPLE, SHAPES, Teller, What
from houbei.store.console_cases import CaseView, Deed
from houbei.web.speech import Speech

_PARTS = (Teller.INSPECTOR, Teller.COURIER, Teller.WAREHOUSE)
"""Parts by which people are credited, the rarest first; every other deed is the shop's service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """One line of the credits: the part, the name, and what the person is called in the shop."""

    part: Said
    name: str
    role: str


def name_of(deed: Deed) -> str:
    """Who did it, by their own name; '' where nobody did, they would rather not be named, or it was the buyer."""
    return deed.person if deed.teller in BY_PEOPLE else ""


def is_automatic(deed: Deed) -> bool:
    """Whether it happened by itself: a rule, a clock or the payment provider."""
    return deed.automatic or (deed.teller is Teller.PAYMENT and not deed.role)


def who_of(deed: Deed, speech: Speech) -> str:
    """Say who did it: their name, else their part in it; '' where it happened by itself."""
    return "" if is_automatic(deed) else name_of(deed) or str(speech.say(f"teller_{deed.teller.value}"))


def latest(view: CaseView, *kinds: What) -> Deed | None:
    """The latest deed of some kinds that was not set aside."""
    return next((deed for deed in reversed(view.deeds) if deed.what in kinds and not deed.set_aside), None)


def credited(view: CaseView, speech: Speech) -> Sequence[Credited]:
    """Give the credits in the order in which people first did something."""
    comma = str(speech.say("comma"))
    return [
        Credited(part=_part(credit.deeds[0], speech), name=credit.name, role=comma.join(credit.roles))
        for credit in view.credits
    ]


def _part(what: What, speech: Speech) -> Said:
    teller = next((teller for teller in _PARTS if teller in SHAPES[what].tellers), Teller.SHOP)
    return speech.say(f"role_{teller.value}")
