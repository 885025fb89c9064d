"""Which unit a buyer has now: faulty serial → replacement serial → …, told by sales, swaps and units that left for good.

Facts are taken as a set and read in the order of their moments, ties by their ids, so that shuffled, late and repeated facts give
the same forest. A fact that contradicts an earlier one is set aside and kept as a value with what it contradicts: nothing is raised,
and a person looks.

A serial is with one buyer at a time. A unit that came back may be sold or handed out again: it begins a new stay, and questions about
a serial are answered for its latest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from houbei.case.units import Chain, Conflict, Contradiction, Ending, Fact, Left, Sale, Swap, Unit
from houbei.errors import InvariantError


class Standing(StrEnum):
    """What a serial is to one sale."""

    PRESENT = "present"
    """The unit that the buyer of this sale has now."""
    REPLACED = "replaced"
    """A unit of this sale that has been replaced since."""
    LEFT = "left"
    """A unit that came back or was scrapped, and nobody has now."""
    ELSEWHERE = "elsewhere"
    """A unit of another sale."""
    ONE_OFF = "one_off"
    """Unknown, but one character away from the unit that the buyer has now."""
    UNKNOWN = "unknown"
    """None of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """All chains, and what contradicts them.

    Args:
        chains: In the order in which they began, ties by id.
        contradictions: In the order in which they were met.
        place: The chain of each serial's latest stay.
        sold: The chain of each sale, by line and piece.
        gone: How serials left that are in no chain now.
    """

    chains: tuple[Chain, ...]
    contradictions: tuple[Contradiction, ...]
    place: Mapping[str, int]
    sold: Mapping[tuple[str, int], int]
    gone: Mapping[str, Left]

    def chain_of(self, serial: str) -> Chain:
        """The chain that a serial stands in, first unit to present unit; empty for a serial that nobody told of."""
        place = self.place.get(serial)
        return () if place is None else self.chains[place]

    def chain_of_sale(self, line_id: str, unit: int) -> Chain:
        """The chain of one piece of a line; empty where its serial was not told."""
        place = self.sold.get((line_id, unit))
        return () if place is None else self.chains[place]

    def contradictions_of(self, serial: str) -> tuple[Contradiction, ...]:
        """What contradicts the chain of a serial, or was set aside about the serial itself: while there is any, a person decides.

        Cost: a pass over all contradictions.
        """
        serials = {serial, *(unit.serial for unit in self.chain_of(serial))}
        return tuple(found for found in self.contradictions if serials & (_named(found.aside) | _named(found.stands)))

    def standing(self, serial: str, *, line_id: str, unit: int) -> Standing:
        """Say what a serial is to one piece of a line.

        Clause: the registry speaks of the serial alone; whether a differing one is refused, the term's serial clause says.
        """
        chain, own = self.chain_of(serial), self.chain_of_sale(line_id, unit)
        if not chain:
            if serial in self.gone:
                return Standing.LEFT
            return Standing.ONE_OFF if own and _one_off(serial, own[-1].serial) else Standing.UNKNOWN
        (found,) = [stay for stay in chain if stay.serial == serial]
        if chain is own and found.went_by is not None:
            return Standing.REPLACED
        if found.left is not None:
            return Standing.LEFT
        return Standing.PRESENT if chain is own else Standing.ELSEWHERE


def forest_of(*, sales: Iterable[Sale], swaps: Iterable[Swap], left: Iterable[Left] = ()) -> Forest:
    """Put units into chains.

    Args:
        sales: The serials that were delivered.
        swaps: Which serial replaced which; one swap told by several steps counts once.
        left: Serials that came back or were scrapped.

    Cost: a sort of the facts; adding a swap looks through its own chain.
    """
    grown = _Growth()
    facts: set[Fact] = {*sales, *swaps, *left}
    for fact in sorted(facts, key=_turn):
        match fact:
            case Sale():
                grown.sell(fact)
            case Swap():
                grown.swap(fact)
            case Left():
                grown.leave(fact)
    chains = sorted(grown.chains, key=lambda chain: _turn(_first_fact(chain)))
    number = {id(chain): place for place, chain in enumerate(chains)}
    return Forest(
        chains=tuple(map(tuple, chains)),
        contradictions=tuple(found for found in grown.contradictions if not grown.is_rewritten(found)),
        place=MappingProxyType({serial: number[id(chain)] for serial, chain in grown.of_serial.items()}),
        sold=MappingProxyType({sale: number[id(chain)] for sale, chain in grown.of_sale.items()}),
        gone=MappingProxyType({serial: left for serial, left in grown.gone.items() if serial not in grown.of_serial}),
    )


