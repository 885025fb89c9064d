"""The home page: one sentence, a paragraph of figures that open, what waits for a person, what was done quietly."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from houbei.backtest.report.tongue import Said
from houbei.ledger.entries import Code
from houbei.store.console import Moved, buyers_of, drops_by_day, first_sight, moved_by_day
from houbei.store.console_case_lists import opened_by_day, swapped_by_day
from houbei.store.console_drops import sum_drops
from houbei.web.agreement import compare
from houbei.web.cases import Pressing, by_deadline
from houbei.web.frame import Frame, frame_values
from houbei.web.home_cases import count_open, tell_cases
from houbei.web.home_deliveries import arrivals_kept, counts_by_day, sums_by_day, tell_deliveries, waiting_deliveries
from houbei.web.needs import tell_needs
from houbei.web.speech import Stretch, stamp_day

DAYS = 30
"""How many days the small drawings and the totals beside them span."""
SHOWN_MAX = 50
"""How many matters the home page lists; more are counted in its sentence."""
_WIDE, _HIGH, _INSET = 120, 24, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of what was done quietly: its word, the day's figure, the days' drawing and total, and where the figures open."""

    word: Said
    day: str
    day_href: str
    total: str
    total_href: str
    spark: str
    last: tuple[str, str]


def home_values(frame: Frame) -> dict[str, Any]:
    """Work out what the home page says.

    Cost: a pass over the entries, over those of thirty days where entries are indexed by `at_us`.
    """
    speech = frame.speech
    values = frame_values(frame, here="home", title=frame.shop)
    lines, promise = first_sight(frame.connection)
    days = speech.stretches(_day_to_tell(frame), days=DAYS)
    moved = moved_by_day(frame.connection, days, terms=frame.numbered("prices"))
    drops = drops_by_day(frame.connection, days)
    day = speech.local(days[-1][0]).date()
    pressing = by_deadline(frame)
    needs = [
        *tell_needs(speech, frame.needs[:SHOWN_MAX], frame.promises),
        *tell_cases(frame, pressing[:SHOWN_MAX]),
        *tell_deliveries(frame, waiting_deliveries(frame)[:SHOWN_MAX]),
    ]
    needs.sort(key=lambda need: need.at_us)
    count = frame.waiting
    return values | {
        "stamp": speech.say("looked", day=stamp_day(speech, frame.today), time=speech.time(frame.as_of_us)),
        "empty": None if lines and promise else "unpromised" if lines else "empty",
        "sentence": speech.say("needs", n=count, number=speech.number(count)) if count else None,
        "body": _body(
            frame, moved, days=days, day=day, drops=drops[-1], more=arrivals_kept(frame) + _cases(frame, pressing)
        ),
        "told": needs[:SHOWN_MAX],
        "rows": [
            *_rows(frame, moved, drops, day=day, stretch=(days[0][0], days[-1][1])),
            *_case_rows(frame, days),
            *_delivery_rows(frame, days, day=day),
        ],
        "day": speech.relative(day, alone=True),
        "days": DAYS,
    }


def _day_to_tell(frame: Frame) -> dt.date:
    """The day to speak of: today once something is owed or paid for a price on it, or for an arrival and for no price the day before; else yesterday."""
    yesterday = frame.today - dt.timedelta(days=1)
    prices, arrivals = frame.numbered("prices"), frame.numbered("deliveries")
    if _anything(frame, frame.today, prices):
        return frame.today
    return (
        frame.today
        if _anything(frame, frame.today, arrivals) and not _anything(frame, yesterday, prices)
        else yesterday
    )


def _anything(frame: Frame, day: dt.date, terms: Sequence[int]) -> bool:
    """Whether something became owed or was paid under some promises on a day."""
    moved = moved_by_day(frame.connection, [frame.speech.stretch(day)], terms=terms)
    return any(one.code in {Code.OWED, Code.CONFIRMED} for one in moved)


def _body(
    frame: Frame, moved: Sequence[Moved], *, days: Sequence[Stretch], day: dt.date, drops: int, more: Markup
) -> Markup:
    """The paragraph: what happened on the day, each figure opening its rows, and whether the books agree."""
    speech, at, relative = frame.speech, day.isoformat(), frame.speech.relative(day)
    code = Code.CONFIRMED if _sums(moved, Code.CONFIRMED, DAYS - 1) else Code.OWED
    sums = _sums(moved, code, DAYS - 1)
    if not sums:
        return speech.say("body_none", day=relative).html + more + _agreement(frame, days)
    key = "body_owed" if code is Code.OWED else "body_paid" if drops else "body_paid_only"
    word = "buyers_owed" if code is Code.OWED else "buyers"
    entries = frame.href("ledger", "entries", of="prices", code=code.value, day=at)
    said = speech.say(
        key,
        day=relative,
        drops=_opening(speech.say("fallen", n=drops), frame.href("drops", day=at)),
        buyers=_opening(
            speech.say(word, n=buyers_of(frame.connection, days[-1], code=code, terms=frame.numbered("prices"))),
            entries,
        ),
        amount=_opening(speech.moneys(list(sums.items())), entries),
    )
    return said.html + more + _agreement(frame, days)


def _cases(frame: Frame, pressing: Sequence[Pressing]) -> Markup:
    """How many replacements are under way, and whether all are on time; nothing where there are none."""
    speech, (under_way, late) = frame.speech, count_open(frame, pressing)
    if not under_way:
        return Markup()
    figure = _opening(speech.say("cases_figure", n=under_way), frame.href("cases"))
    well = speech.say("cases_some_late", n=late) if late else speech.say("cases_on_time")
    return speech.say("body_cases", figure=figure, well=well).html


