"""What every page of deliveries says alike: what was promised, how it stands, how likely it is, what it is owed."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from houbei.backtest.report.amounts import per_cent
from houbei.backtest.report.tongue import Said
from houbei.store.console_delivery_lists import Kept, Listed
from houbei.terms.model import Terms
from houbei.web.evidence import State
from houbei.web.speech import Speech, length_text

PERMILLE = 1000
_LOOKS = {"kept": "done", "open": "move", "late": "late", "disputed": "wait"}
"""The shape of the mark of each verdict; the others have nothing to wait for."""


def promised_word(speech: Speech, *, from_us: int | None, by_us: int | None) -> Said | str:
    """Say what was promised: a day where it ends at a midnight and names no beginning, else a slot or a moment."""
    if by_us is None:
        return speech.say("promised_none")
    if from_us is not None:
        same = speech.local(from_us).date() == speech.local(by_us).date()
        last = speech.time(by_us) if same else speech.due(by_us)
        return speech.say("promised_slot", first=speech.due(from_us), last=last)
    if _is_midnight(speech, by_us):
        # The first moment that is late is the midnight after the day that was promised.
        return speech.say("promised_day", day=speech.day(speech.local(by_us - 1).date()))
    return speech.say("promised_before", moment=speech.due(by_us))


def stand_of(speech: Speech, listed: Listed, *, now_us: int) -> State:
    """Say how a delivery stands, in shape and words; waiting for a person comes before everything else."""
    it, risk = listed.it, risk_of(listed.it)
    word = stand_word(speech, it)
    look = "wait" if listed.waits else "move" if risk else _LOOKS.get(it.verdict, "none")
    return State(look=look, word=word, more=_more(speech, it, now_us=now_us))


def stand_word(speech: Speech, it: Kept) -> Said:
    """Name how a delivery stands."""
    risk = risk_of(it)
    if risk and it.verdict == "open":
        return speech.say(f"risk_{risk}")
    return speech.say("stands_late_still" if it.verdict == "late" and it.arrived_us is None else f"stands_{it.verdict}")


def risk_of(it: Kept) -> str:
    """What whoever watches a delivery under way says of it; '' where it says nothing."""
    return "" if it.at_risk is None or it.arrived_us is not None else str(it.at_risk["risk"])


def _more(speech: Speech, it: Kept, *, now_us: int) -> Said | str:
    late_us = lateness(it, now_us=now_us)
    if late_us is not None:
        key = "stands_late_so_far" if it.arrived_us is None else "stands_late_by"
        return speech.say(key, length=length_text(speech, late_us))
    if risk_of(it) and it.at_risk is not None:
        return speech.say("risk_chance", chance=chance_text(int(it.at_risk["chance_permille"])))
    return "" if it.arrived_us is None else speech.say("stands_arrived", moment=speech.moment(it.arrived_us))


def lateness(it: Kept, *, now_us: int) -> int | None:
    """Give by how much a delivery is late, so far where it is not there; None where it is not late."""
    if it.verdict not in {"late", "excused"} or it.promised_us is None:
        return None
    by_us = it.promised_us if it.by_us is None or it.verdict == "excused" else it.by_us
    late_us = (now_us if it.arrived_us is None else it.arrived_us) - by_us
    return max(late_us, 0)


def told_chance(told: Mapping[str, Any]) -> str:
    """Write the chance that a promise came with; '' where none came, or nothing that is one."""
    chance = told.get("chance_permille")
    return chance_text(chance) if type(chance) is int and 0 <= chance <= PERMILLE else ""


def chance_text(permille: int) -> str:
    """Write a chance; one that is not certain never reads as certain."""
    return per_cent(permille, PERMILLE)


def owed_text(speech: Speech, owed: Sequence[tuple[str, int]]) -> Markup:
    """Write what is owed in money and in points, one beside the other; nothing where nothing is."""
    return speech.moneys(owed)


def _is_midnight(speech: Speech, us: int) -> bool:
    local = speech.local(us)
    return (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)


def event_name(terms: Terms, code: str, speech: Speech) -> str:
    """Name an event as the promise does; by its code where the promise does not list it."""
    excuse = None if terms.arrival is None else terms.arrival.excuse(code)
    if excuse is None:
        return code
    return excuse.zh if speech.language == "zh" else excuse.en
