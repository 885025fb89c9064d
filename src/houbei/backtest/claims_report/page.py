"""The page: what promises would have answered and cost, as question, answer, facts, drawings, clauses and limits."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from houbei.backtest.claims_report import figures
from houbei.backtest.claims_report.figures import Desk, unit_of
from houbei.backtest.claims_report.words_en import WORDS as ENGLISH
from houbei.backtest.claims_report.words_zh import WORDS as CHINESE
from houbei.backtest.claims_run import DONE, ClaimsAnswer
from houbei.backtest.report.figures import Figure
from houbei.backtest.report.findings import Texts
from houbei.backtest.report.sections import Fact, Stating
from houbei.backtest.report.sentences import text_in
from houbei.backtest.report.tables import NONE, Table, made, rejected_tables
from houbei.backtest.report.telling import Telling, clauses_of, speaking, told
from houbei.backtest.report.tongue import Said, Tongue
from houbei.money import round_half_up

Json = Mapping[str, Any]


def render(answer: ClaimsAnswer, *, command: str) -> str:
    """Write the report of a backtest on claims as one HTML file, both languages in it.

    Args:
        answer: What the backtest found.
        command: What to run for the same report.
    """
    summary = answer.summary
    tongues = speaking(
        frozenset(block["currency"] for block in summary["currencies"]),
        with_years=True,
        english=ENGLISH,
        chinese=CHINESE,
    )
    return told(
        [_telling(answer, tongue) for tongue in tongues],
        command=command,
        fingerprint=summary["input_fingerprint"],
        as_of=summary["as_of"],
    )


def _telling(answer: ClaimsAnswer, tongue: Tongue) -> Telling:
    summary, question = answer.summary, answer.question
    own = question.promises[0]
    desk = Desk(summary=summary, own_days=figures.days_of(own), tongue=tongue)
    rows = [row for row in _rows(desk) if row]
    name = text_in(Texts(zh=own.title.get("zh"), en=own.title.get("en")), tongue)[0] or own.term
    asked = tongue.say("c_question", name=name)
    return Telling(
        tongue=tongue,
        title=str(tongue.say("page_title", question=asked)),
        question=asked,
        answer=_answer(summary, tongue),
        also=_also(summary, tongue),
        facts=_facts(desk, {figure.name for row in rows for figure in row}),
        rows=rows,
        notes=[] if "sweep" in summary else [tongue.say("c_no_sweep")],
        clauses=clauses_of(question.promises, tongue),
        promise=[
            (
                tongue.say("terms_term"),
                f"{terms.term}@{terms.version}" + (f" · {tongue.say('c_statute')}" if terms.statute else ""),
            )
            for terms in question.promises
        ],
        tables=_tables(summary, tongue),
        inputs=_inputs(summary, tongue),
        limits=_limits(summary, tongue),
        sources=tongue.say("again_inputs_plain", orders=question.orders.name, prices=question.claims.name),
        colophon=tongue.say("colophon", zone=own.zone, as_of=tongue.moment(summary["as_of"], own.zone)),
    )


def _rows(desk: Desk) -> list[list[Figure]]:
    rows = [[figure] for block in desk.summary["currencies"] if (figure := figures.sweep(desk, block)) is not None]
    refused = figures.refused(desk, full=False)
    answered = figures.answered(desk, full=refused is None)
    if answered is None:
        refused = figures.refused(desk, full=True)
    rows.append([figure for figure in (answered, refused) if figure is not None])
    return rows


def _answer(summary: Json, tongue: Tongue) -> Said:
    if not summary["claims"]:
        return tongue.say("c_answer_empty")
    given = sum(summary[done] for done in DONE)
    n, told_of, claims = given, tongue.count(given), tongue.count(summary["claims"])
    if not summary["currencies"]:
        return tongue.say("c_answer_plain", n=n, given=told_of, claims=claims)
    block = summary["currencies"][0]
    cost = _money(block, tongue)
    share = tongue.share(block["cost_minor"], block["revenue_minor"]) if block["cost_minor"] >= 0 else None
    key = "c_answer_no_share" if share is None else "c_answer"
    return tongue.say(key, n=n, cost=cost, share=share, given=told_of, claims=claims)


def _money(block: Json, tongue: Tongue) -> str:
    return tongue.about(block["cost_minor"], unit_of(block["currency"]))


def _also(summary: Json, tongue: Tongue) -> list[Said]:
    return [
        tongue.say("c_also", name=tongue.currency_name(block["currency"]), cost=_money(block, tongue))
        for block in summary["currencies"][1:]
    ]


def _facts(desk: Desk, shown: set[str]) -> list[Fact]:
    summary, tongue = desk.summary, desk.tongue
    fact = Stating(tongue=tongue, shown=shown)
    given = sum(summary[done] for done in DONE)
    replaced, refunded, repaired = (tongue.count(summary[done]) for done in DONE)
    kinds = tongue.say("c_fact_given_of", replaced=replaced, refunded=refunded, repaired=repaired)
    facts = [
        fact("c_fact_given", tongue.count(given), kinds, "answered"),
        fact(
            "c_fact_refused",
            tongue.count(summary["refused"]),
            tongue.say("c_fact_referred", n=summary["referred"]),
            "refused",
        ),
    ]
    if not summary["currencies"]:
        return facts
    block = summary["currencies"][0]
    unit = unit_of(block["currency"])
    each = (
        NONE if not block["given"] else tongue.money(round_half_up(Fraction(block["cost_minor"], block["given"])), unit)
    )
    parts = tongue.say(
        "c_fact_cost_parts",
        goods=tongue.about(block["goods_minor"], unit),
        service=tongue.about(block["service_minor"], unit),
        back=tongue.about(block["back_minor"], unit),
    )
    facts.append(fact("c_fact_cost", _money(block, tongue), parts, f"sweep-{block['currency']}"))
    per_unit = round_half_up(Fraction(block["cost_minor"], max(1, summary["units"])))
    facts.append(fact("c_fact_each", each, tongue.say("c_fact_per_unit", money=tongue.money(per_unit, unit)), ""))
    return facts


def _tables(summary: Json, tongue: Tongue) -> list[Table]:
    rows = [
        [f"{row['term']}@{row['version']}", *(tongue.count(row[done]) for done in DONE)] for row in summary["promises"]
    ]
    found = [made(tongue, tongue.say("c_promises_title"), "c_promise c_replaced c_refunded c_repaired", rows)]
    return [*found, *rejected_tables(summary["rejected_by_code"], tongue)]


def _inputs(summary: Json, tongue: Tongue) -> list[tuple[Said, object]]:
    rows: list[tuple[Said, object]] = [
        (tongue.say(f"c_in_{key}"), tongue.count(summary[key])) for key in ("lines", "units", "claims")
    ]
    sometimes: Sequence[str] = ("same_case", "referred", "unit_cost_unknown", "rejected")
    return rows + [(tongue.say(f"c_in_{key}"), tongue.count(summary[key])) for key in sometimes if summary[key]]


def _limits(summary: Json, tongue: Tongue) -> list[Said]:
    """What this report cannot know."""
    doubts = {
        "c_limit_reported": True,
        "c_limit_short": summary["watched_short"] > 0,
        "c_limit_refused": summary["refused"] > 0,
        "c_limit_unit_cost": summary["unit_cost_unknown"] > 0,
        "c_limit_referred": summary["referred"] > 0,
        "c_limit_band": "sweep" in summary,
    }
    short = summary["watched_short"]
    return [tongue.say(key, n=short, count=tongue.count(short)) for key, holds in doubts.items() if holds]
