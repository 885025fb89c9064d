"""The evidence trail of one line as a value: conclusion, clause, facts, sum. Faces only lay it out."""

from dataclasses import dataclass

from houbei.evidence.conclusions import Conclusion
from houbei.evidence.cover_facts import CoverFacts
from houbei.evidence.sums import Sum
from houbei.terms.model import Clause, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """An order line as it was read: amounts in minor units of `currency`, moments µs UTC by name, other facts as text by name.

    `basis_minor` is what its price protection measures from, the whole line.
    """

    line_id: str
    row: int
    sku: str
    quantity: int
    paid_minor: int
    basis_minor: int
    currency: str
    moments: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFacts:
    """A price row as it was read; `row` is its 1-based data row, `until_us` None where it names no end.

    `closed_by` holds what its series is closed by, as text by name.
    """

    row: int
    price_id: str
    price_minor: int
    currency: str
    at_us: int
    until_us: int | None
    kind: str
    closed_by: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """A step of the line's high-water mark: what a price paid (or what is held because of it), and the sums behind it.

    `asked_minor` is what the sums come to, `amount_minor` what caps left of it. `sums` is empty where the units cannot be told apart.
    """

    at_us: int
    price: PriceFacts
    units: int
    asked_minor: int
    amount_minor: int
    sums: tuple[Sum, ...]
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Why one line is owed what it is owed.

    Args:
        terms: The promise; it names the zone in which moments are told.
        as_of_us: The last moment that exists.
        conclusion: What the line came to.
        lessened: For a line that is owed something, why it is not owed more; None where nothing stood in the way.
        clause: The clause that the conclusion rests on, in both languages.
        said: The part of a condition, the missing fact or the attribute that decided; empty where a price or a moment did.
        price: The price that decided, None where none did.
        at_us: The moment at which it decided or would have, None where there is none.
        line: The order line.
        covers: What was protected and when.
        steps: What was paid and what is held, in the order of moments.
    """

    terms: Terms
    as_of_us: int
    conclusion: Conclusion
    lessened: Conclusion | None
    clause: Clause
    said: str
    price: PriceFacts | None
    at_us: int | None
    line: LineFacts
    covers: tuple[CoverFacts, ...]
    steps: tuple[StepFacts, ...]

    @property
    def owed_minor(self) -> int:
        """What is owed in all."""
        return sum(step.amount_minor for step in self.steps if not step.held)

    @property
    def held_minor(self) -> int:
        """What waits for a person in all."""
        return sum(step.amount_minor for step in self.steps if step.held)
