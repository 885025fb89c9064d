"""The evidence of one cover laid out for a page: conclusion, clause, facts, sum, ledger entries, always in this order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import Connection

from houbei.backtest.report.tongue import Said
from houbei.evidence.amounts import MINUS
from houbei.evidence.conclusions import Conclusion
from houbei.evidence.cover_facts import Closing, CoverFacts
from houbei.evidence.inquiry import IN_STOCK, SEEN
from houbei.evidence.sums import Sum
from houbei.evidence.trail import StepFacts, Trail
from houbei.evidence.wording import conclude
from houbei.store.console import Entry, Settled, entries_of_cover, settlements_of
from houbei.store.console_case_lists import cases_of_cover
from houbei.store.console_drops import drop_of_fact, read_drop
from houbei.web.addresses import address
from houbei.web.needs import parked_reason
from houbei.web.speech import Speech

_DONE = {"confirmed", "reconciled"}
_GOING = {"instructed", "unknown", "refused", "returned"}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far something has come: the shape of its mark, the word beside it, and what more there is to say."""

    look: str
    word: Said
    more: Said | str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """The evidence of one cover, ready for its template.

    `of_event` is the part of one price event, where that is not all; `decisions` what a person must decide: a settlement's short name
    and what there is to choose from. `facts` are words and what they stand for, `sums` groups of (word, figure, is the total), `no_sum` what is said where there are none, `entries` the ledger's.
    """

    order: str
    big: Said
    of_event: Said | str
    decisions: Sequence[tuple[str, Said]]
    state: State
    conclusion: str
    clause: str
    source: Said
    facts: Sequence[tuple[Said, object]]
    sums: Sequence[Sequence[tuple[Said | str, str, bool]]]
    no_sum: Said
    entries: Sequence[tuple[Entry, str]]


def lay_out(
    connection: Connection, speech: Speech, trail: Trail, *, cover: int, order: str, of_event_minor: int = 0
) -> LaidOut:
    """Lay out the evidence of one cover.

    Args:
        connection: A state of the store.
        speech: The language of the page.
        trail: Why the cover is owed what it is owed.
        cover: Its number.
        order: The order of its line.
        of_event_minor: What one price event added, where the evidence is opened from it.

    Cost: a look-up an entry.
    """
    currency, terms = trail.line.currency, trail.terms
    entries, settlements = entries_of_cover(connection, cover), settlements_of(connection, cover)
    big = "big_owed" if trail.owed_minor else "big_held" if trail.held_minor else "big_nothing"
    return LaidOut(
        order=order,
        big=speech.say(big, amount=speech.money(trail.owed_minor or trail.held_minor, currency)),
        of_event=speech.say("of_event", amount=speech.money(of_event_minor, currency))
        if 0 < of_event_minor < trail.owed_minor
        else "",
        decisions=[
            (f"{cover}/{one.sequence}", speech.say("decide_body", amount=speech.money(one.amount_minor, currency)))
            for one in settlements
            if one.parked is not None
        ],
        state=_state(speech, trail, settlements, entries),
        conclusion=conclude(trail, speech.language, money=speech.money, moment=speech.moment),
        clause=trail.clause.zh if speech.language == "zh" else trail.clause.en,
        source=speech.say(
            "source_clause", title=terms.title[speech.language], version=terms.version, clause=trail.clause.id
        ),
        facts=[*_facts(connection, speech, trail), *_cases(connection, speech, cover)],
        sums=[list(_sum(speech, trail, step)) for step in trail.steps],
        no_sum=speech.say("no_sum"),
        entries=[(entry, speech.moment(entry.at_us, seconds=True)) for entry in entries],
    )


def state_of(speech: Speech, state: str, *, parked: str | None = None) -> State:
    """Tell how far one settlement has come; `parked` is why it waits for a person. Paid is only what has a receipt."""
    if parked is not None:
        return State(look="wait", word=speech.say("st_needs"), more=parked_reason(speech, parked))
    if state in _DONE:
        return State(look="done", word=speech.say("st_paid"))
    if state == "credited":
        return State(look="done", word=speech.say("st_credited"))
    if state == "stopped":
        return State(look="none", word=speech.say("st_stopped"), more=speech.say("why_stopped"))
    return State(
        look="move" if state in _GOING else "yet", word=speech.say("st_moving" if state in _GOING else "st_due")
    )


def why_nothing(speech: Speech, trail: Trail) -> Said:
    """Say in a few words why nothing is owed, with the clause."""
    said = {IN_STOCK: "in_stock", SEEN: "seen_at_least"}.get(trail.said, trail.said)
    reason = speech.say(f"why_{trail.conclusion.name.lower()}", said=said)
    return speech.say("why", reason=reason, clause=trail.clause.id)


