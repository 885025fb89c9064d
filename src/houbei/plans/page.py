"""The page of a festival plan: one HTML file that opens offline, both languages in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from houbei.backtest.report.figures import Figure, Frame, framed
from houbei.backtest.report.sections import Fact
from houbei.backtest.report.tables import NONE, Table, made
from houbei.backtest.report.telling import Telling, told
from houbei.backtest.report.tongue import Said
from houbei.calendars.days import date_of
from houbei.delivery.festival import EVE, Plan, civil_day, plan_sha256
from houbei.delivery.festival_checks import Finding
from houbei.delivery.festival_days import PlanDays
from houbei.plans import plot_crews, plot_grid
from houbei.plans.cells import Cell, State, cells_of
from houbei.plans.naming import Naming, namings

_OPEN = (State.ALL, State.SOME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page shows: the plan by cells, what it forgets, whether its dates are provisional, and what to run for it."""

    days: PlanDays
    findings: Sequence[Finding]
    is_provisional: bool
    command: str

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.days.plan


def render(shown: Shown) -> str:
    """Write the page; the same plan gives the same bytes."""
    plan, rows = shown.plan, cells_of(shown.days)
    return told(
        [_telling(shown, rows, naming) for naming in namings(plan)],
        command=shown.command,
        fingerprint=plan_sha256(plan),
        as_of=f"{plan.plan}@{plan.version}",
    )


def _telling(shown: Shown, rows: Sequence[Sequence[Cell]], naming: Naming) -> Telling:
    plan = shown.plan
    figures = [[_grid(shown, rows, naming)]]
    if any(cell.crews is not None for row in rows for cell in row):
        figures.append([_crews(rows, naming)])
    notes = [naming.say(f"p_standing_{plan.standing.value}")]
    if shown.is_provisional:
        notes.append(naming.say("p_predicted", year=plan.year))
    return Telling(
        tongue=naming.tongue,
        title=str(naming.say("p_page_title", year=plan.year)),
        question=naming.say("p_question", year=plan.year),
        answer=_answer(shown, rows, naming),
        also=notes,
        facts=_facts(shown, rows, naming),
        rows=figures,
        notes=[],
        clauses=[],
        promise=[],
        tables=_tables(shown, naming),
        inputs=[
            (naming.say("p_input_plan"), f"{plan.plan}@{plan.version}"),
            (naming.say("p_input_standing"), naming.say(f"p_standing_word_{plan.standing.value}")),
            (naming.say("p_input_regions"), len(plan.regions)),
            (naming.say("p_input_carriers"), len(plan.carriers)),
            (naming.say("p_input_days"), shown.days.days),
        ],
        limits=[naming.say(f"p_limit_{key}") for key in ("truth", "expected", "sources")],
        sources=naming.say("p_from_plan", plan=plan.plan),
        colophon=naming.say("p_colophon", zone=plan.zone),
    )


def _answer(shown: Shown, rows: Sequence[Sequence[Cell]], naming: Naming) -> Said:
    first, last = shown.plan.span
    always = sum(all(cell.state in _OPEN for cell in row) for row in rows)
    said = naming.say("p_answer_open", first=naming.day(first), last=naming.day(last), open=always, regions=len(rows))
    short = sum(any(row[day].short for row in rows) for day in range(shown.days.days))
    if not any(cell.crews is not None for row in rows for cell in row):
        other = naming.say("p_answer_silent")
    else:
        other = naming.say("p_answer_short", n=short) if short else naming.say("p_answer_enough")
    return naming.say("two_sentences", one=said, other=other)


def _facts(shown: Shown, rows: Sequence[Sequence[Cell]], naming: Naming) -> list[Fact]:
    eve = civil_day(EVE, year=shown.plan.year) - shown.days.first_day
    everything = naming.say("p_fact_open_note", all=len(rows))
    facts = [
        Fact(
            term=naming.say(key),
            figure=str(sum(row[day].state in _OPEN for row in rows)) if 0 <= day < shown.days.days else NONE,
            note=everything,
            evidence=None,
        )
        for key, day in (("p_fact_open", eve), ("p_fact_first", eve + 1))
    ]
    short = [cell.short for row in rows for cell in row if cell.short]
    facts.append(
        Fact(
            term=naming.say("p_fact_short"),
            figure=str(len(short)),
            note=naming.say("p_fact_short_note", crews=sum(short)),
            evidence=f"{naming.tongue.lang}-crews" if short else None,
        )
    )
    found = Fact(
        term=naming.say("p_fact_found"),
        figure=str(len(shown.findings)),
        note=naming.say("p_fact_found_note"),
        evidence=None,
    )
    return [*facts, found]


