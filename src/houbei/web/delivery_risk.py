"""Promises that may not be kept: who must act and by when, why, how likely it is now; carriers of which nothing is heard, each once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from houbei.backtest.report.tongue import Said
from houbei.store.console_delivery_lists import Kept, Listed, at_risk_of, count_open, listed, next_look
from houbei.store.console_delivery_needs import silent_feeds
from houbei.store.console_needs import Need
from houbei.web.delivery_told import chance_text, promised_word, risk_of, stand_of
from houbei.web.evidence import State
from houbei.web.frame import Frame, frame_values
from houbei.web.paging import page_of
from houbei.web.speech import Speech

_LAST_US = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRow:
    """A promise at risk as a row: what, why, how likely now, who acts by when, what was promised."""

    number: str
    item: str
    href: str
    state: State
    why: Sequence[Said | str]
    chance: str
    who: Said
    by: Said | str
    promised: Said | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A carrier of which nothing is heard: how many promises nobody can see, and since when."""

    head: Said
    body: Said


def at_risk_values(frame: Frame, *, page: int) -> dict[str, Any]:
    """Work out the page of promises at risk; the nearest moment at which acting still helps comes first.

    Cost: a pass over the deliveries, and a few look-ups for each of the page.
    """
    speech, connection = frame.speech, frame.connection
    found = sorted((one for one in at_risk_of(connection) if risk_of(one)), key=_deadline)
    part = page_of(page, rows=len(found), href=lambda number: frame.href("deliveries", "at-risk", page=number))
    feeds = [feed_of(speech, need) for need in silent_feeds(connection)]
    under_way, next_us = count_open(connection), next_look(connection)
    return frame_values(frame, here="deliveries", title=speech.say("risk_title")) | {
        "head": speech.say("risk_head", n=len(found)) if found else speech.say("risk_none"),
        "sub": speech.say("risk_sub", moment=speech.moment(frame.as_of_us)),
        "rest": _none(speech, under_way, next_us),
        "feeds": feeds,
        "rows": [risk_row(frame, one) for one in listed(connection, found[part.offset : part.last])],
        "page": part,
        "rows_said": speech.say("risk_total", n=len(found)),
    }


def _none(speech: Speech, under_way: int, next_us: int | None) -> Said:
    """What there is to say where nothing is at risk: when somebody looks again."""
    if not under_way:
        return speech.say("risk_none_open")
    if next_us is None:
        return speech.say("risk_none_unwatched", n=under_way)
    return speech.say("risk_none_body", n=under_way, moment=speech.due(next_us))


def risk_row(frame: Frame, one: Listed) -> RiskRow:
    """Give a promise at risk as a row."""
    speech, it = frame.speech, one.it
    told = it.at_risk or {}
    by_us = told.get("act_by_us")
    passed = by_us is not None and by_us <= frame.as_of_us
    state = stand_of(speech, one, now_us=frame.as_of_us)
    return RiskRow(
        number=it.delivery_id,
        item=one.item,
        href=frame.href("deliveries", it.delivery),
        state=State(look=state.look, word=state.word),
        why=list(why_words(speech, told)),
        chance=chance_text(int(told["chance_permille"])),
        who=speech.say(f"risk_acts_{told['who']}"),
        by=""
        if by_us is None
        else speech.say("risk_act_passed" if passed else "risk_act_by", moment=speech.due(by_us)),
        promised=promised_word(speech, from_us=it.from_us, by_us=it.by_us),
    )


def why_words(speech: Speech, told: Mapping[str, Any]) -> Iterator[Said | str]:
    """Say why a promise is at risk, reason by reason."""
    for code in told.get("why", ()):
        yield speech.say(f"risk_why_{code}") if speech.has(f"risk_why_{code}") else str(code)


def feed_of(speech: Speech, need: Need) -> Feed:
    """Tell of a carrier of which nothing is heard."""
    moment = speech.due(int(need.told["since_us"]))
    return Feed(
        head=speech.say("risk_feed", carrier=need.told["carrier"], moment=moment),
        body=speech.say("risk_feed_body", n=int(need.told["promises"])),
    )


def _deadline(it: Kept) -> tuple[int, int]:
    by_us = (it.at_risk or {}).get("act_by_us")
    return _LAST_US if by_us is None else int(by_us), it.delivery
