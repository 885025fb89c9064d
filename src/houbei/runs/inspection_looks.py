"""Facts of an inspection added up for a look: a unit that is another one, a photo that is missing. It never decides; a person looks."""

from sqlalchemy import Connection

from houbei.case.observed import Observed
from houbei.case.scorecard import shipped_scorecard
from houbei.case.signals import Cleared, Outcome, Score, score
from houbei.case.stages import Verdict
from houbei.facts.steps import Step, Teller, What
from houbei.store.case_counts import buyer_of
from houbei.store.cases import Standing
from houbei.store.looks import look_text
from houbei.store.steps import OURS, steps_of

REASON = "请人看一下 · worth a look"
"""Why a case is handed over, for whoever reads the step alone; the score beside it says the rest in their language."""


def look_after_inspection(connection: Connection, one: Standing, *, known_us: int) -> Step | None:
    """Give the step that asks for a look after an inspection; None where nothing new is worth one.

    Args:
        connection: In a writing transaction.
        one: The case as it stands since the inspection.
        known_us: When the inspection was learnt.
    """
    steps = steps_of(connection, one.case_id)
    received = next((step for step in reversed(steps) if step.what is What.RECEIVED), None)
    inspected = next((step for step in reversed(steps) if step.what is What.INSPECTED), None)
    if inspected is None:
        return None
    photo = next((step for step in reversed(steps) if step.what is What.SWAPPED), None)
    observed = Observed(
        case_id=one.case_id,
        buyer=buyer_of(connection, one.line),
        inspected_serial_fits=_fits(one, received, inspected),
        photo_taken=None if photo is None else bool(photo.told.get("exhibits")),
    )
    found = worth_a_look(observed, ())
    if found is None:
        return None
    return Step(
        source=OURS,
        step_id=f"look:{one.case_id}:{one.case.steps}",
        case=one.case_id,
        what=What.HANDED_OVER,
        teller=Teller.HOUBEI,
        at_us=known_us,
        known_us=known_us,
        told={"reason": REASON, "look": look_text(found)},
    )


def worth_a_look(observed: Observed, cleared: tuple[Cleared, ...]) -> Score | None:
    """Add facts up; None where they ask for no look."""
    found = score(observed, scorecard=shipped_scorecard(), cleared=cleared)
    return found if found.outcome is Outcome.LOOK else None


def _fits(one: Standing, received: Step | None, inspected: Step) -> bool | None:
    """Whether the unit that came back is the one that was reported."""
    if inspected.told["verdict"] == Verdict.OTHER_SERIAL:
        return False
    if received is None or not one.serial:
        return None
    return received.told["serial"] == one.serial