def _state(speech: Speech, trail: Trail, settlements: Sequence[Settled], entries: Sequence[Entry]) -> State:
    if trail.held_minor:
        return State(look="wait", word=speech.say("st_held"), more=speech.say("parked_held"))
    if not settlements:
        if trail.conclusion is Conclusion.UNDECIDED:
            return State(look="wait", word=speech.say("st_needs"), more=why_nothing(speech, trail))
        return State(look="none", word=speech.say("st_nothing"), more=why_nothing(speech, trail))
    told = [state_of(speech, one.state, parked=one.parked) for one in settlements]
    worst = min(told, key=lambda one: ("wait", "move", "yet", "done", "none").index(one.look))
    paid = [entry.at_us for entry in entries if entry.code == "confirmed"]
    if worst.look == "done" and paid:
        return State(look="done", word=worst.word, more=speech.moment(max(paid), seconds=True))
    return worst


# --- facts ------------------------------------------------------------------------------------------------------------


def _facts(connection: Connection, speech: Speech, trail: Trail) -> Iterator[tuple[Said, object]]:
    line, say = trail.line, speech.say
    yield say("fact_item"), say("of_sku", n=line.quantity, sku=line.sku)
    yield say("fact_paid"), speech.money(line.paid_minor, line.currency)
    for name, us in sorted(line.moments, key=lambda moment: moment[1]):
        key = "fact_placed" if name == "placed" else f"fact_at_{name}"
        word = say(key) if speech.has(key) else say("fact_at_other", name=name)
        yield word, speech.moment(us)
    stretches = [stretch for cover in trail.covers for stretch in _stretches(cover)]
    for opens, closes in sorted(set(stretches)):
        yield say("fact_open"), say("fact_open_value", opens=speech.moment(opens), closes=speech.moment(closes))
    if trail.covers and not stretches:
        yield say("fact_open"), say("fact_never")
    prices = {step.price.price_id: step.price for step in trail.steps}
    if trail.price is not None:
        prices[trail.price.price_id] = trail.price
    for price in sorted(prices.values(), key=lambda one: one.at_us):
        seq = drop_of_fact(connection, f"price:{price.price_id}", sku=line.sku)
        drop = None if seq is None else read_drop(connection, seq)
        money = speech.money(price.price_minor, price.currency)
        if drop is None:
            yield say("fact_price"), money
            continue
        href = address(speech.language, "drops", drop.seq)
        yield say("fact_price"), Markup('<a class="ev" href="{}">{}</a>').format(href, money)
        yield say("fact_told"), say("fact_told_value", source=drop.source, moment=speech.moment(drop.known_us))


def _cases(connection: Connection, speech: Speech, cover: int) -> Iterator[tuple[Said, object]]:
    """The cases of the line: each opens its page."""
    for number, stage in cases_of_cover(connection, cover):
        href = address(speech.language, "cases", number)
        link = Markup('<a class="ev mono" href="{}">{}</a>').format(href, number)
        yield speech.say("fact_case"), Markup("{} {}").format(link, speech.say(f"stage_{stage}"))


def _stretches(cover: CoverFacts) -> Iterator[tuple[int, int]]:
    """When a cover is open; one that is open now until it will close, not until the last moment that is known."""
    for opens, closes in cover.open_us:
        still = cover.closing is Closing.STILL_OPEN and (opens, closes) == cover.open_us[-1]
        yield opens, cover.closes_us if still and cover.closes_us is not None else closes


# --- the sum ----------------------------------------------------------------------------------------------------------


def _sum(speech: Speech, trail: Trail, step: StepFacts) -> Iterator[tuple[Said | str, str, bool]]:
    """The sums of one step: what was paid less the price less what was owed before, as one would write it by hand."""
    currency = trail.line.currency
    yield speech.moment(step.at_us), "", False
    total = "sum_total_held" if step.held else "sum_total"
    for part in step.sums:
        yield from _part(speech, part, currency)
        yield speech.say(total, n=part.units), speech.amount(part.amount_minor, currency), True
    if not step.sums:
        yield speech.say(total, n=step.units), speech.amount(step.amount_minor, currency), True
    if step.amount_minor != step.asked_minor:
        cut = step.asked_minor - step.amount_minor
        yield speech.say("sum_cut"), f"{MINUS} {speech.amount(cut, currency)}", False
        yield speech.say("sum_left"), speech.amount(step.amount_minor, currency), True


def _part(speech: Speech, part: Sum, currency: str) -> Iterator[tuple[Said | str, str, bool]]:
    if part.due_minor != part.basis_minor - part.price_minor:
        yield part.formula, "", False
        return
    yield speech.say("sum_basis"), speech.amount(part.basis_minor, currency), False
    yield speech.say("sum_price"), f"{MINUS} {speech.amount(part.price_minor, currency)}", False
    if part.before_minor:
        yield speech.say("sum_before"), f"{MINUS} {speech.amount(part.before_minor, currency)}", False
    if part.units > 1:
        yield part.formula, "", False
