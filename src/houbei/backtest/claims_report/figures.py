"""The figures of a backtest on claims: the cost by length, what was given, and why the rest was not."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from houbei.backtest.claims_run import DONE
from houbei.backtest.report import plot_rows, plot_sweep
from houbei.backtest.report.amounts import Denomination, whole_per_cent
from houbei.backtest.report.figures import COMPARED_MIN, Figure, SummaryDesk
from houbei.backtest.report.findings import Block, Length
from houbei.backtest.report.tables import made, sweep_table
from houbei.backtest.report.titles import sweep_title
from houbei.backtest.report.tongue import Said, Tongue
from houbei.money import exponent_of
from houbei.terms.model import Terms

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(SummaryDesk):
    """What every figure is made from; `own_days` is the length of the first promise in days, None where it has none."""

    own_days: int | None


def days_of(terms: Terms) -> int | None:
    """Give the length of a promise where it is one of days."""
    length = terms.window.length
    return length.days if length is not None and length.days else None


def unit_of(currency: str) -> Denomination:
    """Give a currency with its digits."""
    return Denomination(currency, exponent_of(currency))


def sweep(desk: Desk, block: Json) -> Figure | None:
    """Draw the cost by length of the first promise; None unless two lengths were tried and one costs something."""
    currency, tongue = block["currency"], desk.tongue
    points = [
        Length(
            days=row["days"],
            owed_minor=max(0, row["cost_minor"]),
            lines_owed=row["given"],
            low_minor=row["low_minor"],
            high_minor=row["high_minor"],
        )
        for row in desk.summary.get("sweep", [])
        if row["currency"] == currency
    ]
    if len(points) < COMPARED_MIN or not any(point.owed_minor for point in points):
        return None
    drawn = plot_sweep.Sweep(
        points=points,
        own_days=desk.own_days,
        revenue_minor=block["revenue_minor"],
        unit=unit_of(currency),
        tongue=tongue,
    )
    told = Block(
        currency=currency,
        exponent=exponent_of(currency),
        revenue_minor=block["revenue_minor"],
        owed_minor=max(0, block["cost_minor"]),
        lines=desk.summary["claims"],
        lines_owed=block["given"],
        payouts=block["given"],
        sweep=points,
    )
    title = sweep_title(told, desk.own_days, tongue)
    first, last = points[0], points[-1]
    desc = tongue.say(
        "sweep_desc",
        first=first.days,
        last=last.days,
        low=drawn.value(first.owed_minor),
        high=drawn.value(last.owed_minor),
    )
    key = "sweep_unit" if block["revenue_minor"] else "sweep_unit_money"
    return desk.figure(
        f"sweep-{currency}",
        title=title,
        measure=tongue.say(key, first=first.days, last=last.days, currency=currency),
        draw=lambda sheet: plot_sweep.draw(drawn, sheet=sheet, desc=str(desc)),
        table=sweep_table(told, tongue, title),
        full=True,
    )


def _counts(desk: Desk, name: str, counts: Mapping[str, int], *, title: Said, full: bool) -> Figure:
    """Draw counted words as rows, the commonest first and marked where nothing ties with it."""
    tongue, total = desk.tongue, sum(counts.values())
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    single = len(order) > 1 and order[0][1] > order[1][1]
    rows = [
        plot_rows.Row(
            name=_word(word, tongue),
            length=Fraction(count),
            value=tongue.count(count),
            amount=whole_per_cent(count, total),
            hot=single and word == order[0][0],
        )
        for word, count in order
    ]
    desc = "; ".join(f"{row.name} {row.value}" for row in rows)
    return desk.figure(
        name,
        title=title,
        measure=tongue.say("c_counts_unit", n=total, claims=tongue.count(total)),
        draw=lambda sheet: plot_rows.draw(rows, whole=None, sheet=sheet, desc=desc),
        table=made(tongue, title, "c_what c_claims c_of", ([row.name, row.value, row.amount] for row in rows)),
        full=full,
    )


def _word(word: str, tongue: Tongue) -> str:
    return str(tongue.say(f"c_word_{word}")) if tongue.has(f"c_word_{word}") else word


def answered(desk: Desk, *, full: bool) -> Figure | None:
    """Draw what claims came to; None where there is none."""
    counts = {key: desk.summary[key] for key in (*DONE, "refused", "referred", "same_case") if desk.summary[key]}
    if not counts:
        return None
    given, total = sum(desk.summary[done] for done in DONE), desk.summary["claims"]
    key = "c_answered_all" if given == total else "c_answered_none" if not given else "c_answered"
    title = desk.tongue.say(key, share=whole_per_cent(given, total))
    return _counts(desk, "answered", counts, title=title, full=full)


def refused(desk: Desk, *, full: bool) -> Figure | None:
    """Draw why claims came to nothing; None where none did."""
    counts, tongue = desk.summary["refused_by_reason"], desk.tongue
    if not counts:
        return None
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    tied = len(order) > 1 and order[0][1] == order[1][1]
    key = "c_refused_tied" if tied else "c_refused_single" if len(order) == 1 else "c_refused_top"
    title = tongue.say(key, reason=_word(order[0][0], tongue), share=whole_per_cent(order[0][1], sum(counts.values())))
    return _counts(desk, "refused", counts, title=title, full=full)
