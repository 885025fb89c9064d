"""What was found of deliveries, as what their buyers are told: the texts, the facts in them, and under which id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from babel.numbers import get_currency_symbol

from houbei.delivery.telling import Stands, Telling, worth_telling
from houbei.delivery.telling_times import next_telling_us
from houbei.delivery.telling_words import LANGUAGES, Paid, Sum, Told, say_telling, sums_of
from houbei.delivery.watch_rules import WatchRules
from houbei.delivery.watching import Risk, Why
from houbei.evidence.amounts import amount_text
from houbei.ids import telling_id
from houbei.owed.arrivals import FAR_US
from houbei.owed.delivery import Verdict
from houbei.owed.lateness import FORMS, amounts_of
from houbei.runs.watched_deliveries import Looked
from houbei.store.deliveries import Delivery
from houbei.store.tellings import Decided
from houbei.store.tellings import Telling as Kept
from houbei.terms.delivery import Form

_YUAN = "CNY"
_DECODER = msgspec.json.Decoder(dict[str, Any])
_ENCODER = msgspec.json.Encoder()
Name = tuple[str, str]
"""A source and a delivery_id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Something worth telling a buyer under one document, before it is put into words; `before` tells whether it must be heard before the promise passes."""

    delivery: Delivery
    promise: str | None
    by_us: int | None
    told: Told
    amount_minor: int
    points: int
    currency: str
    before: bool
    due_us: int
    decided_us: int

    @property
    def telling(self) -> str:
        """Its id: documents that promise the same at the same time have one telling."""
        return telling_id(
            source=self.delivery.source,
            delivery_id=self.delivery.delivery_id,
            kind=self.told.kind.value,
            about=f"{self.promise or 'within'}:{self.told.reaches.value}:{self.by_us}",
        )


def drafts_of(looked: Looked, kept: Mapping[Name, Sequence[Kept]], *, rules: WatchRules) -> list[Draft]:
    """Find what the buyers of some deliveries are to be told; what was told before has the same id again.

    Args:
        looked: The deliveries, as they were looked at.
        kept: What was decided to be told of each before.
        rules: The numbers of watching.
    """
    names = [(one.delivery.source, one.delivery.delivery_id) for one in looked.stands]
    warned = [_is_warned(looked, place, kept.get(name, ())) for place, name in enumerate(names)]
    stands = Stands(
        late=np.array([one.verdict is Verdict.LATE for one in looked.stands], dtype=np.bool_),
        warned=np.array(warned, dtype=np.bool_),
        promised_us=looked.decided.judged.promised_us[looked.places],
        by_us=looked.decided.judged.late.by_us[looked.places],
    )
    wanted = worth_telling(looked.watched, stands, rules=rules, now_us=looked.decided.as_of_us)
    pays = _pays(looked)
    return [
        _draft(looked, kind, int(place), pays[place], rules=rules)
        for kind, marks in wanted.items()
        for place in np.flatnonzero(marks)
    ]


def put_into_words(drafts: Sequence[Draft]) -> list[Decided]:
    """Say what there is to tell, once each: what several documents pay for one promise is added up where it is paid after the same time."""
    by_id: dict[str, list[Draft]] = {}
    for one in drafts:
        by_id.setdefault(one.telling, []).append(one)
    return [_decided(telling, same) for telling, same in by_id.items()]


def written(minor: int, currency: str, language: str) -> str:
    """Write an amount as buyers read it: `¥50.00`."""
    sign = "¥" if currency == _YUAN else str(get_currency_symbol(currency, locale=language))
    space = " " if sign[-1].isalpha() else ""
    return f"{sign}{space}{amount_text(minor, currency)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pays:
    """What is paid once a promise is late by more than `over_us`."""

    amount_minor: int
    points: int
    over_us: int


def _is_warned(looked: Looked, place: int, kept: Sequence[Kept]) -> bool:
    """Whether the buyer was told of this very date that it will most likely not be kept."""
    by_us = looked.stands[place].by_us
    warnings = [one for one in kept if one.kind == Telling.AT_RISK and one.state == "told" and one.by_us == by_us]
    return any(bool(_DECODER.decode(one.told)["likely"]) for one in warnings)


def _draft(looked: Looked, kind: Telling, place: int, pays: _Pays, *, rules: WatchRules) -> Draft:
    stand, now_us = looked.stands[place], looked.decided.as_of_us
    before = kind is not Telling.LATE
    due_us = next_telling_us(now_us, looked.days, before_us=stand.by_us if before else None, rules=rules)
    return Draft(
        delivery=stand.delivery,
        promise=_promise_of(looked, place),
        by_us=stand.by_us,
        told=_told(looked, kind, place, over_us=pays.over_us, heard_us=due_us),
        amount_minor=pays.amount_minor,
        points=pays.points,
        currency=looked.decided.currency_of(stand.delivery),
        before=before,
        due_us=due_us,
        decided_us=now_us,
    )


def _decided(telling: str, drafts: Sequence[Draft]) -> Decided:
    paying = [one for one in drafts if one.amount_minor or one.points]
    first = min(paying or drafts, key=lambda one: one.told.over_us)
    together = [one for one in drafts if one.told.over_us == first.told.over_us and one.currency == first.currency]
    amount_minor, points = sum(one.amount_minor for one in together), sum(one.points for one in together)
    texts = [
        say_telling(first.told, _sums(amount_minor, points, first.currency, language), language)
        for language in LANGUAGES
    ]
    facts = {
        "likely": first.told.likely,
        "unseen": first.told.unseen,
        "latest_us": first.told.latest_us,
        "promised_us": first.told.by_us,
        "amount_minor": amount_minor,
        "currency": first.currency,
        "points": points,
        "over_us": first.told.over_us,
    }
    return Decided(
        telling=telling,
        source=first.delivery.source,
        delivery_id=first.delivery.delivery_id,
        order_id=first.delivery.order_id,
        kind=first.told.kind.value,
        promise=first.promise,
        zh=texts[0],
        en=texts[1],
        told=_ENCODER.encode(facts).decode(),
        decided_us=first.decided_us,
        by_us=first.by_us if first.before else None,
        due_us=first.due_us,
    )


def _sums(amount_minor: int, points: int, currency: str, language: str) -> list[Sum]:
    return sums_of(
        amount_minor,
        currency,
        points,
        language,
        paid=Paid.BACK,
        money=lambda minor, unit: written(minor, unit, language),
    )


def _told(looked: Looked, kind: Telling, place: int, *, over_us: int, heard_us: int) -> Told:
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
        over_us=over_us,
        because=_because(looked, place) if kind is Telling.NEW_DATE else None,
    )


def _pays(looked: Looked) -> list[_Pays]:
    """What each delivery is owed for being late; where nothing is owed yet, what the first tier of the table that pays anything will be."""
    judged, places = looked.decided.judged, looked.places
    fees = np.array([_fee(looked, int(place)) for place in places], dtype=np.int64)
    money = type(judged.money)(judged.money.codes[places], judged.money.values)
    amounts = amounts_of(looked.arrival, judged.paid_minor[places], fees, money)
    found = []
    for place, stand in enumerate(looked.stands):
        if stand.owed_minor or stand.owed_points:
            found.append(_Pays(amount_minor=stand.owed_minor, points=stand.owed_points, over_us=0))
            continue
        # What a closure waives owes nothing, however late it is.
        waived = stand.closure is not None and stand.by_us == stand.promised_us
        tiers = [] if waived else range(amounts.shape[1])
        first = next((tier for tier in tiers if amounts[:, tier, place].any()), None)
        by_form = {form: 0 if first is None else int(amounts[FORMS.index(form), first, place]) for form in Form}
        over_us = 0 if first is None else looked.arrival.tiers[first].over_us
        found.append(_Pays(amount_minor=by_form[Form.MONEY], points=by_form[Form.POINTS], over_us=over_us))
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
