"""What stands around the figures: the four facts, the promise, what went in, how to run it again."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup

from houbei.backtest.report import figures, sentences, tables
from houbei.backtest.report.figures import Desk, Figure
from houbei.backtest.report.findings import Block, Findings
from houbei.backtest.report.tables import Table
from houbei.backtest.report.titles import unit_of
from houbei.backtest.report.tongue import Amount, Said, Tongue

_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One of the four figures under the answer; `evidence` names the part of the page that it opens."""

    term: Said
    figure: str
    note: Said
    evidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stating:
    """States facts in one language; `shown` are the names of the figures that the page has."""

    tongue: Tongue
    shown: Collection[str]

    def __call__(self, key: str, figure: object, note: Said, evidence: str) -> Fact:
        """State a fact: the key of its term, its figure, what is said below it, and the figure that bears it out."""
        name = f"{self.tongue.lang}-{evidence}"
        found = name if name in self.shown else None
        return Fact(term=self.tongue.say(key), figure=str(figure), note=note, evidence=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause as buyers read it, in the language it is in."""

    id: str
    text: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """Everything the report shows of one currency. A pair stands side by side on a wide page."""

    name: str
    heading: str | None
    facts: Sequence[Fact]
    sweep: Figure | None
    sweep_note: Said | None
    pairs: Sequence[Sequence[Figure]]
    days: Figure | None
    drops: Figure | None
    worst: Table | None
    worst_region: str


def currency(block: Block, findings: Findings, tongue: Tongue, *, alone: bool) -> Currency:
    """Gather one currency; its heading is left out where it is the only one."""
    desk = Desk(block=block, findings=findings, tongue=tongue, alone=alone)
    asked = _pair(desk, figures.ways, figures.variants)
    split = _pair(desk, figures.categories, figures.sizes)
    drops = figures.drops(desk, full=not block.worst_days)
    worst = tables.worst_table(block, tongue) if block.worst_days else None
    sweep, days = figures.sweep(desk), figures.days(desk)
    shown = [figure for figure in (sweep, *asked, *split, days, drops) if figure is not None]
    return Currency(
        name=f"{tongue.lang}-{block.currency}",
        heading=None if alone else f"{block.currency} · {tongue.currency_name(block.currency)}",
        facts=_facts(block, tongue, {figure.name.rsplit("-", 1)[1]: figure.name for figure in shown}),
        sweep=sweep,
        sweep_note=None if sweep else _sweep_note(block, tongue),
        pairs=[pair for pair in (asked, split) if pair],
        days=days,
        drops=drops,
        worst=worst,
        worst_region="" if worst is None else desk.region(worst.caption),
    )


def _sweep_note(block: Block, tongue: Tongue) -> Said:
    """Say why no sweep is drawn: none was asked for, or it found nothing."""
    if len(block.sweep) < figures.COMPARED_MIN:
        return tongue.say("sweep_absent")
    return tongue.say("sweep_none", first=block.sweep[0].days, last=block.sweep[-1].days)


class Maker(Protocol):
    """A figure that stands beside another one, or alone over the full width."""

    def __call__(self, desk: Desk, *, full: bool) -> Figure | None:
        """Make it; None when there is nothing to show."""


def _pair(desk: Desk, *makers: Maker) -> list[Figure]:
    made = [figure for make in makers if (figure := make(desk, full=False)) is not None]
    if len(made) != 1:
        return made
    return [figure for make in makers if (figure := make(desk, full=True)) is not None]


def _facts(block: Block, tongue: Tongue, shown: dict[str, str]) -> list[Fact]:
    unit = unit_of(block)
    lines = tongue.say(
        "fact_lines_of", n=block.payouts, lines=tongue.count(block.lines), payouts=tongue.count(block.payouts)
    )
    median = tables.NONE if block.median_minor is None else tongue.about(block.median_minor, unit)
    spread = tongue.say("fact_median_none")
    if block.p90_minor is not None:
        spread = tongue.say("fact_median_p90", p90=tongue.about(block.p90_minor, unit))
    worst, when = _worst(block, tongue)
    rows = (
        ("fact_cost", tongue.about(block.owed_minor, unit), _cost_note(block, tongue), "sweep"),
        ("fact_lines", tongue.count(block.lines_owed), lines, "drops"),
        ("fact_median", median, spread, "sizes"),
        ("fact_worst", worst, when, "days"),
    )
    return [
        Fact(term=tongue.say(key), figure=str(figure), note=note, evidence=shown.get(evidence))
        for key, figure, note, evidence in rows
    ]


def _cost_note(block: Block, tongue: Tongue) -> Said:
    unit, ends = unit_of(block), block.interval
    if ends is None:
        return tongue.say("fact_cost_plain", revenue=tongue.about(block.revenue_minor, unit))
    if block.revenue_minor:
        low, high = (tongue.share(minor, block.revenue_minor) for minor in (ends.low_minor, ends.high_minor))
        return tongue.say("fact_cost_interval", low=low, high=high)
    low_money, high_money = (tongue.about(minor, unit) for minor in (ends.low_minor, ends.high_minor))
    return tongue.say("fact_cost_interval_money", low=low_money, high=high_money)


def _worst(block: Block, tongue: Tongue) -> tuple[str | Amount, Said]:
    days = block.days or block.worst_days
    highest = max((day.owed_minor for day in days), default=0)
    if not highest:
        return tables.NONE, tongue.say("fact_worst_none")
    worst = [day for day in days if day.owed_minor == highest]
    figure = tongue.about(highest, unit_of(block))
    when = tongue.date(worst[0].date)
    if len(worst) > 1:
        return figure, tongue.say("fact_worst_tie", n=len(worst) - 1, date=when)
    return figure, tongue.say("plain", text=when)


# --- the promise and what went in ------------------------------------------------------------------------------------


def clauses(findings: Findings, tongue: Tongue) -> list[Clause]:
    """Quote the clauses of the terms."""
    quoted = []
    for clause in findings.terms.clauses:
        text, lang = sentences.text_in(clause, tongue)
        quoted.append(Clause(id=clause.id, text=text, lang=lang))
    return quoted


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)


def promise(findings: Findings, tongue: Tongue) -> list[tuple[Said, object]]:
    """Tell what the terms say to the machine, one pair of words a row."""
    terms, say = findings.terms, tongue.say
    window: object = _code(findings.window_text)
    if findings.window_days is not None:
        window = say("terms_window_days", n=findings.window_days)
    rows: list[tuple[str, object]] = [
        ("terms_term", _code(f"{terms.term}@{terms.version}")),
        ("terms_window", window),
        ("terms_scope", _code(terms.scope) if terms.scope else say("terms_scope_all")),
        ("terms_prices", _code(terms.prices_where) if terms.prices_where else say("terms_prices_all")),
    ]
    if terms.same:
        joined = ", ".join(str(say(f"same_{name}")) if tongue.has(f"same_{name}") else name for name in terms.same)
        rows.append(("terms_same", joined if tongue.lang == "en" else joined.replace(", ", "、")))
    rows.append(("terms_open", say(f"terms_open_{terms.at_open}")))
    if terms.suspicious_percent is not None:
        rows.append(("terms_suspicious", say("terms_suspicious_below", percent=terms.suspicious_percent)))
    rows.append(("terms_sha", _code(terms.sha256)))
    return [(say(key), value) for key, value in rows]


def inputs(findings: Findings, tongue: Tongue) -> list[tuple[Said, object]]:
    """Count what went in; what is not there is not listed."""
    counts = findings.inputs
    always = (
        ("in_lines", counts.lines),
        ("in_units", counts.units),
        ("in_skus", counts.skus),
        ("in_series", counts.series),
        ("in_price_rows", counts.price_rows),
        ("in_scope", counts.in_scope_lines),
    )
    sometimes = (("in_undecided", counts.undecided), ("in_held", counts.held_lines), ("in_short", counts.watched_short))
    rows: list[tuple[Said, object]] = [(tongue.say(key), tongue.count(number)) for key, number in always]
    rows += [(tongue.say(key), tongue.count(number)) for key, number in sometimes if number]
    rows += [
        (tongue.say("in_held_money", currency=block.currency), tongue.money(block.held_minor, unit_of(block)))
        for block in findings.currencies
        if block.held_minor
    ]
    return rows


def inputs_title(findings: Findings, tongue: Tongue) -> Said:
    """Say whether everything could be read."""
    rows = findings.inputs.rejected_rows
    return tongue.say("in_title_rejected", n=rows, rows=tongue.count(rows)) if rows else tongue.say("in_title_clean")


def command(text: str) -> str:
    """Break a command before each of its options, so that it can still be pasted into a shell."""
    lines: list[list[str]] = [[]]
    for word in _WORD.findall(text):
        if word.startswith("--"):
            lines.append([])
        lines[-1].append(word)
    return " \\\n  ".join(" ".join(line) for line in lines if line)
