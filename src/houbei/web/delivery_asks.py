"""What a delivery asks of a person: what it is, by when, what is known, what is best done, what follows, and the command for it."""

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from types import MappingProxyType
from typing import Any

from houbei.backtest.report.tongue import Said
from houbei.facts.scans import What
from houbei.money import POINTS
from houbei.store.console_deliveries import DeliveryView, Scanned
from houbei.store.console_needs import Need
from houbei.web.case_decision import Decision
from houbei.web.case_told import joined
from houbei.web.delivery_risk import why_words
from houbei.web.delivery_told import owed_text
from houbei.web.speech import Speech

ASKED = ("late_disputed", "tell_buyer", "parcel_lost", "parcel_at_risk")
"""What a delivery can ask, the most pressing first."""
BY_PERSON = " --as NAME --role ROLE"
_DISPUTED, _LOOKED = What.DISPUTED.name.lower(), {What.UPHELD.name.lower(), What.DISMISSED.name.lower()}


def decide_delivery(view: DeliveryView, speech: Speech, *, now_us: int) -> Decision | None:
    """Work out the decision box of a delivery; None where nobody is needed.

    Args:
        view: The delivery.
        speech: The language of the page.
        now_us: What time it is.
    """
    needs = sorted(view.needs, key=lambda need: (ASKED.index(need.kind), need.ref))
    if not needs:
        return None
    need, others = needs[0], [ask_of(speech, other, view.it.at_risk) for other in needs[1:]]
    kind = need.kind
    return Decision(
        ask=ask_of(speech, need, view.it.at_risk),
        until=until_of(speech, need, view.it.at_risk, now_us=now_us),
        also=speech.say("case_also", asks=joined(others, " ")) if others else "",
        facts=list(_facts(view, speech, need)),
        advice=_advice(speech, need, view.it.at_risk),
        outcomes=[speech.say(f"outcome_{kind}{which}") for which in _OUTCOMES[kind]],
        commands=list(_commands(view, need)),
    )


def ask_of(speech: Speech, need: Need, at_risk: Mapping[str, Any] | None) -> Said:
    """Ask it in one sentence."""
    if need.kind == "parcel_at_risk" and at_risk is not None:
        return speech.say(f"ask_at_risk_{at_risk['who']}")
    return speech.say(f"ask_{need.kind}")


def deadline_of(need: Need, at_risk: Mapping[str, Any] | None) -> int | None:
    """Give the moment by which it must be done; None where it has none."""
    told = need.told
    by_us = told.get("by_us") if need.kind == "tell_buyer" else (at_risk or told).get("act_by_us")
    return None if by_us is None else int(by_us)


def until_of(speech: Speech, need: Need, at_risk: Mapping[str, Any] | None, *, now_us: int) -> Said:
    """Say by when it is to be done, when it was to be done, or since when it waits."""
    by_us = deadline_of(need, at_risk)
    if by_us is None:
        return speech.say("case_since", moment=speech.due(need.since_us))
    return speech.say("case_overdue" if by_us <= now_us else "case_until", moment=speech.due(by_us))


def held_of(need: Need) -> list[tuple[str, int]]:
    """What is owed if the buyer who disputes is right, by unit."""
    money = [(need.currency, need.amount_minor)] if need.currency and need.amount_minor else []
    points = int(need.told.get("points") or 0)
    return money + ([(POINTS, points)] if points else [])


_LOST = ("lost", "moved")
"""The scan that is noted of a parcel that seems lost: it is, or it was found."""
_MISSING = MappingProxyType({"warehouse": ("handed_over",), "carrier": ("out_for_delivery",)})
"""The scan that is noted once whoever can still help has helped."""
_OUTCOMES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "late_disputed": ("_uphold", "_dismiss", "_wait"),
        "tell_buyer": ("", "_wait"),
        "parcel_lost": ("", "_wait"),
        "parcel_at_risk": ("",),
    }
)
"""What each way leads to, by the ends of its words."""


def _facts(view: DeliveryView, speech: Speech, need: Need) -> Iterator[Said]:
    """What is known that bears on it."""
    if need.kind == "late_disputed":
        dispute, about = _open_dispute(view)
        if about is not None:
            what, who = speech.say(f"scan_{about.what}"), speech.say(f"told_by_{about.told_by}")
            yield speech.say("known_scan", who=about.person or who, what=what, moment=speech.moment(about.at_us))
        if dispute is not None:
            said_by = dispute.person or speech.say(f"told_by_{dispute.told_by}")
            yield speech.say("known_dispute", who=said_by, moment=speech.moment(dispute.at_us))
        if held := held_of(need):
            yield speech.say("known_held", amount=owed_text(speech, held))
    if need.kind == "tell_buyer":
        yield speech.say("known_telling", text=need.told[speech.language])
    if need.kind in {"parcel_at_risk", "parcel_lost"} and view.it.at_risk is not None:
        yield from (speech.say("known_why", why=why) for why in why_words(speech, view.it.at_risk))


def _advice(speech: Speech, need: Need, at_risk: Mapping[str, Any] | None) -> Said:
    if need.kind == "parcel_at_risk" and at_risk is not None:
        return speech.say(f"advice_at_risk_{at_risk['who']}")
    return speech.say(f"advice_{need.kind}")


def _open_dispute(view: DeliveryView) -> tuple[Scanned | None, Scanned | None]:
    """The latest dispute that nobody has answered, and the scan that it is about."""
    for scan in reversed(view.scans):
        answered = any(
            one.disputes == scan.disputes and one.what in _LOOKED and one.at_us >= scan.at_us for one in view.scans
        )
        if scan.what == _DISPUTED and not answered:
            return scan, next((one for one in view.scans if one.scan_id == scan.disputes), None)
    return None, None


def _commands(view: DeliveryView, need: Need) -> list[str]:
    """How each way is carried out, the recommended first."""
    who = (view.it.at_risk or {}).get("who", "")
    return commands_of(need.kind, delivery_id=view.it.delivery_id, ref=need.ref, who=who)


def commands_of(kind: str, *, delivery_id: str, ref: str, who: str) -> list[str]:
    """Give the commands by which what waits is carried out, the recommended first.

    Args:
        kind: One of `ASKED`.
        delivery_id: The delivery.
        ref: What waits, by its short name.
        who: Who can still do something for a promise at risk.
    """
    delivery = quote(delivery_id)
    if kind == "late_disputed":
        return [f"houbei delivery {answer} {delivery}{BY_PERSON}" for answer in ("uphold", "dismiss")]
    if kind == "tell_buyer":
        return [f"houbei delivery told {ref}{BY_PERSON}"]
    scans = _LOST if kind == "parcel_lost" else _MISSING.get(who, ())
    return [f"houbei delivery scan {delivery} {what}{BY_PERSON}" for what in scans]
