"""What happened to a delivery in the order of time: what was shown, who said what, what it became owed, what comes next."""

from collections.abc import Iterator, Sequence

from houbei.backtest.report.tongue import Said
from houbei.facts.scans import What
from houbei.ledger.entries import Code
from houbei.store.console_deliveries import DeliveryView, Given, Scanned, Telling
from houbei.web.case_timeline import LEARNT_LATE_US, Happened
from houbei.web.case_told import plain, sentences
from houbei.web.delivery_told import event_name, lateness, promised_word, told_chance
from houbei.web.speech import Speech

_SAID, _LOOKED = What.DISPUTED.name.lower(), {What.UPHELD.name.lower(), What.DISMISSED.name.lower()}
_VOID = What.UPHELD.name.lower()
_BY_THEMSELVES = frozenset({"carrier", "warehouse"})
"""Who tells of a scan by a machine, where no person is named."""
_MONEY = {Code.OWED: "story_owed", Code.CONFIRMED: "story_paid", Code.CREDITED: "story_credited"}
Told = tuple[int, int, Happened]
"""The moment, the place among what happened at that moment, and what to say of it."""


def tell_delivery(view: DeliveryView, speech: Speech, *, now_us: int) -> Iterator[Happened]:
    """Tell a delivery from its order to now, and what is due next."""
    told = sorted(_all(view, speech, now_us=now_us), key=lambda one: one[:2])
    day = None
    for at_us, _, happened in told:
        local = speech.local(at_us).date()
        yield happened.at(speech.time(at_us) if local == day else speech.moment(at_us))
        day = local
    it = view.it
    if it.verdict == "open" and it.by_us is not None:
        yield Happened(
            look="future",
            when=str(speech.say("story_next")),
            who="",
            named=False,
            did=speech.say("story_due"),
            told=sentences(speech, [speech.due(it.by_us)]),
        )


def _all(view: DeliveryView, speech: Speech, *, now_us: int) -> Iterator[Told]:
    """Everything that happened, sort by sort."""
    yield int(view.facts["placed_us"]), 0, _by_itself(speech, speech.say("story_ordered"))
    yield from ((given.shown_us, 1, _shown(view, speech, given)) for given in view.shown)
    yield from ((scan.at_us, 3, _scanned(view, speech, scan)) for scan in view.scans)
    yield from _clock(view, speech, now_us=now_us)
    yield from _paid(view, speech)
    for telling in view.tellings:
        if not telling.dropped:
            at_us = telling.decided_us if telling.told_us is None else telling.told_us
            yield at_us, 6, _told(speech, telling)


def _clock(view: DeliveryView, speech: Speech, *, now_us: int) -> Iterator[Told]:
    """The event that excuses, what the order itself says of its arrival, and the moment at which the promise passed."""
    it, closure = view.it, view.closure
    if closure is not None:
        where = str(speech.say("and")).join(closure.regions) or str(speech.say("fact_excuse_everywhere"))
        known = speech.say("story_event_told", known=speech.moment(closure.known_at_us), where=where)
        yield closure.from_us, 2, _by_itself(speech, event_name(view.promise.terms, closure.code, speech), known)
    if it.arrived_us is not None and it.scan is None:
        yield it.arrived_us, 3, _by_shop(speech)
    if lateness(it, now_us=now_us) is not None and it.by_us is not None:
        yield it.by_us, 4, _by_itself(speech, speech.say("story_late"), speech.say("story_late_told"))


def _paid(view: DeliveryView, speech: Speech) -> Iterator[Told]:
    """What became owed, and what was paid by which receipt."""
    for entry in view.entries:
        key = _MONEY.get(Code(entry.code))
        if key is not None:
            clause = speech.say("need_case_clause", clause=entry.clause)
            why = clause if entry.receipt is None else speech.say("receipt", receipt=entry.receipt)
            did = speech.say(key, amount=speech.money(entry.amount_minor, entry.currency))
            yield entry.at_us, 5, _by_itself(speech, did, why)


def _by_itself(speech: Speech, did: Said | str, *told: Said | str) -> Happened:
    return Happened(look="auto", when="", who="", named=False, did=did, told=sentences(speech, told))


