"""The page: a summary in, one HTML file out."""

from collections.abc import Mapping
from typing import Any

from houbei.backtest.report.figures import Figure
from houbei.backtest.report.sections import Fact
from houbei.backtest.report.tables import Table, made
from houbei.backtest.report.telling import Telling, speaking, told
from houbei.backtest.report.tongue import Said, Tongue
from houbei.lead_times.report import figures, tables
from houbei.lead_times.report.figures import Desk
from houbei.lead_times.report.numbers import days_text, percent_text, share_text
from houbei.lead_times.report.words_en import WORDS as ENGLISH
from houbei.lead_times.report.words_zh import WORDS as CHINESE

Json = Mapping[str, Any]

_FIGURES = (figures.frontier, figures.months, figures.weeks, figures.lanes)


def render(summary: Json, *, command: str) -> str:
    """Write the report on promises as one HTML file, both languages in it; the same summary gives the same bytes.

    Args:
        summary: What `summary.summary_of` found.
        command: What to run for the same report.
    """
    tongues = speaking(frozenset(), with_years=True, english=ENGLISH, chinese=CHINESE)
    return told(
        [_telling(summary, tongue) for tongue in tongues],
        command=command,
        fingerprint=summary["history"]["fingerprint"],
        as_of=summary["as_of"],
    )


def _telling(summary: Json, tongue: Tongue) -> Telling:
    desk = Desk(summary=summary, tongue=tongue)
    shown = [figure for make in _FIGURES if (figure := make(desk)) is not None]
    return Telling(
        tongue=tongue,
        title=str(tongue.say("d_page_title")),
        question=tongue.say("d_question"),
        answer=_answer(summary, tongue),
        also=[tongue.say("d_also", first=tongue.full_date(summary["from"]), last=tongue.full_date(summary["until"]))],
        facts=_facts(desk, shown),
        rows=[[figure] for figure in shown],
        notes=[] if "frontier" in summary else [tongue.say("d_no_estimate")],
        clauses=[],
        promise=[],
        tables=[_ways(summary, tongue), *_rejected(summary, tongue)],
        inputs=_inputs(summary, tongue),
        limits=[tongue.say(key) for key in _limits(summary)],
        sources=tongue.say("d_sources", file=summary["history"]["file"]),
        colophon=tongue.say("d_colophon", zone=summary["zone"], as_of=tongue.full_date(summary["as_of"])),
    )


def _answer(summary: Json, tongue: Tongue) -> Said:
    ours, shop = summary["all"]["ours"], summary["all"].get("shop")
    asked, kept = share_text(summary["chance_permille"] / 1000), share_text(ours["share_kept"])
    days = days_text(ours["mean_days_promised"])
    if shop is None or not shop["orders"]:
        return tongue.say("d_answer_alone", asked=asked, kept=kept, days=days)
    shop_kept, shop_days = share_text(shop["share_kept"]), days_text(shop["mean_days_promised"])
    return tongue.say("d_answer", asked=asked, kept=kept, days=days, shop_kept=shop_kept, shop_days=shop_days)


def _facts(desk: Desk, shown: list[Figure]) -> list[Fact]:
    summary, tongue = desk.summary, desk.tongue
    names = {figure.name for figure in shown}

    def fact(key: str, figure: str, note: Said, evidence: str) -> Fact:
        name = f"{tongue.lang}-{evidence}"
        return Fact(term=tongue.say(key), figure=figure, note=note, evidence=name if name in names else None)

    ours, near = summary["all"]["ours"], summary["near"]
    low, high = share_text(ours["share_kept_low"]), share_text(ours["share_kept_high"])
    facts = [
        fact(
            "d_fact_kept", share_text(ours["share_kept"]), tongue.say("d_fact_kept_ends", low=low, high=high), "months"
        ),
        fact(
            "d_fact_days",
            days_text(ours["mean_days_promised"]),
            tongue.say("d_fact_days_given", days=days_text(ours["mean_days_given_away"])),
            "lanes",
        ),
        fact(
            "d_fact_near",
            days_text(near["mean_points_away"]),
            tongue.say("d_fact_near_months", n=near["months"]),
            "months",
        ),
    ]
    if "frontier" in summary and summary["frontier"]["mean_shorter_percent"] is not None:
        frontier = summary["frontier"]
        ends = tongue.say("d_fact_shorter_ends", low=percent_text(frontier["low"]), high=percent_text(frontier["high"]))
        facts.append(fact("d_fact_shorter", percent_text(frontier["mean_shorter_percent"]), ends, "frontier"))
    return facts


def _ways(summary: Json, tongue: Tongue) -> Table:
    return tables.ways_table(summary, tongue, tongue.say("d_ways_title"))


def _inputs(summary: Json, tongue: Tongue) -> list[tuple[Said, object]]:
    history = summary["history"]
    rows: list[tuple[Said, object]] = [
        (tongue.say(f"d_in_{key}"), tongue.count(history[key])) for key in ("orders", "arrived", "open", "called_off")
    ]
    rows += [(tongue.say(f"d_in_{key}"), tongue.count(summary[key])) for key in ("judged", "never_arrived", "pending")]
    return [*rows, (tongue.say("d_in_rejected"), tongue.count(history["rejected"]))]


def _rejected(summary: Json, tongue: Tongue) -> list[Table]:
    history = summary["history"]
    rows = [[history["file"], code, tongue.count(count)] for code, count in history["rejected_by_code"].items()]
    if not rows:
        return []
    table = made(tongue, tongue.say("in_rejected"), "file reason rows", rows)
    return [Table(caption=table.caption, heads=table.heads, rows=table.rows, words=2)]


def _limits(summary: Json) -> list[str]:
    """What this report cannot know, by what the data lacks."""
    history = summary["history"]
    doubts = {
        "d_limit_dates": True,
        "d_limit_weeks": True,
        "d_limit_called_off": history["called_off"] > 0,
        "d_limit_open": history["open"] > 0,
        "d_limit_estimate": "frontier" in summary,
        "d_limit_rewritten": summary["rewritten"],
        "d_limit_together": summary["spread"] == "together",
    }
    return [key for key, holds in doubts.items() if holds]
