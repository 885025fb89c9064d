"""What is worth a person's look in a case, scored from the facts of the store: asked at the report, and again once the old unit is in.

A score never decides. At the report it puts the decision before a person, whose silence decides for the buyer; afterwards it asks a
person to look while the case goes on.
"""

from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection

from houbei.case.observed import Observed
from houbei.case.scorecard import shipped_scorecard
from houbei.case.signals import Cleared, Outcome, Score, score
from houbei.case.stages import ENDS, Case, Old, Stage, Verdict
from houbei.facts.moments import DAY_US
from houbei.facts.steps import Step, Teller, What
from houbei.runs.lineage_of import Past, forest_around, past_of
from houbei.store.buyers import count_of_buyer, spreads_of_shop
from houbei.store.cases import Standing
from houbei.store.statements import ask
from houbei.store.steps import steps_of

PERIOD_DAYS = 365
"""Over how long reports are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The unit a report is about: its line, by its number, which piece of it, the serial that was reported, and what happened before."""

    line: int
    unit: int
    serial: str | None
    past: Past


def score_report(connection: Connection, asked: Asked, *, left: tuple[int | None, int | None], now_us: int) -> Score:
    """Score a report before its case is opened.

    Args:
        connection: A state of the store.
        asked: Which unit.
        left: How long the window is and how much of it is left, µs; None where none runs.
        now_us: What time it is.

    Cost: some look-ups; where nobody counted the shop within a day, a pass over the cases of the last year.
    """
    observed = _observe(connection, asked, now_us=now_us, case_id="")
    observed = replace(observed, window_us=left[0], left_us=left[1])
    return score(observed, scorecard=shipped_scorecard(), cleared=_cleared(connection, asked.past))


def score_case(connection: Connection, standing: Standing, *, now_us: int) -> Score:
    """Score a case as it stands, with what came back and what was not photographed.

    Cost: as `score_report`, and its steps.
    """
    past = past_of(connection, standing.line, standing.unit)
    past = replace(past, cases=tuple(one for one in past.cases if one.case_id != standing.case_id))
    asked = Asked(line=standing.line, unit=standing.unit, serial=standing.serial or None, past=past)
    observed = _observe(connection, asked, now_us=now_us, case_id=standing.case_id)
    steps = steps_of(connection, standing.case_id)
    received = next((step for step in reversed(steps) if step.what is What.RECEIVED), None)
    inspected = next((step for step in reversed(steps) if step.what is What.INSPECTED), None)
    visit = next((step for step in reversed(steps) if step.what in {What.SWAPPED, What.COLLECTED}), None)
    fits = None
    if received is not None and standing.serial and standing.case.old is Old.WITH_SHOP:
        fits = received.told["serial"] == standing.serial
    observed = replace(
        observed,
        inspected_serial_fits=fits,
        photo_taken=None if visit is None else bool(visit.told.get("exhibits")),
        **_whole_of(received, "box_g", "box_expected_g"),
        **_whole_of(inspected, "parts_checked", "parts_other"),
    )
    return score(observed, scorecard=shipped_scorecard(), cleared=_cleared(connection, past))


def _whole_of(step: Step | None, *names: str) -> dict[str, Any]:
    """The numbers that a step told, by their names; none of a step that did not happen."""
    return {} if step is None else {name: int(step.told[name]) for name in names if name in step.told}


def look_step(case_id: str, scored: Score, *, now_us: int) -> Step | None:
    """Give the step that asks a person to look at a case; None where nothing is worth it."""
    if scored.outcome is not Outcome.LOOK:
        return None
    return Step(
        source="houbei",
        step_id=f"look:{case_id}:{scored.total}",
        case=case_id,
        what=What.HANDED_OVER,
        teller=Teller.HOUBEI,
        at_us=now_us,
        known_us=now_us,
        told={"reason": "look", "look": look_text(scored)},
    )


def look_text(scored: Score) -> str:
    """Write a score so that a step can keep it."""
    return msgspec.json.encode(scored).decode()


def read_look(text: str) -> Score:
    """Read a score that a step kept.

    Raises:
        ValueError: it is none.
    """
    return msgspec.json.decode(text, type=Score)


def _observe(connection: Connection, asked: Asked, *, now_us: int, case_id: str) -> Observed:
    row = ask(connection, "SELECT line_id, buyer_id FROM lines WHERE seq = :line", line=asked.line).one()
    since_us = now_us - PERIOD_DAYS * DAY_US
    spreads = spreads_of_shop(connection, now_us=now_us, since_us=since_us)
    standing = None
    if asked.serial and asked.past.first_serial:
        forest = forest_around(connection, [asked.serial], line=asked.line)
        standing = forest.standing(asked.serial, line_id=row.line_id, unit=asked.unit)
    return Observed(
        case_id=case_id,
        buyer=row.buyer_id or row.line_id,
        serial=asked.serial,
        period_days=PERIOD_DAYS,
        standing=standing,
        unit_reports=len(asked.past.cases) + 1,
        unit_confirmed=sum(_is_confirmed(one.case) for one in asked.past.cases),
        of_buyer=None if row.buyer_id is None else count_of_buyer(connection, row.buyer_id, since_us=since_us),
        units_by_reports=spreads.units,
        buyers_by_reports=None if row.buyer_id is None else spreads.buyers,
    )


def _is_confirmed(case: Case) -> bool:
    """Whether the fault of a case that ended stands: found so, or never contradicted."""
    return case.verdict is Verdict.CONFIRMED or (case.verdict is None and case.stage in ENDS - {Stage.NOT_COVERED})


def _cleared(connection: Connection, past: Past) -> list[Cleared]:
    """What people looked at in earlier cases of the unit and went on with: it is not raised again."""
    cleared = []
    for one in past.cases:
        looks = list[Score]()
        for step in steps_of(connection, one.case_id):
            if "look" in step.told:
                looks.append(read_look(str(step.told["look"])))
            decided = step.what is What.DECIDED and step.told["answer"] != "no"
            if looks and (decided or step.what is What.TAKEN_UP):
                parts = [part for scored in looks for part in scored.parts]
                cleared += [Cleared(signal=p.signal, subject=p.subject, measure=p.measure) for p in parts]
    return cleared
