"""A plan as lines of text for a terminal: all regions as marks, or one region in words."""

import unicodedata
from collections.abc import Iterator, Sequence

from houbei.calendars.days import date_of
from houbei.delivery.festival import What
from houbei.delivery.festival_checks import Finding
from houbei.delivery.festival_days import PlanDays, surcharges_on
from houbei.plans.cells import State, cells_of, item_of
from houbei.plans.naming import Naming

_MARKS = {State.ALL: "●", State.SOME: "◐", State.CLOSED: "○", State.FORGOTTEN: "!"}
_CALLS = "!"
_COLUMN = 5
_WIDE = "WF"
_NONE = "—"


def overview(days: PlanDays, naming: Naming) -> Iterator[str]:
    """Write a line for each region, with a mark for each day."""
    rows = cells_of(days)
    name_columns = max(_columns(naming.region(region.id)) for region in days.plan.regions) + 2
    every = [days.first_day + day for day in range(days.days)]
    yield _padded("", name_columns) + "".join(
        _padded(f"{date_of(day).month}/{date_of(day).day}", _COLUMN + 1) for day in every
    )
    yield _padded("", name_columns) + "".join(_padded(naming.weekday(day), _COLUMN + 1) for day in every)
    yield _padded("", name_columns) + "".join(_padded(naming.lunar_short(day), _COLUMN + 1) for day in every)
    for region, cells in zip(days.plan.regions, rows, strict=True):
        marks = (_CALLS if cell.calls else _MARKS[cell.state] for cell in cells)
        yield _padded(naming.region(region.id), name_columns) + "".join(_padded(mark, _COLUMN + 1) for mark in marks)
    yield ""
    yield str(naming.say("p_legend"))


def of_region(days: PlanDays, region: str, naming: Naming) -> Iterator[str]:
    """Write what is planned for one region, a line for each day and carrier."""
    place = [found.id for found in days.plan.regions].index(region)
    heads = ("date", "weekday", "lunar", "carrier", "what", "until", "cut_off", "crews", "needed", "surcharge")
    rows = [[str(naming.say(f"head_{head}")) for head in heads]]
    crews, needed = days.crews(), days.crews_needed()
    for day in range(days.days):
        for c, carrier in enumerate(days.plan.carriers):
            item = item_of(days, region=place, carrier=c, day=day)
            works = item is not None and item.what is What.WORKS
            at = days.first_day + day
            charged = surcharges_on(days.plan, region=region, carrier=carrier.id, day=at)
            rows.append(
                [
                    *((naming.date(at), naming.weekday(at), naming.lunar(at)) if c == 0 else ("", "", "")),
                    naming.words(carrier.title),
                    str(naming.say(f"p_{item.what.value}" if item is not None else "p_unsaid")),
                    (item.until if item is not None else None) or (_NONE if not works else ""),
                    (item.cut_off if item is not None else None) or (_NONE if not works else ""),
                    _count(int(crews[place, c, day]), works=works),
                    _count(int(needed[place, c, day]), works=works),
                    "; ".join(naming.surcharge(one) for one in charged) if works else "",
                ]
            )
    yield from _table(rows)


def forgotten(findings: Sequence[Finding], naming: Naming) -> Iterator[str]:
    """Write what the plan forgets."""
    yield str(naming.say("p_found_title")) + ":"
    if not findings:
        yield f"  {naming.say('p_found_none')}"
    yield from (f"  ! {naming.finding(found)}" for found in findings)


def _count(count: int, *, works: bool) -> str:
    return str(count) if works and count >= 0 else _NONE


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    wide = [max(_columns(row[column]) for row in rows) + 2 for column in range(len(rows[0]))]
    for row in rows:
        yield "".join(_padded(cell, columns) for cell, columns in zip(row, wide, strict=True)).rstrip()


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(char) in _WIDE else 1 for char in text)


def _padded(text: str, columns: int) -> str:
    return text + " " * max(0, columns - _columns(text))