def _by_shop(speech: Speech) -> Happened:
    """What the order itself says of its arrival, where no scan does."""
    who = str(speech.say("told_by_shop"))
    return Happened(look="", when="", who=who, named=False, did=speech.say("scan_delivered"))


def _told(speech: Speech, telling: Telling) -> Happened:
    """What the buyer was told, or is to be told, word for word."""
    waits = telling.told_us is None
    who = telling.person or (str(speech.say("told_by_shop")) if telling.by_person else "")
    return Happened(
        look="wait" if waits else "" if telling.by_person else "auto",
        when="",
        who=who,
        named=bool(telling.person),
        did=speech.say("story_to_tell" if waits else "story_told"),
        told=sentences(speech, [plain(telling.zh if speech.language == "zh" else telling.en)]),
    )


def _shown(view: DeliveryView, speech: Speech, given: Given) -> Happened:
    """A promise as it was shown, or as the buyer asked for it; whether it is the one that counts."""
    by_buyer = given.asked_by == "buyer"
    promised = promised_word(speech, from_us=given.from_us, by_us=given.by_us)
    parts: list[Said | str] = []
    if chance := told_chance(given.rests_on):
        parts.append(speech.say("story_with_chance", chance=chance))
    if given.fee_minor and given.currency:
        parts.append(speech.say("story_fee", fee=speech.money(given.fee_minor, given.currency)))
    if given.provisional:
        parts.append(speech.say("fact_provisional_value"))
    return Happened(
        look="" if by_buyer else "auto",
        when="",
        who=str(speech.say("story_buyer")) if by_buyer else "",
        named=False,
        did=speech.say("story_moved" if by_buyer else "story_shown", promised=promised),
        told=sentences(speech, parts),
        learnt=_learnt(speech, given.shown_us, given.known_us),
        note=_counts(view, speech, given),
    )


def _counts(view: DeliveryView, speech: Speech, given: Given) -> Said | str:
    """What a promise that was shown means for the one that has to be kept; nothing is said where there is but one."""
    deciding = view.deciding
    if deciding is None or len(view.shown) == 1:
        return ""
    if given.seq == deciding.seq:
        return speech.say("story_counts")
    if given.asked_by == "buyer" and deciding.shown_us < given.shown_us:
        return speech.say("story_not_moved")
    if given.by_us < deciding.by_us and deciding.asked_by == "buyer":
        return speech.say("story_before")
    return speech.say("story_later")


def _scanned(view: DeliveryView, speech: Speech, scan: Scanned) -> Happened:
    """A scan with who said it; one that a person still has to look at waits, one that is void changes nothing."""
    about = next((one for one in view.scans if one.scan_id == scan.disputes), None) if scan.disputes else None
    parts: list[Said | str] = []
    if about is not None:
        what = speech.say(f"scan_{about.what}")
        parts.append(speech.say("story_about", moment=speech.moment(about.at_us), what=what))
    if scan.parcel_id:
        parts.append(speech.say("story_parcel", parcel=scan.parcel_id))
    parts += [scan.region] if scan.region else []
    if scan.evidence:
        parts.append(speech.say("story_evidence", evidence=scan.evidence))
    answers = [one for one in view.scans if one.disputes == scan.scan_id]
    waits = scan.what == _SAID and not _looked_at(view.scans, scan)
    by_itself = not scan.by_person and scan.told_by in _BY_THEMSELVES
    return Happened(
        look="wait" if waits else "auto" if by_itself else "",
        when="",
        who=scan.person or str(speech.say(f"told_by_{scan.told_by}")),
        named=bool(scan.person),
        did=speech.say(f"scan_{scan.what}"),
        told=sentences(speech, parts),
        learnt=_learnt(speech, scan.at_us, scan.known_us),
        note=speech.say("story_unlooked")
        if waits
        else speech.say("story_void")
        if any(one.what == _VOID for one in answers)
        else "",
    )


def _looked_at(scans: Sequence[Scanned], dispute: Scanned) -> bool:
    """Whether a person has answered a dispute: one that is at least as late, of the same scan."""
    return any(one.disputes == dispute.disputes and one.what in _LOOKED and one.at_us >= dispute.at_us for one in scans)


def _learnt(speech: Speech, at_us: int, known_us: int) -> Said | str:
    late = known_us - at_us > LEARNT_LATE_US
    return speech.say("case_learnt", moment=speech.moment(known_us)) if late else ""