def _agreement(frame: Frame, days: Sequence[Stretch]) -> Markup:
    """Whether the books and the provider agree over these days, whatever was paid for."""
    speech, ledger, agreement = (
        frame.speech,
        frame.href("ledger"),
        compare(frame, moved_by_day(frame.connection, days), days),
    )
    if agreement.apart:
        key = "body_except" if agreement.is_one_refund else "body_except_all"
        return speech.say(key, amount=_opening(speech.moneys(agreement.apart), ledger)).html
    key, word = ("body_agrees", "exactly") if agreement.ours else ("body_unpaid", "nothing")
    return speech.say(key, figure=_opening(speech.say(word), ledger)).html


def _sums(moved: Sequence[Moved], code: str, place: int | None) -> dict[str, int]:
    """Sums by currency of the entries with a code: of one day by its place, or of all days."""
    sums: dict[str, int] = {}
    for one in moved:
        if one.code == code and place in {None, one.day}:
            sums[one.currency] = sums.get(one.currency, 0) + one.amount_minor
    return dict(sorted(sums.items()))


def _opening(text: object, href: str) -> Markup:
    return Markup('<a class="ev" href="{}">{}</a>').format(href, text)


def _rows(frame: Frame, moved: Sequence[Moved], drops: Sequence[int], *, day: dt.date, stretch: Stretch) -> list[Row]:
    speech, at = frame.speech, day.isoformat()
    events = sum(count for _, count, _ in sum_drops(frame.connection, stretch))
    rows = [
        _row(
            frame,
            "done_drops",
            series=drops,
            shown=(speech.number_text(drops[-1]), speech.number_text(events)),
            hrefs=(frame.href("drops", day=at), frame.href("drops", day=at, days=DAYS)),
        )
    ]
    for code, word in ((Code.OWED, "done_owed"), (Code.CONFIRMED, "done_paid")):
        whole = _sums(moved, code, None) or dict.fromkeys(_currencies(moved), 0)
        of_day = _sums(moved, code, DAYS - 1)
        rows += [
            _row(
                frame,
                word,
                series=_series(moved, code, currency),
                shown=(speech.money(of_day.get(currency, 0), currency), speech.money(whole[currency], currency)),
                hrefs=(
                    frame.href("ledger", "entries", of="prices", code=code.value, day=at),
                    frame.href("ledger", "entries", of="prices", code=code.value, day=at, days=DAYS),
                ),
            )
            for currency in whole
        ]
    return rows


def _case_rows(frame: Frame, days: Sequence[Stretch]) -> list[Row]:
    """The cases that were opened and the units that were swapped, where there were any in these days."""
    speech, rows = frame.speech, []
    href = frame.href("cases")
    for word, counts in (
        ("done_opened", opened_by_day(frame.connection, days)),
        ("done_swapped", swapped_by_day(frame.connection, days)),
    ):
        if any(counts):
            shown = (speech.number_text(counts[-1]), speech.number_text(sum(counts)))
            rows.append(_row(frame, word, series=counts, shown=shown, hrefs=(href, href)))
    return rows


def _delivery_rows(frame: Frame, days: Sequence[Stretch], *, day: dt.date) -> list[Row]:
    """The promised arrivals that were kept, and what late ones became owed, where there were any in these days."""
    speech, at, rows = frame.speech, day.isoformat(), []
    counts = counts_by_day(frame, days)
    if any(counts):
        shown = (speech.number_text(counts[-1]), speech.number_text(sum(counts)))
        hrefs = (
            frame.href("deliveries", verdict="kept", day=at),
            frame.href("deliveries", verdict="kept", day=at, days=DAYS),
        )
        rows.append(_row(frame, "done_kept", series=counts, shown=shown, hrefs=hrefs))
    for unit, series in sums_by_day(frame, days).items():
        entries = {"of": "deliveries", "code": Code.OWED.value, "day": at}
        shown = (speech.money(series[-1], unit), speech.money(sum(series), unit))
        hrefs = (frame.href("ledger", "entries", **entries), frame.href("ledger", "entries", **entries, days=DAYS))
        rows.append(_row(frame, "done_late", series=series, shown=shown, hrefs=hrefs))
    return rows


def _currencies(moved: Sequence[Moved]) -> list[str]:
    return sorted({one.currency for one in moved})


def _series(moved: Sequence[Moved], code: str, currency: str) -> list[int]:
    by_day = {one.day: one.amount_minor for one in moved if (one.code, one.currency) == (code, currency)}
    return [by_day.get(day, 0) for day in range(DAYS)]


def _row(frame: Frame, word: str, *, series: Sequence[int], shown: tuple[str, str], hrefs: tuple[str, str]) -> Row:
    points = _points(series)
    return Row(
        word=frame.speech.say(word),
        day=shown[0],
        day_href=hrefs[0],
        total=shown[1],
        total_href=hrefs[1],
        spark=" ".join(f"{x},{y}" for x, y in points),
        last=points[-1],
    )


def _points(series: Sequence[int]) -> list[tuple[str, str]]:
    """The corners of a small drawing: days from left to right, nothing at the bottom, the most at the top."""
    most = max(*series, 1)
    step = Fraction(_WIDE - 2 * _INSET, len(series) - 1)
    high = _HIGH - 2 * _INSET
    return [
        (_tenths(_INSET + place * step), _tenths(_INSET + high - Fraction(value * high, most)))
        for place, value in enumerate(series)
    ]


def _tenths(length: Fraction) -> str:
    whole, part = divmod(round(length * 10), 10)
    return f"{whole}.{part}"
