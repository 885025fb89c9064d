"""The sentence that each figure has found, chosen from its data: ties, flat lines and nothing at all have their own."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import accumulate

from houbei.backtest.report.amounts import Denomination, decimal_text, significant
from houbei.backtest.report.findings import Block, Category, Day, Length, Size, Variant
from houbei.backtest.report.plot_days import Calendar
from houbei.backtest.report.tongue import Said, Tongue

FLAT = Fraction(1, 20)
"""A sweep is flat when its ends differ by less than this part of the higher one."""
EVEN_GROWTH = (Fraction(3, 4), Fraction(4, 3))
"""A sweep rises evenly when its second half grows by this many times its first half."""
MONTHLY_SPAN_MIN = 45
"""A sweep over fewer days tells its growth by the week."""
SAME_CATEGORIES = Fraction(1, 10)
"""Categories are alike when the lowest share lies within this part of the highest."""
DOMINANT_DAY, FEW_DAYS = Fraction(1, 5), Fraction(1, 5)
"""One day dominates from this part of the cost on; half of the cost is concentrated on up to this part of the days."""


def unit_of(block: Block) -> Denomination:
    """Give the currency of a block with its digits."""
    return Denomination(block.currency, block.exponent)


# --- the sweep -------------------------------------------------------------------------------------------------------


def sweep_title(block: Block, own_days: int | None, tongue: Tongue) -> Said:
    """Say what the sweep shows; it has at least two points, and one of them costs something."""
    first, last = block.sweep[0], block.sweep[-1]
    if not block.revenue_minor:
        low, high = (tongue.about(point.owed_minor, unit_of(block)) for point in (first, last))
        return tongue.say("sweep_money", low=low, high=high, first=first.days, last=last.days)
    low_share, high_share = (tongue.share(point.owed_minor, block.revenue_minor) for point in (first, last))
    if last.owed_minor - first.owed_minor < FLAT * last.owed_minor:
        key = "sweep_level" if low_share == high_share else "sweep_flat"
        return tongue.say(key, first=first.days, last=last.days, low=low_share, high=high_share)
    if first.high_minor is not None and last.low_minor is not None and first.high_minor >= last.low_minor:
        return tongue.say("sweep_overlap", first=first.days, last=last.days)
    return _growth(block, own_days, tongue)


def _growth(block: Block, own_days: int | None, tongue: Tongue) -> Said:
    first, last = block.sweep[0], block.sweep[-1]
    middle = _nearest(block.sweep, first.days + (last.days - first.days) // 2)
    early = Fraction(middle.owed_minor - first.owed_minor, max(1, middle.days - first.days))
    late = Fraction(last.owed_minor - middle.owed_minor, max(1, last.days - middle.days))
    if middle in {first, last} or EVEN_GROWTH[0] * early <= late <= EVEN_GROWTH[1] * early:
        span = last.days - first.days
        length, key = (30, "sweep_month") if span >= MONTHLY_SPAN_MIN else (7, "sweep_week")
        daily = Fraction(100 * (last.owed_minor - first.owed_minor), block.revenue_minor * span)
        return tongue.say(key, points=significant(daily * length))
    own = next((point for point in block.sweep if point.days == own_days), middle)
    mark = middle if own in {first, last} else own
    if late < early:
        fraction = tongue.part(mark.owed_minor, last.owed_minor)
        return tongue.say("sweep_early", days=mark.days, fraction=fraction, last=last.days)
    if not mark.owed_minor:
        mark = next(point for point in block.sweep if point.owed_minor)
    times = decimal_text(Fraction(last.owed_minor, mark.owed_minor), 1)
    return tongue.say("sweep_late", last=last.days, days=mark.days, times=times)


def _nearest(points: Sequence[Length], days: int) -> Length:
    return min(points, key=lambda point: (abs(point.days - days), point.days))


# --- ways and terms --------------------------------------------------------------------------------------------------


def ways_title(block: Block, tongue: Tongue) -> Said:
    """Say what one claim and a daily bot would have recovered of what acting unasked pays, which is not nothing."""
    owed: dict[str, int] = {way.way: way.owed_minor for way in block.ways}
    whole = max(owed.values())
    claim, bot = owed.get("one_claim"), owed.get("daily_bot")
    if claim is None or bot is None:
        asked = "one_claim" if bot is None else "daily_bot"
        return tongue.say(f"ways_{asked}", fraction=tongue.part(owed[asked], whole))
    if not claim:
        return tongue.say("ways_claim_none", bot=tongue.part(bot, whole)) if bot else tongue.say("ways_both_none")
    if claim == bot == whole:
        return tongue.say("ways_same")
    return tongue.say("ways_both", claim=tongue.part(claim, whole), bot=tongue.part(bot, whole))


def variants_title(variants: Sequence[Variant], labels: Sequence[str], tongue: Tongue) -> Said:
    """Say where the terms of the report stand among the others; there are at least two, and one of them costs something."""
    shares = [Fraction(one.owed_minor, one.revenue_minor or 1) for one in variants]
    texts = [tongue.share(one.owed_minor, one.revenue_minor or 1) for one in variants]
    low, high = (shares.index(pick(shares)) for pick in (min, max))
    if texts[low] == texts[high]:
        return tongue.say("variants_same", share=texts[low])
    this = next((i for i, one in enumerate(variants) if one.this), None)
    least, most = texts[low], texts[high]
    if this is None:
        return tongue.say("variants_range", low=least, high=most)
    if texts[this] == texts[high]:
        return tongue.say("variants_dearest", n=len(variants), label=labels[low], low=least, high=most)
    if texts[this] == texts[low]:
        return tongue.say("variants_cheapest", n=len(variants), label=labels[high], low=least, high=most)
    return tongue.say("variants_between", share=texts[this], low=least, high=most)


# --- categories and sizes --------------------------------------------------------------------------------------------


def share_of(category: Category) -> Fraction:
    """Give a category's cost as a share of its own sales, 0 where it sold nothing."""
    return Fraction(category.owed_minor, category.revenue_minor) if category.revenue_minor else Fraction(0)


