"""What the console asks of cases: how many stand where, which come first, and what was opened and swapped day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Connection

from houbei.case.stages import Case, Stage
from houbei.store.cases import Standing, case_of, find_case
from houbei.store.console import Stretch
from houbei.store.line_rows import decoded
from houbei.store.statements import ask

_WAITS = "EXISTS (SELECT 1 FROM needs n WHERE n.kind = 'case' AND n.ref = c.case_id)"
"""Whether a case (`c`) waits for a person."""
_STAGE_PLACE = " ".join(f"WHEN '{stage.value}' THEN {place}" for place, stage in enumerate(Stage))
_LINE = ("seq", "source", "line_id", "order_id", "sku", "quantity", "category", "region", "buyer_id", "placed_us")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """What of its line a list tells; `title` is what the order calls it, `buyer_id` is not for showing as it is."""

    seq: int
    source: str
    line_id: str
    order_id: str
    sku: str
    quantity: int
    category: str | None
    region: str | None
    buyer_id: str | None
    placed_us: int
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A case that waits for a person: how it stands, which promise leads it, and since when it waits."""

    case_id: str
    case: Case
    terms: int | None
    currency: str
    since_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A case with its line; `waits_us` is since when it waits for a person, None where it does not."""

    standing: Standing
    line: LineFacts
    waits_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many cases are in one stage: those that wait for a person; of the others those that are open, and those that are over."""

    stage: Stage
    waiting: int
    open: int
    over: int


def count_cases(connection: Connection) -> list[Counted]:
    """Count cases by stage, in the order of the stages; stages without any are left out. Cost: a pass over the cases."""
    rows = ask(connection, "SELECT stage, over, COUNT(*) FROM cases GROUP BY stage, over")
    counts = {(Stage(stage), bool(over)): count for stage, over, count in rows}
    rows = ask(
        connection,
        "SELECT c.stage, c.over, COUNT(*) FROM needs n JOIN cases c ON c.case_id = n.ref WHERE n.kind = 'case'"
        " GROUP BY c.stage, c.over",
    )
    waiting = {(Stage(stage), bool(over)): count for stage, over, count in rows}
    return [
        Counted(
            stage=stage,
            waiting=waiting.get((stage, False), 0) + waiting.get((stage, True), 0),
            open=counts.get((stage, False), 0) - waiting.get((stage, False), 0),
            over=counts.get((stage, True), 0) - waiting.get((stage, True), 0),
        )
        for stage in Stage
        if (stage, False) in counts or (stage, True) in counts
    ]


def count_waiting(connection: Connection) -> int:
    """Count the cases that wait for a person. Cost: as many rows of a table."""
    return int(ask(connection, "SELECT COUNT(*) FROM needs WHERE kind = 'case'").scalar_one())


def waiting_cases(connection: Connection, *, stage: Stage | None = None) -> list[Waiting]:
    """Give every case that waits for a person, in no order: what comes first, its deadline says. Cost: 10 µs a case."""
    rows = ask(
        connection,
        "SELECT c.case_id, c.state, c.terms, c.currency, n.since_us FROM needs n JOIN cases c ON c.case_id = n.ref"
        " WHERE n.kind = 'case' AND (:stage IS NULL OR c.stage = :stage)",
        stage=None if stage is None else stage.value,
    )
    return [Waiting(case_id=r[0], case=case_of(r[1]), terms=r[2], currency=r[3], since_us=r[4]) for r in rows]


def other_cases(
    connection: Connection, *, over: bool, stage: Stage | None = None, limit: int, offset: int
) -> list[str]:
    """Give the numbers of a part of the cases that wait for nobody.

    Args:
        connection: A state of the store.
        over: Those that are over, the lately ended first; else the open ones by their stage, the next deadline first.
        stage: Only those of one stage.
        limit: How many.
        offset: How many to pass over.

    Cost: a pass over the cases; of those that are over, a look-up each for when they ended.
    """
    ended = "(SELECT MAX(s.seq) FROM steps s WHERE s.case_id = c.case_id) DESC"
    by_stage = f"CASE c.stage {_STAGE_PLACE} END, c.due_us IS NULL, c.due_us"
    rows = ask(
        connection,
        f"SELECT c.case_id FROM cases c WHERE c.over = :over AND NOT {_WAITS} AND (:stage IS NULL OR c.stage = :stage)"
        f" ORDER BY {ended if over else by_stage}, c.id LIMIT :most OFFSET :skip",
        over=int(over),
        stage=None if stage is None else stage.value,
        most=limit,
        skip=offset,
    )
    return list(rows.scalars().all())


