"""What waits for a person, told: what it is, why, under which clause, since when, and the one place to go."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from houbei.backtest.report.tongue import Said
from houbei.store.console_needs import Need
from houbei.store.promises import Promise
from houbei.terms.model import Terms
from houbei.web.addresses import address
from houbei.web.speech import Speech

OF_LEDGER = frozenset({"outside_refund", "outside_hold", "provider_differs", "audit"})
"""Kinds of matters that belong to the ledger; the others to price drops, or to nothing but the home page."""
OF_DROPS = frozenset({"parked", "held", "undecided"})
_TITLED = ("outside_refund", "provider_differs", "clock", "storage", "audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldNeed:
    """One matter as a row: its title, its reason and clause, since when or by when, where to go and what the button says.

    `at_us` is the moment by which it is sorted: its deadline, or since when it waits.
    """

    kind: str
    at_us: int
    title: Said
    body: Said | Markup
    since: Said
    href: str
    button: Said


def tell_needs(speech: Speech, needs: Sequence[Need], promises: Sequence[Promise]) -> list[ToldNeed]:
    """Tell matters in their order."""
    terms = {promise.seq: promise.terms for promise in promises}
    return [_tell(speech, need, terms) for need in needs]


def _tell(speech: Speech, need: Need, terms: dict[int, Terms]) -> ToldNeed:
    title, body = _TELL.get(need.kind, _other)(speech, need, terms)
    href, button = _place(speech, need)
    return ToldNeed(
        kind=need.kind,
        at_us=need.since_us,
        title=title,
        body=body,
        since=speech.say("since", moment=speech.moment(need.since_us)),
        href=href,
        button=speech.say(button),
    )


def _amount(speech: Speech, need: Need) -> str:
    return "" if need.amount_minor is None else speech.money(need.amount_minor, need.currency or "")


def _parked(speech: Speech, need: Need, _terms: dict[int, Terms]) -> tuple[Said, Said | Markup]:
    told = need.told
    if "order_id" not in told:
        return speech.say("need_parked", amount=_amount(speech, need)), _facts(speech, need)
    state = told["state"] if speech.has(f"need_{told['state']}") else "parked"
    body = speech.say(
        "need_parked_body", reason=parked_reason(speech, told["reason"]), order=told["order_id"], clause=told["clause"]
    )
    return speech.say(f"need_{state}", amount=_amount(speech, need)), body


def parked_reason(speech: Speech, reason: str) -> Said:
    """Say why a settlement waits for a person, in words where its code is known."""
    return speech.say(f"parked_{reason}" if speech.has(f"parked_{reason}") else "parked_other", reason=reason)


def _held(speech: Speech, need: Need, terms: dict[int, Terms]) -> tuple[Said, Said]:
    told = need.told
    price = speech.money(told["price_minor"], need.currency or "")
    body = speech.say(
        "need_held_body",
        covers=speech.say("held_covers", n=told["covers"]),
        amount=_amount(speech, need),
        clause=terms[told["terms"]].compare.suspicious_clause,
    )
    return speech.say("need_held", price=price, sku=told["sku"]), body


def _undecided(speech: Speech, need: Need, terms: dict[int, Terms]) -> tuple[Said, Said]:
    promise = terms[need.told["terms"]]
    body = speech.say("need_undecided_body", clause=promise.scope_clause, title=promise.title[speech.language])
    return speech.say("need_undecided", n=need.told["lines"]), body


def _outside(speech: Speech, need: Need, _terms: dict[int, Terms]) -> tuple[Said, Said]:
    reference = _mono(need.told.get("reference", need.ref))
    return (
        speech.say("need_outside_refund"),
        speech.say("need_outside_refund_body", reference=reference, amount=_amount(speech, need)),
    )


def _outside_hold(speech: Speech, need: Need, _terms: dict[int, Terms]) -> tuple[Said, Said]:
    reference = _mono(need.told["reference"])
    body = speech.say("need_outside_hold_body", reference=reference, amount=_amount(speech, need))
    return speech.say("need_outside_hold"), body


def _parked_hold(speech: Speech, need: Need, _terms: dict[int, Terms]) -> tuple[Said, Said]:
    told = need.told
    body = speech.say(
        "need_parked_hold_body", reason=parked_reason(speech, told["reason"] or ""), case=_mono(told["case"])
    )
    return speech.say("need_parked_hold", amount=_amount(speech, need)), body


def _unexplained(speech: Speech, need: Need, _terms: dict[int, Terms]) -> tuple[Said, Said]:
    told = need.told
    stage = speech.say(f"stage_{told['stage']}")
    body = speech.say("need_unexplained_capture_body", case=_mono(told["case"]), stage=stage)
    return speech.say("need_unexplained_capture", amount=_amount(speech, need)), body


def _mono(text: str) -> Markup:
    return Markup('<span class="mono">{}</span>').format(text)


def _other(speech: Speech, need: Need, _terms: dict[int, Terms]) -> tuple[Said, Markup]:
    title = speech.say(f"need_{need.kind}") if need.kind in _TITLED else speech.say("need_other", kind=need.kind)
    return title, _facts(speech, need)


def _facts(speech: Speech, need: Need) -> Markup:
    """What is told of a matter, fact by fact, in the order in which it was told."""
    parts = [speech.say("told", name=name, value=value) for name, value in need.told.items()]
    return Markup(str(speech.say("told_join"))).join(parts)  # noqa: S704  our own word


_TELL = {
    "parked": _parked,
    "held": _held,
    "undecided": _undecided,
    "outside_refund": _outside,
    "outside_hold": _outside_hold,
    "parked_hold": _parked_hold,
    "unexplained_capture": _unexplained,
}
OF_HOLDS = frozenset({"parked_hold", "unexplained_capture"})
"""Kinds of matters about a hold of a case: its page is the place to go."""


def _place(speech: Speech, need: Need) -> tuple[str, str]:
    """Where to go with a matter, and what the button says."""
    told, language = need.told, speech.language
    if need.kind == "parked" and "source" in told:
        return address(language, "lines", told["source"], told["line_id"]), "open_evidence"
    if need.kind in OF_HOLDS:
        return address(language, "cases", told["case"]), "case_open"
    if need.kind == "held":
        return address(language, "drops", told["price"], query={"show": "needs"}), "open_price"
    if need.kind == "undecided":
        return address(language, "undecided", told["terms"]), "open_lines"
    return address(language, "ledger"), "open_ledger"
