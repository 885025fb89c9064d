"""What the report shows, worked out from a backtest's counts: shares, intervals, worst days, sizes, limits."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from houbei.backtest.run import Answer
from houbei.backtest.tally import MoneyTally
from houbei.calendars.days import Days
from houbei.facts.moments import text_of_moment
from houbei.money import exponent_of

RESAMPLES = 1000
"""How often the history is drawn again for the 95 % interval."""
_SEED = 20171231
_GROUPS_MIN = 8
"""With fewer groups of SKUs an interval would say more than is known."""
_CATEGORIES_MAX = 12
_CATEGORY_PART_MIN = 500
"""A category below a five-hundredth of sales is gathered with the others: its share would be the highest by accident."""
_WORST_DAYS = 6
_SIZES_MAJOR = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
_BARS_MAX = 9


def findings_of(answers: Sequence[Answer], *, command: str) -> dict[str, Any]:
    """Gather what the report shows; the first answer leads, the others stand beside it as variants.

    Args:
        answers: One a terms document, over the same files.
        command: What to run for the same report.
    """
    answer = answers[0]
    tally, inputs, terms = answer.tally, answer.inputs, answer.question.terms
    length = terms.window.length
    days = Days.over(terms.zone, from_us=inputs.from_us, to_us=max(inputs.as_of_us, inputs.from_us))
    return {
        "window_days": length.days if length is not None and length.days else None,
        "window_text": _length_text(answer),
        "from": _day_text(tally.first_placed_us, days) if tally.lines else None,
        "to": _day_text(tally.last_placed_us, days) if tally.lines else None,
        "zone": terms.zone,
        "as_of": text_of_moment(inputs.as_of_us),
        "terms": _terms(answer),
        "inputs": _inputs(answer),
        "command": command,
        "currencies": [_money(answer, code, money) for code, money in sorted(tally.money.items())],
        "variants": [row for k, other in enumerate(answers) for row in _variants(other, this=k == 0)],
        "not_owed": [
            {"reason": reason, "lines": n} for reason, n in sorted(tally.outcomes.items()) if reason != "owed" and n
        ],
        "limits": _limits(answer),
    }


def _length_text(answer: Answer) -> str:
    closes = answer.question.terms.document["window"]["closes"]
    return str(closes.get("length", closes.get("on", "")))


def _day_text(us: int, days: Days) -> str:
    return _iso(int(days.day_of(np.array([us]))[0]))


def _iso(day: int) -> str:
    return (date(1970, 1, 1).fromordinal(date(1970, 1, 1).toordinal() + day)).isoformat()


def _terms(answer: Answer) -> dict[str, Any]:
    terms = answer.question.terms
    compare = terms.compare
    percent = None if compare.suspicious_below is None else compare.suspicious_below * 100
    return {
        "term": terms.term,
        "version": terms.version,
        "sha256": terms.sha256,
        "title": dict(terms.title),
        "clauses": [{"id": clause.id, "zh": clause.zh, "en": clause.en} for clause in terms.clauses],
        "scope": terms.scope.text if terms.scope else None,
        "prices_where": compare.prices_where.text if compare.prices_where else None,
        "same": list(compare.same),
        "at_open": "counts" if compare.at_open_counts else "ignored",
        "suspicious_percent": None if percent is None else str(percent),
    }


def _inputs(answer: Answer) -> dict[str, Any]:
    tally, facts = answer.tally, answer.reconciliation
    rejected = [
        {"file": file, "code": code, "rows": rows}
        for file in ("orders", "prices")
        for code, rows in facts[file]["rejected_by_code"].items()
    ]
    out_of_scope = tally.outcomes.get("not_in_scope", 0) + tally.undecided
    return {
        "orders": answer.question.orders.name,
        "prices": answer.question.prices.name,
        "fingerprint": answer.summary["input_fingerprint"],
        "lines": tally.lines,
        "units": tally.units,
        "skus": len(answer.inputs.dictionaries["sku"]),
        "series": answer.series,
        "price_rows": answer.price_rows,
        "rejected": rejected,
        "rejected_rows": sum(row["rows"] for row in rejected),
        "undecided": tally.undecided,
        "held_lines": tally.lines_held,
        "in_scope_lines": tally.lines - out_of_scope,
        "watched_short": tally.watched_short,
    }


def _money(answer: Answer, code: int, money: MoneyTally) -> dict[str, Any]:
    currency = answer.inputs.dictionaries["currency"].values[code]
    refunds = np.sort(np.concatenate(money.refunds)) if money.refunds else np.zeros(0, dtype=np.int64)
    interval = _intervals(money, money.by_group[1][None, :])
    worst = sorted(money.by_day.items(), key=lambda item: (-item[1], item[0]))[:_WORST_DAYS]
    return {
        "currency": currency,
        "exponent": exponent_of(currency),
        "revenue_minor": money.revenue,
        "owed_minor": money.owed,
        "held_minor": money.held,
        "lines": money.lines,
        "lines_owed": money.lines_owed,
        "payouts": money.payouts,
        "median_minor": int(refunds[(len(refunds) - 1) // 2]) if len(refunds) else 0,
        "p90_minor": int(refunds[(len(refunds) - 1) * 9 // 10]) if len(refunds) else 0,
        "interval": None if interval is None else {"low_minor": interval[0][0], "high_minor": interval[1][0]},
        "worst_days": [{"date": _iso(day), "owed_minor": owed} for day, owed in worst],
        "sweep": _sweep(answer, money),
        "categories": _categories(answer, money),
        "sizes": _sizes(refunds, exponent_of(currency)),
        "days": [{"date": _iso(day), "owed_minor": owed} for day, owed in sorted(money.by_day.items())],
        "first_drop": [{"day": day, "lines": n} for day, n in sorted(money.first_drops.items())],
        "ways": [{"way": way, "owed_minor": owed, "lines_owed": n} for way, (owed, n) in money.ways.items()],
    }


def _intervals(money: MoneyTally, owed: NDArray[np.int64]) -> tuple[list[int], list[int]] | None:
    """95 % intervals of what is owed: groups of SKUs drawn anew, each draw scaled to the revenue that was.

    Args:
        money: Whose groups.
        owed: One row a figure, one column a group of SKUs.

    Source: percentile bootstrap of a ratio (Efron and Tibshirani, An Introduction to the Bootstrap, 1993).
    """
    present = np.flatnonzero(money.by_group[2])
    if len(present) < _GROUPS_MIN or money.revenue == 0:
        return None
    draw = np.random.default_rng(_SEED).multinomial(len(present), [1 / len(present)] * len(present), size=RESAMPLES)
    revenue = draw @ money.by_group[0][present]
    ratio = (draw @ owed[:, present].T) / np.maximum(revenue, 1)[:, None]
    low, high = np.quantile(ratio, [0.025, 0.975], axis=0) * money.revenue
    return [round(x) for x in low.tolist()], [round(x) for x in high.tolist()]


def _sweep(answer: Answer, money: MoneyTally) -> list[dict[str, Any]]:
    if answer.question.window is None:
        return []
    bands = _intervals(money, money.sweep_owed)
    rows = []
    for place, owed in enumerate(money.sweep_owed.sum(axis=1).tolist()):
        rows.append(
            {
                "days": answer.question.window[0] + place,
                "owed_minor": owed,
                "lines_owed": int(money.sweep_lines[place]),
                "low_minor": None if bands is None else bands[0][place],
                "high_minor": None if bands is None else bands[1][place],
            }
        )
    return rows


def _categories(answer: Answer, money: MoneyTally) -> list[dict[str, Any]]:
    table = money.by_category
    if not table.size:
        return []
    names = answer.inputs.dictionaries["category"].values
    order = sorted(np.flatnonzero(table[2]).tolist(), key=lambda k: (-int(table[1][k]), -int(table[0][k]), k))
    named = [k for k in order if k and int(table[0][k]) * _CATEGORY_PART_MIN >= money.revenue]
    kept = named if len(named) <= _CATEGORIES_MAX and len(named) == len(order) else named[: _CATEGORIES_MAX - 1]
    rows: list[tuple[str | None, NDArray[np.int64]]] = [(names[k - 1], table[:, k]) for k in kept]
    if rest := sorted(set(order) - set(kept)):
        rows.append((None, table[:, rest].sum(axis=1)))
    return [
        {
            "name": name,
            "revenue_minor": int(sums[0]),
            "owed_minor": int(sums[1]),
            "lines": int(sums[2]),
            "lines_owed": int(sums[3]),
        }
        for name, sums in rows
    ]


def _sizes(refunds: NDArray[np.int64], exponent: int) -> list[dict[str, Any]]:
    """Refunds by size in bins of round amounts, as many as hold nearly all of them; the last one is open."""
    if not len(refunds):
        return []
    scale = 10**exponent
    small = np.array([0, 10, 20, 50], dtype=np.int64) * scale // 100 if exponent > 1 else np.zeros(1, dtype=np.int64)
    edges = np.unique(np.concatenate([small, np.array(_SIZES_MAJOR, dtype=np.int64) * scale]))
    counts = np.diff(np.append(np.searchsorted(refunds, edges), len(refunds)))
    first, last = int(np.flatnonzero(counts)[0]), int(np.flatnonzero(counts)[-1])
    while last - first + 1 > _BARS_MAX:
        if counts[last] <= counts[first]:
            counts[last - 1] += counts[last]
            counts[last] = 0
            last -= 1
        else:
            counts[first + 1] += counts[first]
            counts[first] = 0
            first += 1
            edges[first] = edges[first - 1]
    return [
        {
            "from_minor": int(edges[k]),
            "to_minor": None if k == last else int(edges[k + 1]),
            "lines": int(counts[k]),
        }
        for k in range(first, last + 1)
    ]


def _variants(answer: Answer, *, this: bool) -> list[dict[str, Any]]:
    terms = answer.question.terms
    names = answer.inputs.dictionaries["currency"].values
    return [
        {
            "label": dict(terms.title),
            "term": terms.term,
            "version": terms.version,
            "sha8": terms.sha256[:8],
            "currency": names[code],
            "owed_minor": money.owed,
            "revenue_minor": money.revenue,
            "lines_owed": money.lines_owed,
            "this": this,
        }
        for code, money in sorted(answer.tally.money.items())
    ]


def _limits(answer: Answer) -> list[str]:
    """What this report cannot know, by what the data lacks."""
    orders, prices = answer.inputs.orders.columns, answer.inputs.prices.columns
    tally = answer.tally
    codes = ["behaviour"]
    doubts = {
        "one_history": tally.lines > 0,
        "short_watch": tally.watched_short > 0,
        "rejected_rows": answer.summary["rejected"] > 0,
        "undecided": tally.undecided > 0,
        "held": tally.lines_held > 0,
        "no_category": "category" not in orders,
        "no_returns": not {"returned_at", "returns", "cancelled_at"} & set(orders),
        "no_delivery": "delivered" in answer.question.terms.window.closes_after.facts
        and not {"delivered_at", "deliveries"} & set(orders),
        "no_stock": "in_stock" not in prices,
        "no_audience": "audience" not in prices,
        "several_currencies": len(tally.money) > 1,
    }
    return codes + [code for code, holds in doubts.items() if holds]
