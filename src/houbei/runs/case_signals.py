"""Facts of a report added up for a look. It never decides; a person looks.

What is counted over the whole shop is counted once a day and kept as a note: a report need not wait for a pass over all cases.
"""

from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import Connection

from houbei.case.lineage import Standing as SerialStanding
from houbei.case.observed import Count, Observed
from houbei.case.signals import Cleared, Score
from houbei.case.stages import Verdict
from houbei.facts.moments import DAY_US
from houbei.facts.steps import What
from houbei.runs.inspection_looks import worth_a_look
from houbei.runs.judging import Answer
from houbei.runs.lineage_of import Past, forest_around
from houbei.store.case_counts import buyer_cases, buyer_of, count_buyer, count_shop
from houbei.store.looks import read_look
from houbei.store.marks import read_mark, write_mark
from houbei.store.statements import ask
from houbei.store.steps import steps_of

PERIOD_DAYS = 365
COUNTED_EVERY_US = DAY_US
"""How long a count over the whole shop is good for."""
_MARK = "looks_of_shop"


class _Shop(msgspec.Struct):
    """What was counted over the whole shop, and when."""

    at_us: int
    of_shop: Count
    units_by_reports: tuple[int, ...]
    buyers_by_reports: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """Whose line it is, and whether anybody noted the serials that it was delivered with."""

    line_id: str
    buyer: str
    serials: bool


def score_report(
    connection: Connection, *, line: int, unit: int, serial: str | None, past: Past, answer: Answer, now_us: int
) -> Score | None:
    """Add up what is worth a look in a report.

    Args:
        connection: In a writing transaction: what was counted over the shop is noted.
        line: The number of the line.
        unit: Which piece of it.
        serial: As it was reported.
        past: What happened to the unit before.
        answer: What the promises say.
        now_us: What time it is.

    Returns:
        The score, None where it asks for no look.

    Cost: a few look-ups; once a day a pass over the cases and lines of a year.
    """
    about = _line(connection, line)
    since_us = now_us - PERIOD_DAYS * DAY_US
    observed = _counted(connection, about, now_us=now_us)
    before = [one for one in past.cases if one.opened_us >= since_us]
    observed = replace(
        observed,
        serial=serial or None,
        standing=_standing(connection, about, serial, line=line, unit=unit),
        unit_reports=len(before) + 1,
        unit_confirmed=sum(one.case.verdict is Verdict.CONFIRMED for one in before),
        window_us=answer.window_us,
        left_us=answer.left_us,
    )
    return worth_a_look(observed, cleared_for(connection, about.buyer, since_us))


def cleared_for(connection: Connection, buyer: str, since_us: int) -> tuple[Cleared, ...]:
    """What people looked at in earlier cases of a buyer and found in order: it is not raised again."""
    found = list[Cleared]()
    for case_id in buyer_cases(connection, buyer, since_us=since_us):
        steps = steps_of(connection, case_id)
        looked = next((step for step in steps if step.what is What.JUDGED and step.told.get("look")), None)
        by_person = [step for step in steps if step.what is What.DECIDED and step.told.get("answer") != "no"]
        if looked is not None and by_person:
            parts = read_look(str(looked.told["look"])).parts
            found += [
                Cleared(signal=part.signal, subject=part.subject, measure=part.measure)
                for part in parts
                if part.points > 0
            ]
    return tuple(found)


def _line(connection: Connection, line: int) -> _Line:
    line_id = ask(connection, "SELECT line_id FROM lines WHERE seq = :line", line=line).scalar_one()
    noted = ask(connection, "SELECT EXISTS (SELECT 1 FROM serials WHERE line = :line)", line=line).scalar()
    return _Line(line_id=line_id, buyer=buyer_of(connection, line), serials=bool(noted))


def _standing(
    connection: Connection, about: _Line, serial: str | None, *, line: int, unit: int
) -> SerialStanding | None:
    """What the registry says of the reported serial; nothing where nobody noted what the line was delivered with."""
    if not serial or not about.serials:
        return None
    forest = forest_around(connection, [serial], line=line)
    return forest.standing(serial, line_id=about.line_id, unit=unit)


def _counted(connection: Connection, about: _Line, *, now_us: int) -> Observed:
    """The counts of the buyer now, and those of the shop as they were counted within the last day."""
    kept = read_mark(connection, _MARK)
    shop = None if kept is None else msgspec.json.decode(kept, type=_Shop)
    since_us = now_us - PERIOD_DAYS * DAY_US
    if shop is None or now_us - shop.at_us >= COUNTED_EVERY_US:
        counts = count_shop(connection, since_us=since_us)
        shop = _Shop(now_us, counts.of_shop, counts.units_by_reports, counts.buyers_by_reports)
        write_mark(connection, _MARK, msgspec.json.encode(shop).decode())
    return Observed(
        case_id="new",
        buyer=about.buyer,
        period_days=PERIOD_DAYS,
        of_buyer=count_buyer(connection, about.buyer, since_us=since_us),
        of_shop=shop.of_shop,
        units_by_reports=shop.units_by_reports,
        buyers_by_reports=shop.buyers_by_reports,
    )
