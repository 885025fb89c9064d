"""Price drops: the events of some days, and one event with every cover that it concerns."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from houbei.backtest.report.tongue import Said
from houbei.evidence.conclusions import Conclusion
from houbei.evidence.trail import Trail
from houbei.runs.trails import tell_trails
from houbei.store.console import latest_drop
from houbei.store.console_drops import (
    FILTERS,
    Concerned,
    Drop,
    concern,
    concerned_page,
    count_concerned,
    drops_in,
    read_drop,
    sum_drops,
)
from houbei.web.evidence import LaidOut, State, lay_out, state_of, why_nothing
from houbei.web.frame import Frame, frame_values
from houbei.web.paging import page_of
from houbei.web.speech import Speech

DAYS_MAX = 366
COVERS_ON_PAGE = 30
"""How many covers a page shows: why nothing is owed is worked out for each of them."""
NOTHING, PAID, NEEDS = 0, 1, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverRow:
    """A cover as a row of the table."""

    it: Concerned
    state: State
    href: str
    open: bool


def drops_values(frame: Frame, *, day: dt.date | None, days: int, page: int) -> dict[str, Any]:
    """Work out the list of price events of some days, the last of which is `day`; the latest with any where none is named."""
    speech, connection = frame.speech, frame.connection
    latest = latest_drop(connection)
    latest_day = frame.today if latest is None else speech.local(latest).date()
    last, days = day or latest_day, min(max(days, 1), DAYS_MAX)
    stretch = speech.stretch(last, days=days)
    sums = sum_drops(connection, stretch)
    count = sum(events for _, events, _ in sums)
    shown = page_of(
        page,
        rows=count,
        href=lambda number: frame.href("drops", day=last.isoformat(), days=days if days > 1 else None, page=number),
    )
    first = last - dt.timedelta(days=days - 1)
    name = speech.day(last) if days == 1 else speech.say("drops_span", first=speech.day(first), last=speech.day(last))
    none = "drops_none" if days == 1 else "drops_none_days"
    return frame_values(frame, here="drops", title=speech.say("drops_title")) | {
        "sub": speech.say(
            "drops_sub",
            day=name,
            drops=speech.say("drops_count", n=count),
            amount=speech.moneys([(currency, minor) for currency, _, minor in sums]),
        ),
        "none": speech.say(none, day=speech.day(last), first=speech.day(first), last=speech.day(last)),
        "latest": None if last == latest_day or latest is None else (latest_day.isoformat(), speech.day(latest_day)),
        "drops": drops_in(connection, stretch, limit=shown.size, offset=shown.offset),
        "sums": sums,
        "page": shown,
        "before": _neighbour(speech, first - dt.timedelta(days=1)),
        "after": None if last >= frame.today else _neighbour(speech, last + dt.timedelta(days=1)),
    }


def _neighbour(speech: Speech, day: dt.date) -> tuple[str, str]:
    return day.isoformat(), speech.day(day)


def drop_values(frame: Frame, *, seq: int, show: str | None, line: str | None, page: int) -> dict[str, Any] | None:
    """Work out the page of one price event; None where there is none.

    Args:
        frame: The request.
        seq: The number of the price.
        show: One of `FILTERS`; anything else shows all.
        line: The cover whose evidence is open, by its line's id; the first of the page where none is named.
        page: Which page.

    Cost: a look at each cover of the SKU, and the engine a few times over the covers of the page.
    """
    drop = read_drop(frame.connection, seq)
    if drop is None:
        return None
    concern(frame.connection, drop)
    counts = count_concerned(frame.connection)
    show = show if show in FILTERS else None
    ranks = FILTERS[show] if show else ()
    rows = sum(count for rank, count, _, _ in counts if not ranks or rank in ranks)

    def here(number: int | None = None, *, shown: str | None = show, line: str | None = None) -> str:
        anchor = "evidence" if line else ""
        return frame.href("drops", seq, anchor=anchor, show=shown, page=number, line=line)

    part = page_of(page, rows=rows, href=here, size=COVERS_ON_PAGE)
    found = concerned_page(frame.connection, drop, ranks=ranks, limit=part.size, offset=part.offset)
    trails = tell_trails(frame.connection, [one.cover for one in found])
    chosen = next((one for one in found if one.line_id == line), found[0] if found else None)
    number = part.number if part.number > 1 else None
    return (
        frame_values(frame, here="drops", title=_title(frame.speech, drop))
        | _head(frame, drop, counts)
        | {
            "drop": drop,
            "filters": list(_filters(frame.speech, counts, here, show)),
            "show": show,
            "rows": [
                CoverRow(
                    it=one,
                    state=_state(frame.speech, drop, one, trails.get(one.cover)),
                    href=here(number, line=one.line_id),
                    open=one is chosen,
                )
                for one in found
            ],
            "page": part,
            "clear": frame.href("drops", seq),
            "trail": None if chosen is None else _evidence(frame, chosen, trails),
            "trail_href": None if chosen is None else frame.href("lines", chosen.source, chosen.line_id),
        }
    )


def _evidence(frame: Frame, chosen: Concerned, trails: dict[int, Trail]) -> LaidOut | None:
    trail = trails.get(chosen.cover)
    if trail is None:
        return None
    return lay_out(
        frame.connection,
        frame.speech,
        trail,
        cover=chosen.cover,
        order=chosen.order_id,
        of_event_minor=chosen.owed_minor,
    )


def _title(speech: Speech, drop: Drop) -> Said:
    if drop.before_minor is not None and drop.before_minor > drop.price_minor:
        fell = speech.money(drop.before_minor - drop.price_minor, drop.currency)
        return speech.say("fell", sku=drop.sku, amount=fell)
    return speech.say("now_at", sku=drop.sku, amount=speech.money(drop.price_minor, drop.currency))


def _head(frame: Frame, drop: Drop, counts: Sequence[tuple[int, int, int, int]]) -> dict[str, Any]:
    """The title of one event, what it found, and the sums over all rows, shown or not."""
    speech, currency = frame.speech, drop.currency
    owed = sum(owed for _, _, owed, _ in counts)
    held = sum(held for *_, held in counts)
    paid = sum(owed for rank, _, owed, _ in counts if rank == PAID)
    covers = sum(count for _, count, _, _ in counts)
    owing = sum(count for rank, count, _, held in counts if rank != NOTHING and not (rank == NEEDS and held))
    fell = drop.before_minor is not None and drop.before_minor > drop.price_minor
    found = speech.say(
        "drop_found" if owing else "drop_found_none",
        covers=speech.say("drop_covers", n=covers),
        owed=speech.say("drop_owed", n=owing),
        amount=speech.money(owed, currency),
    ).html
    said_held = speech.say("drop_held" if owing else "drop_held_alone", amount=speech.money(held, currency))
    return {
        "event_day": speech.local(drop.at_us).date(),
        "heading": _title(speech, drop),
        "price_line": speech.say(
            "drop_from_to" if fell else "drop_price",
            before=speech.amount(drop.before_minor or 0, currency),
            price=speech.amount(drop.price_minor, currency) if fell else speech.money(drop.price_minor, currency),
            moment=speech.moment(drop.at_us),
        ),
        "found": found + (said_held.html if held else ""),
        "covers": covers,
        "owed": owed,
        "paid": paid,
    }


def _filters(speech: Speech, counts: Sequence[tuple[int, int, int, int]], here: Any, show: str | None) -> Any:
    """The filters: the word with its count, the address, whether it is the one that is shown, whether it waits for a person."""
    by_rank = {rank: count for rank, count, _, _ in counts}
    yield speech.say("filter_all", n=sum(by_rank.values())), here(shown=None), show is None, False
    for name, ranks in FILTERS.items():
        count = sum(by_rank.get(rank, 0) for rank in ranks)
        yield speech.say(f"filter_{name}", n=count), here(shown=name), show == name, name == "needs" and count > 0


def _state(speech: Speech, drop: Drop, one: Concerned, trail: Trail | None) -> State:
    if one.rank != NOTHING or one.state == "stopped":
        return state_of(speech, one.state or "due", parked=one.reason)
    if trail is None:
        return State(look="none", word=speech.say("st_nothing"))
    return State(look="none", word=speech.say("st_nothing"), more=_why_not(speech, drop, one, trail))


def _why_not(speech: Speech, drop: Drop, one: Concerned, trail: Trail) -> Said:
    """Why this event adds nothing: the price is not below what was paid, as low a one was owed for, or what the line came to."""
    remedy = trail.terms.remedy.clause
    if drop.price_minor * one.quantity >= trail.line.basis_minor:
        return speech.say("why", reason=speech.say("why_paid_no_more"), clause=remedy)
    if trail.conclusion is Conclusion.OWED:
        return speech.say("why", reason=speech.say("why_already"), clause=remedy)
    return why_nothing(speech, trail)
