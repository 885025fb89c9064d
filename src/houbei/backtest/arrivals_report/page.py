"""The page: how a delivery promise would have stood and what it would have owed, as question, answer, facts, drawings, clauses and limits."""

from collections.abc import Mapping, Sequence
from typing import Any

from houbei.backtest.arrivals_report import figures
from houbei.backtest.arrivals_report.words_en import WORDS as ENGLISH
from houbei.backtest.arrivals_report.words_zh import WORDS as CHINESE
from houbei.backtest.arrivals_run import OVER, ArrivalsAnswer
from houbei.backtest.claims_report.figures import unit_of
from houbei.backtest.report.figures import SummaryDesk
from houbei.backtest.report.findings import Texts
from houbei.backtest.report.sections import Fact, Stating
from houbei.backtest.report.sentences import text_in
from houbei.backtest.report.tables import NONE, Table, made, rejected_tables
from houbei.backtest.report.telling import Telling, clauses_of, speaking, told
from houbei.backtest.report.tongue import Said, Tongue
from houbei.money import POINTS

Json = Mapping[str, Any]

_HOUR_US = 3_600_000_000


def render(answer: ArrivalsAnswer, *, command: str) -> str:
    """Write the report of a backtest of a delivery promise as one HTML file, both languages in it.

    Args:
        answer: What the backtest found.
        command: What to run for the same report.
    """
    summary = answer.summary
    tongues = speaking(
        frozenset(block["currency"] for block in _money(summary)),
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


def _money(summary: Json) -> list[Json]:
    return [block for block in summary["owed"] if block["currency"] != POINTS]


def _points(summary: Json) -> Json | None:
    return next((block for block in summary["owed"] if block["currency"] == POINTS), None)


def _telling(answer: ArrivalsAnswer, tongue: Tongue) -> Telling:
    summary, terms = answer.summary, answer.question.terms
    desk = SummaryDesk(summary=summary, tongue=tongue)
    months = figures.months(desk, full=False)
    stands = figures.stands(desk, full=months is None)
    rows = [[figure for figure in (months, stands) if figure is not None]]
    name = text_in(Texts(zh=terms.title.get("zh"), en=terms.title.get("en")), tongue)[0] or terms.term
    asked = tongue.say("d_question", name=name)
    files = answer.question.files.paths
    return Telling(
        tongue=tongue,
        title=str(tongue.say("page_title", question=asked)),
        question=asked,
        answer=_answer(summary, tongue),
        also=_also(summary, tongue),
        facts=_facts(desk, {figure.name for row in rows for figure in row}),
        rows=[row for row in rows if row],
        notes=[],
        clauses=clauses_of([terms], tongue),
        promise=[(tongue.say("terms_term"), f"{terms.term}@{terms.version}")],
        tables=_tables(summary, tongue),
        inputs=_inputs(summary, tongue),
        limits=_limits(summary, tongue),
        sources=tongue.say("d_again_inputs", files=", ".join(path.name for path in files)),
        colophon=tongue.say("colophon", zone=terms.zone, as_of=tongue.moment(summary["as_of"], terms.zone)),
    )


def _over(summary: Json) -> int:
    return int(sum(summary[word] for word in OVER))


def _answer(summary: Json, tongue: Tongue) -> Said:
    over = _over(summary)
    if not over:
        return tongue.say("d_answer_empty")
    share = tongue.share(summary["kept"], over)
    money, points = _money(summary), _points(summary)
    owed = [str(tongue.about(block["owed_minor"], unit_of(block["currency"]))) for block in money[:1]]
    owed += [str(tongue.say("d_points", points=tongue.count(points["owed_minor"])))] if points else []
    joined = str(tongue.say("d_and", one=owed[0], other=owed[1])) if len(owed) > 1 else "".join(owed)
    key = "d_answer" if any(block["owed_minor"] for block in summary["owed"]) else "d_answer_nothing"
    return tongue.say(key, share=share, deliveries=tongue.count(over), owed=joined)


def _also(summary: Json, tongue: Tongue) -> list[Said]:
    return [
        tongue.say(
            "d_also",
            name=tongue.currency_name(block["currency"]),
            owed=tongue.about(block["owed_minor"], unit_of(block["currency"])),
        )
        for block in _money(summary)[1:]
    ]


def _facts(desk: SummaryDesk, shown: set[str]) -> list[Fact]:
    summary, tongue = desk.summary, desk.tongue
    fact = Stating(tongue=tongue, shown=shown)
    over, late = _over(summary), summary["late"]
    kept = tongue.share(summary["kept"], over) or NONE
    facts = [
        fact("d_fact_kept", kept, tongue.say("d_fact_kept_of", deliveries=tongue.count(over)), "months"),
        fact("d_fact_late", tongue.count(late), tongue.say("d_fact_excused", n=summary["excused"]), "stands"),
    ]
    for block in _money(summary)[:1]:
        unit = unit_of(block["currency"])
        note = tongue.say("d_fact_owed_to", n=block["deliveries_owed"])
        facts.append(fact("d_fact_owed", tongue.about(block["owed_minor"], unit), note, ""))
    points = _points(summary)
    if points is not None:
        note = tongue.say("d_fact_owed_to", n=points["deliveries_owed"])
        facts.append(fact("d_fact_points", tongue.count(points["owed_minor"]), note, ""))
    else:
        note = tongue.say("d_fact_disputed_note")
        facts.append(fact("d_fact_disputed", tongue.count(summary["disputed"]), note, "stands"))
    return facts


def _tables(summary: Json, tongue: Tongue) -> list[Table]:
    rows = [
        [
            tongue.count(row["tier"]),
            str(tongue.say("d_hours", hours=_hours(row["over_us"]))),
            tongue.count(row["reached"]),
        ]
        for row in summary["tiers"]
    ]
    found = [made(tongue, tongue.say("d_tiers_title"), "d_tier d_over_hours d_reached", rows)]
    owed = [
        [block["currency"], *(_amount(block[key], block["currency"], tongue) for key in ("owed_minor", "held_minor"))]
        if block["currency"] != POINTS
        else [str(tongue.say("d_unit_points")), *(tongue.count(block[key]) for key in ("owed_minor", "held_minor"))]
        for block in summary["owed"]
    ]
    found.append(made(tongue, tongue.say("d_owed_title"), "d_unit d_owed d_held", owed))
    return [*found, *rejected_tables(summary["rejected_by_code"], tongue)]


def _amount(minor: int, currency: str, tongue: Tongue) -> str:
    return str(tongue.money(minor, unit_of(currency)))


def _hours(over_us: int) -> str:
    whole, rest = divmod(over_us, _HOUR_US)
    return f"{whole}" if not rest else f"{whole}:{rest * 60 // _HOUR_US:02}"


def _inputs(summary: Json, tongue: Tongue) -> list[tuple[Said, object]]:
    always = ("lines", "lines_promised", "deliveries")
    sometimes: Sequence[str] = ("none", "open", "ended", "undecided", "provisional", "rejected")
    wanted = [*always, *(key for key in sometimes if summary[key])]
    return [(tongue.say(f"d_in_{key}"), tongue.count(summary[key])) for key in wanted]


def _limits(summary: Json, tongue: Tongue) -> list[Said]:
    """What this report cannot know."""
    doubts = {
        "d_limit_scans": True,
        "d_limit_none": summary["none"] > 0,
        "d_limit_open": summary["open"] > 0,
        "d_limit_disputed": summary["disputed"] > 0,
        "d_limit_undecided": summary["undecided"] > 0,
        "d_limit_provisional": summary["provisional"] > 0,
    }
    return [tongue.say(key) for key, holds in doubts.items() if holds]
