"""The desk of the shop: all that the world of the simulation may ask of Houbei, and all that it is told in return.

What stands here is what a clerk's screen, a courier's phone or a buyer's page shows and takes. The world knows more than that; nobody
in it acts on more than they saw themselves or read here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from houbei.case.stages import Case
from houbei.facts.steps import Person, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """An order line as the shop's till tells it: `serials` one a unit, `paid_minor` for the whole line."""

    line: str
    order: str
    buyer: str
    sku: str
    category: str
    serials: tuple[str, ...]
    paid_minor: int
    placed_us: int
    delivered_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a buyer says is wrong.

    `unit` is which piece of the line (from 1) they mean, `serial` what they read off it, `exhibits` the kinds of what they show, a comma
    between them. `clerk` is who took the call, None where the buyer wrote it themselves; `claim` names the report.
    """

    claim: str
    line: str
    unit: int
    serial: str
    fault: str
    channel: str
    exhibits: str
    clerk: Person | None
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A case as a screen shows it: its number, the line and the model it is about, the promise that leads it, how it stands."""

    case: str
    line: str
    sku: str
    term: str
    state: Case


class Desk(Protocol):
    """Houbei, seen from outside. Every call may be made again with the same words and then changes nothing."""

    def sell(self, sold: Sequence[Sold], *, now_us: int) -> None:
        """Tell of lines that were sold and delivered."""

    def reduce(self, sku: str, price_minor: int, *, until_us: int, now_us: int) -> None:
        """Tell of a price that holds from now on until a moment."""

    def report(self, said: Said, *, now_us: int) -> str:
        """Report a fault, and give the number of the case it belongs to."""

    def tell(self, steps: Sequence[Step]) -> None:
        """Tell of steps, in the order in which they become known."""

    def tick(self, now_us: int) -> None:
        """Let the clock do what is due, and pay what is owed."""

    def worklist(self) -> list[Seen]:
        """Give every case that is not over, by its number."""

    def look(self, case: str) -> Seen:
        """Look at one case."""