def ranked(categories: Sequence[Category]) -> list[Category]:
    """Order categories by their share, highest first; the row that gathers the others comes last."""
    return sorted(categories, key=lambda one: (one.name is None, -share_of(one), -one.owed_minor, one.name or ""))


def categories_title(categories: Sequence[Category], tongue: Tongue) -> Said:
    """Say which category costs most and which least, or that none stands out; at least one with a name has sales."""
    named = [one for one in ranked(categories) if one.name is not None and one.revenue_minor]
    if len(named) == 1:
        return tongue.say("cat_single", top=named[0].name)
    texts = [tongue.share(one.owed_minor, one.revenue_minor) for one in named]
    if share_of(named[0]) - share_of(named[-1]) <= SAME_CATEGORIES * share_of(named[0]):
        return tongue.say("cat_level" if texts[0] == texts[-1] else "cat_even", low=texts[-1], high=texts[0])
    tied = texts.count(texts[0])
    if tied == 1:
        return tongue.say("cat_most_least", top=named[0].name, bottom=named[-1].name)
    if len(named) > tied == len(named[:2]):
        return tongue.say("cat_tie", top=named[0].name, second=named[1].name, bottom=named[-1].name)
    return tongue.say("cat_tie_many", n=tied, high=texts[0])


def size_range(sizes: Sequence[Size], unit: Denomination, tongue: Tongue) -> Said:
    """Say what a run of neighbouring bins covers."""
    from_minor, to_minor = sizes[0].from_minor, sizes[-1].to_minor
    if to_minor is None:
        return tongue.say("sizes_over", from_=tongue.about(from_minor, unit))
    if not from_minor:
        return tongue.say("sizes_under", to=tongue.about(to_minor, unit))
    return tongue.say("sizes_between", from_=tongue.about(from_minor, unit), to=tongue.about(to_minor, unit))


