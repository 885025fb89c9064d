"""How good promised dates are, on two real histories of deliveries, beside the shop's own dates and beside gradient-boosted quantiles.

    python -m benchmarks.deliveries --olist FILE --from DATE [--scms FILE --scms-from DATE] [--markdown docs/delivery.md]

Neither file is in the repository: Olist's orders (Kaggle, olistbr/brazilian-ecommerce) and USAID's SCMS shipments are to be had from those
who published them. Every way promises the same orders in the same run, from what was known when they were bought.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rivals import quantile_trees
from benchmarks.table import put_into
from houbei.cli.delivery_options import day_of
from houbei.columns import MISSING
from houbei.lead_times.choosing import Spread
from houbei.lead_times.evaluating import Evaluation, evaluate, shop_curve
from houbei.lead_times.frontier import SHARES, Curve, compare
from houbei.lead_times.history import read_history
from houbei.lead_times.summary import summary_of

Json = dict[str, Any]

BEGINS = "<!-- measured: written by `python -m benchmarks.deliveries` -->"
ENDS = "<!-- end of what was measured -->"


def measured(path: Path, from_text: str) -> Json:
    """Evaluate one history from a day on, and the rival on the same orders."""
    history = read_history(path)
    from_day = day_of(from_text, zone="UTC", where="--from")
    found = evaluate(
        history,
        from_day=from_day,
        chances=list(SHARES),
        spread=Spread.TOGETHER,
        progress=lambda stage, done, total: print(f"\r{stage} {done}/{total}   ", end="", flush=True),
    )
    print()
    summary = summary_of(found, spread=Spread.TOGETHER, zone="UTC")
    summary["rival"] = rival_of(found)
    return summary


def rival_of(found: Evaluation) -> Json | None:
    """Compare the rival with the shop's estimate at each share kept, as ours is."""
    shop = shop_curve(found)
    if shop is None:
        return None
    mine = np.flatnonzero(found.ways["shop"] != MISSING)
    days = quantile_trees.promise(found.history, found.rows[mine])
    return compare(Curve.of(found.outcomes.at(mine), days), shop)


def markdown(name: str, summary: Json) -> str:
    """Write the figures of one history."""
    judged = f"{summary['judged']:,} judged, {summary['never_arrived']:,} of them never arrived"
    lines = [
        f"**{name}**, orders bought from {summary['from']} to {summary['until']}: {judged}; {summary['history']['orders']:,} orders in the file.",
        "",
        "| way | kept | of those that arrived | days promised | days given away |",
        "|---|---|---|---|---|",
    ]
    for way, row in summary["all"].items():
        lines.append(
            f"| `{way}` | {row['share_kept']:.1%} | {row['share_kept_of_arrived']:.1%} | {row['mean_days_promised']:.1f}"
            f" | {row['mean_days_given_away']:.1f} |"
        )
    return "\n".join([*lines, *_month_lines(summary), *_clump_lines(summary), *_frontier_lines(summary), ""])


def _month_lines(summary: Json) -> list[str]:
    asked, near = summary["chance_permille"] / 10, summary["near"]
    away = f"{near['mean_points_away']:.1f} points away on average, {near['most_points_below']:.1f} below at most, {near['most_points_above']:.1f} above"
    lines = [
        "",
        f"A promise of {asked:g} %, month by month: {away}; the interval holds it in {near['months_whose_interval_holds_it']} of {near['months']} months.",
        "",
        "| month | orders | kept | 95 % interval | days promised | shop's own kept | shop's own days |",
        "|---|---|---|---|---|---|---|",
    ]
    for month in summary["months"]:
        ours, shop = month["ours"], month.get("shop")
        low, high = ours["share_kept_low"], ours["share_kept_high"]
        cells = [
            month["month"],
            f"{ours['orders']:,}",
            f"{ours['share_kept']:.1%}",
            "–" if low is None else f"{low:.1%} to {high:.1%}",
            f"{ours['mean_days_promised']:.1f}",
            "–" if shop is None else f"{shop['share_kept']:.1%}",
            "–" if shop is None else f"{shop['mean_days_promised']:.1f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _clump_lines(summary: Json) -> list[str]:
    clumps = summary["clumps"]["ours"]
    if clumps["times_variance"] is None:
        return []
    swings = (
        f"the share kept swings {clumps['times_variance']:.1f} times as much from week to week as single orders would"
    )
    return ["", f"Lateness clumps: {swings}; these orders are worth {clumps['orders_worth']:,} independent ones."]


def _frontier_lines(summary: Json) -> list[str]:
    if "frontier" not in summary or summary["rival"] is None:
        return []
    ways = {
        "learnt": summary["frontier"],
        "without the estimate": summary["frontier_without_estimate"],
        "boosted quantiles": summary["rival"],
    }
    lines = [
        "",
        "Days promised at each share kept, beside the shop's own estimate shifted to it on the same orders; in brackets how much shorter:",
        "",
        f"| kept | shop's own, shifted | {' | '.join(ways)} |",
        f"|---|---|{'---|' * len(ways)}",
    ]
    for place, row in enumerate(summary["frontier"]["rows"]):
        cells = [_days_cell(way["rows"][place]) for way in ways.values()]
        shop = "–" if row["shop_days"] is None else f"{row['shop_days']:.1f}"
        lines.append(f"| {row['share_kept']:.0%} | {shop} | {' | '.join(cells)} |")
    means = [f"{way['mean_shorter_percent']:.1f} % ({way['low']:.1f} to {way['high']:.1f})" for way in ways.values()]
    lines.append(f"| mean, 95 % interval | | {' | '.join(means)} |")
    if summary["chances_mean_shorter_percent"] is not None:
        mean = summary["chances_mean_shorter_percent"]
        lines += [
            "",
            f"With the dial set anew each week, so that months are kept alike, the mean is {mean:.1f} % instead.",
        ]
    return lines


def _days_cell(row: Json) -> str:
    return (
        "–"
        if row["ours_days"] is None or row["shorter_percent"] is None
        else f"{row['ours_days']:.1f} ({row['shorter_percent']:.1f} %)"
    )


def main() -> None:
    """Print the figures, and put them into a document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--olist", type=Path, required=True)
    parser.add_argument("--from", dest="from_text", required=True)
    parser.add_argument("--scms", type=Path)
    parser.add_argument("--scms-from", default="2013-01-01")
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args()
    parts = [markdown("Olist", measured(given.olist, given.from_text))]
    if given.scms:
        parts.append(markdown("SCMS", measured(given.scms, given.scms_from)))
    text = "\n".join(parts)
    print(text)
    if given.markdown:
        put_into(given.markdown, text, begins=BEGINS, ends=ENDS)


if __name__ == "__main__":
    main()
