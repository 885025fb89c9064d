"""Buyers: they report by app and by phone, show what is asked for or do not, choose a day or stay silent, are called, withdraw, appeal."""

from collections.abc import Callable, Mapping

from houbei.case.stages import Stage
from houbei.facts.moments import DAY_US
from houbei.facts.steps import Person, Teller, What
from houbei.simulation.bank import Bank
from houbei.simulation.chance import HOUR_US, Chance
from houbei.simulation.desk import Said, Seen
from houbei.simulation.goods import Affair, Place, Unit
from houbei.simulation.shop import BY_SKU, CLERKS
from houbei.simulation.troubles import Trouble
from houbei.simulation.warehouse import Warehouse
from houbei.simulation.world import Word, World

_STREAM = 2
_PARTS_OF_DAY = ((9, 12), (14, 18), (18, 21))
_UTC_HOURS_BEHIND = 8


class Buyers:
    """Everybody who bought.

    Args:
        world: Where they live.
        bank: Where they pay.
        warehouse: Where they bring what they give back.
        units: Every unit by its serial.
        seed: Of the simulation.
    """

    def __init__(self, world: World, bank: Bank, warehouse: Warehouse, *, units: dict[str, Unit], seed: int) -> None:
        self._world = world
        self._warehouse = warehouse
        self._bank = bank
        self._units = units
        self._chance = Chance(seed, _STREAM)
        self._asked = set[tuple[str, Stage, int]]()
        self.affairs: dict[str, Affair] = {}
        self._answers: Mapping[Stage, Callable[[Seen, Person | None], None]] = {
            Stage.EVIDENCE_WANTED: self._show,
            Stage.SECURING: lambda seen, _clerk: self._bank.ask_security(seen),
            Stage.TO_SCHEDULE: self._choose_day,
            Stage.MISSED: self._choose_day,
            Stage.NO_STOCK: self._choose_or_wait,
            Stage.CHOOSING: self._choose,
            Stage.PAYING_UP: self._pay_up,
            Stage.OLD_OWED: self._hand_in,
            Stage.NOT_COVERED: self._answer_no,
            Stage.UNDONE: self._answer_no,
            Stage.TO_RECOVER: self._answer_no,
        }

    def plan(self, trouble: Trouble) -> None:
        """Let somebody report a trouble, and perhaps once more by another way."""
        self._world.later(trouble.at_us, lambda: self._report(trouble, again=False))
        if trouble.again_us:
            self._world.later(trouble.again_us, lambda: self._report(trouble, again=True))

    def hear(self, seen: Seen) -> None:
        """Get the message that a case's stage sends, once for each time it begins, and answer it soon, late or not."""
        key = (seen.case, seen.state.stage, seen.state.since_us)
        affair = self.affairs.get(seen.case)
        if seen.state.stage not in self._answers or key in self._asked or affair is None:
            return
        self._asked.add(key)
        if affair.silent:
            return
        wait_us = self._chance.weighed(
            ((700, self._chance.hours_us(1, 30)), (150, self._chance.days_us(3, 9)), (150, -1))
        )
        if wait_us >= 0:
            self._world.later(self._world.now_us + wait_us, lambda: self.answer(self._world.look(seen.case)))

    def answer(self, seen: Seen, *, clerk: Person | None = None) -> None:
        """Answer what a case asks for.

        Args:
            seen: As the buyer's page shows it, or as the clerk who calls reads it out.
            clerk: Who writes down what the buyer says by phone.
        """
        stage = seen.state.stage
        if stage in {Stage.EVIDENCE_WANTED, Stage.TO_SCHEDULE, Stage.CHOOSING} and self._chance.happens(15):
            self._say(seen, What.WITHDREW, clerk)
        elif stage in self._answers:
            self._answers[stage](seen, clerk)

    def slot(self) -> tuple[int, int]:
        """Choose a day within the next five, and a part of it."""
        midnight = (self._world.now_us + _UTC_HOURS_BEHIND * HOUR_US) // DAY_US * DAY_US - _UTC_HOURS_BEHIND * HOUR_US
        day = midnight + self._chance.whole(1, 5) * DAY_US
        first, last = self._chance.one_of(_PARTS_OF_DAY)
        return day + first * HOUR_US, day + last * HOUR_US

    def opens(self, case: str) -> bool:
        """Say at the door whether a new unit is taken: never a second one, rarely refused on a whim."""
        return not self.affairs[case].brought and not self._chance.happens(20)

    def is_there(self, case: str) -> bool:
        """Whether somebody opens the door."""
        return not (self.affairs[case].silent or self._chance.happens(80))

    def hands_over(self, case: str) -> Unit | None:
        """Give the old unit to whoever came for it; None where it is not there (any more), or where the buyer will not."""
        handed = self.affairs[case].handed
        return handed if handed.place is Place.BUYER and not self._chance.happens(70) else None

    def _say(self, seen: Seen, what: What, clerk: Person | None, **told: str | int | bool) -> None:
        teller = Teller.BUYER if clerk is None else Teller.SHOP
        self._world.say(Word(case=seen.case, what=what, teller=teller, person=clerk, told=told))

    def _report(self, trouble: Trouble, *, again: bool) -> None:
        faulty = self._units[trouble.serial]
        if faulty.place is not Place.BUYER:
            return
        by_phone = trouble.by_phone is not again
        faulty.truth = trouble.truth
        said = Said(
            claim=f"{trouble.serial}@{trouble.at_us}{'+' if again else ''}",
            line=trouble.sold.line,
            unit=trouble.unit,
            serial=trouble.said_serial,
            fault=trouble.fault,
            channel="phone" if by_phone else "app",
            exhibits="photo,video" if trouble.shows else "",
            clerk=self._chance.one_of(CLERKS) if by_phone else None,
            at_us=self._world.now_us,
        )
        self._world.flush()
        case = self._world.desk.report(said, now_us=self._world.now_us)
        if case not in self.affairs:
            handed = self._another(trouble, faulty)
            silent = self._chance.happens(4)
            self.affairs[case] = Affair(
                sold=trouble.sold, unit=trouble.unit, faulty=faulty, handed=handed, silent=silent
            )

    def _another(self, trouble: Trouble, faulty: Unit) -> Unit:
        """What will be handed over: the faulty unit, or another one of which nobody sold it."""
        if trouble.truth.value != "other_serial":
            return faulty
        other = Unit(
            serial=f"{faulty.serial}-y", sku=faulty.sku, truth=trouble.truth, place=Place.BUYER, line=faulty.line
        )
        return self._units.setdefault(other.serial, other)

    def _show(self, seen: Seen, clerk: Person | None) -> None:
        self._say(seen, What.SHOWN, clerk, exhibits=f"sample-{seen.case}")

    def _choose_day(self, seen: Seen, clerk: Person | None) -> None:
        from_us, until_us = self.slot()
        self._say(seen, What.SLOT_CHOSEN, clerk, from_us=from_us, until_us=until_us)

    def _choose_or_wait(self, seen: Seen, clerk: Person | None) -> None:
        """Three in ten do not want to wait for the model."""
        if self._chance.happens(300):
            self._choose(seen, clerk)

    def _choose(self, seen: Seen, clerk: Person | None) -> None:
        others = [BY_SKU[sku] for sku in BY_SKU[self.affairs[seen.case].sold.sku].others]
        choices = [(250, "wait"), (350, "refund")] + ([(400, "other_model")] if others else [])
        choice = self._chance.weighed(choices)
        if choice == "other_model":
            model = self._chance.one_of(others)
            self._say(seen, What.CHOSE, clerk, choice=choice, sku=model.sku, price_minor=model.price_minor)
        else:
            self._say(seen, What.CHOSE, clerk, choice=choice)

    def _pay_up(self, seen: Seen, clerk: Person | None) -> None:
        if self._chance.happens(150):
            self._choose(seen, clerk)
        else:
            self._bank.take_difference(seen)

    def _hand_in(self, seen: Seen, _clerk: Person | None) -> None:
        """Bring the old unit to a shop, in the end."""
        affair = self.affairs[seen.case]
        if affair.handed.place is Place.BUYER and self._chance.happens(600):
            self._warehouse.take_in(affair.handed, seen.case, new=False)

    def _answer_no(self, seen: Seen, clerk: Person | None) -> None:
        """Bring the new unit back, ask that somebody else look again, or leave it."""
        affair = self.affairs[seen.case]
        if affair.brought and self._chance.happens(450):
            self._warehouse.take_in(affair.brought.pop(), seen.case, new=True)
        elif not seen.state.appealed and self._chance.happens(400):
            self._say(seen, What.APPEALED, clerk, reason="I see it otherwise")
