"""What the home page says of deliveries: those that need a person as rows, how many promised arrivals were kept, and what was done quietly."""

import datetime as dt
from collections.abc import Sequence

from markupsafe import Markup

from houbei.backtest.report.tongue import Said
from houbei.store.console_delivery_lists import kept_by_day
from houbei.store.console_delivery_money import owed_by_day
from houbei.store.console_delivery_needs import OfDelivery, delivery_needs
from houbei.web.case_told import joined
from houbei.web.delivery_asks import ask_of, deadline_of, held_of, until_of
from houbei.web.delivery_risk import feed_of, why_words
from houbei.web.delivery_told import owed_text, promised_word
from houbei.web.frame import Frame
from houbei.web.needs import ToldNeed
from houbei.web.speech import Stretch

Waiting = tuple[int, OfDelivery]
"""The moment a matter is due or has waited since, and the matter."""


def waiting_deliveries(frame: Frame) -> list[Waiting]:
    """Give what waits for a person of deliveries, the most pressing first. Cost: each is read."""
    found = []
    for one in delivery_needs(frame.connection):
        by_us = deadline_of(one.need, None if one.delivery is None else one.delivery.at_risk)
        found.append((one.need.since_us if by_us is None else by_us, one))
    return sorted(found, key=lambda entry: (entry[0], entry[1].need.kind, entry[1].need.ref))


def tell_deliveries(frame: Frame, waiting: Sequence[Waiting]) -> list[ToldNeed]:
    """Tell matters of deliveries, as `waiting_deliveries` gives them."""
    return [_tell(frame, at_us, one) for at_us, one in waiting]


def _tell(frame: Frame, at_us: int, one: OfDelivery) -> ToldNeed:
    speech, need, it = frame.speech, one.need, one.delivery
    if it is None:
        feed = feed_of(speech, need)
        return ToldNeed(
            kind=need.kind,
            at_us=at_us,
            title=feed.head,
            body=feed.body,
            since=speech.say("since", moment=speech.moment(need.since_us)),
            href=frame.href("deliveries", "at-risk"),
            button=speech.say("open_deliveries"),
        )
    promised = promised_word(speech, from_us=it.from_us, by_us=it.promised_us)
    saying = [speech.say("known_telling", text=need.told[speech.language])] if need.kind == "tell_buyer" else []
    more: list[Said | str] = [speech.say("need_delivery_promised", promised=promised)]
    more += saying or [speech.say("known_why", why=why) for why in why_words(speech, it.at_risk or {})]
    held = held_of(need)
    more += [speech.say("known_held", amount=owed_text(speech, held))] if held else []
    return ToldNeed(
        kind=need.kind,
        at_us=at_us,
        title=ask_of(speech, need, it.at_risk),
        body=speech.say(
            "need_delivery_body",
            item=one.item,
            order=it.order_id,
            more=joined(more, " " if speech.language == "en" else ""),
        ),
        since=until_of(speech, need, it.at_risk, now_us=frame.as_of_us),
        href=frame.href("deliveries", it.delivery),
        button=speech.say("delivery_open"),
    )


def arrivals_kept(frame: Frame) -> Markup:
    """How many of the arrivals that were promised for yesterday were kept; nothing where none was."""
    speech, day = frame.speech, frame.today - dt.timedelta(days=1)
    ((kept, every),) = kept_by_day(frame.connection, [speech.stretch(day)])
    if not every:
        return Markup()
    at = day.isoformat()
    whole = speech.say("arrivals_every" if kept == every else "arrivals_all", n=every)
    told = speech.say(
        "body_arrivals_all" if kept == every else "body_arrivals",
        day=speech.relative(day),
        kept=_opening(speech.say("arrivals_kept", n=kept), frame.href("deliveries", verdict="kept", day=at)),
        all=_opening(whole, frame.href("deliveries", day=at)),
        were=speech.say("arrivals_were", n=every),
    )
    return told.html


def _opening(text: object, href: str) -> Markup:
    return Markup('<a class="ev" href="{}">{}</a>').format(href, text)


def counts_by_day(frame: Frame, days: Sequence[Stretch]) -> list[int]:
    """Count for each day the promises that were kept of those that ended on it."""
    return [kept for kept, _ in kept_by_day(frame.connection, days)]


def sums_by_day(frame: Frame, days: Sequence[Stretch]) -> dict[str, list[int]]:
    """Add up for each day what late arrivals became owed on it, by unit: minor units, or points."""
    return owed_by_day(frame.connection, days)
