"""What was found of deliveries, as what their buyers are told: the texts, the facts in them, and under which id."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from babel.numbers import get_currency_symbol

from houbei.delivery.telling import Stands, Telling, worth_telling
from houbei.delivery.telling_times import next_telling_us
from houbei.delivery.telling_words import LANGUAGES, Paid, Told, say_telling, sums_of
from houbei.delivery.watch_rules import WatchRules
from houbei.delivery.watching import Risk, Why
from houbei.evidence.amounts import amount_text
from houbei.ids import telling_id
from houbei.owed.arrivals import FAR_US
from houbei.owed.delivery import Verdict
from houbei.owed.lateness import FORMS, amounts_of
from houbei.runs.watched_deliveries import Looked
from houbei.store.tellings import Decided
from houbei.store.tellings import Telling as Kept
from houbei.terms.delivery import Form

_YUAN = "CNY"
_DECODER = msgspec.json.Decoder(dict[str, Any])
_ENCODER = msgspec.json.Encoder()
Name = tuple[str, str]
"""A source and a delivery_id."""


def tellings_for(looked: Looked, kept: Mapping[Name, Sequence[Kept]], *, rules: WatchRules) -> list[Decided]:
    """Decide what the buyers of some deliveries are to be told; what was told before has the same id again.

    Args:
        looked: The deliveries, as they were looked at.
        kept: What was decided to be told of each before.
        rules: The numbers of watching.
    """
    now_us = looked.decided.as_of_us
    names = [(one.delivery.source, one.delivery.delivery_id) for one in looked.stands]
    stands = Stands(
        late=np.array([one.verdict is Verdict.LATE for one in looked.stands], dtype=np.bool_),
        warned=np.array(
            [_is_warned(looked, place, kept.get(name, ())) for place, name in enumerate(names)], dtype=np.bool_
        ),
        promised_us=looked.decided.judged.promised_us[looked.places],
        by_us=looked.decided.judged.late.by_us[looked.places],
    )
    wanted = worth_telling(looked.watched, stands, rules=rules, now_us=now_us)
    pays = _pays(looked)
    return [
        _decided(looked, kind, int(place), pays[place], rules=rules)
        for kind, marks in wanted.items()
        for place in np.flatnonzero(marks)
    ]


def written(minor: int, currency: str, language: str) -> str:
    """Write an amount as buyers read it: `¥50.00`."""
    sign = "¥" if currency == _YUAN else str(get_currency_symbol(currency, locale=language))
    space = " " if sign[-1].isalpha() else ""
    return f"{sign}{space}{amount_text(minor, currency)}"


def _is_warned(looked: Looked, place: int, kept: Sequence[Kept]) -> bool:
    """Whether the buyer was told of this very date that it will most likely not be kept."""
    by_us = looked.stands[place].by_us
    warnings = [one for one in kept if one.kind == Telling.AT_RISK and one.state == "told" and one.by_us == by_us]
    return any(bool(_DECODER.decode(one.told)["likely"]) for one in warnings)


def _decided(looked: Looked, kind: Telling, place: int, pays: Mapping[str, int], *, rules: WatchRules) -> Decided:
    stand, now_us = looked.stands[place], looked.decided.as_of_us
    delivery, before = stand.delivery, kind is not Telling.LATE
    due_us = next_telling_us(now_us, looked.days, before_us=stand.by_us if before else None, rules=rules)
    told = _told(looked, kind, place, pays, heard_us=due_us)
    promise = _promise_of(looked, place)
    texts = []
    for language in LANGUAGES:
        sums = sums_of(
            pays["amount_minor"],
            looked.decided.currency_of(delivery),
            pays["points"],
            language,
            paid=Paid.BACK,
            money=lambda minor, currency, language=language: written(minor, currency, language),  # type: ignore[misc]
        )
        texts.append(say_telling(told, sums, language))
    facts: dict[str, Any] = {
        "likely": told.likely,
        "unseen": told.unseen,
        "latest_us": told.latest_us,
        "promised_us": told.by_us,
        **pays,
    }
    facts["currency"] = looked.decided.currency_of(delivery)
    return Decided(
        telling=telling_id(
            source=delivery.source,
            delivery_id=delivery.delivery_id,
            kind=kind.value,
            about=f"{promise or 'within'}:{stand.by_us}",
        ),
        source=delivery.source,
        delivery_id=delivery.delivery_id,
        order_id=delivery.order_id,
        kind=kind.value,
        promise=promise,
        zh=texts[0],
        en=texts[1],
        told=_ENCODER.encode(facts).decode(),
        decided_us=now_us,
        by_us=stand.by_us if before else None,
        due_us=due_us,
    )


def _told(looked: Looked, kind: Telling, place: int, pays: Mapping[str, int], *, heard_us: int) -> Told:
    stand, watched = looked.stands[place], looked.watched
    by_us = stand.by_us if kind is not Telling.NEW_DATE else stand.promised_us
    latest = stand.by_us if kind is Telling.NEW_DATE else _shown_since(looked, place)
    return Told(
        kind=kind,
        reaches=looked.arrival.reaches,
        by_us=by_us or 0,
        now_us=heard_us,
        zone=looked.decided.promise.terms.zone,
        latest_us=latest,
        likely=int(watched.risk[place]) == Risk.WILL_BE_LATE,
        unseen=stand.arrived_us is None and bool(int(watched.why[place]) >> Why.FEED_SILENT & 1),
        over_us=pays["over_us"],
        because=_because(looked, place) if kind is Telling.NEW_DATE else None,
    )


def _pays(looked: Looked) -> list[dict[str, int]]:
    """What each delivery is owed for being late; where nothing is owed yet, what the first tier of the table that pays anything will be."""
    judged, places = looked.decided.judged, looked.places
    fees = np.array([_fee(looked, int(place)) for place in places], dtype=np.int64)
    money = type(judged.money)(judged.money.codes[places], judged.money.values)
    amounts = amounts_of(looked.arrival, judged.paid_minor[places], fees, money)
    found = []
    for place, stand in enumerate(looked.stands):
        if stand.owed_minor or stand.owed_points:
            found.append({"amount_minor": stand.owed_minor, "points": stand.owed_points, "over_us": 0})
            continue
        # What a closure waives owes nothing, however late it is.
        waived = stand.closure is not None and stand.by_us == stand.promised_us
        tiers = [] if waived else range(amounts.shape[1])
        first = next((tier for tier in tiers if amounts[:, tier, place].any()), None)
        by_form = {form: 0 if first is None else int(amounts[FORMS.index(form), first, place]) for form in Form}
        over_us = 0 if first is None else looked.arrival.tiers[first].over_us
        found.append({"amount_minor": by_form[Form.MONEY], "points": by_form[Form.POINTS], "over_us": over_us})
    return found


def _fee(looked: Looked, place: int) -> int:
    row = int(looked.decided.judged.promise[place])
    return 0 if row < 0 else int(looked.decided.told.given["fee_minor"][row] or 0)


def _promise_of(looked: Looked, place: int) -> str | None:
    row = int(looked.decided.judged.promise[looked.places[place]])
    return None if row < 0 else str(looked.decided.told.given["promise_id"][row])


def _shown_since(looked: Looked, place: int) -> int | None:
    """The date that the shop has shown since, if it is later than the promise: news, no promise in its place."""
    judged, given = looked.decided.judged, looked.decided.told.given
    by_us = int(judged.late.by_us[looked.places[place]])
    shown = [
        (given["shown_us"][row], given["by_us"][row])
        for row, of in enumerate(judged.together.of_promise.tolist())
        if of == looked.places[place] and given["asked_by"][row] == "shop"
    ]
    latest = max(shown, default=(0, 0))[1]
    return latest if by_us != FAR_US and latest > by_us else None


def _because(looked: Looked, place: int) -> tuple[str, str] | None:
    row = int(looked.decided.judged.closure[looked.places[place]])
    excuse = looked.arrival.excuse(looked.decided.told.closed["code"][row]) if row >= 0 else None
    return None if excuse is None else (excuse.zh, excuse.en)