def _grid(shown: Shown, rows: Sequence[Sequence[Cell]], naming: Naming) -> Figure:
    names = [naming.region(region.id) for region in shown.plan.regions]
    columns = [plot_grid.Column(_civil(cell.day), naming.lunar_short(cell.day)) for cell in rows[0]]
    title = naming.say("p_grid_title")
    desc = "; ".join(
        str(naming.say("p_grid_desc", region=name, open=sum(cell.state in _OPEN for cell in row)))
        for name, row in zip(names, rows, strict=True)
    )
    table = Table(
        caption=str(title),
        heads=[str(naming.say("head_region")), *(naming.day(cell.day) for cell in rows[0])],
        rows=[[name, *(_words(cell, naming) for cell in row)] for name, row in zip(names, rows, strict=True)],
        words=len(rows[0]) + 1,
    )
    return framed(
        Frame(f"{naming.tongue.lang}-grid", str(title), full=True),
        title=title,
        measure=naming.say("p_grid_measure"),
        draw=lambda sheet: plot_grid.draw(names, columns, rows, sheet=sheet, desc=desc),
        table=table,
        tongue=naming.tongue,
    )


def _words(cell: Cell, naming: Naming) -> str:
    """A cell in words: how it stands, until when, and how many crews are missing."""
    said = [str(naming.say(f"p_state_{cell.state.value}"))]
    if cell.until is not None:
        said.append(f"→{cell.until}")
    if cell.short:
        said.append(str(naming.say("p_state_short", n=cell.short)))
    return " ".join(said)


def _crews(rows: Sequence[Sequence[Cell]], naming: Naming) -> Figure:
    drawn = []
    for day in range(len(rows[0])):
        cells = [row[day] for row in rows]
        drawn.append(
            plot_crews.CrewDay(
                civil=_civil(cells[0].day),
                lunar=naming.lunar_short(cells[0].day),
                crews=sum(cell.crews or 0 for cell in cells),
                needed=sum(cell.needed or 0 for cell in cells),
                short=any(cell.short for cell in cells),
            )
        )
    title = naming.say("p_crews_title")
    days = [naming.day(cell.day) for cell in rows[0]]
    desc = "; ".join(
        str(naming.say("p_crews_desc", date=day, crews=one.crews, needed=one.needed))
        for day, one in zip(days, drawn, strict=True)
    )
    return framed(
        Frame(f"{naming.tongue.lang}-crews", str(title), full=True),
        title=title,
        measure=naming.say("p_crews_measure"),
        draw=lambda sheet: plot_crews.draw(drawn, sheet=sheet, desc=desc),
        table=made(
            naming.tongue,
            title,
            "date crews needed",
            ([day, str(one.crews), str(one.needed)] for day, one in zip(days, drawn, strict=True)),
        ),
        tongue=naming.tongue,
    )


def _tables(shown: Shown, naming: Naming) -> list[Table]:
    plan = shown.plan
    found = [[naming.finding(finding)] for finding in shown.findings] or [[str(naming.say("p_found_none"))]]
    charged = [
        [
            ", ".join(map(naming.carrier, item.carriers)),
            f"{item.first_day} – {item.last_day}",
            naming.surcharge(item),
        ]
        for item in plan.surcharges
    ]
    sources = [[naming.words(source.says), source.read] for source in plan.sources]
    heads = ("p_found_title", "found", found), ("p_surcharges_title", "carrier date surcharge", charged)
    tables = [made(naming.tongue, naming.say(title), columns, rows) for title, columns, rows in heads if rows]
    tables.append(made(naming.tongue, naming.say("p_sources_title"), "says read", sources))
    return [Table(caption=one.caption, heads=one.heads, rows=one.rows, words=len(one.heads)) for one in tables]


def _civil(day: int) -> str:
    date = date_of(day)
    return f"{date.month}/{date.day}"