def sizes_title(sizes: Sequence[Size], unit: Denomination, tongue: Tongue) -> Said:
    """Say in which run of bins most refunds lie: the shortest one that holds more than half, the fullest when equal."""
    total = sum(one.lines for one in sizes)
    runs = [(i, j) for i in range(len(sizes)) for j in range(i + 1, len(sizes) + 1)]
    held = {(i, j): sum(one.lines for one in sizes[i:j]) for i, j in runs}
    most = min((run for run in runs if 2 * held[run] > total), key=lambda run: (run[1] - run[0], -held[run], run))
    key = "sizes_all" if held[most] == total else "sizes_most"
    return tongue.say(key, range=size_range(sizes[slice(*most)], unit, tongue))


# --- days ------------------------------------------------------------------------------------------------------------


def days_title(calendar: Calendar) -> Said:
    """Say how the cost is spread over the calendar."""
    tongue, highest = calendar.tongue, max(calendar.days, key=lambda day: day.owed_minor)
    amounts = sorted((day.owed_minor for day in calendar.days), reverse=True)
    total = sum(amounts)
    when = tongue.date(highest.date)
    if len(amounts) == 1:
        return tongue.say("days_one", date=when)
    if amounts[0] >= DOMINANT_DAY * total and amounts[1] < amounts[0]:
        return tongue.say("days_dominant", date=when, fraction=tongue.part(amounts[0], total))
    if amounts[1] == amounts[0]:
        owed = tongue.about(amounts[0], calendar.unit)
        return tongue.say("days_tie", n=amounts.count(amounts[0]), owed=owed)
    half = next(i for i, held in enumerate(accumulate(amounts), start=1) if 2 * held >= total)
    if half <= FEW_DAYS * calendar.span:
        return tongue.say("days_half", n=half, span=tongue.count(calendar.span))
    return tongue.say("days_even", date=when, share=tongue.share(amounts[0], total))


def worst_of(days: Sequence[Day]) -> Day | None:
    """Give the day that owes most, None when several owe the same."""
    highest = max((day.owed_minor for day in days), default=0)
    worst = [day for day in days if day.owed_minor == highest]
    return worst[0] if len(worst) == 1 else None


def drops_title(lines: Sequence[int], first: int, window_days: int | None, tongue: Tongue) -> Said:
    """Say how much of the first drops the promise's own length catches, or by when half have come.

    Args:
        lines: Lines by day from `first` on, without gaps, not all 0.
        first: The day of the first of them.
        window_days: The promise's own length, None where it is not counted in days.
        tongue: The language.
    """
    last, total = first + len(lines) - 1, sum(lines)
    if window_days is None or last <= window_days:
        return tongue.say("drop_by", n=half_by(lines, first))
    inside = sum(lines[: max(0, window_days - first + 1)])
    if inside == total:
        return tongue.say("drop_all", n=window_days)
    if not inside:
        earliest = next(day for day, count in enumerate(lines, start=first) if count)
        return tongue.say("drop_nothing", n=window_days, first=earliest)
    return tongue.say("drop_catches", n=window_days, fraction=tongue.part(inside, total), last=last)


def half_by(lines: Sequence[int], first: int) -> int:
    """Give the day by which half of the lines have seen their first drop."""
    total = sum(lines)
    return next(day for day, held in enumerate(accumulate(lines), start=first) if 2 * held >= total)


def calendar_of(block: Block, *, first: str | None, last: str | None, tongue: Tongue) -> Calendar:
    """Lay the days that owe something on the stretch from the first sale to the last day of either; there is one at least."""
    dates = [date.fromisoformat(text) for text in (first, last, *(day.date for day in block.days)) if text]
    return Calendar(
        days=sorted(block.days, key=lambda day: day.date),
        first=min(dates),
        last=max(dates),
        worst=worst_of(block.days),
        unit=unit_of(block),
        tongue=tongue,
    )
