"""The page: a summary in, one HTML file out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from houbei.backtest.report.figures import Figure
from houbei.backtest.report.sections import Fact, Stating
from houbei.backtest.report.tables import NONE, rejected_tables
from houbei.backtest.report.telling import Telling, clauses_of, speaking, told
from houbei.backtest.report.tongue import Said, Tongue
from houbei.quality.report import figures, titles
from houbei.quality.report.figures import Desk, unit_of
from houbei.quality.report.numbers import share_text
from houbei.quality.report.words_en import WORDS as ENGLISH
from houbei.quality.report.words_zh import WORDS as CHINESE
from houbei.terms.model import Terms

Json = Mapping[str, Any]


def render(summary: Json, *, terms: Terms | None, files: Sequence[str], command: str) -> str:
    """Write the report on quality as one HTML file, both languages in it; the same summary gives the same bytes.

    Args:
        summary: What `quality.run` found.
        terms: The promise, None where none was given.
        files: The names of the input files, orders first.
        command: What to run for the same report.
    """
    tongues = speaking(
        frozenset(block["currency"] for block in summary["costs"]),
        with_years=True,
        english=ENGLISH,
        chinese=CHINESE,
    )
    return told(
        [_telling(summary, terms, files, tongue) for tongue in tongues],
        command=command,
        fingerprint=summary["input_fingerprint"],
        as_of=summary["as_of"],
    )


def _telling(summary: Json, terms: Terms | None, files: Sequence[str], tongue: Tongue) -> Telling:
    desk = Desk(summary=summary, tongue=tongue)
    rows = [row for row in _rows(desk) if row]
    question, answer = tongue.say("q_question"), _answer(summary, tongue)
    return Telling(
        tongue=tongue,
        title=str(tongue.say("q_page_title")),
        question=question,
        answer=answer,
        also=[],
        facts=_facts(desk, {figure.name for row in rows for figure in row}),
        rows=rows,
        notes=_notes(summary, tongue),
        clauses=[] if terms is None else clauses_of([terms], tongue),
        promise=[] if terms is None else [(tongue.say("terms_term"), f"{terms.term}@{terms.version}")],
        tables=rejected_tables(summary["rejected_by_code"], tongue),
        inputs=_inputs(summary, tongue),
        limits=[tongue.say(key) for key in _limits(summary, has_terms=terms is not None)],
        sources=tongue.say("again_inputs_plain", orders=files[0], prices=files[1]),
        colophon=tongue.say("q_colophon", zone=summary["zone"], as_of=tongue.moment(summary["as_of"], summary["zone"])),
    )


def _rows(desk: Desk) -> Iterator[list[Figure]]:
    yield _present(figures.watch(desk))
    supplier = figures.groups(desk, "supplier", full=False)
    yield _present(figures.groups(desk, "sku", full=True))
    yield _present(figures.ages(desk))
    bands = figures.bands(desk, full=supplier is None)
    yield _present(supplier, bands) if bands else _present(figures.groups(desk, "supplier", full=True))
    for cost, reserve in zip(desk.summary["costs"], desk.summary["reserve"], strict=True):
        made_reserve = figures.reserve(desk, reserve, full=False)
        made_cost = figures.cost(desk, cost, full=made_reserve is None)
        yield _present(made_cost, made_reserve) if made_cost else _present(figures.reserve(desk, reserve, full=True))


def _present(*made_figures: Figure | None) -> list[Figure]:
    return [figure for figure in made_figures if figure is not None]


def _answer(summary: Json, tongue: Tongue) -> Said:
    if not summary["watched_units"]:
        return tongue.say("q_answer_empty")
    units, faults = tongue.count(summary["watched_units"]), summary["faults"]
    if not faults:
        failed = tongue.say("q_answer_none", units=units, high=share_text(summary["all"]["share_high"]))
    else:
        share = tongue.share(faults, summary["watched_units"])
        failed = tongue.say("q_answer", n=faults, units=units, faults=tongue.count(faults), share=share)
    if not summary["batches"]:
        return failed
    return tongue.say("two_sentences", one=failed, other=_stop(titles.watch_title(summary["batches"], tongue), tongue))


def _stop(said: Said, tongue: Tongue) -> Said:
    return tongue.say("q_stop", text=said)


def _facts(desk: Desk, shown: set[str]) -> list[Fact]:
    summary, tongue = desk.summary, desk.tongue
    states = [row["state"] for row in summary["batches"]]
    fact = Stating(tongue=tongue, shown=shown)
    everyone = summary["all"]
    failed = NONE if everyone is None else tongue.share(everyone["faults"], everyone["units"])
    within = tongue.say("q_fact_nothing")
    if everyone is not None:
        ends = desk.joined(share_text(everyone["share_low"]), share_text(everyone["share_high"]))
        within = tongue.say("q_fact_failed_ends", ends=ends)
    compared = tongue.say("q_fact_warned_of", n=summary["batches_compared"], look=tongue.count(states.count("watched")))
    facts = [
        fact("q_fact_failed", failed, within, "sku"),
        fact("q_fact_warned", tongue.count(states.count("warned")), compared, "watch"),
    ]
    if not summary["costs"]:
        return facts
    cost, reserve = summary["costs"][0], summary["reserve"][0]
    unit = unit_of(cost["currency"])
    share = tongue.say("q_fact_cost_plain", n=cost["settled"])
    if cost["paid_minor"] and cost["net_minor"] >= 0:
        share = tongue.say("q_fact_cost_share", share=tongue.share(cost["net_minor"], cost["paid_minor"]))
    facts.append(fact("q_fact_cost", tongue.about(cost["net_minor"], unit), share, f"cost-{cost['currency']}"))
    if reserve["expected_minor"] is None:
        facts.append(fact("q_fact_reserve", NONE, tongue.say(f"q_reserve_{reserve['because']}"), ""))
    else:
        low, high = (str(tongue.about(max(0, reserve[key]), unit)) for key in ("low_minor", "high_minor"))
        note = tongue.say("q_fact_reserve_ends", ends=desk.joined(low, high))
        expected = tongue.about(max(0, reserve["expected_minor"]), unit)
        facts.append(fact("q_fact_reserve", expected, note, f"reserve-{cost['currency']}"))
    return facts


def _notes(summary: Json, tongue: Tongue) -> list[Said]:
    notes = []
    if not summary["batches"]:
        notes.append(tongue.say("q_no_batches"))
    notes += [
        tongue.say(f"q_note_{block['because']}", currency=block["currency"])
        for block in summary["reserve"]
        if block["expected_minor"] is None
    ]
    return notes


def _inputs(summary: Json, tongue: Tongue) -> list[tuple[Said, object]]:
    always = ("lines", "units", "watched_units", "unit_days", "claims", "faults")
    sometimes = ("undelivered_units", "undecided", "refuted", "outside", "again", "batches_alone", "rejected")
    rows: list[tuple[Said, object]] = [(tongue.say(f"q_in_{key}"), tongue.count(summary[key])) for key in always]
    return rows + [(tongue.say(f"q_in_{key}"), tongue.count(summary[key])) for key in sometimes if summary[key]]


def _limits(summary: Json, *, has_terms: bool) -> list[str]:
    """What this report cannot know, by what the data lacks."""
    doubts = {
        "q_limit_unreported": True,
        "q_limit_no_terms": not has_terms,
        "q_limit_sisters": bool(summary["batches"]),
        "q_limit_undecided": summary["undecided"] > 0,
        "q_limit_again": True,
        "q_limit_unseen": any((block.get("unseen_share") or 0) > 0 for block in summary["reserve"]),
        "q_limit_no_cost": summary["unit_cost_known"] is False,
        "q_limit_no_delivery": summary["delivery_known"] is False,
        "q_limit_reserve": any(block["expected_minor"] is not None for block in summary["reserve"]),
    }
    return [key for key, holds in doubts.items() if holds]
