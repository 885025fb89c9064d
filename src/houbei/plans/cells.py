"""What is planned for a region on a day, with all its carriers together: what a table, a drawing and a terminal show of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from houbei.delivery.clock_times import clock_us_of
from houbei.delivery.festival import DayItem, What
from houbei.delivery.festival_days import UNSAID, PlanDays, surcharges_on


class State(StrEnum):
    """How a region stands on a day."""

    ALL = "all"
    """Every carrier comes."""
    SOME = "some"
    CLOSED = "closed"
    """Nobody comes, and that is decided."""
    FORGOTTEN = "forgotten"
    """Nobody comes, and nobody decided it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A region on a day.

    `works` are the carriers that come; `until` is when the last of them stops, `cut_off` the last cut-off (None where nothing is said);
    `crews` and `needed` are None where the plan does not say them; `short` is how many crews are missing.
    """

    day: int
    state: State
    works: tuple[str, ...]
    until: str | None
    cut_off: str | None
    crews: int | None
    needed: int | None
    short: int
    is_surcharged: bool

    @property
    def calls(self) -> bool:
        """Whether a person is needed."""
        return self.short > 0 or self.state is State.FORGOTTEN


def cells_of(days: PlanDays) -> list[list[Cell]]:
    """Give the cells of a plan: a row a region, in its order, a cell a day."""
    return [[_cell(days, region, day) for day in range(days.days)] for region in range(len(days.plan.regions))]


def item_of(days: PlanDays, *, region: int, carrier: int, day: int) -> DayItem | None:
    """Give what is planned for a carrier in a region on a day; None where the plan says nothing."""
    place = int(days.day[region, carrier, day])
    return None if place == UNSAID else days.plan.days[place]


def _cell(days: PlanDays, region: int, day: int) -> Cell:
    plan = days.plan
    said = [item_of(days, region=region, carrier=carrier, day=day) for carrier in range(len(plan.carriers))]
    works = [(place, item) for place, item in enumerate(said) if item is not None and item.what is What.WORKS]
    crews, needed = days.crews()[region, :, day], days.crews_needed()[region, :, day]
    at_work = [place for place, _ in works]
    missing = [
        int(needed[place] - crews[place]) for place in at_work if crews[place] >= 0 and needed[place] > crews[place]
    ]
    return Cell(
        day=days.first_day + day,
        state=_state(said, len(works)),
        works=tuple(plan.carriers[place].id for place in at_work),
        until=_latest([item.until for _, item in works]),
        cut_off=_latest([item.cut_off for _, item in works]),
        crews=_sum([int(crews[place]) for place in at_work]),
        needed=_sum([int(needed[place]) for place in at_work]),
        short=sum(missing),
        is_surcharged=any(
            surcharges_on(plan, region=plan.regions[region].id, carrier=carrier.id, day=days.first_day + day)
            for carrier in plan.carriers
        ),
    )


def _state(said: Sequence[DayItem | None], works: int) -> State:
    if works:
        return State.ALL if works == len(said) else State.SOME
    decided = any(item is not None and item.what is What.CLOSED for item in said)
    return State.CLOSED if decided else State.FORGOTTEN


def _latest(times: Sequence[str | None]) -> str | None:
    """The latest of some times of day; None where one of them is open."""
    if not times or any(text is None for text in times):
        return None
    return max((text for text in times if text is not None), key=lambda text: clock_us_of(text, where="a plan"))


def _sum(counts: Sequence[int]) -> int | None:
    known = [count for count in counts if count >= 0]
    return sum(known) if known else None
