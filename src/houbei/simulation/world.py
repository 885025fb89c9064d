"""The world of the simulation: what time it is, what is still to happen, what is said to Houbei and when it gets there.

Time is a value that jumps from one thing to the next. What somebody says is kept until it is told; a phone without signal holds it back.
"""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from houbei.facts.steps import Person, Step, Teller, Told, What
from houbei.simulation.desk import Desk, Seen

Happens = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One thing somebody says of a case: what happened, who says it, what it tells, whose work it was."""

    case: str
    what: What
    teller: Teller
    told: Mapping[str, Told] = field(default_factory=dict)
    person: Person | None = None


class World:
    """Time, what is to come, and the way to the desk.

    Args:
        desk: Houbei, from outside.
        begin_us: When it all begins.
    """

    def __init__(self, desk: Desk, *, begin_us: int) -> None:
        self.desk = desk
        self.now_us = begin_us
        self.told = 0
        self._to_come: list[tuple[int, int, Happens]] = []
        self._said: list[Step] = []
        self._numbers = 0

    def later(self, at_us: int, happens: Happens) -> None:
        """Let something happen at a moment; what falls on one moment happens in the order in which it was planned."""
        self._numbers += 1
        heapq.heappush(self._to_come, (max(at_us, self.now_us), self._numbers, happens))

    def live_until(self, until_us: int) -> None:
        """Let everything happen until a moment, and tell what was said."""
        while self._to_come and self._to_come[0][0] <= until_us:
            self.now_us, _, happens = heapq.heappop(self._to_come)
            happens()
        self.now_us = until_us
        self.flush()

    @property
    def waits(self) -> bool:
        """Whether something is still to come."""
        return bool(self._to_come)

    def say(self, word: Word, *, heard_us: int = 0, again_us: int = 0) -> None:
        """Say something now.

        Args:
            word: What.
            heard_us: When it gets to Houbei, at once unless later; until then a phone keeps it.
            again_us: When the same phone sends it once more, 0 for never.
        """
        self._numbers += 1
        step = Step(
            source=word.teller.value,
            step_id=f"{self._numbers:08d}",
            case=word.case,
            what=word.what,
            teller=word.teller,
            at_us=self.now_us,
            known_us=self.now_us,
            person=word.person,
            told=dict(word.told),
        )
        if heard_us > self.now_us:
            self.later(heard_us, lambda: self._hear(step))
        else:
            self._hear(step)
        if again_us > self.now_us:
            self.later(max(again_us, heard_us), lambda: self._hear(step))

    def look(self, case: str) -> Seen:
        """Look at one case on a screen that shows what was told until now."""
        self.flush()
        return self.desk.look(case)

    def flush(self) -> None:
        """Tell what was said until now."""
        if self._said:
            self.desk.tell(self._said)
            self.told += len(self._said)
            self._said = []

    def _hear(self, step: Step) -> None:
        self._said.append(replace(step, known_us=self.now_us))
