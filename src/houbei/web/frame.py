"""What every page stands in: its language, what waits for a person, whether its figures are of now."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from houbei.store.console_case_lists import count_waiting
from houbei.store.console_delivery_needs import count_delivery_needs
from houbei.store.console_needs import Need, queued, read_needs
from houbei.store.inbox import anything_waits
from houbei.store.marks import lived_until, read_mark
from houbei.store.promises import Promise, published
from houbei.terms.model import Kind
from houbei.web.addresses import address
from houbei.web.needs import OF_DROPS, OF_LEDGER
from houbei.web.speech import LANGUAGES, Speech

STALE_AFTER_US = 3_600_000_000
"""Where facts wait, figures that are older than this say so."""
UTC = "UTC"
PLACES = ("drops", "cases", "deliveries", "ledger")
"""The pages of the navigation beside the home page, in their order."""
OF = ("prices", "cases", "deliveries")
"""The sorts of promises: about prices, about faults and returns, about arrivals."""
_SORTS = MappingProxyType({Kind.PRICE_PROTECTION: "prices", Kind.DELIVERY_PROMISE: "deliveries"})
DOWN_SINCE = "provider_down_since"
"""The mark of the moment since which the payment provider has not answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One request: who is speaking about what store, as of when.

    `as_of_us` is the latest moment lived through, `path` and `query` are the address that was asked for, `cases` and `deliveries` are how
    many matters of either wait for a person; all else that waits stands in `needs`.
    """

    connection: Connection
    speech: Speech
    shop: str
    path: str
    query: str
    as_of_us: int
    now_us: int
    needs: Sequence[Need]
    cases: int
    deliveries: int
    promises: Sequence[Promise]

    @property
    def waiting(self) -> int:
        """How many things wait for a person in all."""
        return len(self.needs) + self.cases + self.deliveries

    @property
    def today(self) -> dt.date:
        """The local day of the latest moment lived through: what the figures are of."""
        return self.speech.local(self.as_of_us).date()

    def numbered(self, of: str) -> tuple[int, ...]:
        """Give the numbers of the promises of one sort of `OF`."""
        return tuple(promise.seq for promise in self.promises if _SORTS.get(promise.terms.kind, "cases") == of)

    def href(self, *parts: object, anchor: str = "", **query: str | int | None) -> str:
        """Write the address of a page in this language."""
        return _href(self.speech.language, *parts, anchor=anchor, **query)


def open_frame(connection: Connection, *, language: str, shop: str, path: str, query: str, now_us: int) -> Frame:
    """Read what every page needs.

    Args:
        connection: A state of the store.
        language: `zh` or `en`.
        shop: Its name.
        path: The path that was asked for.
        query: What stands behind its question mark.
        now_us: What time it is; figures are as of the moment lived through, and say so where that is long ago.
    """
    promises = published(connection)
    zone = promises[-1].terms.zone if promises else UTC
    lived = lived_until(connection)
    as_of_us = lived or now_us
    speech = Speech(language=language, zone=zone, today=dt.date.min, year=0)
    speech = replace(speech, today=speech.local(now_us).date(), year=speech.local(as_of_us).year)
    return Frame(
        connection=connection,
        speech=speech,
        shop=shop,
        path=path,
        query=query,
        as_of_us=as_of_us,
        now_us=now_us,
        needs=read_needs(connection),
        cases=count_waiting(connection),
        deliveries=count_delivery_needs(connection),
        promises=promises,
    )


def frame_values(frame: Frame, *, here: str, title: object) -> dict[str, Any]:
    """Give what the frame's template asks for.

    Args:
        frame: The request.
        here: Which page it is, as the navigation names it; empty for none.
        title: What the browser's tab says.
    """
    speech = frame.speech
    waiting = {
        "home": 0,
        "drops": sum(need.kind in OF_DROPS for need in frame.needs),
        "cases": frame.cases,
        "deliveries": frame.deliveries,
        "ledger": sum(need.kind in OF_LEDGER for need in frame.needs),
    }
    places = [("home", frame.href())] + [(name, frame.href(name)) for name in PLACES]
    return {
        "say": speech.say,
        "speech": speech,
        "lang": speech.lang,
        "shop": frame.shop,
        "title": title,
        "count": frame.waiting,
        "nav": [(name, href, speech.say(f"nav_{name}"), waiting[name]) for name, href in places],
        "here": here,
        "other": next(language for language in LANGUAGES if language != speech.language),
        "path": frame.path,
        "query": frame.query,
        "stale": _stale(frame),
        "down": _down(frame),
        "zone": speech.zone_name(),
        "href": frame.href,
    }


def _stale(frame: Frame) -> str | None:
    """The moment since which new facts wait to be looked at, where that is long ago; with its year where that is over."""
    if frame.now_us - frame.as_of_us <= STALE_AFTER_US or not anything_waits(frame.connection, now_us=frame.now_us):
        return None
    return replace(frame.speech, year=frame.speech.today.year).moment(frame.as_of_us)


def bare_values(language: str, *, shop: str, kind: str) -> dict[str, Any]:
    """Give what the frame's template asks for where the store cannot be read: nothing is known to wait, and nothing is dated."""
    speech = Speech(language=language, zone=UTC, today=dt.date.min, year=0)
    places = (("home", ""), *((name, name) for name in PLACES))
    return {
        "say": speech.say,
        "speech": speech,
        "lang": speech.lang,
        "shop": shop,
        "title": speech.say(f"{kind}_title"),
        "count": 0,
        "nav": [
            (name, address(language, *filter(None, [part])), speech.say(f"nav_{name}"), 0) for name, part in places
        ],
        "here": "",
        "other": next(other for other in LANGUAGES if other != language),
        "path": f"/{language}/",
        "query": "",
        "stale": None,
        "down": None,
        "zone": None,
        "href": partial(_href, language),
    }


def _href(language: str, *parts: object, anchor: str = "", **query: str | int | None) -> str:
    return address(language, *parts, query=query, anchor=anchor)


def _down(frame: Frame) -> tuple[str, int] | None:
    """Since when the provider has not answered, and how many settlements wait for it."""
    since = read_mark(frame.connection, DOWN_SINCE)
    return (frame.speech.moment(int(since)), queued(frame.connection)) if since else None
