"""The evidence of one promised arrival: conclusion, clause, facts, sum, ledger entries, always in this order."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from houbei.backtest.report.tongue import Said
from houbei.store.console_deliveries import DeliveryView
from houbei.store.console_delivery_money import owed_by
from houbei.web.delivery_sum import Basis, Step, step_rows
from houbei.web.delivery_told import chance_text, event_name, lateness, owed_text, promised_word, risk_of
from houbei.web.evidence import LaidOut, State, state_of
from houbei.web.frame import Frame
from houbei.web.speech import Speech, length_text


def lay_out_delivery(frame: Frame, view: DeliveryView, steps: Sequence[Step], basis: Basis | None) -> LaidOut:
    """Lay out the evidence of a delivery.

    Args:
        frame: The request.
        view: The delivery.
        steps: What it is owed, step by step, worked out anew from the facts.
        basis: What that is reckoned from; None where nothing is promised.
    """
    speech, terms = frame.speech, view.promise.terms
    owed, held = owed_by(view.entries), _held(view, steps)
    used = {clause.id: clause for clause in terms.clauses}
    first = clause_ids(view)[0]
    big = "big_owed" if owed else "big_held" if held else "big_nothing"
    return LaidOut(
        order=view.it.order_id,
        big=speech.say(big, amount=owed_text(speech, owed or held)),
        of_event="",
        decisions=[
            (
                f"{view.it.cover}/{one.sequence}",
                speech.say("decide_body", amount=speech.money(one.amount_minor, _unit(view, one.sequence))),
            )
            for one in view.settlements
            if one.parked is not None
        ],
        state=_state(speech, view, held),
        conclusion=_conclusion(frame, view, owed, held),
        clause=used[first].zh if speech.language == "zh" else used[first].en,
        source=speech.say("source_clause", title=terms.title[speech.language], version=terms.version, clause=first),
        facts=list(_facts(frame, view)),
        sums=[] if basis is None else list(step_rows(speech, basis, steps)),
        no_sum=speech.say("late_sum_none"),
        entries=[(entry, speech.moment(entry.at_us, seconds=True)) for entry in view.entries],
    )


def clause_ids(view: DeliveryView) -> list[str]:
    """Name the clauses that a delivery rests on, that which decided it first.

    That is the clause that pays where something is owed, that of the event where it is excused, that of disputes while one is open; else
    that of the promise itself. Behind it those that bear on it as well.
    """
    arrival = view.promise.terms.arrival
    if arrival is None:
        return [view.promise.terms.scope_clause]
    names = [entry.clause for entry in view.entries if entry.code == "owed"][::-1]
    excuse = None if view.closure is None else arrival.excuse(view.closure.code)
    names += [excuse.clause] if excuse is not None else []
    names += [arrival.dispute_clause] if view.it.verdict == "disputed" else []
    names += [arrival.tiers[0].clause] if view.it.verdict == "late" and arrival.tiers else []
    moved = view.deciding is not None and view.deciding.asked_by == "buyer"
    names += [arrival.slot_clause] if moved else []
    names += [arrival.promise_clause]
    known = {clause.id for clause in view.promise.terms.clauses}
    return [name for name in dict.fromkeys(names) if name in known]


def _unit(view: DeliveryView, sequence: int) -> str:
    return next(entry.currency for entry in view.entries if entry.sequence == sequence)


def _held(view: DeliveryView, steps: Sequence[Step]) -> list[tuple[str, int]]:
    """What a person has to look at first, by unit."""
    sums: dict[str, int] = {}
    for step in steps:
        if step.held:
            unit = "points" if step.form.value == "points" else str(view.facts["currency"])
            sums[unit] = sums.get(unit, 0) + step.amount
    return sorted(sums.items())


def _state(speech: Speech, view: DeliveryView, held: Sequence[tuple[str, int]]) -> State:
    """How far the payment has come; paid is only what has a receipt."""
    if held:
        return State(look="wait", word=speech.say("st_held"), more=speech.say("delivery_held_until"))
    if not view.settlements:
        return State(look="none", word=speech.say("st_nothing"), more=speech.say(f"stands_{view.it.verdict}"))
    told = [state_of(speech, one.state, parked=one.parked) for one in view.settlements]
    worst = min(told, key=lambda one: ("wait", "move", "yet", "done", "none").index(one.look))
    paid = [entry.at_us for entry in view.entries if entry.code == "confirmed"]
    if worst.look == "done" and paid:
        return State(look="done", word=worst.word, more=speech.moment(max(paid), seconds=True))
    return worst


def _conclusion(
    frame: Frame, view: DeliveryView, owed: Sequence[tuple[str, int]], held: Sequence[tuple[str, int]]
) -> Markup:
    speech, it = frame.speech, view.it
    late_us = lateness(it, now_us=frame.as_of_us)
    event = "" if view.closure is None else event_name(view.promise.terms, view.closure.code, speech)
    key = f"delivery_conclusion_{it.verdict}"
    if (it.verdict == "open" and it.by_us is None) or (it.verdict == "late" and it.arrived_us is None):
        key += "_still"
    if (it.verdict == "excused" and not event) or (it.verdict == "disputed" and it.arrived_us is None):
        key += "_none"
    said = speech.say(
        key,
        by="" if it.by_us is None else speech.moment(it.by_us),
        arrived="" if it.arrived_us is None else speech.moment(it.arrived_us),
        length="" if late_us is None else length_text(speech, late_us),
        event=event,
    )
    more = [speech.say("delivery_owed", amount=owed_text(speech, owed))] if owed else []
    more += [speech.say("delivery_held", amount=owed_text(speech, held))] if held else []
    more += [] if more or it.verdict == "none" else [speech.say("delivery_owed_nothing")]
    return Markup().join(one.html for one in (said, *more))


# --- facts ------------------------------------------------------------------------------------------------------------


def _facts(frame: Frame, view: DeliveryView) -> Iterator[tuple[Said, object]]:
    speech, it, facts = frame.speech, view.it, view.facts
    say = speech.say
    yield say("fact_item"), say("of_sku", n=facts["quantity"], sku=facts["sku"])
    yield say("fact_placed"), speech.moment(int(facts["placed_us"]))
    if it.shown_us is not None:
        yield say("fact_shown"), speech.moment(it.shown_us)
    yield say("fact_promised"), promised_word(speech, from_us=it.from_us, by_us=it.promised_us)
    if it.by_us != it.promised_us:
        yield say("fact_by"), say("fact_by_still") if it.by_us is None else speech.moment(it.by_us)
    yield say("fact_arrived"), _arrived(speech, view)
    late_us = lateness(it, now_us=frame.as_of_us)
    if late_us is not None:
        yield say("fact_lateness"), length_text(speech, late_us)
    elif risk_of(it) and it.at_risk is not None:
        yield say("fact_chance_now"), chance_text(int(it.at_risk["chance_permille"]))
    yield from _sold(speech, view)
    yield from _excuse(speech, view)


def _sold(speech: Speech, view: DeliveryView) -> Iterator[tuple[Said, object]]:
    """What was paid, in how many parcels it comes, where to and by whom."""
    facts, given, it = view.facts, view.deciding, view.it
    if given is not None and given.fee_minor and given.currency:
        yield speech.say("fact_slot_fee"), speech.money(given.fee_minor, given.currency)
    yield speech.say("fact_paid"), speech.money(int(facts["paid_minor"]), str(facts["currency"]))
    if given is not None and given.parcels > 1:
        yield speech.say("fact_parcels"), speech.number_text(given.parcels)
    for word, value in (("fact_region", it.region), ("fact_carrier", it.carrier)):
        if value:
            yield speech.say(word), value


def _arrived(speech: Speech, view: DeliveryView) -> Said | str:
    """When it arrived and who says so."""
    if view.it.arrived_us is None:
        return speech.say("fact_arrived_not")
    scan = view.arrival
    teller = "shop" if scan is None else scan.told_by
    who = (scan.person if scan is not None else "") or speech.say(f"told_by_{teller}")
    return speech.say("fact_arrived_value", moment=speech.moment(view.it.arrived_us), who=who)


def _excuse(speech: Speech, view: DeliveryView) -> Iterator[tuple[Said, object]]:
    """The event that excuses or extends: its name, from when until when, when it was known, where, and its evidence."""
    closure, say = view.closure, speech.say
    if closure is None:
        return
    yield say("fact_excuse"), event_name(view.promise.terms, closure.code, speech)
    opens = speech.moment(closure.from_us)
    if closure.until_us is None:
        yield say("fact_excuse_when"), say("fact_excuse_lasts", opens=opens)
    else:
        yield say("fact_excuse_when"), say("fact_open_value", opens=opens, closes=speech.moment(closure.until_us))
    yield say("fact_excuse_known"), speech.moment(closure.known_at_us)
    yield say("fact_excuse_where"), str(say("comma")).join(closure.regions) or say("fact_excuse_everywhere")
    if closure.evidence:
        yield say("fact_evidence"), Markup('<span class="mono">{}</span>').format(closure.evidence)