def list_case(connection: Connection, case_id: str) -> Listed:
    """Give a case that there is, with its line. Cost: three look-ups."""
    standing = find_case(connection, case_id)
    if standing is None:
        raise KeyError(case_id)
    row = ask(connection, f"SELECT {', '.join(_LINE)}, more FROM lines WHERE seq = :seq", seq=standing.line).one()
    told = dict(zip((*_LINE, "more"), row, strict=True))
    line = LineFacts(title=decoded(told.pop("more")).get("title"), **told)
    return Listed(standing=standing, line=line, waits_us=waits_since(connection, case_id))


def waits_since(connection: Connection, case_id: str) -> int | None:
    """Give the moment since which a case waits for a person; None where it does not."""
    found: int | None = ask(
        connection, "SELECT since_us FROM needs WHERE kind = 'case' AND ref = :ref", ref=case_id
    ).scalar()
    return found


def is_exhibit(connection: Connection, sha256: str) -> bool:
    """Say whether a file of this hash belongs to any case. Cost: a pass over the files."""
    return ask(connection, "SELECT 1 FROM exhibits WHERE sha256 = :sha256 LIMIT 1", sha256=sha256).first() is not None


def cases_of_cover(connection: Connection, cover: int) -> list[tuple[str, str]]:
    """Give the cases of a cover's line, in the order of opening: (number, stage)."""
    rows = ask(
        connection,
        "SELECT c.case_id, c.stage FROM cases c WHERE c.line = (SELECT line FROM covers WHERE cover = :cover) ORDER BY c.id",
        cover=cover,
    )
    return [(row[0], row[1]) for row in rows]


def promises_of_line(connection: Connection, line: int) -> list[tuple[int, int]]:
    """Give the promises that a line is under: (number of the cover, number of the document), in the order of publishing."""
    rows = ask(connection, "SELECT cover, terms FROM covers WHERE line = :line ORDER BY terms", line=line)
    return [(row[0], row[1]) for row in rows]


def case_of_fact(connection: Connection, fact: str) -> str | None:
    """Give the number of the case whose step an entry cites; None where it cites something else."""
    kind, _, step = fact.partition(":")
    source, _, step_id = step.partition("/")
    if kind != "step":
        return None
    found: str | None = ask(
        connection, "SELECT case_id FROM steps WHERE source = :source AND step_id = :id", source=source, id=step_id
    ).scalar()
    return found


def opened_by_day(connection: Connection, days: Sequence[Stretch]) -> list[int]:
    """Count for each day the cases that were opened on it.

    Args:
        connection: A state of the store.
        days: Stretches of moments that follow one another, at most a few months of them.

    Cost: a pass over the openings.
    """
    return _by_day(connection, days, "SELECT known_us FROM openings WHERE known_us >= :begin AND known_us < :until")


def swapped_by_day(connection: Connection, days: Sequence[Stretch]) -> list[int]:
    """Count for each day the new units that became a buyer's on it, arguments as for `opened_by_day`. Cost: a pass over the swaps."""
    return _by_day(connection, days, "SELECT at_us FROM swaps WHERE at_us >= :begin AND at_us < :until")


def _by_day(connection: Connection, days: Sequence[Stretch], statement: str) -> list[int]:
    moments = sorted(ask(connection, statement, begin=days[0][0], until=days[-1][1]).scalars().all())
    edges, place, ends = [0], 0, [until_us for _, until_us in days]
    for end_us in ends:
        while place < len(moments) and moments[place] < end_us:
            place += 1
        edges.append(place)
    return [after - before for before, after in pairwise(edges)]