@dataclass(slots=True, kw_only=True)
class _Growth:
    """Chains while facts are read, each a list of units.

    `of_serial` has the chain of each serial's latest stay, `of_sale` the chain of each piece of a line, `gone` how the serials left
    that have not been given to anybody since.
    """

    chains: list[list[Unit]] = field(default_factory=list)
    of_serial: dict[str, list[Unit]] = field(default_factory=dict)
    of_sale: dict[tuple[str, int], list[Unit]] = field(default_factory=dict)
    gone: dict[str, Left] = field(default_factory=dict)
    contradictions: list[Contradiction] = field(default_factory=list)

    def sell(self, sale: Sale) -> None:
        """Begin a chain with a unit that was sold, or give the sale to a chain whose first unit had none."""
        serial, piece = sale.serial, (sale.line_id, sale.unit)
        if piece in self.of_sale:
            first = self.of_sale[piece][0]
            if first.serial != serial:
                self._set_aside(Conflict.TWO_SERIALS, sale, first.sale or sale)
        elif self._is_scrapped(serial):
            self._set_aside(Conflict.WRITTEN_OFF, sale, self.gone[serial])
        elif self._is_free(serial):
            self.of_sale[piece] = self._begin(Unit(serial=serial, sale=sale))
            self.gone.pop(serial, None)
        elif self._is_unsold(serial):
            chain = self.of_sale[piece] = self.of_serial[serial]
            chain[0] = replace(chain[0], sale=sale)
        else:
            self._set_aside(Conflict.SOLD_TWICE, sale, self._had_by(serial))

    def swap(self, swap: Swap) -> None:
        """Put the new unit behind the old one, unless that contradicts what is known of either."""
        chain = self.of_serial.get(swap.old, [])
        went_by = next((unit.went_by for unit in chain if unit.serial == swap.old), None)
        if went_by is not None:
            if went_by.new != swap.new:
                self._set_aside(Conflict.REPLACED_TWICE, swap, went_by)
        elif swap.new == swap.old or swap.new in [unit.serial for unit in chain]:
            self._set_aside(Conflict.CYCLE, swap, _first_fact(chain) if chain else swap)
        else:
            self._hand_out(swap)

    def leave(self, left: Left) -> None:
        """Note that a unit left for good."""
        self.gone[left.serial] = left
        chain = self.of_serial.get(left.serial, [])
        for place, unit in enumerate(chain):
            if unit.serial == left.serial:
                chain[place] = replace(unit, left=left)

    def is_rewritten(self, found: Contradiction) -> bool:
        """Whether a piece's second serial is only the line written anew after a swap: the replacement stands in the piece's chain."""
        if found.conflict is not Conflict.TWO_SERIALS or not isinstance(found.aside, Sale):
            return False
        chain = self.of_sale[found.aside.line_id, found.aside.unit]
        return found.aside.serial in [unit.serial for unit in chain]

    def _hand_out(self, swap: Swap) -> None:
        new = swap.new
        if self._is_scrapped(new):
            self._set_aside(Conflict.WRITTEN_OFF, swap, self.gone[new])
        elif self._is_free(new):
            self._append(swap, [Unit(serial=new)])
        elif self._is_unsold(new):
            # It was replaced by the clock of one phone before it came by that of another.
            tail = self.of_serial[new]
            self.chains = [chain for chain in self.chains if chain is not tail]
            self._append(swap, tail)
        else:
            had_by = self._had_by(new)
            kind = Conflict.SOLD_ALREADY if isinstance(had_by, Sale) else Conflict.REPLACES_TWO
            self._set_aside(kind, swap, had_by)

    def _append(self, swap: Swap, tail: list[Unit]) -> None:
        known = self.of_serial.get(swap.old)
        chain = self._begin(Unit(serial=swap.old, left=self.gone.get(swap.old))) if known is None else known
        chain[-1] = replace(chain[-1], went_by=swap)
        tail[0] = replace(tail[0], came_by=swap)
        for unit in tail:
            if self.of_serial.get(unit.serial, tail) is tail or unit.serial == swap.new:
                self.of_serial[unit.serial] = chain
        chain.extend(tail)
        self.gone.pop(swap.new, None)

    def _begin(self, unit: Unit) -> list[Unit]:
        chain = [unit]
        self.chains.append(chain)
        self.of_serial[unit.serial] = chain
        return chain

    def _is_scrapped(self, serial: str) -> bool:
        return serial in self.gone and self.gone[serial].ending is Ending.WRITTEN_OFF

    def _is_free(self, serial: str) -> bool:
        """Whether nobody has a serial, so that somebody may get it."""
        return serial in self.gone or serial not in self.of_serial

    def _is_unsold(self, serial: str) -> bool:
        """Whether a serial is known from its replacement alone."""
        first = self.of_serial[serial][0]
        return first.serial == serial and first.sale is None

    def _had_by(self, serial: str) -> Fact:
        """The fact by which a serial's present holder has it."""
        chain = self.of_serial[serial]
        (came_by,) = [unit.came_by for unit in chain if unit.serial == serial]
        return _first_fact(chain) if came_by is None else came_by

    def _set_aside(self, conflict: Conflict, aside: Fact, stands: Fact) -> None:
        self.contradictions.append(Contradiction(conflict=conflict, aside=aside, stands=stands))


def _turn(fact: Fact) -> tuple[int | str, ...]:
    """The place of a fact in the order in which facts are read: its moment, what came back first, then its ids."""
    match fact:
        case Left():
            return fact.at_us, 0, fact.serial, fact.ending
        case Sale():
            return fact.at_us, 1, fact.line_id, fact.unit, fact.serial
        case Swap():
            return fact.at_us, 2, fact.case_id, fact.source, fact.step_id, fact.old, fact.new, fact.promise


def _first_fact(chain: list[Unit]) -> Fact:
    """What a chain is first known by: the sale of its first unit, else that unit's replacement."""
    first = chain[0]
    found = first.sale or first.went_by
    if found is None:
        said = f"nothing told of {first.serial}, the first unit of a chain"
        raise InvariantError(said)
    return found


def _named(fact: Fact) -> set[str]:
    return {fact.old, fact.new} if isinstance(fact, Swap) else {fact.serial}


def _one_off(one: str, other: str) -> bool:
    """Whether two serials differ by one slip: a character changed, left out or added, or two neighbours that changed places."""
    if len(one) != len(other):
        short, long = sorted((one, other), key=len)
        return any(long[:place] + long[place + 1 :] == short for place in range(len(long)))
    places = [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(places) == 2:  # noqa: PLR2004  two characters that changed places
        first, second = places
        return second == first + 1 and one[first] == other[second] and one[second] == other[first]
    return len(places) == 1
