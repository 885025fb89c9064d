"""A desk without a store: cases are folded in memory. What the world does can be tried on it in a second."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from houbei.case.deadlines import next_deadline
from houbei.case.fold import advance
from houbei.case.moves import Moved
from houbei.case.rules import rules_of
from houbei.case.stages import ENDS, Case, Rules, Stage
from houbei.facts.moments import DAY_US
from houbei.facts.steps import Step, Teller, Told, What, check_step
from houbei.simulation.desk import Said, Seen, Sold
from houbei.simulation.shop import CURRENCY, promises
from houbei.terms.model import Terms
from houbei.terms.replacement import Decided

PROMISED_US = 180 * DAY_US
WIDE = Rules(secured_by=Rules().secured_by, advance=False)


@dataclass(slots=True, kw_only=True)
class Thread:
    case: str
    line: Sold
    serial: str
    term: str
    rules: Rules
    state: Case = field(default_factory=Case)
    steps: list[tuple[Step, bool]] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)


class MemoryDesk:
    def __init__(self) -> None:
        self.sold: dict[str, Sold] = {}
        self.threads: dict[str, Thread] = {}
        self._open: dict[tuple[str, int], str] = {}
        self._known: set[tuple[str, str]] = set()
        self._promises: dict[str, Terms] = {}
        for terms in promises():
            for category in ("fridge", "washer", "tv", "air-conditioner", "vacuum", "phone", "kettle"):
                if f"'{category}'" in str(terms.document["scope"]["where"]):
                    self._promises[category] = terms

    def sell(self, sold: Sequence[Sold], *, now_us: int) -> None:
        for one in sold:
            assert one.delivered_us <= now_us
            self.sold[one.line] = one

    def reduce(self, sku: str, price_minor: int, *, until_us: int, now_us: int) -> None:
        pass

    def report(self, said: Said, *, now_us: int) -> str:
        sold = self.sold[said.line]
        unit = (said.line, said.unit)
        case = self._open.get(unit)
        if case is None or self.threads[case].state.stage in ENDS:
            case = f"R-2026-{len(self.threads) + 1:05d}"
            terms = self._promises[sold.category]
            self.threads[case] = Thread(
                case=case, line=sold, serial=said.serial, term=terms.term, rules=rules_of(terms, currency=CURRENCY)
            )
            self._open[unit] = case
        thread = self.threads[case]
        first = not thread.steps
        teller = Teller.BUYER if said.clerk is None else Teller.SHOP
        told: dict[str, Told] = {"channel": said.channel, "fault": said.fault, "serial": said.serial}
        self._take(self._step(case, f"{said.claim}", What.REPORTED, now_us, teller, told, said.clerk))
        if first:
            self._take(
                self._step(case, f"{said.claim}:judged", What.JUDGED, now_us, Teller.HOUBEI, self._judged(thread, said))
            )
        return case

    def tell(self, steps: Sequence[Step]) -> None:
        for step in steps:
            check_step(step, where="memory")
            self._take(step)

    def tick(self, now_us: int) -> None:
        for thread in list(self.threads.values()):
            if thread.state.stage is Stage.REFUND_DUE and thread.state.since_us < now_us - DAY_US:
                number = f"{thread.case}:refunded:{len(thread.steps)}"
                self._take(self._step(thread.case, number, What.REFUNDED, now_us, Teller.HOUBEI, {"reference": "r"}))
            while (due := next_deadline(thread.state, rules=thread.rules)) is not None and due.at_us <= now_us:
                number = f"{thread.case}:{due.kind}:{due.at_us}:{len(thread.steps)}"
                self._take(self._step(thread.case, number, What.TIMED_OUT, now_us, Teller.HOUBEI, {"stage": due.kind}))

    def worklist(self) -> list[Seen]:
        return [self.look(case) for case, thread in self.threads.items() if not thread.state.over]

    def look(self, case: str) -> Seen:
        thread = self.threads[case]
        return Seen(case=case, line=thread.line.line, sku=thread.line.sku, term=thread.term, state=thread.state)

    def _judged(self, thread: Thread, said: Said) -> dict[str, Told]:
        sold, promised = thread.line, self._promises[thread.line.category].replacement
        assert promised is not None
        value = sold.paid_minor // len(sold.serials)
        base: dict[str, Told] = {"value_minor": value, "refund_minor": value, "clause": "C"}
        fault = promised.fault(said.fault)
        if (fault in promised.excluded and fault is not None) or said.serial.endswith("-x"):
            return {**base, "answer": "no"}
        if said.at_us - sold.delivered_us > PROMISED_US:
            return {**base, "answer": "repair"}
        wants = promised.evidence_of(said.fault)
        by_person = promised.decided_of(said.fault) is Decided.PERSON or not said.fault
        asked: dict[str, Told] = {"wants": ",".join(wants)} if wants and not said.exhibits else {}
        return {**base, "answer": "replace", "by_person": by_person, **asked}

    def _step(self, case, number, what, at_us, teller, told, person=None):  # noqa: PLR0913, PLR0917  a step's own fields
        return Step(
            source="memory",
            step_id=number,
            case=case,
            what=what,
            teller=teller,
            at_us=at_us,
            known_us=at_us,
            person=person,
            told=told,
        )

    def _take(self, step: Step) -> None:
        if (step.source, step.step_id) in self._known:
            return
        self._known.add((step.source, step.step_id))
        thread = self.threads[step.case]
        if thread.steps:
            assert step.known_us >= thread.steps[-1][0].known_us, (step, thread.steps[-1])
        done = advance(thread.state, replace(step), rules=thread.rules)
        thread.steps.append((step, done.set_aside))
        thread.moved += done.moved
        thread.state = done.case


class NoTill:
    def capture(self, payments):
        pass

    def turn(self, now_us):
        pass
